/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One body, several probe kinds. NT_TPn(hook, tracepoint, types and names...)
 * is followed by the body's block; it makes the programs <hook>__tp_btf and
 * <hook>__raw_tp. NT_FNn likewise <hook>__fentry and <hook>__kprobe. Sections
 * begin with '?': nothing loads unless the plan chose it. Inside the body,
 * ctx is the program's context and direct the reader (see NT_READ).
 */
#ifndef NT_HOOK_BPF_H
#define NT_HOOK_BPF_H

#include "nt.bpf.h"
#include "arch.bpf.h"

#define NT_ARG(T, v) ((T)(unsigned long)(v))
#define NT_REGS(ctx) ((struct pt_regs *)(ctx))

#define NT_TP1(hook, tp, T0, a0)                                         \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0); \
	SEC("?tp_btf/" #tp)                                              \
	int hook##__tp_btf(__u64 *ctx)                                   \
	{                                                                \
		return hook##__body(ctx, true, NT_ARG(T0, ctx[0]));      \
	}                                                                \
	SEC("?raw_tp/" #tp)                                              \
	int hook##__raw_tp(__u64 *ctx)                                   \
	{                                                                \
		return hook##__body(ctx, false, NT_ARG(T0, ctx[0]));     \
	}                                                                \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0)

#define NT_TP2(hook, tp, T0, a0, T1, a1)                                                 \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0, T1 a1);          \
	SEC("?tp_btf/" #tp)                                                              \
	int hook##__tp_btf(__u64 *ctx)                                                   \
	{                                                                                \
		return hook##__body(ctx, true, NT_ARG(T0, ctx[0]), NT_ARG(T1, ctx[1]));  \
	}                                                                                \
	SEC("?raw_tp/" #tp)                                                              \
	int hook##__raw_tp(__u64 *ctx)                                                   \
	{                                                                                \
		return hook##__body(ctx, false, NT_ARG(T0, ctx[0]), NT_ARG(T1, ctx[1])); \
	}                                                                                \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0, T1 a1)

#define NT_TP4(hook, tp, T0, a0, T1, a1, T2, a2, T3, a3)                                      \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0, T1 a1, T2 a2, T3 a3); \
	SEC("?tp_btf/" #tp)                                                                   \
	int hook##__tp_btf(__u64 *ctx)                                                        \
	{                                                                                     \
		return hook##__body(ctx, true, NT_ARG(T0, ctx[0]), NT_ARG(T1, ctx[1]),        \
				    NT_ARG(T2, ctx[2]), NT_ARG(T3, ctx[3]));                  \
	}                                                                                     \
	SEC("?raw_tp/" #tp)                                                                   \
	int hook##__raw_tp(__u64 *ctx)                                                        \
	{                                                                                     \
		return hook##__body(ctx, false, NT_ARG(T0, ctx[0]), NT_ARG(T1, ctx[1]),       \
				    NT_ARG(T2, ctx[2]), NT_ARG(T3, ctx[3]));                  \
	}                                                                                     \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0, T1 a1, T2 a2, T3 a3)

/*
 * Functions. skb_at is the position of the one argument that the body takes:
 * nearly every hook wants the skb only.
 */
#define NT_FN1(hook, fn, skb_at, T0, a0)                                                        \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0);                        \
	SEC("?fentry/" #fn)                                                                     \
	int hook##__fentry(__u64 *ctx)                                                          \
	{                                                                                       \
		return hook##__body(ctx, true, NT_ARG(T0, ctx[skb_at]));                        \
	}                                                                                       \
	SEC("?kprobe/" #fn)                                                                     \
	int hook##__kprobe(void *ctx)                                                           \
	{                                                                                       \
		return hook##__body(ctx, false, NT_ARG(T0, NT_REGS_ARG##skb_at(NT_REGS(ctx)))); \
	}                                                                                       \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0)

/* The same with two arguments, each with its position. */
#define NT_FN2(hook, fn, at0, T0, a0, at1, T1, a1)                                          \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0, T1 a1);             \
	SEC("?fentry/" #fn)                                                                 \
	int hook##__fentry(__u64 *ctx)                                                      \
	{                                                                                   \
		return hook##__body(ctx, true, NT_ARG(T0, ctx[at0]), NT_ARG(T1, ctx[at1])); \
	}                                                                                   \
	SEC("?kprobe/" #fn)                                                                 \
	int hook##__kprobe(void *ctx)                                                       \
	{                                                                                   \
		return hook##__body(ctx, false, NT_ARG(T0, NT_REGS_ARG##at0(NT_REGS(ctx))), \
				    NT_ARG(T1, NT_REGS_ARG##at1(NT_REGS(ctx))));            \
	}                                                                                   \
	NT_INLINE int hook##__body(void *ctx, const bool direct, T0 a0, T1 a1)

/* The return of a function; what matters was remembered at its entry. */
#define NT_RET0(hook, fn)                      \
	NT_INLINE int hook##__body(void *ctx); \
	SEC("?fexit/" #fn)                     \
	int hook##__fexit(__u64 *ctx)          \
	{                                      \
		return hook##__body(ctx);      \
	}                                      \
	SEC("?kretprobe/" #fn)                 \
	int hook##__kretprobe(void *ctx)       \
	{                                      \
		return hook##__body(ctx);      \
	}                                      \
	NT_INLINE int hook##__body(void *ctx)

#endif
