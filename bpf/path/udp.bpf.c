// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path udp: UDP datagrams that this host forwards from one side to the other. The
 * fragments of one are a group (udp.h), known by addresses and IP number; what has
 * no number is known by its content (udp_content.bpf.h).
 */
#include "nt.bpf.h"
#include "udp.h"
#include "count.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#define NT_STAGES UDP_STAGES
#define NT_SLOT_OWN struct udp_group
#include "session.bpf.h"
#include "udp_content.bpf.h"
#include "udp_group.bpf.h"

/* A CPU's figures, and the packet that it looks at if it is not plain: as in path icmp. */
struct path_cpu {
	struct nt_counters n;
	struct nt_hist hist[UDP_SEGMENTS];
	struct nt_key key;
	struct udp_part part;
	struct udp_content content;
	struct path_wait wait;
	struct udp_part wait_part;
	__u64 wait_ns; /* when it was given to the driver */
	struct nt_sess_cfg anew;
};

NT_CFG_MAP(struct path_kcfg);
NT_CPU_MAP(struct path_cpu);
#include "emit.bpf.h"
#define PATH_COMPLETE (UDP_C_STATUS + UDP_ST_COMPLETE)
#include "path.bpf.h"
#include "path_end.bpf.h"

char LICENSE[] SEC("license") = "GPL";

NT_INLINE __u32 path_gap_in_time(const struct nt_slot *slot, __u64 timeout_ns)
{
	(void)timeout_ns; /* when which fragment left is not kept */
	return UDP_C_STATUS + (slot->own.tx_frags ? UDP_ST_PARTIAL : UDP_ST_INTERNAL);
}

/* Sub-programs, as datagrams are seldom lost, alike, or cut. */
static __attribute__((noinline)) int udp_unfinished_in(struct path_cpu *cpu, struct nt_slot *slot)
{
	const struct path_kcfg *cfg = nt_settings();

	if (!cpu || !slot || !cfg)
		return 0;
	return udp_count_unfinished(&cpu->n, &slot->own, cfg->ports);
}

static __attribute__((noinline)) int udp_join(const struct path_kcfg *cfg, struct path_cpu *cpu,
					      struct nt_set *set, __u64 tag, __u32 plain)
{
	const struct udp_part whole = {};
	struct nt_place in;

	if (!cfg || !cpu || !set || !nt_place_of(set, tag, &cfg->s, &in))
		return UDP_NEW;
	if (plain)
		cpu->part = whole;
	return udp_join_slot(&cfg->s, &cpu->n, in.slot, &cpu->part, &cpu->anew);
}

static __attribute__((noinline)) int udp_begun_by_part(struct path_cpu *cpu, struct nt_slot *slot)
{
	if (cpu && slot)
		udp_take(&cpu->n, slot, &cpu->part);
	return 0;
}

static __attribute__((noinline)) int udp_left_by_part(struct nt_slot *slot,
						      const struct udp_part *p)
{
	return udp_part_left(slot, p);
}

static __attribute__((noinline)) int udp_left_to_user(struct nt_slot *slot)
{
	udp_keep_open(slot);
	return 0;
}

static __attribute__((noinline)) int udp_reopened(struct nt_slot *slot)
{
	udp_reopen(slot);
	return 0;
}

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	struct path_cpu *cpu = nt_this_cpu();

	if (!cpu || nt_marked(&slot->s))
		return;
	if (udp_unfinished_in(cpu, slot) && c->emit)
		path_send(ctx, cpu, slot, slot->s.first_ns + c->timeout_ns);
}

/* A session and the departure that may be its end. */
struct udp_end {
	struct nt_place in;
	__u64 at_ns;
	__u64 now_ns; /* the driver may have told late */
};

/* A datagram has left, whole. Others like it may be on their way still: then only the record of
 * this one says that it is done. */
NT_INLINE void udp_finish(void *ctx, struct path_cpu *cpu, const struct path_kcfg *cfg,
			  const struct udp_end *e)
{
	struct nt_slot *slot = e->in.slot;
	__u64 total = e->at_ns - slot->ts[UDP_RX];
	__u32 left;

	slot->s.flags |= NT_SESS_DONE; /* before it is one less: see nt_marked() */
	udp_add(&slot->own.open, -1);
	left = udp_now(&slot->own.open);
	slot->s.seen = 1 << UDP_RX | 1 << UDP_TX;
	slot->ts[UDP_TX] = e->at_ns;
	if (!slot->own.other_port) {
		if (e->now_ns - slot->s.first_ns > cfg->s.timeout_ns)
			path_late(cpu, slot, total, cfg->s.timeout_ns);
		else
			nt_count(&cpu->n, PATH_COMPLETE);
		nt_hist_record(&cpu->hist[0], total);
		if (cfg->s.emit && total >= cfg->s.threshold_ns)
			path_send(ctx, cpu, slot, e->at_ns);
	}
	if (slot->s.flags & NT_SESS_CLAIMED)
		udp_left_to_user(slot);
	else if ((__s32)left > 0)
		udp_reopened(slot);
	else
		nt_release(&e->in);
}

/* A packet, whole or a part, is known to have left. */
NT_INLINE void udp_gone(void *ctx, struct path_cpu *cpu, const struct path_kcfg *cfg,
			const struct udp_end *e, const struct udp_part *p)
{
	struct nt_slot *slot = e->in.slot;

	if (p && p->frag) {
		slot->s.seen = 1 << UDP_RX | 1 << UDP_TX;
		slot->ts[UDP_TX] = e->at_ns;
		if (!udp_left_by_part(slot, p))
			return;
	}
	udp_finish(ctx, cpu, cfg, e);
}

/* Departure. */
NT_INLINE void udp_tx(const struct path_hit *h, struct nt_set *set, struct path_cpu *cpu)
{
	const struct udp_part *p = h->plain ? NULL : &cpu->part;
	struct udp_end e;

	if (!nt_place_of(set, h->tag, &h->cfg->s, &e.in)) {
		if (!p || !p->frag || !h->cfg->ports || (p->first && !p->other_port))
			nt_count(&cpu->n, NT_C_ORPHAN);
		return;
	}
	e.at_ns = bpf_ktime_get_ns();
	e.now_ns = e.at_ns;
	e.in.slot->dev[UDP_TX] = h->ifindex;
	/* What is delivered to the host itself has no driver to wait for. */
	if (h->enter || !h->cfg->confirm) {
		udp_gone(h->ctx, cpu, h->cfg, &e, p);
		return;
	}
	path_await(cpu, h);
	cpu->wait_ns = e.at_ns;
	if (p)
		cpu->wait_part = *p;
	else
		cpu->wait_part.frag = 0;
}

/* What a record tells of a group: its key and where it came from. */
NT_INLINE void udp_origin(const struct path_hit *h, const struct path_cpu *cpu,
			  struct nt_slot *slot, const struct nt_plain4 *plain)
{
	struct sk_buff *skb = h->skb; /* CO-RE must not look into h */

	slot->s.dir = 0;
	slot->dev[UDP_RX] = h->ifindex;
	slot->s.skb_len = NT_READ(h->direct, skb, len);
	slot->s.cpu = bpf_get_smp_processor_id();
	if (h->plain)
		nt_plain4_key_of(&slot->s.key, plain, nt_plain4_l4(plain) & 0xffffffff, 0);
	else
		slot->s.key = cpu->key;
}

/* Arrival. */
NT_INLINE void udp_rx(const struct path_hit *h, struct nt_set *set, struct path_cpu *cpu,
		      const struct nt_plain4 *plain)
{
	const struct nt_sess_cfg *c = &h->cfg->s;
	struct nt_slot *slot;
	int r;

	if (nt_find(set, h->tag) >= 0) {
		r = udp_join(h->cfg, cpu, set, h->tag, h->plain);
		if (r == UDP_JOINED)
			return;
		if (r == UDP_ANEW)
			c = &cpu->anew;
	}
	slot = nt_begin(h->ctx, set, h->tag, c, &cpu->n);
	if (!slot)
		return;
	udp_add(&slot->own.open, 1);
	udp_add(&slot->own.came, 1);
	if (h->cfg->s.emit)
		udp_origin(h, cpu, slot, plain);
	if (!h->plain && cpu->part.frag)
		udp_begun_by_part(cpu, slot);
}

NT_INLINE bool udp_known(const struct path_kcfg *cfg, __u64 tag)
{
	struct nt_set *set = nt_set_of(tag, cfg->s.set_mask);

	return set && nt_find(set, tag) >= 0;
}

/* The tag of a datagram without a number that came, and now leaves. */
static __attribute__((noinline)) __u64 udp_tag_of_known(const struct path_kcfg *cfg,
							const struct path_cpu *cpu, __u32 by)
{
	__u64 tag, found = 0;
	__u32 i;

	if (!cfg || !cpu)
		return 0;
#pragma unroll
	for (i = 0; i < 4; i++) {
		if (found)
			continue;
		tag = udp_content_tag(&cpu->content, cfg->f.seed, &cpu->key, by & ~i);
		NT_OPAQUE(tag);
		if (udp_known(cfg, tag))
			found = tag;
	}
	/* None: what it would have been known by first. */
	return found ?: udp_content_tag(&cpu->content, cfg->f.seed, &cpu->key, by);
}

/* The first bytes of an IPv4 header. */
struct udp_ip4 {
	__u8 ihl_version, tos;
	__u16 tot_len, id, frag;
};

/* What part of its datagram the packet is, its key in cpu. false: its header is unreadable. */
NT_INLINE bool udp_part_of(const struct path_kcfg *cfg, struct path_cpu *cpu, const struct nt_l3 *l,
			   bool *numbered)
{
	const struct nt_key *k = &cpu->key;
	struct udp_part *p = &cpu->part;
	struct udp_ip4 ip;

	p->frag = k->flags & NT_KEY_FRAG;
	p->first = !(k->flags & NT_KEY_LATER_FRAG);
	p->last = !(k->flags & NT_KEY_MORE_FRAGS);
	p->sport = k->sport;
	p->dport = k->dport;
	p->other_port = p->first && !nt_match_ports(&cfg->f, k);
	*numbered = p->frag;
	if (k->family == 6) {
		p->bytes = (__u32)k->len + sizeof(struct nt_ipv6_hdr) - k->l4_off;
	} else {
		if (bpf_probe_read_kernel(&ip, sizeof(ip), l->p))
			return false;
		p->bytes = (__u32)k->len - ((__u32)(ip.ihl_version & 0xf) << 2);
		/* 0 is a number like others, where fragments are to have one. */
		*numbered |= ip.id || !(ip.frag & bpf_htons(0x4000));
	}
	p->end = k->frag_off + p->bytes;
	return true;
}

/* A packet that is not plain: its tag, key and part in cpu; 0: not one that is asked for. */
NT_INLINE __u64 udp_other(struct sk_buff *skb, const struct path_kcfg *cfg, struct path_cpu *cpu,
			  const enum nt_parse_at at, const bool direct)
{
	bool numbered = false;
	struct nt_l3 l;
	int r = nt_find_l3(skb, direct, at, &l), by;

	NT_OPAQUE(r); /* or clang jumps back to one place that counts */
	l.f = &cfg->f;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&cpu->key, &l, NT_WANT_UDP);
	NT_OPAQUE(r);
	if (r == NT_PARSE_OK && !(l.match & NT_FWD))
		return 0;
	if (r == NT_PARSE_OK && !udp_part_of(cfg, cpu, &l, &numbered))
		r = NT_PARSE_UNREAD;
	NT_OPAQUE(r);
	by = 0;
	if (r == NT_PARSE_OK && !numbered) {
		if (cpu->part.other_port)
			return 0;
		by = udp_read_content(&cpu->content, skb, &l, cpu->key.l4_off, direct);
		if (by < 0)
			r = NT_PARSE_UNREAD;
	}
	NT_OPAQUE(r);
	if (r == NT_PARSE_UNREAD)
		nt_count(&cpu->n, NT_C_HEADER_UNREAD);
	if (r != NT_PARSE_OK || (!cpu->part.frag && cpu->part.other_port))
		return 0;
	if (numbered)
		return nt_hash_flow(cfg->f.seed, &cpu->key, cpu->key.ip_id);
	if (at == NT_AT_DATA)
		return udp_content_tag(&cpu->content, cfg->f.seed, &cpu->key, by);
	return udp_tag_of_known(cfg, cpu, by);
}

#define UDP_IN_FULL(name, direct)                                                              \
	static __attribute__((noinline)) __u64 name(struct sk_buff *skb,                       \
						    const struct path_kcfg *cfg,               \
						    struct path_cpu *cpu, enum nt_parse_at at) \
	{                                                                                      \
		return skb && cfg && cpu ? udp_other(skb, cfg, cpu, at, direct) : 0;           \
	}
UDP_IN_FULL(udp_other_direct, true)
UDP_IN_FULL(udp_other_probe, false)

/* Is a plain packet asked for? Then its tag. */
NT_INLINE bool udp_hit4(struct path_hit *h, const struct nt_plain4 *plain)
{
	const struct nt_filter *f = &h->cfg->f;
	__u64 pair = nt_plain4_pair(plain);

	if (!nt_pair_is(&f->fwd4, pair) &&
	    !(f->lists && (nt_match_lists4(f, (__u32)pair, pair >> 32) & NT_FWD)))
		return false;
	if (!nt_plain4_match_ports(f, plain))
		return false;
	h->tag = nt_hash_pair4(f->seed, pair, plain->ip.id);
	return true;
}

NT_INLINE bool udp_hit_other(struct path_hit *h, struct path_cpu *cpu)
{
	const enum nt_parse_at at = h->enter ? NT_AT_DATA : NT_AT_NET;

	h->tag = h->direct ? udp_other_direct(h->skb, h->cfg, cpu, at) :
			     udp_other_probe(h->skb, h->cfg, cpu, at);
	return h->tag;
}

NT_INLINE void udp_at_stage(const struct path_hit *h, struct path_cpu *cpu,
			    const struct nt_plain4 *plain)
{
	struct nt_set *set = nt_set_of(h->tag, h->cfg->s.set_mask);

	if (!set)
		return;
	if (h->stage == UDP_RX)
		udp_rx(h, set, cpu, plain);
	else
		udp_tx(h, set, cpu);
}

/* The stage; false: the packet has none here. */
NT_INLINE bool udp_place(struct path_hit *h)
{
	h->stage = path_stages_of(h, 8) & 0xf;
	return h->stage < UDP_STAGES;
}

/* As path_dev_may_be(): on half of the ways through a device there is no stage, which tells itself. */
NT_INLINE bool udp_dev_may_be(struct path_hit *h, struct net_device *dev)
{
	if (path_dev_seen(h, dev))
		return true;
	if (!path_dev_is(h, dev) || !udp_place(h))
		return false;
	path_dev_remember(h, dev);
	return true;
}

NT_INLINE int udp_event(void *ctx, struct sk_buff *skb, struct net_device *dev, const bool direct,
			const bool enter)
{
	struct path_hit h = { .ctx = ctx, .skb = skb, .direct = direct, .enter = enter };
	struct nt_plain4 plain;
	struct path_cpu *cpu;

	h.cfg = nt_settings();
	if (!h.cfg || !h.cfg->f.armed || !udp_dev_may_be(&h, dev))
		return 0;
	h.plain = nt_read_plain4(skb, direct, enter ? NT_AT_DATA : NT_AT_NET, &plain);
	if (h.plain) {
		if (plain.ip.proto != NT_IPPROTO_UDP || !udp_hit4(&h, &plain))
			return 0;
		h.plain = plain.ip.id; /* it may have none */
	}
	if (!path_dev(&h, dev) || !udp_place(&h))
		return 0;
	cpu = nt_this_cpu();
	if (cpu && (h.plain || udp_hit_other(&h, cpu)))
		udp_at_stage(&h, cpu, &plain);
	return 0;
}

NT_TP1(rx, netif_receive_skb, struct sk_buff *, skb)
{
	return udp_event(ctx, skb, NT_READ(direct, skb, dev), direct, true);
}

NT_TP2(tx, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	return udp_event(ctx, skb, dev, direct, false);
}

/* The skb may be gone: only its address and the driver's result are used. */
NT_TP2(xmit, net_dev_xmit, struct sk_buff *, skb, long, rc)
{
	const struct path_kcfg *cfg = nt_settings();
	struct path_cpu *cpu = nt_this_cpu();
	struct nt_set *set;
	struct udp_end e;

	(void)direct;
	if (!cfg || !cfg->f.armed || !cpu || !cpu->wait.skb || cpu->wait.skb != (unsigned long)skb)
		return 0;
	cpu->wait.skb = 0;
	set = nt_set_of(cpu->wait.tag, cfg->s.set_mask);
	if (!set || !nt_place_of(set, cpu->wait.tag, &cfg->s, &e.in))
		return 0;
	if (!nt_sent((int)rc)) { /* a busy driver gets the packet again later */
		if (rc != NT_DEV_TX_BUSY) {
			e.in.slot->s.rc = (int)rc;
			e.in.slot->s.flags |= NT_SESS_XMIT_FAILED;
			nt_count(&cpu->n, NT_TRIP_C_XMIT_FAILED);
		}
		return 0;
	}
	e.at_ns = cpu->wait_ns;
	e.now_ns = bpf_ktime_get_ns();
	udp_gone(ctx, cpu, cfg, &e, &cpu->wait_part);
	return 0;
}
