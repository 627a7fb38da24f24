/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which root a type is. Private to lib/btf. */
#ifndef NT_BTF_MATCH_H
#define NT_BTF_MATCH_H

#include "btf_raw.h"
#include "roots.h"

/* The root that t answers to, or NULL. roots must be sorted. */
struct nt_btf_root *nt_btf_match(const struct nt_btf_roots *roots, const struct nt_btf_raw *raw,
				 const struct btf_type *t);

#endif
