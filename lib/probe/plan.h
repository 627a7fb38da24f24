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
#include "hook.h"
#include "kernel.h"

#define NT_MAX_HOOKS 40
#define NT_MAX_FUNCTIONS 48

struct nt_ksym_want;

struct nt_choice {
	const struct nt_hook *hook;
	const struct nt_variant *v; /* NULL: none */
	uint32_t btf_id;            /* its target in the kernel's BTF, if its kind needs one */
	const char *btf_module;     /* of this module; NULL: of vmlinux */
	uint64_t addr;              /* of a kprobe's function; 0: hidden */
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
