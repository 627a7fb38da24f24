/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the running kernel's type information comes from. */
#ifndef NT_BTF_LOCATE_H
#define NT_BTF_LOCATE_H

#include "err.h"

#include <limits.h>
#include <stdbool.h>

#define NT_BTF_KERNEL "/sys/kernel/btf/vmlinux"

struct nt_btf_source {
	bool kernel_own;     /* path is the kernel's own; trusted */
	char path[PATH_MAX]; /* else a file, not yet checked: nt_btf_checked_fd() */
};

/*
 * In this order: opt_file (--btf, or NULL), even where the kernel has its own;
 * the kernel's own, unless own_masked (NETTRACE_WITHOUT=btf); $NETTRACE_BTF;
 * btf/<release>.btf under /usr/lib/nettrace, then beside the executable.
 *
 * A file is taken if it can be read. 0, or -ENOENT (-errno for opt_file) with
 * err set, exit code 3.
 */
int nt_btf_locate(const char *opt_file, bool own_masked, struct nt_btf_source *out,
		  struct nt_err *err);

#endif
