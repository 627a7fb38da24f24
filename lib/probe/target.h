/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tp_btf, fentry and fexit programs attach to: told to libbpf, not looked for by it. */
#ifndef NT_TARGET_H
#define NT_TARGET_H

#include <stdint.h>

#include "plan.h"

#define NT_TARGET_KINDS 3

struct nt_targets {
	const struct nt_plan *plan;
	int handler[NT_TARGET_KINDS]; /* libbpf's ids, 0: none */
	uint32_t n_fds;
	struct {
		const char *module;
		int fd;
	} fd[NT_MAX_MODULES];
};

/*
 * From now on the objects that are opened get their targets from the plan, by
 * the names of its programs. t and plan stay where they are until
 * nt_targets_end(); objects must be loaded by then. 0 or -errno.
 */
int nt_targets_begin(struct nt_targets *t, const struct nt_plan *plan);
void nt_targets_end(struct nt_targets *t);

#endif
