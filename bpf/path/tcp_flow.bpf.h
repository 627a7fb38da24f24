/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of connections, and what has left of them. */
#ifndef NT_PATH_TCP_FLOW_BPF_H
#define NT_PATH_TCP_FLOW_BPF_H

#include "nt.bpf.h"
#include "session.bpf.h"
#include "tcp.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TCP_FLOW_SETS);
	__type(key, __u32);
	__type(value, struct tcp_flows);
} tcp_flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader sets it */
	__type(key, __u32);
	__type(value, struct tcp_sents);
} tcp_sent SEC(".maps");

/* A connection that sent nothing for so long makes room for another. */
#define TCP_FLOW_IDLE_NS 30000000000ULL

NT_INLINE struct tcp_flows *tcp_flow_set(__u64 hash)
{
	__u32 i = (__u32)(hash >> 20) & (TCP_FLOW_SETS - 1);

	return bpf_map_lookup_elem(&tcp_flows, &i);
}

NT_INLINE struct tcp_flow *tcp_flow_in(struct tcp_flows *set, __u64 tag)
{
	if (set->tag[0] == tag)
		return &set->flow[0];
	if (set->tag[1] == tag)
		return &set->flow[1];
	if (set->tag[2] == tag)
		return &set->flow[2];
	if (set->tag[3] == tag)
		return &set->flow[3];
	return NULL;
}

NT_INLINE bool tcp_flow_free(const struct tcp_flows *set, const __u32 way, __u64 now)
{
	return !set->tag[way] || now - set->flow[way].last_ns > TCP_FLOW_IDLE_NS;
}

/*
 * A connection that is not there yet: 1 if it has a place from now on. Where two CPUs are at
 * one place at once neither gets it (as nt_lock()), which is as if there were no room.
 */
static __attribute__((noinline)) int tcp_flow_new(struct tcp_flows *set, __u64 tag)
{
	__u64 now = bpf_ktime_get_ns(), way;
	volatile __u32 *claim;
	bool alone;

	if (!set)
		return 0;
	if (tcp_flow_free(set, 0, now))
		way = 0;
	else if (tcp_flow_free(set, 1, now))
		way = 1;
	else if (tcp_flow_free(set, 2, now))
		way = 2;
	else if (tcp_flow_free(set, 3, now))
		way = 3;
	else
		return 0;
	NT_OPAQUE(way);
	way &= TCP_FLOW_WAYS - 1;
	claim = &set->claim[way];
	__sync_fetch_and_add(claim, 1);
	alone = *claim == 1;
	if (alone) {
		set->tag[way] = 0;
		__builtin_memset(&set->flow[way], 0, sizeof(set->flow[way]));
		set->flow[way].last_ns = now;
		*(volatile __u64 *)&set->tag[way] = tag;
	}
	__sync_fetch_and_add(claim, -1);
	return alone;
}

/* The state of a connection, or NULL. */
NT_INLINE struct tcp_flow *tcp_flow_known(__u64 hash)
{
	struct tcp_flows *set = tcp_flow_set(hash);

	return set ? tcp_flow_in(set, hash | 1) : NULL;
}

NT_INLINE struct tcp_sents *tcp_sent_set(__u64 tag, __u32 session_mask)
{
	__u32 i = (__u32)(tag >> 24) & ((session_mask + 1) * TCP_SENT_SETS - 1);

	return bpf_map_lookup_elem(&tcp_sent, &i);
}

/* The entry of this tag, or NULL. */
NT_INLINE struct tcp_sent *tcp_sent_in(struct tcp_sents *set, __u64 tag)
{
	if (set->sent[0].tag == tag)
		return &set->sent[0];
	if (set->sent[1].tag == tag)
		return &set->sent[1];
	if (set->sent[2].tag == tag)
		return &set->sent[2];
	if (set->sent[3].tag == tag)
		return &set->sent[3];
	return NULL;
}

/* The one of two that left first; free ones did at 0. */
NT_INLINE __u64 tcp_sent_older(const struct tcp_sents *set, __u64 a, __u64 b)
{
	return set->sent[a & 3].tx_ns <= set->sent[b & 3].tx_ns ? a : b;
}

/* Where one that is not remembered yet is to be. */
NT_INLINE struct tcp_sent *tcp_sent_place(struct tcp_sents *set)
{
	__u64 way = tcp_sent_older(set, tcp_sent_older(set, 0, 1), tcp_sent_older(set, 2, 3));

	NT_OPAQUE(way);
	return &set->sent[way & (TCP_SENT_WAYS - 1)];
}

#endif
