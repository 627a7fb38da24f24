/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small facts from /proc and /sys, and the process's own cost. */
#ifndef NT_PROCFS_H
#define NT_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NT_RELEASE_LEN 65
/* uname -r. */
void nt_kernel_release(char buf[NT_RELEASE_LEN]);

/*
 * Number of CPUs that the kernel has room for, the size of per-CPU values:
 * highest possible one plus 1. At least 1, or -errno.
 */
int nt_cpus_possible(void);
/* The same from a CPU list ("0-3,8"): -EINVAL where it is none. */
int nt_cpus_parse(const char *list);

/*
 * A small file as text, without the spaces and line ends behind it. Its length
 * or -errno; -EMSGSIZE when it does not fit.
 */
int nt_read_text(const char *path, char *buf, size_t len);

/* What this process has cost up to now. */
struct nt_self {
	uint64_t user_us, system_us;
	uint64_t rss_bytes, peak_rss_bytes; /* 0 without /proc */
};
void nt_self_read(struct nt_self *self);
/* The value in bytes of a "Name:  123 kB" line of /proc/PID/status; 0 without it. */
uint64_t nt_status_bytes(const char *status, const char *name);

#endif
