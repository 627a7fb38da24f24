/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features of the running kernel, found by trying each once, never by
 * version. NETTRACE_WITHOUT=name,... hides features, so that every fallback
 * can be tested on any kernel.
 */
#ifndef NT_FEATURE_H
#define NT_FEATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

struct nt_btf_part;
struct nt_btf_roots;

enum nt_feature {
#define F(id, name, text, since) NT_F_##id,
#include "features.def"
#undef F
	NT_FEATURES
};

struct nt_features {
	uint32_t masked; /* bit per feature */
	uint32_t tried;
	uint32_t have;
	int err[NT_FEATURES]; /* positive errno of the failed trial */
	/* Where NT_TRY_FUNCTION is, or 0: not known. Trying kprobes is cheaper with it. */
	uint64_t function_addr;
};

/* What is tried: every kernel with IP has it. */
#define NT_TRY_FUNCTION "ip_rcv"

const char *nt_feature_name(enum nt_feature f);  /* "ringbuf" */
const char *nt_feature_text(enum nt_feature f);  /* "BPF ring buffer" */
const char *nt_feature_since(enum nt_feature f); /* "5.8": documentation only */

/* Parse a NETTRACE_WITHOUT list (NULL: none). -EINVAL, exit code 2, for an unknown name. */
int nt_features_init(struct nt_features *f, const char *without, struct nt_err *err);
/* Add the names that trying tp_btf and fentry takes. 0 or -ENOMEM. */
int nt_feature_want(struct nt_btf_roots *roots);
/*
 * Does this kernel have the feature, and is it not masked? The first call
 * tries it. vmlinux is of the kernel's own BTF or NULL; tp_btf and fentry need it.
 */
bool nt_feature_have(struct nt_features *f, enum nt_feature which,
		     const struct nt_btf_part *vmlinux);
bool nt_feature_masked(const struct nt_features *f, enum nt_feature which);
/* Why not: "masked by NETTRACE_WITHOUT" or the errno's text. */
const char *nt_feature_why(const struct nt_features *f, enum nt_feature which);

#endif
