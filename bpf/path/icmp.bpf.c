// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path icmp: an ICMP echo session that this host forwards between two sides.
 */
#include "nt.bpf.h"
#include "path.h"
#include "count.bpf.h"
#include "echo.bpf.h"
#include "hook.bpf.h"

/*
 * A CPU's figures and the packet that it looks at, if it is not plain. Bottom
 * halves are off at all hooks, so that it is one packet at a time.
 */
struct path_cpu {
	struct nt_counters n;
	struct nt_hist hist[PATH_SEGMENTS];
	struct path_wait wait;
	struct nt_echo echo;
};

NT_CFG_MAP(struct path_kcfg);
NT_CPU_MAP(struct path_cpu);
#define NT_TRIP_CFG struct path_kcfg
#define NT_TRIP_CPU struct path_cpu
#include "echo_trip.bpf.h"
#include "path.bpf.h"

char LICENSE[] SEC("license") = "GPL";

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
	       path_place(h, nt_echo_match_of(nt_match_lists4(f, (__u32)pair, pair >> 32), request),
			  request);
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
	struct nt_trip_end e = { .direct = h->direct };
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
		nt_trip_finish(h->ctx, cpu, &h->cfg->s, &e);
}

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
		slot->s.key = cpu->echo.key;
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
	h->tag = nt_echo_tag4(h->cfg->f.seed, pair, l4 >> 32);
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
	h->tag = h->direct ? nt_echo_other_direct(h->skb, h->cfg, cpu, &cpu->echo, at) :
			     nt_echo_other_probe(h->skb, h->cfg, cpu, &cpu->echo, at);
	return h->tag && path_place(h, cpu->echo.match, cpu->echo.request);
}

NT_INLINE int path_event(void *ctx, struct sk_buff *skb, struct net_device *dev, const bool direct,
			 const bool enter)
{
	struct path_hit h = { .ctx = ctx, .skb = skb, .direct = direct, .enter = enter };
	struct nt_plain4 plain;

	h.cfg = nt_settings();
	if (!h.cfg || !h.cfg->f.armed)
		return 0;
	if (!path_dev_may_be(&h, dev))
		return 0;
	h.plain = nt_read_plain4(skb, direct, enter ? NT_AT_DATA : NT_AT_NET, &plain);
	if (h.plain) {
		if (plain.ip.proto != NT_IPPROTO_ICMP)
			return 0;
		if (plain.l4.icmp.type & 0xf7) /* neither request nor reply */
			h.plain = false;
		else if (!nt_may_match_pair4(&h.cfg->f, nt_plain4_pair(&plain)))
			return 0;
	}
	if (!path_dev(&h, dev))
		return 0;
	if (h.plain ? path_hit4(&h, &plain) : path_hit_other(&h))
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
	slot->s.seen &= ~(1U << (cpu->wait.stage & (PATH_STAGES - 1)));
	if (rc != NT_DEV_TX_BUSY) {
		slot->s.flags |= NT_SESS_XMIT_FAILED;
		nt_count(&cpu->n, NT_TRIP_C_XMIT_FAILED);
	}
}

/* The skb may be gone: only its address and the driver's result are used. */
NT_TP2(xmit, net_dev_xmit, struct sk_buff *, skb, long, rc)
{
	const struct path_kcfg *cfg = nt_settings();
	struct path_cpu *cpu = nt_this_cpu();
	struct nt_trip_end e = { .direct = direct };
	struct nt_set *set;

	if (!cfg || !cfg->f.armed || !cpu || !cpu->wait.skb || cpu->wait.skb != (unsigned long)skb)
		return 0;
	cpu->wait.skb = 0;
	set = nt_set_of(cpu->wait.tag, cfg->s.set_mask);
	if (!set)
		return 0;
	if (!nt_place_of(set, cpu->wait.tag, &cfg->s, &e.in))
		return 0;
	e.in.slot->s.rc = (int)rc;
	if (!nt_sent((int)rc)) {
		path_refused(cpu, e.in.slot, (int)rc);
		return 0;
	}
	if (cpu->wait.stage != PATH_REP_TX || !(e.in.slot->s.seen & (1 << PATH_REP_TX)))
		return 0;
	e.at_ns = e.in.slot->ts[PATH_REP_TX];
	e.now_ns = bpf_ktime_get_ns();
	nt_trip_finish(ctx, cpu, &cfg->s, &e);
	return 0;
}
