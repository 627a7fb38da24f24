/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session table in the kernel (see session.h). A tool defines NT_STAGES
 * before it includes this file, and NT_SLOT_OWN, the type of what it keeps of a
 * packet besides, if there is any: zeroed when a session begins.
 *
 * Two CPUs may want the same slot. The BPF of old kernels has no compare-and-
 * swap, only an addition that returns nothing, which is enough for a lock that
 * is tried once: add one to claim[], and who then reads 1 is alone and has the
 * slot, all others take their one back and go on. Nobody waits, no two can have
 * it (of two in the same instant perhaps neither), and it is held only while a
 * slot changes hands: what says that a slot is in use is its tag.
 *
 * A session that ends frees its slot without the lock. If its last stage comes
 * later than reclaim_ns, while another packet takes the slot over, the other
 * session may lose its tag; its later stages then find none, and user space sees
 * started > complete + dropped + open and reports the difference as lost.
 */
#ifndef NT_SESSION_BPF_H
#define NT_SESSION_BPF_H

#include "nt.bpf.h"
#include "count.bpf.h"
#include "session.h"

#ifndef NT_STAGES
#error "define NT_STAGES, the number of stages, before this file"
#endif

_Static_assert(NT_STAGES % 2 == 0, "a slot has no holes");

struct nt_slot {
	struct nt_sess s;
	__u64 ts[NT_STAGES];
	__u32 dev[NT_STAGES]; /* ifindex at the stage, 0: none */
#ifdef NT_SLOT_OWN
	NT_SLOT_OWN own;
#endif
};

struct nt_set {
	struct nt_set_head head;
	struct nt_slot slot[NT_WAYS];
};

/* The loader sets the number of sets, a power of two. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct nt_set);
} nt_sessions SEC(".maps");

/*
 * Per slot, the first_ns of the session that user space gave up, so that the kernel
 * does not count it again; or NT_MARK_FOUND() of it, once a program has seen that.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} nt_marks SEC(".maps");

/* Odd constants with well spread bits. */
#define NT_HASH_K1 0x9e3779b97f4a7c15ULL
#define NT_HASH_K2 0xd6e8feb86659fd93ULL

NT_INLINE __u64 nt_mix(__u64 h, __u64 v)
{
	h = (h ^ v) * NT_HASH_K1;
	return h ^ (h >> 32);
}

/* The end of a tag; never 0. */
NT_INLINE __u64 nt_hash_end(__u64 h, __u64 extra)
{
	h = (h ^ extra) * NT_HASH_K2;
	return (h ^ (h >> 29)) | 1;
}

/* Hash of a pair of IPv4 addresses (nt_pair4()) and one more word. */
NT_INLINE __u64 nt_hash_pair4(__u64 seed, __u64 pair, __u64 extra)
{
	return nt_hash_end(nt_mix(seed, pair), extra);
}

/* Hash of both addresses of a key and one more word; of IPv4 the one above. */
NT_INLINE __u64 nt_hash_flow(__u64 seed, const struct nt_key *k, __u64 extra)
{
	__u64 h = nt_mix(seed, nt_pair4(k->saddr[0], k->daddr[0]));

	if (k->family == 6) {
		h = nt_mix(h, ((__u64)k->saddr[1] << 32) | k->saddr[2]);
		h = nt_mix(h, ((__u64)k->saddr[3] << 32) | k->daddr[1]);
		h = nt_mix(h, ((__u64)k->daddr[2] << 32) | k->daddr[3]);
	}
	return nt_hash_end(h, extra);
}

/*
 * v, below or equal to mask, as a value of which the verifier only knows that.
 * It follows every value that it knows by itself: four ways times three stages
 * are twelve walks through all that comes behind.
 */
#define NT_ANY(cfg, v, mask) (((__u32)(v) ^ (cfg)->zero) & (mask))

/* The set of a tag. mask is the number of sets - 1. */
NT_INLINE struct nt_set *nt_set_of(__u64 tag, __u32 mask)
{
	__u32 i = (__u32)(tag >> 16) & mask;

	return bpf_map_lookup_elem(&nt_sessions, &i);
}

/* The way that holds the tag, or -1. */
NT_INLINE int nt_find(const struct nt_set *set, __u64 tag)
{
	if (set->head.tag[0] == tag)
		return 0;
	if (set->head.tag[1] == tag)
		return 1;
	if (set->head.tag[2] == tag)
		return 2;
	if (set->head.tag[3] == tag)
		return 3;
	return -1;
}

/* Where a session is. */
struct nt_place {
	struct nt_slot *slot;
	__u64 *tag; /* in the set's head */
};

/* The place of the session of that tag. false: there is none. */
NT_INLINE bool nt_place_of(struct nt_set *set, __u64 tag, const struct nt_sess_cfg *c,
			   struct nt_place *p)
{
	int w;

	if (set->head.tag[0] != tag) {
		w = nt_find(set, tag);
		if (w < 0)
			return false;
		w = NT_ANY(c, w, NT_WAYS - 1);
		p->slot = &set->slot[w];
		p->tag = &set->head.tag[w];
		NT_OPAQUE(p->slot); /* or clang computes the first one in the same way */
	} else {                    /* nearly always, and without a multiplication */
		p->slot = &set->slot[0];
		p->tag = &set->head.tag[0];
	}
	return true;
}

/* Try to be the only one who changes what slot a way holds; no waiting. */
NT_INLINE bool nt_lock(struct nt_set *set, const __u32 way)
{
	volatile __u32 *claim = &set->head.claim[way];

	__sync_fetch_and_add(claim, 1);
	if (*claim == 1)
		return true;
	__sync_fetch_and_add(claim, -1);
	return false;
}

NT_INLINE void nt_unlock(struct nt_set *set, const __u32 way)
{
	__sync_fetch_and_add(&set->head.claim[way], -1);
}

/* The session has ended: free its slot. */
NT_INLINE void nt_release(const struct nt_place *p)
{
	*p->tag = 0;
}

/*
 * Does user space count this session? Asked after the session has its flag
 * NT_SESS_DONE or NT_SESS_REPLACED, for which user space looks after it wrote the
 * mark. With a full barrier on both sides at least one of them sees the other. If
 * both do, user space waits until this program is through, and goes by what it
 * left in the mark: a session is counted once, and by one of them.
 */
NT_INLINE bool nt_marked(struct nt_sess *s)
{
	__u32 slot = s->slot;
	__u64 differs = 2;
	volatile __u64 *mark;

	__sync_fetch_and_add(&s->fence, 1);
	mark = bpf_map_lookup_elem(&nt_marks, &slot);
	if (mark) {
		differs = (*mark ^ s->first_ns) + 1; /* 1: the mark, 0: found already */
		if (differs <= 1)
			*mark = NT_MARK_FOUND(s->first_ns);
	}
	return differs <= 1;
}

/* Older than limit. A time of another CPU may lie a little ahead of now. */
NT_INLINE bool nt_older(const struct nt_sess *s, __u64 limit_ns, __u64 now)
{
	return (__s64)(now - s->first_ns) > (__s64)limit_ns;
}

/* Lock a way if it is free. What was seen without the lock is looked at again with it. */
NT_INLINE bool nt_take_free(struct nt_set *set, const __u32 way)
{
	if (set->head.tag[way] || !nt_lock(set, way))
		return false;
	if (!*(volatile __u64 *)&set->head.tag[way])
		return true;
	nt_unlock(set, way);
	return false;
}

/* Lock a way whose session is older than limit_ns. */
NT_INLINE bool nt_take_older(struct nt_set *set, const __u32 way, __u64 limit_ns, __u64 now)
{
	const struct nt_sess *s = &set->slot[way].s;

	if (!nt_older(s, limit_ns, now) || !nt_lock(set, way))
		return false;
	if (nt_older(s, limit_ns, now))
		return true;
	nt_unlock(set, way);
	return false;
}

/*
 * Lock a way whose session may make room: what came no further than to its first
 * stage is nothing that is waited for (packets for somebody else), and must not
 * fill the table.
 */
NT_INLINE bool nt_take_expired(struct nt_set *set, const __u32 way, const struct nt_sess_cfg *c,
			       __u64 now)
{
	__u64 limit = set->slot[way].s.seen == 1 ? c->timeout_ns : c->reclaim_ns;

	return nt_take_older(set, way, limit, now);
}

/* Lock the way that holds the session of tag, if that may begin again. */
NT_INLINE bool nt_take_again(struct nt_set *set, const __u32 way, __u64 tag,
			     const struct nt_sess_cfg *c, __u64 now)
{
	if (!nt_take_older(set, way, c->anew ? 0 : c->timeout_ns, now))
		return false;
	if (!(set->slot[way].s.flags & NT_SESS_DONE) &&
	    *(volatile __u64 *)&set->head.tag[way] == tag)
		return true;
	nt_unlock(set, way);
	return false;
}

/* Counts a session that ends without its last stage; the tool's own. */
NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c);

/* Of nt_make_room: */
#define NT_DUPLICATE (-1)
#define NT_NO_ROOM (-2)
#define NT_OCCUPIED 0x10 /* with the way: an unfinished session is in it, to be given up */

/*
 * A locked way for tag where the first was not free: of the same key past its
 * timeout, a free one, or one that has expired. A sub-program, because it is rare
 * and long; it sends no record, because the loader does not see into those.
 */
static __attribute__((noinline)) int nt_make_room(struct nt_set *set, __u64 tag,
						  const struct nt_sess_cfg *c, __u64 now)
{
	int w;

	if (!set || !c)
		return NT_NO_ROOM;
	w = nt_find(set, tag);
	if (w >= 0) {
		w = NT_ANY(c, w, NT_WAYS - 1);
		if (!nt_take_again(set, w, tag, c, now)) {
			set->slot[w].s.flags |= NT_SESS_AGAIN;
			return NT_DUPLICATE;
		}
	} else {
#pragma unroll
		for (w = 0; w < NT_WAYS; w++)
			if (nt_take_free(set, w))
				return w;
#pragma unroll
		for (w = 0; w < NT_WAYS; w++)
			if (nt_take_expired(set, w, c, now))
				break;
		if (w == NT_WAYS)
			return NT_NO_ROOM;
		w = NT_ANY(c, w, NT_WAYS - 1);
	}
	return set->slot[w].s.flags & NT_SESS_DONE ? w : w | NT_OCCUPIED;
}

/* Fill in a slot, all but key and origin. */
NT_INLINE void nt_open(struct nt_slot *slot, __u32 number, __u64 now)
{
	slot->s.first_ns = now;
	slot->s.seen = 1;
	slot->s.flags = 0;
	slot->s.rc = 0;
	slot->s.repeats = 0;
	slot->s.slot = number;
	slot->ts[0] = now;
#ifdef NT_SLOT_OWN
	__builtin_memset(&slot->own, 0, sizeof(slot->own));
#endif
}

/* A locked way holds the tag from now on; unlock it. */
NT_INLINE void nt_hold(struct nt_set *set, const __u32 way, __u64 tag)
{
	set->head.tag[way] = tag;
	nt_unlock(set, way);
}

/*
 * Begin a session for tag. Returns its slot with everything but key and
 * origin filled in, or NULL: a duplicate within the timeout, or no room (both
 * counted in n). A session of the same key past its timeout (or any, see
 * nt_sess_cfg.anew), or an expired one in the way, is given up first.
 */
NT_INLINE struct nt_slot *nt_begin(void *ctx, struct nt_set *set, __u64 tag,
				   const struct nt_sess_cfg *c, struct nt_counters *n)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 number = ((__u32)(tag >> 16) & c->set_mask) * NT_WAYS;
	struct nt_slot *slot = &set->slot[0];
	int w;

	if (nt_find(set, tag) >= 0 || !nt_take_free(set, 0)) {
		w = nt_make_room(set, tag, c, now);
		if (w < 0) {
			nt_count(n, w == NT_DUPLICATE ? NT_C_DUPLICATE : NT_C_TABLE_FULL);
			return NULL;
		}
		slot = &set->slot[NT_ANY(c, w, NT_WAYS - 1)];
		NT_OPAQUE(slot); /* or clang computes the first one in the same way */
		if (w & NT_OCCUPIED) {
			slot->s.flags |= NT_SESS_REPLACED;
			nt_give_up(ctx, slot, c);
		}
		w = NT_ANY(c, w, NT_WAYS - 1);
		nt_open(slot, number + w, now);
		nt_hold(set, w, tag);
	} else { /* nearly always */
		nt_open(slot, number, now);
		nt_hold(set, 0, tag);
	}
	nt_count(n, NT_C_STARTED);
	return slot;
}

/* Time and device of a later stage, if it has none. The stage's bit, or 0. */
NT_INLINE __u32 nt_stamp_time(struct nt_slot *slot, __u32 stage, __u64 now, __u32 ifindex)
{
	__u32 bit = 1U << stage;

	if (slot->s.seen & bit)
		return 0;
	slot->ts[stage] = now;
	slot->dev[stage] = ifindex;
	return bit;
}

/* The stage is seen; a bit of 0 is that of a hit of one that was, which is a repeat. */
NT_INLINE bool nt_stamp_seen(struct nt_slot *slot, __u32 bit)
{
	if (bit)
		slot->s.seen |= bit;
	else if (slot->s.repeats < 255)
		slot->s.repeats++;
	return bit;
}

/* Stamp a later stage. false: it has its stamp already, which counts as a repeat. */
NT_INLINE bool nt_stamp(struct nt_slot *slot, __u32 stage, __u64 now, __u32 ifindex)
{
	return nt_stamp_seen(slot, nt_stamp_time(slot, stage, now, ifindex));
}

#endif
