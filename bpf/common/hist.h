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
	__u64 count;
	__u64 sum;
	__u64 max;
	__u64 min_inv; /* ~min, so that a zeroed histogram needs no set-up */
	__u64 bucket[NT_HIST_BUCKETS];
};

/*
 * One step of nt_log2(). In the kernel as an instruction each that clang leaves
 * where it is: it would make two conditions of one. r is made of v at first, so
 * that the verifier takes it for any number: with a 0 that it knows it would walk
 * all 64 ways through the steps one by one, and all that follows with each.
 */
#ifdef __bpf__
#define NT_LOG2_ZERO(v)                                   \
	({                                                \
		__u64 nt_zero = (v);                      \
		asm volatile("%0 ^= %0" : "+r"(nt_zero)); \
		nt_zero;                                  \
	})
#define NT_LOG2_STEP(n)       \
	if (v >= 1ULL << (n)) \
	asm volatile("%0 >>= " #n "\n%1 += " #n : "+r"(v), "+r"(r))
#else
#define NT_LOG2_ZERO(v) 0
#define NT_LOG2_STEP(n)            \
	do {                       \
		if (v >> (n)) {    \
			v >>= (n); \
			r += (n);  \
		}                  \
	} while (0)
#endif

/* floor(log2(v)) of v > 0, without a loop: 4.19 knows none. */
static inline __attribute__((always_inline)) __u64 nt_log2(__u64 v)
{
	__u64 r = NT_LOG2_ZERO(v);

	NT_LOG2_STEP(32);
	NT_LOG2_STEP(16);
	NT_LOG2_STEP(8);
	NT_LOG2_STEP(4);
	NT_LOG2_STEP(2);
	return r + (v >> 1);
}

/* Bucket number of a value, always below NT_HIST_BUCKETS. */
static inline __attribute__((always_inline)) __u64 nt_hist_index(__u64 v)
{
	__u64 e, i;

	if (v < NT_HIST_LINEAR)
		return v;
	e = nt_log2(v) - NT_HIST_SUB_BITS;
	i = (e << NT_HIST_SUB_BITS) + (v >> e);
	return i < NT_HIST_BUCKETS ? i : NT_HIST_BUCKETS - 1;
}

#endif
