/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks: an instant in the kernel, with its variants in order of preference.
 * The runtime picks at load the first variant that this kernel has.
 */
#ifndef NT_HOOK_H
#define NT_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nt_kind {
	NT_KIND_NONE = 0,
	NT_TP_BTF,
	NT_RAW_TP,
	NT_FENTRY,
	NT_FEXIT,
	NT_KPROBE,
	NT_KRETPROBE,
};

/*
 * One way to reach the instant. prog is the BPF program's name. symbol is the
 * tracepoint or function. proto, if set, restricts a function variant to a
 * kernel whose BTF prototype has this parameter: "skb@0" (struct sk_buff * as
 * the first argument); without BTF the variant is taken if assume is set.
 */
struct nt_variant {
	enum nt_kind kind;
	const char *symbol;
	const char *prog;
	const char *proto;
	bool assume;
};

#define NT_MAX_VARIANTS 6
struct nt_hook {
	const char *name;
	bool needed;
	const char *module; /* where the symbol lives, or NULL: vmlinux */
	/* What is lost when the hook is missing; of a needed one, what to do instead. */
	const char *without;
	const char *unless; /* a kernel with this function does not need the hook, or NULL */
	struct nt_variant v[NT_MAX_VARIANTS];
};

/* An embedded BPF object: the bytes of the ELF file. */
struct nt_object {
	const char *name;
	const void *data;
	size_t size;
};

#endif
