/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that the programs need from a kernel's type information: what
 * 'btf build' keeps and 'btf show' looks for.
 */
#ifndef NT_BTF_ROOTS_H
#define NT_BTF_ROOTS_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nt_btf_root_kind {
	NT_BTF_TYPE,       /* struct, union, enum or typedef, without a flavour */
	NT_BTF_FUNC,       /* kernel function */
	NT_BTF_TRACEPOINT, /* its typedef is btf_trace_<name> */
};

struct nt_btf_root {
	enum nt_btf_root_kind kind;
	bool found; /* set by whoever looks for all: nt_btf_build(), nt_btf_show() */
	char *name;
};

/* Zero-initialise; release with nt_btf_roots_done(). */
#define NT_BTF_BEGIN_BITS 12
struct nt_btf_roots {
	struct nt_btf_root *v;
	size_t n, cap;
	bool sorted; /* by kind and name, each once */
	/* Bit per hash of the first four bytes of a name: refuses nearly every one
	 * of a kernel's 100,000 before they are compared. */
	uint64_t begins[(1U << NT_BTF_BEGIN_BITS) / 64];
};

/*
 * Add a name (copied). A type's "___flavour" is cut off, as CO-RE does. Names
 * may repeat. 0 or -ENOMEM.
 */
int nt_btf_roots_add(struct nt_btf_roots *roots, enum nt_btf_root_kind kind, const char *name);

/*
 * Add the name of every type that a CO-RE relocation of a compiled BPF object
 * refers to (sections .BTF and .BTF.ext). 0, or -errno with err set (exit
 * code 1).
 */
int nt_btf_roots_from_object(struct nt_btf_roots *roots, const void *elf, size_t size,
			     struct nt_err *err);

/* Sort, drop repeated names, clear found. */
void nt_btf_roots_sort(struct nt_btf_roots *roots);

/*
 * The root of this kind and name (a type's flavour cut off), or NULL. Only
 * after nt_btf_roots_sort().
 */
struct nt_btf_root *nt_btf_roots_find(const struct nt_btf_roots *roots, enum nt_btf_root_kind kind,
				      const char *name);

void nt_btf_roots_done(struct nt_btf_roots *roots);

/* "type", "function", "tracepoint" */
const char *nt_btf_root_kind_name(enum nt_btf_root_kind kind);

#endif
