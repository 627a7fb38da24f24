/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Per-CPU counters and histograms of a tool. */
#ifndef NT_COUNT_BPF_H
#define NT_COUNT_BPF_H

#include "nt.bpf.h"
#include "counters.h"
#include "hist.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct nt_counters);
} nt_counts SEC(".maps");

/* which is below NT_C_MAX. */
NT_INLINE void nt_count_n(__u32 which, __u64 n)
{
	__u32 zero = 0;
	struct nt_counters *c = bpf_map_lookup_elem(&nt_counts, &zero);
	__u64 i = which;

	/* For the verifier, which forgets bounds that it saw on half registers. */
	if (!__builtin_constant_p(which))
		NT_OPAQUE(i);
	/* Not atomic on purpose: the value is this CPU's. A program that
	 * interrupts another one between load and store can lose one count;
	 * the kernel's own recursion guard forbids that for the same program
	 * and hooks in hard interrupts are not used. */
	if (c && i < NT_C_MAX)
		c->c[i] += n;
}

NT_INLINE void nt_count(__u32 which)
{
	nt_count_n(which, 1);
}

/* One histogram per segment; the loader sets the number of entries. */
#define NT_HIST_MAP(entries)                             \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
		__uint(max_entries, entries);            \
		__type(key, __u32);                      \
		__type(value, struct nt_hist);           \
	} nt_hists SEC(".maps")

NT_INLINE void nt_hist_record(void *map, __u32 which, __u64 value)
{
	struct nt_hist *h = bpf_map_lookup_elem(map, &which);
	__u64 i;

	if (!h)
		return;
	h->count++;
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
