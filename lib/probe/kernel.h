/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the running kernel while planning and loading. */
#ifndef NT_KERNEL_H
#define NT_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "feature.h"
#include "hook.h"
#include "image.h"
#include "locate.h"
#include "roots.h"

/* As many as all hook tables together name. */
#define NT_MAX_MODULES 16

struct nt_kernel_module {
	char name[56];
	struct nt_btf_part btf; /* btf NULL: none for this module */
	bool loaded;
	uint64_t inode; /* nt_module_inode() when it was first asked for */
};

struct nt_kernel {
	struct nt_features features;
	struct nt_btf_source source;
	struct nt_btf_roots roots;  /* names that are looked for, before opening */
	struct nt_btf_image *image; /* the kernel's own BTF, NULL when masked or absent */
	struct nt_btf_part vmlinux; /* and what the roots need of it */
	uint32_t nmods;
	struct nt_kernel_module mod[NT_MAX_MODULES];
};

/*
 * Add the names that an object (may be NULL) and a hook table (may be NULL)
 * need. 0, or -errno with err set.
 */
int nt_kernel_want(struct nt_btf_roots *roots, const struct nt_object *object,
		   const struct nt_hook *hooks, struct nt_err *err);

/* opt_btf: --btf or NULL. Opens the BTF of the kernel and looks for the roots. */
int nt_kernel_open(struct nt_kernel *k, const char *opt_btf, struct nt_err *err);
/* Free the type information, which is large, and the roots. */
void nt_kernel_close(struct nt_kernel *k);

/* Of a module's folder in sysfs: another one when it is loaded anew. 0: not loaded. */
uint64_t nt_module_inode(const char *name);
/* The module of a hook table; NULL: there are too many. */
struct nt_kernel_module *nt_kernel_module(struct nt_kernel *k, const char *name);

/* Is it still the module that it was when it was first asked for? */
bool nt_kernel_module_same(struct nt_kernel *k, const char *name);

/*
 * The type information for CO-RE where the kernel's own is used: what the roots
 * need of vmlinux, and of the modules that were asked for. The descriptor of a
 * file for libbpf, or -errno.
 */
int nt_kernel_core_fd(const struct nt_kernel *k);

#endif
