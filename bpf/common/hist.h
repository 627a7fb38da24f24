/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: the log-linear histogram.
 *
 * Values are nanoseconds (or any unit). Values below 64 have a bucket each;
 * above, every octave [2^e, 2^(e+1)) has 32 buckets, so that the midpoint of
 * a bucket is at most 1/64 = 1.6 % away from any value in it. The last bucket
 * takes everything from 2^36 * (1 - 1/64) on (68 s).
 */
#ifndef NT_HIST_H
#define NT_HIST_H

#include <linux/types.h>

#define NT_HIST_SUB_BITS 5
#define NT_HIST_SUB (1 << NT_HIST_SUB_BITS)
#define NT_HIST_BUCKETS 1024
/* 64 linear buckets, then octaves 6 .. 35 of 32 buckets each: 64 + 30 * 32. */
#define NT_HIST_LINEAR 64

/* One CPU's histogram in the kernel; the merged one in user space. */
struct nt_hist {
	__u64 count; /* in user space: the sum of the buckets; the kernel leaves it 0 */
	__u64 sum;
	__u64 max;
	__u64 min_inv; /* ~min, so that a zeroed histogram needs no set-up */
	__u64 bucket[NT_HIST_BUCKETS];
};

/*
 * A value of octave e becomes the number of its bucket. In the kernel, which has
 * no instruction that finds the highest bit, the octaves are the leaves of a tree
 * of comparisons: six of them, and shifts by constants, are half of what it costs
 * to compute the logarithm. In assembler, or clang would join the leaves again.
 */
#define NT_OCTAVE_SHIFT(e) ((e)-NT_HIST_SUB_BITS)
#define NT_OCTAVE_FIRST(e) (NT_OCTAVE_SHIFT(e) << NT_HIST_SUB_BITS)
#ifdef __bpf__
#define NT_OCTAVE(v, e)                      \
	asm volatile("%0 >>= %1\n\t%0 += %2" \
		     : "+r"(v)               \
		     : "i"(NT_OCTAVE_SHIFT(e)), "i"(NT_OCTAVE_FIRST(e)))
#else
#define NT_OCTAVE(v, e) ((v) = ((v) >> NT_OCTAVE_SHIFT(e)) + NT_OCTAVE_FIRST(e))
#endif
#define NT_OCTAVES2(v, e)                      \
	do {                                   \
		if ((v) < 1ULL << ((e) + 1))   \
			NT_OCTAVE(v, e);       \
		else                           \
			NT_OCTAVE(v, (e) + 1); \
	} while (0)
#define NT_OCTAVES4(v, e)                        \
	do {                                     \
		if ((v) < 1ULL << ((e) + 2))     \
			NT_OCTAVES2(v, e);       \
		else                             \
			NT_OCTAVES2(v, (e) + 2); \
	} while (0)
#define NT_OCTAVES8(v, e)                        \
	do {                                     \
		if ((v) < 1ULL << ((e) + 4))     \
			NT_OCTAVES4(v, e);       \
		else                             \
			NT_OCTAVES4(v, (e) + 4); \
	} while (0)

/* Bucket number of a value, always below NT_HIST_BUCKETS. */
static inline __attribute__((always_inline)) __u64 nt_hist_index(__u64 v)
{
	if (v < 1ULL << 14) {
		if (v >= NT_HIST_LINEAR)
			NT_OCTAVES8(v, 6);
	} else if (v < 1ULL << 22) {
		NT_OCTAVES8(v, 14);
	} else if (v < 1ULL << 30) {
		NT_OCTAVES8(v, 22);
	} else if (v < 1ULL << 34) {
		NT_OCTAVES4(v, 30);
	} else if (v < 1ULL << 36) {
		NT_OCTAVES2(v, 34);
	} else {
		v = NT_HIST_BUCKETS - 1;
	}
	return v;
}

#endif
