/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each CPU has of its own: counters, histograms, scratch. A tool says what
 * with NT_CPU_MAP, before the headers that count something.
 *
 * Not a per-CPU map: look-ups in this one are inlined on every kernel, and one
 * look-up per program serves all that it counts.
 */
#ifndef NT_COUNT_BPF_H
#define NT_COUNT_BPF_H

#include "nt.bpf.h"
#include "counters.h"
#include "hist.h"

/*
 * T begins with struct nt_counters n, then the histograms, if there are any, as
 * struct nt_hist hist[]. The loader sets the number of CPUs.
 */
#define NT_CPU_MAP(T)                                                                    \
	_Static_assert(__builtin_offsetof(T, n) == 0, "user space reads it from there"); \
	struct {                                                                         \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                        \
		__uint(max_entries, 1);                                                  \
		__type(key, __u32);                                                      \
		__type(value, T);                                                        \
	} nt_cpus SEC(".maps");                                                          \
	NT_INLINE T *nt_this_cpu(void)                                                   \
	{                                                                                \
		__u32 cpu = bpf_get_smp_processor_id();                                  \
		return bpf_map_lookup_elem(&nt_cpus, &cpu);                              \
	}

/* which is below NT_C_MAX. */
NT_INLINE void nt_count_n(struct nt_counters *c, __u32 which, __u64 n)
{
	__u64 i = which;

	/* For the verifier, which forgets bounds that it saw on half registers. */
	if (!__builtin_constant_p(which))
		NT_OPAQUE(i);
	/* Not atomic on purpose: the value is this CPU's. A program that
	 * interrupts another one between load and store can lose one count;
	 * the kernel's own recursion guard forbids that for the same program
	 * and hooks in hard interrupts are not used. */
	if (i < NT_C_MAX)
		c->c[i] += n;
}

NT_INLINE void nt_count(struct nt_counters *c, __u32 which)
{
	nt_count_n(c, which, 1);
}

NT_INLINE void nt_hist_record(struct nt_hist *h, __u64 value)
{
	__u64 i;

	h->sum += value;
	if (value > h->max)
		h->max = value;
	if (~value > h->min_inv)
		h->min_inv = ~value;
	i = nt_hist_index(value);
	/* For the verifier, which forgets bounds that it saw on half registers. */
	NT_OPAQUE(i);
	h->bucket[i & (NT_HIST_BUCKETS - 1)]++;
}

#endif
