/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The round trip of a ping: the tag of its session (session.bpf.h), which is the
 * same for request and reply and for what an ICMP error quotes. A tool defines
 * NT_TRIP_CPU and NT_TRIP_CFG before it includes this file: what a CPU has, and
 * its settings, with the filter f and the sessions' s.
 */
#ifndef NT_ECHO_TRIP_BPF_H
#define NT_ECHO_TRIP_BPF_H

#include "echo.bpf.h"
#include "trip.bpf.h"

/* Tag of a request's addresses with id and sequence: request and reply have the same. */
NT_INLINE __u64 nt_echo_tag4(__u64 seed, __u64 pair, __u64 id_and_seq)
{
	return nt_hash_pair4(seed, pair, id_and_seq);
}

/* The same of a packet that is not plain. */
NT_INLINE __u64 nt_echo_tag(__u64 seed, const struct nt_key *k, bool request)
{
	struct nt_key c;

	__builtin_memset(&c, 0, sizeof(c));
	c.family = k->family;
	__builtin_memcpy(c.saddr, request ? k->saddr : k->daddr, sizeof(c.saddr));
	__builtin_memcpy(c.daddr, request ? k->daddr : k->saddr, sizeof(c.daddr));
	return nt_hash_flow(seed, &c, ((__u64)k->dport << 16) | k->sport);
}

/* An ICMP error, its key in e: about which tracked request, and from whom. */
static __attribute__((noinline)) int nt_echo_error(const NT_TRIP_CFG *cfg, NT_TRIP_CPU *cpu,
						   const struct nt_l3 *l, struct nt_echo *e)
{
	const struct nt_key *outer = &e->key;
	struct nt_key *k = &e->quoted;
	struct nt_set *set;
	struct nt_place in;
	struct nt_sess *s;
	__u32 off;
	__u64 tag, quoted;

	if (!cfg || !cpu || !l || !e)
		return 0;
	off = outer->l4_off + sizeof(union nt_l4_hdr);
	__builtin_memset(k, 0, sizeof(*k));
	quoted = outer->family == 6 ? nt_echo_quoted6(e, l, off) : nt_echo_quoted4(e, l, off);
	NT_OPAQUE(quoted); /* or clang jumps back from one to the other */
	if (!quoted)
		return 0;
	tag = nt_echo_tag(cfg->f.seed, k, true);
	set = nt_set_of(tag, cfg->s.set_mask);
	if (!set || !nt_place_of(set, tag, &cfg->s, &in))
		return 0;
	s = &in.slot->s;
	if (s->flags & NT_SESS_ICMP_ERROR)
		return 0;
	s->flags |= NT_SESS_ICMP_ERROR;
	s->err_family = outer->family;
	__builtin_memcpy(s->err_addr, outer->saddr, sizeof(s->err_addr));
	s->err_type_code = ((__u16)outer->type << 8) | outer->code;
	nt_count(&cpu->n, NT_TRIP_C_ICMP_ERROR);
	return 0;
}

/* What nt_find_l3() or its like found, with its result. */
NT_INLINE __u64 nt_echo_at(struct nt_l3 *l, int r, const NT_TRIP_CFG *cfg, NT_TRIP_CPU *cpu,
			   struct nt_echo *e)
{
	NT_OPAQUE(r); /* or clang jumps back to one place that counts */
	l->f = &cfg->f;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&e->key, l, NT_WANT_ICMP);
	NT_OPAQUE(r);
	if (r == NT_PARSE_UNREAD)
		nt_count(&cpu->n, NT_C_HEADER_UNREAD);
	if (r != NT_PARSE_OK)
		return 0;
	if (!nt_echo_is(e)) {
		if (nt_echo_is_error(&e->key))
			nt_echo_error(cfg, cpu, l, e);
		return 0;
	}
	e->match = nt_echo_match_of(l->match, e->request);
	return nt_echo_tag(cfg->f.seed, &e->key, e->request);
}

/*
 * A packet that is not plain: IPv6, options, fragments, in-band VLAN tags behind
 * which anything may be, ICMP errors. Its tag, 0: not one that is asked for. A
 * sub-program, one for each reader, so that the way of plain packets is short.
 */
#define NT_ECHO_OTHER(name, direct)                                                              \
	static __attribute__((noinline, unused)) __u64 name(struct sk_buff *skb,                 \
							    const NT_TRIP_CFG *cfg,              \
							    NT_TRIP_CPU *cpu, struct nt_echo *e, \
							    enum nt_parse_at at)                 \
	{                                                                                        \
		struct nt_l3 l;                                                                  \
                                                                                                 \
		if (!skb || !cfg || !cpu || !e)                                                  \
			return 0;                                                                \
		return nt_echo_at(&l, nt_find_l3(skb, direct, at, &l), cfg, cpu, e);             \
	}
NT_ECHO_OTHER(nt_echo_other_direct, true)
NT_ECHO_OTHER(nt_echo_other_probe, false)

/* The same inside the stack, see nt_find_l3_inside(). */
#define NT_ECHO_INSIDE(name, direct)                                                             \
	static __attribute__((noinline, unused)) __u64 name(struct sk_buff *skb,                 \
							    const NT_TRIP_CFG *cfg,              \
							    NT_TRIP_CPU *cpu, struct nt_echo *e, \
							    __u16 eth)                           \
	{                                                                                        \
		struct nt_l3 l;                                                                  \
                                                                                                 \
		if (!skb || !cfg || !cpu || !e)                                                  \
			return 0;                                                                \
		nt_find_l3_inside(skb, direct, eth, &l);                                         \
		return nt_echo_at(&l, NT_PARSE_OK, cfg, cpu, e);                                 \
	}
NT_ECHO_INSIDE(nt_echo_inside_direct, true)
NT_ECHO_INSIDE(nt_echo_inside_probe, false)

#endif
