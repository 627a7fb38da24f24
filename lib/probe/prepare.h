/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done to each program just before it is loaded: its target is told, for
 * which libbpf would search, and the settings that are known are put in.
 */
#ifndef NT_PREPARE_H
#define NT_PREPARE_H

#include <stdint.h>

#include "patch.h"
#include "plan.h"

#define NT_PREPARE_SECTIONS 6

struct nt_prepare {
	const struct nt_plan *plan;
	const struct nt_marks *marks;
	int handler[NT_PREPARE_SECTIONS]; /* libbpf's ids, 0: none */
	uint32_t n_fds;
	struct {
		const char *module;
		int fd;
	} fd[NT_MAX_MODULES];
};

/*
 * From now on the programs of objects that are opened are prepared so. All
 * arguments stay where they are until nt_prepare_end(); objects must be loaded
 * by then. 0 or -errno.
 */
int nt_prepare_begin(struct nt_prepare *p, const struct nt_plan *plan,
		     const struct nt_marks *marks);
void nt_prepare_end(struct nt_prepare *p);

#endif
