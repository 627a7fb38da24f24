/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel stacks: a store of our own. A stack is known by a 64-bit hash of its
 * frames, and is put into a hash map once, so that it can neither be overwritten
 * by another one nor share its number with it (BPF_MAP_TYPE_STACK_TRACE does
 * both). What does not fit or collides is the caller's to count.
 *
 * Frames are taken into a scratch of NT_STACK_ROOM words that is the caller's:
 * on the BPF stack there is no room. The innermost ones are plumbing: the BPF
 * program, the tracepoint's call of it, the function that has the tracepoint.
 * How many depends on the kernel and on who else uses the tracepoint, so they
 * are cut off by looking for a known address. A frame costs hundreds of
 * instructions to walk: how many it takes is learned, not assumed.
 */
#ifndef NT_STACK_BPF_H
#define NT_STACK_BPF_H

#include "nt.bpf.h"
#include "stack.h"

/* The loader sets the sizes: a value is NT_STACK_STORED(depth) words. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u64));
	__uint(value_size, 8 * NT_STACK_STORED(NT_STACK_DEPTH_MIN));
} nt_stacks SEC(".maps");

struct nt_stack_scratch {
	__u64 first; /* position of the first frame that counts */
	__u64 ip[NT_STACK_ROOM];
};

/*
 * Walk from this program's caller outward, at most so many frames; what is in the
 * scratch behind them is of another walk. 0 or -errno.
 */
NT_INLINE long nt_stack_walk(void *ctx, struct nt_stack_scratch *s, __u64 frames)
{
	__u64 n = frames * sizeof(s->ip[0]);
	long r;

	/* For the verifier, which forgets bounds that it saw on half registers. */
	NT_OPAQUE(n);
	if (n > sizeof(s->ip))
		return -1;
	r = bpf_get_stack(ctx, s->ip, n, 0);
	return r < 0 ? r : 0;
}

/*
 * The first frame that counts is known: are there enough behind it? before: the most
 * frames that came before it, so far; as many were walked besides those wanted.
 */
NT_INLINE long nt_stack_enough(void *ctx, struct nt_stack_scratch *s, __u64 wanted, __u64 *before)
{
	if (s->first <= *before)
		return 0;
	*before = s->first;
	return nt_stack_walk(ctx, s, wanted + s->first);
}

/*
 * The frame addr is the first that counts, else the innermost. By way of memory,
 * because the verifier would follow each position through all that comes after.
 */
static __attribute__((noinline, unused)) int nt_stack_find(struct nt_stack_scratch *s, __u64 addr)
{
	if (!s)
		return 0;
	s->first = 0;
#define NT_TRY(i)               \
	if (s->ip[i] == addr) { \
		s->first = i;   \
		return 0;       \
	}
	NT_TRY(1)
	NT_TRY(2)
	NT_TRY(3)
	NT_TRY(4)
	NT_TRY(5)
	NT_TRY(6)
	NT_TRY(7)
#undef NT_TRY
	return 0;
}
_Static_assert(NT_STACK_PLUMBING == 8, "the look for the first frame is written out by 8");

/* The frames from the first that counts on; room for NT_STACK_STORED(max) of them. */
NT_INLINE __u64 *nt_stack_frames(struct nt_stack_scratch *s)
{
	__u64 first = s->first;

	NT_OPAQUE(first);
	return &s->ip[first & NT_STACK_BEFORE];
}
_Static_assert((NT_STACK_BEFORE & (NT_STACK_BEFORE + 1)) == 0, "a mask");
_Static_assert(NT_STACK_ROOM >= NT_STACK_HASHED(NT_STACK_DEPTH_MAX) + NT_STACK_BEFORE,
	       "a stack of any depth from any first frame");

#define NT_STACK_MIX(h, v)                                 \
	do {                                               \
		(h) = ((h) ^ (v)) * 0x9e3779b97f4a7c15ULL; \
		(h) ^= (h) >> 32;                          \
	} while (0)

/* Eight frames. A sub-program, or the hash is a fifth of what a program may have. */
static __attribute__((noinline)) __u64 nt_stack_mix8(__u64 h, const __u64 *ip)
{
	if (!ip)
		return h;
	NT_STACK_MIX(h, ip[0]);
	NT_STACK_MIX(h, ip[1]);
	NT_STACK_MIX(h, ip[2]);
	NT_STACK_MIX(h, ip[3]);
	NT_STACK_MIX(h, ip[4]);
	NT_STACK_MIX(h, ip[5]);
	NT_STACK_MIX(h, ip[6]);
	NT_STACK_MIX(h, ip[7]);
	return h;
}

/* Hash of the first NT_STACK_HASHED(frames - 1) frames, never 0. */
static __attribute__((noinline)) __u64 nt_stack_hash(const __u64 *ip, __u32 frames)
{
	__u64 h = 0;

	if (!ip)
		return 1;
	NT_STACK_MIX(h, ip[0]);
	h = nt_stack_mix8(h, ip + 1);
#define NT_MORE(i)            \
	if (frames <= (i))    \
		return h | 1; \
	h = nt_stack_mix8(h, ip + (i));
	NT_MORE(9)
	NT_MORE(17)
	NT_MORE(25)
	NT_MORE(33)
	NT_MORE(41)
	NT_MORE(49)
	NT_MORE(57)
	NT_MORE(65)
	NT_MORE(73)
	NT_MORE(81)
	NT_MORE(89)
	NT_MORE(97)
	NT_MORE(105)
	NT_MORE(113)
	NT_MORE(121)
#undef NT_MORE
	return h | 1;
}

/* Another stack of the same hash? As far as is worth it: the first 8 frames. */
NT_INLINE bool nt_stack_differs(const __u64 *a, const __u64 *b)
{
	__u64 d = 0;

#define NT_TRY(i) d |= a[i] ^ b[i];
	NT_TRY(0)
	NT_TRY(1)
	NT_TRY(2)
	NT_TRY(3)
	NT_TRY(4)
	NT_TRY(5)
	NT_TRY(6)
	NT_TRY(7)
#undef NT_TRY
	return d;
}

/* Put the frames into the store under their hash. false: no room, or a collision. */
NT_INLINE bool nt_stack_store(__u64 hash, const __u64 *ip)
{
	const __u64 *known = bpf_map_lookup_elem(&nt_stacks, &hash);

	if (!known) {
		if (!bpf_map_update_elem(&nt_stacks, &hash, ip, BPF_NOEXIST))
			return true;
		/* Full, or another CPU was faster. */
		known = bpf_map_lookup_elem(&nt_stacks, &hash);
		if (!known)
			return false;
	}
	return !nt_stack_differs(known, ip);
}

#endif
