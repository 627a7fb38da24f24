/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every program file includes first. */
#ifndef NT_BPF_H
#define NT_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <stdbool.h>

#define NT_INLINE static __attribute__((always_inline)) inline

/*
 * Read a field of a kernel struct. direct is a compile-time constant: in
 * tp_btf, fentry and fexit programs the verifier knows the type and a plain
 * load will do, which costs a few instructions; elsewhere it is a probe read,
 * which costs near a hundred. Both are relocated by CO-RE.
 */
#define NT_READ(direct, ptr, field)                                                \
	({                                                                         \
		typeof((ptr)->field) nt_value;                                     \
		if (direct)                                                        \
			nt_value = (ptr)->field;                                   \
		else                                                               \
			bpf_core_read(&nt_value, sizeof(nt_value), &(ptr)->field); \
		nt_value;                                                          \
	})

/* Two fields that lie side by side, read as one. */
typedef __u64 __attribute__((may_alias)) nt_u64;
typedef __u32 __attribute__((may_alias)) nt_u32;

/* A barrier that keeps clang from merging or moving checked values. */
#define NT_OPAQUE(v) asm volatile("" : "+r"(v))

/*
 * Memory may have changed: results that are read back behind this are unknown to
 * clang, which otherwise joins branches with equal results (and jumps backward).
 */
#define NT_FORGET() asm volatile("" : : : "memory")

/*
 * Keep an object of the stack in memory. clang would split a struct into its
 * fields and spill and reload each of them at every place where branches meet,
 * which costs hundreds of instructions a packet.
 */
#define NT_IN_MEMORY(p) asm volatile("" : : "r"(p) : "memory")

#endif
