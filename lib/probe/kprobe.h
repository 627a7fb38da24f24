/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kprobe as a perf event: nothing stays when its descriptor is closed. */
#ifndef NT_KPROBE_H
#define NT_KPROBE_H

#include <stdbool.h>
#include <stdint.h>

struct nt_kprobe {
	bool ret;      /* at the function's return */
	uint64_t addr; /* of the function; 0: not known, then by its name */
	const char *symbol;
};

/*
 * The descriptor (close-on-exec) or -errno. -EOPNOTSUPP: the kernel has no such
 * events. Looking a name up costs kernels before 6.2 up to 80 million instructions,
 * since they search all symbols one after the other, several times ("kallsyms:
 * Improve the performance of kallsyms_lookup_name()").
 */
int nt_kprobe_open(const struct nt_kprobe *p);

#endif
