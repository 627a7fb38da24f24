/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a type information file holds, for 'nettrace btf show'. */
#ifndef NT_BTF_SHOW_H
#define NT_BTF_SHOW_H

#include "err.h"
#include "roots.h"

#include <stddef.h>
#include <stdint.h>

#define NT_BTF_KINDS 20 /* BTF_KIND_INT (1) ... BTF_KIND_ENUM64 (19) */

struct nt_btf_info {
	size_t bytes;          /* of the file or section */
	uint32_t string_bytes; /* of these, names */
	uint32_t types;
	uint32_t kinds[NT_BTF_KINDS]; /* types of each kind */
	uint32_t tracepoints;         /* btf_trace_* typedefs */
};

/*
 * Read and validate a file; path NULL: the running kernel's own. With roots
 * (may be NULL) sorts them and sets found in each that is there.
 *
 * 0, or -errno with err set, exit code 3.
 */
int nt_btf_show(const char *path, struct nt_btf_roots *roots, struct nt_btf_info *info,
		struct nt_err *err);

/* "int", "ptr", ...; "?" for a number that is no kind. */
const char *nt_btf_kind_name(unsigned int kind);

#endif
