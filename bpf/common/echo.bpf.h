/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Echo requests and replies, and ICMP errors about them, as the parser tells them. */
#ifndef NT_ECHO_BPF_H
#define NT_ECHO_BPF_H

#include "filter.bpf.h"
#include "parse.bpf.h"

/* What an ICMP error quotes, from its IP header on. */
struct nt_quote4 {
	struct nt_ipv4_hdr ip;
	union nt_l4_hdr l4;
};

struct nt_quote6 {
	struct nt_ipv6_hdr ip;
	union nt_l4_hdr l4;
};

/*
 * The packet that a CPU looks at, if it is not plain. Not on the stack: the
 * verifier follows what is there through every branch, what is here it does not.
 */
struct nt_echo {
	struct nt_key key;
	__u32 request;        /* is that one? */
	__u32 match;          /* of the request's addresses: NT_FWD, NT_REV */
	struct nt_key quoted; /* by an ICMP error */
	union {
		struct nt_quote4 quote4;
		struct nt_quote6 quote6;
	};
};

/* Of a reply's addresses the match of its request's. */
NT_INLINE __u32 nt_echo_match_of(__u32 match, __u64 request)
{
	return request ? match : (match >> 1) | (match & NT_FWD) << 1;
}

/* The key of a quoted request, as far as its tag needs it. */
NT_INLINE bool nt_echo_quoted4(struct nt_echo *e, const struct nt_l3 *l, __u32 off)
{
	struct nt_quote4 *q = &e->quote4;
	struct nt_key *k = &e->quoted;

	if (l->avail < off + sizeof(*q) || bpf_probe_read_kernel(q, sizeof(*q), l->p + off))
		return false;
	k->family = 4;
	k->saddr[0] = q->ip.saddr;
	k->daddr[0] = q->ip.daddr;
	k->sport = q->l4.icmp.id;
	k->dport = q->l4.icmp.seq;
	return q->ip.ihl_version == 0x45 && q->ip.proto == NT_IPPROTO_ICMP && q->l4.icmp.type == 8;
}

NT_INLINE bool nt_echo_quoted6(struct nt_echo *e, const struct nt_l3 *l, __u32 off)
{
	struct nt_quote6 *q = &e->quote6;
	struct nt_key *k = &e->quoted;

	if (l->avail < off + sizeof(*q) || bpf_probe_read_kernel(q, sizeof(*q), l->p + off))
		return false;
	k->family = 6;
	__builtin_memcpy(k->saddr, q->ip.saddr, sizeof(k->saddr));
	__builtin_memcpy(k->daddr, q->ip.daddr, sizeof(k->daddr));
	k->sport = q->l4.icmp.id;
	k->dport = q->l4.icmp.seq;
	return q->ip.nexthdr == NT_IPPROTO_ICMP6 && q->l4.icmp.type == 128;
}

/* Unreachable, too big, time exceeded, parameter problem. */
NT_INLINE bool nt_echo_is_error(const struct nt_key *k)
{
	if (k->family == 6)
		return k->proto == NT_IPPROTO_ICMP6 && k->type - 1U < 4;
	return k->proto == NT_IPPROTO_ICMP && (k->type == 3 || k->type == 11 || k->type == 12);
}

/* Is it an echo request or reply? */
NT_INLINE bool nt_echo_is(struct nt_echo *e)
{
	const struct nt_key *k = &e->key;
	__u8 type = k->type;

	if (k->flags & NT_KEY_LATER_FRAG)
		return false;
	if (k->proto == NT_IPPROTO_ICMP && k->family == 4) {
		e->request = type;
		return type == 8 || type == 0;
	}
	e->request = type & 1 ? 0 : 8;
	return k->proto == NT_IPPROTO_ICMP6 && k->family == 6 && (type == 128 || type == 129);
}

#endif
