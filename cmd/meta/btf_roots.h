/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that all tools together need from type information. */
#ifndef NT_META_BTF_ROOTS_H
#define NT_META_BTF_ROOTS_H

#include "err.h"
#include "roots.h"

/* Structs of every object, functions and tracepoints of every hook table.
 * Release with nt_btf_roots_done(). */
int btf_roots_of_tools(struct nt_btf_roots *roots, struct nt_err *err);

#endif
