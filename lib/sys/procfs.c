// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cleanup.h"

/* The kernel's largest NR_CPUS is 8192: more is not a list of CPUs. */
#define CPUS_MAX 65536

void nt_kernel_release(char buf[NT_RELEASE_LEN])
{
	struct utsname u;

	snprintf(buf, NT_RELEASE_LEN, "%s", uname(&u) ? "unknown" : u.release);
}

/* Digits at *s, which moves behind them; -1 when there are none or too many. */
static long cpu_number(const char **s)
{
	long v = -1;

	for (; isdigit((unsigned char)**s); ++*s) {
		v = (v < 0 ? 0 : v) * 10 + (**s - '0');
		if (v >= CPUS_MAX)
			return -1;
	}
	return v;
}

int nt_cpus_parse(const char *list)
{
	long first, last, highest = -1;

	for (;;) {
		first = last = cpu_number(&list);
		if (first >= 0 && *list == '-') {
			list++;
			last = cpu_number(&list);
		}
		if (first < 0 || last < first)
			return -EINVAL;
		if (last > highest)
			highest = last;
		if (!*list)
			return (int)highest + 1;
		if (*list++ != ',')
			return -EINVAL;
	}
}

int nt_cpus_possible(void)
{
	char list[4096];
	int r = nt_read_text("/sys/devices/system/cpu/possible", list, sizeof(list));

	return r < 0 ? r : nt_cpus_parse(list);
}

int nt_read_text(const char *path, char *buf, size_t len)
{
	NT_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t n = 0;
	ssize_t r;

	if (fd < 0)
		return -errno;
	while (n < len) {
		r = read(fd, buf + n, len - n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	/* Full: it has room for the NUL no more. */
	if (n == len)
		return -EMSGSIZE;
	while (n && isspace((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	return (int)n;
}

uint64_t nt_status_bytes(const char *status, const char *name)
{
	size_t n = strlen(name);
	const char *line = status;

	while (line) {
		if (!strncmp(line, name, n) && line[n] == ':')
			return strtoull(line + n + 1, NULL, 10) * 1024;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return 0;
}

static uint64_t micros(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

void nt_self_read(struct nt_self *self)
{
	char status[8192] = "";
	struct rusage u;

	memset(self, 0, sizeof(*self));
	if (!getrusage(RUSAGE_SELF, &u)) {
		self->user_us = micros(&u.ru_utime);
		self->system_us = micros(&u.ru_stime);
	}
	if (nt_read_text("/proc/self/status", status, sizeof(status)) < 0)
		return;
	self->rss_bytes = nt_status_bytes(status, "VmRSS");
	self->peak_rss_bytes = nt_status_bytes(status, "VmHWM");
}
