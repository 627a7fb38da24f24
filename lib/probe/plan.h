/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: for each hook of a tool the first variant that this kernel has,
 * or why there is none. "doctor" prints it, the loader follows it.
 */
#ifndef NT_PLAN_H
#define NT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "feature.h"
#include "hook.h"
#include "locate.h"

struct btf;

#define NT_MAX_HOOKS 40
#define NT_MAX_FUNCTIONS 48

struct nt_ksym_want;

struct nt_choice {
	const struct nt_hook *hook;
	const struct nt_variant *v; /* NULL: none */
	uint32_t rejected;          /* bit per variant that load or attach refused */
	bool off;                   /* the tool's options switch it off */
	uint64_t gone_wall_ns;      /* when its module was found unloaded; 0: it was not */
	char why[384];              /* why the better variants were passed over */
};

struct nt_plan {
	uint32_t n;
	struct nt_choice c[NT_MAX_HOOKS];
	/* Functions that the tool wants to know the place of, found in the same
	 * look at kallsyms; not owned. */
	uint32_t n_functions;
	struct nt_ksym_want *functions;
};

/* What is known of the kernel while planning. */
struct nt_kernel {
	struct nt_features features;
	struct nt_btf_source source;
	struct btf *vmlinux; /* the kernel's own, NULL when masked or absent; owned */
	uint32_t nmods;
	struct {
		char name[56];
		struct btf *btf; /* NULL: none for this module */
		bool loaded;
	} mod[4];
};

/* opt_btf: --btf or NULL. Opens the BTF of the kernel. */
int nt_kernel_open(struct nt_kernel *k, const char *opt_btf, struct nt_err *err);
/* Free the type information: it is large, and libbpf reads its own copy. */
void nt_kernel_close(struct nt_kernel *k);

/* Lay the hooks of a table (ends with a NULL name) into an empty plan. */
void nt_plan_init(struct nt_plan *p, const struct nt_hook *hooks);
/* Switch a hook off (by name): not needed with these options. */
void nt_plan_off(struct nt_plan *p, const char *hook);
/*
 * Choose a variant for every hook that is not off. Reads kallsyms at most
 * once, and only when a function variant is in the running. A needed hook
 * without a variant: -ENOENT, exit code 3; the text names symbol, reason and
 * remedy. The plan is complete even then, so that doctor can print it.
 */
int nt_plan_make(struct nt_plan *p, struct nt_kernel *k, struct nt_err *err);
/* Is the hook there, now? */
bool nt_plan_has(const struct nt_plan *p, const char *hook);

const char *nt_kind_name(enum nt_kind kind); /* "tp_btf" */

#endif
