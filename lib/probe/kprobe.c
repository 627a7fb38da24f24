// SPDX-License-Identifier: GPL-2.0-or-later
#include "kprobe.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "procfs.h"

/* PERF_PROBE_CONFIG_IS_RETPROBE since there are such events (4.17). */
#define IS_RETPROBE 1

int nt_kprobe_open(const struct nt_kprobe *p)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	char type[16], *end;
	int fd;

	if (nt_read_text("/sys/bus/event_source/devices/kprobe/type", type, sizeof(type)) <= 0)
		return -EOPNOTSUPP;
	attr.type = (uint32_t)strtoul(type, &end, 10);
	if (*end)
		return -EOPNOTSUPP;
	attr.config = p->ret ? IS_RETPROBE : 0;
	if (p->addr)
		attr.kprobe_addr = p->addr;
	else
		attr.kprobe_func = (uint64_t)(unsigned long)p->symbol;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
