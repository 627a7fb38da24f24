/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joining and cutting raw BTF. Private to lib/btf. */
#ifndef NT_BTF_MERGE_H
#define NT_BTF_MERGE_H

#include "btf_raw.h"
#include "roots.h"

/* Several files one behind the other. Zero-initialise. */
struct nt_btf_merge {
	uint8_t *types;
	char *strs;
	size_t types_len, types_cap;
	size_t strs_len, strs_cap;
	uint32_t n; /* types so far */
};

/*
 * Append a file. A split one rests on the first that was appended. 0, -EINVAL
 * with a reason, -ENOMEM.
 */
int nt_btf_merge_add(struct nt_btf_merge *m, const struct nt_btf_raw *raw,
		     const struct nt_btf_why *why);
void nt_btf_merge_done(struct nt_btf_merge *m);

struct nt_btf_reduced {
	struct nt_btf_blob blob;
	uint32_t n;   /* types; they count from 1 */
	uint32_t *id; /* id[k]: what type k was in the source */
};

/*
 * Keep what the roots need; marks them found. roots must be sorted. Of a split
 * file only its own types can be roots; what they rest on is copied, so that
 * the result stands alone. 0 or -errno. Release with nt_btf_reduced_done().
 */
int nt_btf_reduce(const struct nt_btf_raw *raw, const struct nt_btf_roots *roots,
		  struct nt_btf_reduced *out);
void nt_btf_reduced_done(struct nt_btf_reduced *out);

#endif
