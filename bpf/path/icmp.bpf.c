// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path icmp: an ICMP echo session that this host forwards between two sides.
 *
 * Arrival is netif_receive_skb, departure net_dev_start_xmit: the skb is still
 * ours there, and device, headers and time are those of the packet itself. The
 * driver's verdict comes from net_dev_xmit, where only the skb's address may be
 * used. Not seen: XDP_REDIRECT, hardware-offloaded flows.
 */
#include "nt.bpf.h"
#include "path.h"
#include "count.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#include "parse.bpf.h"
#include "vlan.bpf.h"

/* What an ICMP error quotes, from its IP header on. */
struct path_quote4 {
	struct nt_ipv4_hdr ip;
	union nt_l4_hdr l4;
};

struct path_quote6 {
	struct nt_ipv6_hdr ip;
	union nt_l4_hdr l4;
};

/*
 * A CPU's figures and the packet that it looks at, if it is not plain. Bottom
 * halves are off at all hooks, so that it is one packet at a time. Not on the
 * stack: the verifier follows what is there through every branch, what is here
 * it does not.
 */
struct path_cpu {
	struct nt_counters n;
	struct nt_hist hist[PATH_SEGMENTS];
	struct nt_key key;
	__u32 request; /* is that one? */
	__u32 match;   /* of the request's addresses: NT_FWD, NT_REV */
	__u64 skb;     /* given to a driver, whose result is awaited */
	__u64 tag;     /* of that packet */
	__u32 stage;   /* at which it is */
	__u32 pad;
	struct nt_key quoted; /* by an ICMP error */
	union {
		struct path_quote4 quote4;
		struct path_quote6 quote6;
	};
};

NT_CFG_MAP(struct path_kcfg);
NT_CPU_MAP(struct path_cpu);
#define NT_STAGES PATH_STAGES
#include "session.bpf.h"
#include "emit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* Where an unfinished packet was lost: its first gap. */
NT_INLINE __u32 path_gap(__u32 seen)
{
	if (!(seen & (1 << PATH_REQ_TX)))
		return PATH_ST_DROP_REQ;
	if (!(seen & (1 << PATH_REP_RX)))
		return PATH_ST_EXTERNAL;
	return PATH_ST_DROP_REP;
}

/* The stages that were stamped within the timeout. */
NT_INLINE __u32 path_seen_in_time(const struct nt_slot *slot, __u64 timeout_ns)
{
	__u32 seen = 1;
	int i;

#pragma unroll
	for (i = 1; i < PATH_STAGES; i++)
		if ((slot->s.seen & (1 << i)) && slot->ts[i] - slot->s.first_ns <= timeout_ns)
			seen |= 1 << i;
	return seen;
}

NT_INLINE void path_send(void *ctx, struct path_cpu *cpu, struct nt_slot *slot, __u64 now)
{
	slot->s.end_ns = now;
	nt_emit(ctx, &cpu->n, slot, sizeof(*slot));
}

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	struct path_cpu *cpu = nt_this_cpu();

	if (!cpu || nt_marked(&slot->s))
		return;
	nt_count(&cpu->n, PATH_C_STATUS + path_gap(path_seen_in_time(slot, c->timeout_ns)));
	if (!c->emit)
		return;
	path_send(ctx, cpu, slot, slot->s.first_ns + c->timeout_ns);
}

/* One time of a packet. A sub-program: see path_segments(). */
static __attribute__((noinline)) int path_segment(struct path_cpu *cpu, __u32 segment, __u64 ns)
{
	if (cpu)
		nt_hist_record(&cpu->hist[segment & (PATH_SEGMENTS - 1)], ns);
	return 0;
}
_Static_assert((PATH_SEGMENTS & (PATH_SEGMENTS - 1)) == 0, "a mask");

/*
 * The times between the stages that were seen. Of a packet that was seen everywhere,
 * nearly all are, but one in the program itself: there is no room for four, 4.19 takes
 * 4096 instructions. Of others, and among probe reads, all by the sub-program.
 */
NT_INLINE void path_segments(struct path_cpu *cpu, const struct nt_slot *slot, const bool direct)
{
	const __u32 all = (1 << PATH_STAGES) - 1, seen = slot->s.seen;

	if (direct && seen == all) {
#define S(id, name, key, from, to)                                               \
	if (PATH_SEG_##id == PATH_SEG_TOTAL)                                     \
		path_segment(cpu, PATH_SEG_##id, slot->ts[to] - slot->ts[from]); \
	else                                                                     \
		nt_hist_record(&cpu->hist[PATH_SEG_##id], slot->ts[to] - slot->ts[from]);
#include "path_segments.def"
#undef S
		return;
	}
#define S(id, name, key, from, to)                          \
	if ((seen & (1 << (from))) && (seen & (1 << (to)))) \
		path_segment(cpu, PATH_SEG_##id, slot->ts[to] - slot->ts[from]);
#include "path_segments.def"
#undef S
}

/*
 * It ended after the timeout: user space may have counted a drop already. Seen in
 * time, but told late by the driver, it is complete.
 */
static __attribute__((noinline)) int path_late(struct path_cpu *cpu, struct nt_slot *slot,
					       __u64 total, __u64 timeout_ns)
{
	if (!cpu || !slot)
		return 0;
	if (nt_marked(&slot->s))
		slot->s.flags |= NT_SESS_LATE | NT_SESS_CLAIMED;
	else if (total <= timeout_ns)
		nt_count(&cpu->n, PATH_C_STATUS + PATH_ST_COMPLETE);
	else
		nt_count(&cpu->n, PATH_C_STATUS + path_gap(path_seen_in_time(slot, timeout_ns)));
	if (total > timeout_ns)
		slot->s.flags |= NT_SESS_LATE;
	if (slot->s.flags & NT_SESS_LATE)
		nt_count(&cpu->n, PATH_C_LATE);
	return 0;
}

/* A session and its end. */
struct path_end {
	struct nt_place in;
	__u64 at_ns;  /* of the last stage */
	__u64 now_ns; /* the driver may have told late */
	bool direct;  /* see NT_READ */
};

NT_INLINE void path_finish(void *ctx, struct path_cpu *cpu, const struct path_kcfg *cfg,
			   const struct path_end *e)
{
	struct nt_slot *slot = e->in.slot;
	__u64 total = e->at_ns - slot->s.first_ns;

	slot->s.flags |= NT_SESS_DONE;
	if (e->now_ns - slot->s.first_ns > cfg->s.timeout_ns)
		path_late(cpu, slot, total, cfg->s.timeout_ns);
	else
		nt_count(&cpu->n, PATH_C_STATUS + PATH_ST_COMPLETE);
	path_segments(cpu, slot, e->direct);
	if (cfg->s.emit && total >= cfg->s.threshold_ns)
		path_send(ctx, cpu, slot, e->at_ns);
	nt_release(&e->in);
}

/* A request or reply at one of the two devices. direct and enter are constants. */
struct path_hit {
	void *ctx; /* of the program */
	struct sk_buff *skb;
	const struct path_kcfg *cfg;
	const struct nt_dev *d;
	bool direct;
	bool enter; /* arrives, else departs */
	bool plain;
	__u64 tag;
	__u32 dir;
	__u32 ifindex;
	__u64 stage;
};

/* Tag of a request's addresses with id and sequence: request and reply have the same. */
NT_INLINE __u64 path_tag4(__u64 seed, __u64 pair, __u64 id_and_seq)
{
	return nt_hash_pair4(seed, pair, id_and_seq);
}

/* The same of a packet that is not plain. */
NT_INLINE __u64 path_tag(__u64 seed, const struct nt_key *k, bool request)
{
	struct nt_key c;

	__builtin_memset(&c, 0, sizeof(c));
	c.family = k->family;
	__builtin_memcpy(c.saddr, request ? k->saddr : k->daddr, sizeof(c.saddr));
	__builtin_memcpy(c.daddr, request ? k->daddr : k->saddr, sizeof(c.daddr));
	return nt_hash_flow(seed, &c, ((__u64)k->dport << 16) | k->sport);
}

/*
 * The stages of a request (8) or reply (0) at a device, by its table (path.h): of
 * direction 0 in the lower four bits, of direction 1 above.
 */
NT_INLINE __u64 path_stages_of(const struct path_hit *h, __u64 request)
{
	const __u8 *table = (const __u8 *)&h->d->tool;

	return table[h->enter * 2 + ((request >> 3) & 1)];
}

/* Of a reply's addresses the match of its request's. */
NT_INLINE __u32 path_match_of(__u32 match, __u64 request)
{
	return request ? match : (match >> 1) | (match & NT_FWD) << 1;
}

/*
 * Stage and direction, the way that the filter names before the other. false:
 * the packet has no stage here.
 */
NT_INLINE bool path_place(struct path_hit *h, __u32 match, __u64 request)
{
	__u64 t = path_stages_of(h, request);

	h->dir = !(match & NT_FWD) || (t & 0xf) == PATH_NOT_HERE;
	NT_OPAQUE(t);
	h->stage = h->dir ? t >> 4 : t & 0xf;
	return h->stage < PATH_STAGES && (!h->dir || (match & NT_REV));
}

/* The same of one direction. */
NT_INLINE bool path_place_in(struct path_hit *h, __u32 dir, __u64 request)
{
	__u64 t = path_stages_of(h, request);

	h->dir = dir;
	h->stage = dir ? t >> 4 : t & 0xf;
	return h->stage < PATH_STAGES;
}

/* The same by a packet's addresses of IPv4, with no more tests than are needed. */
NT_INLINE bool path_place4(struct path_hit *h, __u64 pair, const __u64 request)
{
	const struct nt_filter *f = &h->cfg->f;

	if (nt_pair_is(request ? &f->fwd4 : &f->rev4, pair) && path_place_in(h, 0, request))
		return true;
	if (nt_pair_is(request ? &f->rev4 : &f->fwd4, pair))
		return path_place_in(h, 1, request);
	return f->lists &&
	       path_place(h, path_match_of(nt_match_lists4(f, (__u32)pair, pair >> 32), request),
			  request);
}

/* Await the driver's result of a departure. */
NT_INLINE void path_await(struct path_cpu *cpu, const struct path_hit *h)
{
	cpu->skb = (unsigned long)h->skb;
	cpu->tag = h->tag;
	cpu->stage = h->stage;
}

/* Stamp a stage behind the first. Is it the last one, for the first time? */
NT_INLINE bool path_stamp(struct nt_slot *slot, const struct path_hit *h, __u64 now)
{
	__u32 bit;

	/* A stage that is a constant costs a third. */
	if (h->stage == PATH_REQ_TX)
		bit = nt_stamp_time(slot, PATH_REQ_TX, now, h->ifindex);
	else if (h->stage == PATH_REP_RX)
		bit = nt_stamp_time(slot, PATH_REP_RX, now, h->ifindex);
	else
		bit = nt_stamp_time(slot, PATH_REP_TX, now, h->ifindex);
	return nt_stamp_seen(slot, bit) && bit == 1 << PATH_REP_TX;
}

/* A reply that is delivered to the host itself has no driver to wait for. */
NT_INLINE void path_later_stage(struct nt_set *set, const struct path_hit *h)
{
	const bool await = !h->enter && h->cfg->confirm;
	struct path_end e = { .direct = h->direct };
	struct path_cpu *cpu;
	bool ends;

	if (!nt_place_of(set, h->tag, &h->cfg->s, &e.in)) {
		cpu = nt_this_cpu();
		if (cpu)
			nt_count(&cpu->n, NT_C_ORPHAN);
		return;
	}
	e.now_ns = bpf_ktime_get_ns();
	e.at_ns = e.now_ns;
	ends = path_stamp(e.in.slot, h, e.now_ns);
	if (!ends && !await)
		return;
	cpu = nt_this_cpu();
	if (!cpu)
		return;
	if (await)
		path_await(cpu, h);
	else
		path_finish(h->ctx, cpu, h->cfg, &e);
}

/* The key of a quoted request, as far as its tag needs it. */
NT_INLINE bool path_quoted4(struct path_cpu *cpu, const struct nt_l3 *l, __u32 off)
{
	struct path_quote4 *q = &cpu->quote4;
	struct nt_key *k = &cpu->quoted;

	if (l->avail < off + sizeof(*q) || bpf_probe_read_kernel(q, sizeof(*q), l->p + off))
		return false;
	k->family = 4;
	k->saddr[0] = q->ip.saddr;
	k->daddr[0] = q->ip.daddr;
	k->sport = q->l4.icmp.id;
	k->dport = q->l4.icmp.seq;
	return q->ip.ihl_version == 0x45 && q->ip.proto == NT_IPPROTO_ICMP && q->l4.icmp.type == 8;
}

NT_INLINE bool path_quoted6(struct path_cpu *cpu, const struct nt_l3 *l, __u32 off)
{
	struct path_quote6 *q = &cpu->quote6;
	struct nt_key *k = &cpu->quoted;

	if (l->avail < off + sizeof(*q) || bpf_probe_read_kernel(q, sizeof(*q), l->p + off))
		return false;
	k->family = 6;
	__builtin_memcpy(k->saddr, q->ip.saddr, sizeof(k->saddr));
	__builtin_memcpy(k->daddr, q->ip.daddr, sizeof(k->daddr));
	k->sport = q->l4.icmp.id;
	k->dport = q->l4.icmp.seq;
	return q->ip.nexthdr == NT_IPPROTO_ICMP6 && q->l4.icmp.type == 128;
}

/* An ICMP error, its key in cpu: about which tracked request, and from whom. */
static __attribute__((noinline)) int path_error(const struct path_kcfg *cfg, struct path_cpu *cpu,
						const struct nt_l3 *l)
{
	const struct nt_key *outer = &cpu->key;
	struct nt_key *k = &cpu->quoted;
	struct nt_set *set;
	struct nt_place in;
	struct nt_sess *s;
	__u32 off;
	__u64 tag, quoted;

	if (!cfg || !cpu || !l)
		return 0;
	off = outer->l4_off + sizeof(union nt_l4_hdr);
	__builtin_memset(k, 0, sizeof(*k));
	quoted = outer->family == 6 ? path_quoted6(cpu, l, off) : path_quoted4(cpu, l, off);
	NT_OPAQUE(quoted); /* or clang jumps back from one to the other */
	if (!quoted)
		return 0;
	tag = path_tag(cfg->f.seed, k, true);
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
	nt_count(&cpu->n, PATH_C_ICMP_ERROR);
	return 0;
}

/* Unreachable, too big, time exceeded, parameter problem. */
NT_INLINE bool path_is_error(const struct nt_key *k)
{
	if (k->family == 6)
		return k->proto == NT_IPPROTO_ICMP6 && k->type - 1U < 4;
	return k->proto == NT_IPPROTO_ICMP && (k->type == 3 || k->type == 11 || k->type == 12);
}

/* Is it an echo request or reply? */
NT_INLINE bool path_is_echo(struct path_cpu *cpu)
{
	const struct nt_key *k = &cpu->key;
	__u8 type = k->type;

	if (k->flags & NT_KEY_LATER_FRAG)
		return false;
	if (k->proto == NT_IPPROTO_ICMP && k->family == 4) {
		cpu->request = type;
		return type == 8 || type == 0;
	}
	cpu->request = type & 1 ? 0 : 8;
	return k->proto == NT_IPPROTO_ICMP6 && k->family == 6 && (type == 128 || type == 129);
}

/*
 * A packet that is not plain: IPv6, options, fragments, in-band VLAN tags behind
 * which anything may be, ICMP errors. Its tag, 0: not one that is asked for.
 */
NT_INLINE __u64 path_other(struct sk_buff *skb, const struct path_kcfg *cfg, struct path_cpu *cpu,
			   const enum nt_parse_at at, const bool direct)
{
	struct nt_l3 l;
	int r = nt_find_l3(skb, direct, at, &l);

	NT_OPAQUE(r); /* or clang jumps back to one place that counts */
	l.f = &cfg->f;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&cpu->key, &l, NT_WANT_ICMP);
	NT_OPAQUE(r);
	if (r == NT_PARSE_UNREAD)
		nt_count(&cpu->n, NT_C_HEADER_UNREAD);
	if (r != NT_PARSE_OK)
		return 0;
	if (!path_is_echo(cpu)) {
		if (path_is_error(&cpu->key))
			path_error(cfg, cpu, &l);
		return 0;
	}
	cpu->match = path_match_of(l.match, cpu->request);
	return path_tag(cfg->f.seed, &cpu->key, cpu->request);
}

/* Sub-programs, so that the way of plain packets is short. */
#define PATH_IN_FULL(name, direct)                                                             \
	static __attribute__((noinline)) __u64 name(struct sk_buff *skb,                       \
						    const struct path_kcfg *cfg,               \
						    struct path_cpu *cpu, enum nt_parse_at at) \
	{                                                                                      \
		return skb && cfg && cpu ? path_other(skb, cfg, cpu, at, direct) : 0;          \
	}
PATH_IN_FULL(path_other_direct, true)
PATH_IN_FULL(path_other_probe, false)

/*
 * The first stage: begin, and keep what a record tells of the packet: its key and
 * where it came from.
 */
NT_INLINE void path_first_stage(struct nt_set *set, const struct path_hit *h,
				const struct nt_plain4 *plain)
{
	struct path_cpu *cpu = nt_this_cpu();
	struct sk_buff *skb = h->skb; /* CO-RE must not look into h */
	struct nt_slot *slot;
	__u64 l4;

	if (!cpu)
		return;
	slot = nt_begin(h->ctx, set, h->tag, &h->cfg->s, &cpu->n);
	if (!slot || !h->cfg->s.emit)
		return;
	slot->s.dir = h->dir;
	slot->dev[0] = h->ifindex;
	slot->s.skb_len = NT_READ(h->direct, skb, len);
	slot->s.cpu = bpf_get_smp_processor_id();
	if (h->plain) {
		l4 = nt_plain4_l4(plain);
		nt_plain4_key_of(&slot->s.key, plain, l4 >> 32, l4 & 0xffff);
	} else {
		slot->s.key = cpu->key;
	}
}

/* A request or reply at one of its stages. */
NT_INLINE void path_stage(const struct path_hit *h, const struct nt_plain4 *plain)
{
	struct nt_set *set = nt_set_of(h->tag, h->cfg->s.set_mask);

	if (!set)
		return;
	if (h->stage == PATH_REQ_RX)
		path_first_stage(set, h, plain);
	else
		path_later_stage(set, h);
}

/* Tag, stage and direction of a plain packet. false: not one that is asked for. */
NT_INLINE bool path_hit4(struct path_hit *h, const struct nt_plain4 *plain)
{
	__u64 l4 = nt_plain4_l4(plain), pair = nt_plain4_pair(plain);

	if (l4 & 0xff) { /* of an echo that is 8, a request */
		if (!path_place4(h, pair, 8))
			return false;
	} else {
		if (!path_place4(h, pair, 0))
			return false;
		pair = nt_pair4_turned(pair);
	}
	h->tag = path_tag4(h->cfg->f.seed, pair, l4 >> 32);
	return true;
}

/* The same of any other packet, its key into the CPU's memory. */
NT_INLINE bool path_hit_other(struct path_hit *h)
{
	const enum nt_parse_at at = h->enter ? NT_AT_DATA : NT_AT_NET;
	struct path_cpu *cpu;

	cpu = nt_this_cpu();
	if (!cpu)
		return false;
	h->tag = h->direct ? path_other_direct(h->skb, h->cfg, cpu, at) :
			     path_other_probe(h->skb, h->cfg, cpu, at);
	return h->tag && path_place(h, cpu->match, cpu->request);
}

/* The device's entry, or that of the packet's VLAN. false: not asked for. */
NT_INLINE bool path_dev(struct path_hit *h, struct net_device *dev)
{
	const enum nt_parse_at at = h->enter ? NT_AT_DATA : NT_AT_NET;

	h->ifindex = NT_READ(h->direct, dev, ifindex);
	h->d = nt_dev_of(&h->cfg->f, h->ifindex);
	if (!nt_dev_is(h->d, dev, h->ifindex, h->direct))
		return false;
	if (h->d->role & NT_ROLE_VLANS)
		h->d = nt_vlan_entry(&h->cfg->f, h->skb, dev, h->direct, at);
	return h->d;
}

NT_INLINE int path_event(void *ctx, struct sk_buff *skb, struct net_device *dev, const bool direct,
			 const bool enter)
{
	struct path_hit h = { .ctx = ctx, .skb = skb, .direct = direct, .enter = enter };
	struct nt_plain4 plain;

	h.cfg = nt_settings();
	if (!h.cfg || !h.cfg->f.armed)
		return 0;
	if (!path_dev(&h, dev))
		return 0;
	if (!nt_read_plain4(skb, direct, enter ? NT_AT_DATA : NT_AT_NET, &plain))
		goto other;
	if (plain.ip.proto != NT_IPPROTO_ICMP)
		return 0;
	if (plain.l4.icmp.type & 0xf7) /* neither request nor reply */
		goto other;
	h.plain = true;
	if (path_hit4(&h, &plain))
		goto hit;
	return 0;
other:
	h.plain = false;
	if (!path_hit_other(&h))
		return 0;
hit:
	path_stage(&h, &plain);
	return 0;
}

NT_TP1(rx, netif_receive_skb, struct sk_buff *, skb)
{
	return path_event(ctx, skb, NT_READ(direct, skb, dev), direct, true);
}

NT_TP2(tx, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	return path_event(ctx, skb, dev, direct, false);
}

/* Not sent: take the stamp back. A busy driver gets the packet again later. */
NT_INLINE void path_refused(struct path_cpu *cpu, struct nt_slot *slot, int rc)
{
	slot->s.seen &= ~(1U << (cpu->stage & (PATH_STAGES - 1)));
	if (rc != NT_DEV_TX_BUSY) {
		slot->s.flags |= NT_SESS_XMIT_FAILED;
		nt_count(&cpu->n, PATH_C_XMIT_FAILED);
	}
}

/* The skb may be gone: only its address and the driver's result are used. */
NT_TP2(xmit, net_dev_xmit, struct sk_buff *, skb, long, rc)
{
	const struct path_kcfg *cfg = nt_settings();
	struct path_cpu *cpu = nt_this_cpu();
	struct path_end e = { .direct = direct };
	struct nt_set *set;

	if (!cfg || !cfg->f.armed || !cpu || !cpu->skb || cpu->skb != (unsigned long)skb)
		return 0;
	cpu->skb = 0;
	set = nt_set_of(cpu->tag, cfg->s.set_mask);
	if (!set)
		return 0;
	if (!nt_place_of(set, cpu->tag, &cfg->s, &e.in))
		return 0;
	e.in.slot->s.rc = (int)rc;
	if (!nt_sent((int)rc)) {
		path_refused(cpu, e.in.slot, (int)rc);
		return 0;
	}
	if (cpu->stage != PATH_REP_TX || !(e.in.slot->s.seen & (1 << PATH_REP_TX)))
		return 0;
	e.at_ns = e.in.slot->ts[PATH_REP_TX];
	e.now_ns = bpf_ktime_get_ns();
	path_finish(ctx, cpu, cfg, &e);
	return 0;
}
