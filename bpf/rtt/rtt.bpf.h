/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rtt tools do at the hooks that both have: out of the stack, at a device,
 * into the stack. A tool defines before it includes this file
 *
 *	RTT_HISTS	the number of its histograms; those of trip.h are the first
 *	RTT_ECHOES	how many packets a CPU can be in the middle of: see rtt_echo()
 *	NT_STAGES	if there are more of them than trip.h has; those are the first
 *
 * and the functions that are only declared here.
 */
#ifndef NT_RTT_BPF_H
#define NT_RTT_BPF_H

#include "nt.bpf.h"
#include "rtt.h"
#include "count.bpf.h"
#include "echo.bpf.h"
#include "hook.bpf.h"
#include "stack.bpf.h"
#include "vlan.bpf.h"

#ifndef NT_STAGES
#define NT_STAGES NT_TRIP_STAGES
#endif

/* What a slot keeps of a ping besides: see rtt_kcfg.stacks. */
struct rtt_own {
	__u64 stack[NT_STAGES]; /* its number in the store, 0: none */
};
#define NT_SLOT_OWN struct rtt_own

struct rtt_cpu {
	struct nt_counters n;
	struct nt_hist hist[RTT_HISTS];
	struct nt_echo echo[RTT_ECHOES];
	struct nt_stack_scratch stack[RTT_ECHOES];
};

NT_CFG_MAP(struct rtt_kcfg);
NT_CPU_MAP(struct rtt_cpu);
#define NT_TRIP_CFG struct rtt_kcfg
#define NT_TRIP_CPU struct rtt_cpu
#include "echo_trip.bpf.h"

/* A packet at a hook. hook and direct are constants. */
struct rtt_hit {
	void *ctx; /* of the program */
	struct sk_buff *skb;
	const struct rtt_kcfg *cfg;
	__u32 hook;
	bool direct;
	bool plain;
	bool request;  /* else a reply */
	__u32 ifindex; /* 0: has none yet, or any more */
	__u64 tag;
};

NT_INLINE const struct rtt_kcfg *rtt_armed(void)
{
	const struct rtt_kcfg *cfg = nt_settings();

	return cfg && cfg->f.armed ? cfg : NULL;
}

/* Is it a request that the hook asks for, else a reply? is: the packet is one. */
NT_INLINE bool rtt_requests(const struct rtt_hit *h, bool is);
/* The first and last stages of a round trip are stamped; it has not ended yet. */
NT_INLINE void rtt_ends(const struct rtt_hit *h, struct rtt_cpu *cpu, const struct nt_slot *slot);

/*
 * A packet that is not plain: where it is. Bottom halves are off at all hooks but
 * those at which a process is, which they may interrupt: these have one of their own.
 */
NT_INLINE __u32 rtt_place(const struct rtt_hit *h)
{
	if (h->hook == RTT_OUT)
		return 1;
	return RTT_ECHOES > 2 && h->hook == RTT_USER ? RTT_ECHOES - 1 : 0;
}

NT_INLINE struct nt_echo *rtt_echo(const struct rtt_hit *h, struct rtt_cpu *cpu)
{
	return &cpu->echo[rtt_place(h)];
}

/* --- stacks --- */

/* The number of the stack that leads here, 0: it is not in the store. */
static __attribute__((noinline)) __u64 rtt_stack(void *ctx, struct rtt_cpu *cpu,
						 struct nt_stack_scratch *s)
{
	__u64 hash;

	if (!cpu || !s)
		return 0;
	if (!nt_stack_walk(ctx, s, RTT_FRAMES)) {
		hash = nt_stack_hash(s->ip, RTT_FRAMES);
		if (nt_stack_store(hash, s->ip))
			return hash;
	}
	nt_count(&cpu->n, NT_C_STACK_LOST);
	return 0;
}

/* A stage is stamped. */
NT_INLINE void rtt_stamped(const struct rtt_hit *h, struct nt_slot *slot, __u64 stage)
{
	struct rtt_cpu *cpu;

	if (!h->cfg->stacks)
		return;
	cpu = nt_this_cpu();
	NT_OPAQUE(stage); /* of 64 bits, or the verifier loses the bound */
	if (cpu && stage < NT_STAGES)
		slot->own.stack[stage] = rtt_stack(h->ctx, cpu, &cpu->stack[rtt_place(h)]);
}

/* --- which ping --- */

/* The tag of a plain packet, 0: not one that is asked for. */
NT_INLINE __u64 rtt_tag4(struct rtt_hit *h, const struct nt_plain4 *plain)
{
	__u64 l4 = nt_plain4_l4(plain), pair = nt_plain4_pair(plain);
	const struct nt_filter *f = &h->cfg->f;

	h->request = rtt_requests(h, (l4 & 0xff) == 8);
	if (h->request) {
		if ((l4 & 0xff) != 8)
			return 0;
		if (!nt_pair_is(&f->fwd4, pair) &&
		    !(f->lists && (nt_match_lists4(f, (__u32)pair, pair >> 32) & NT_FWD)))
			return 0;
	} else {
		if (l4 & 0xff)
			return 0;
		if (!nt_pair_is(&f->rev4, pair) &&
		    !(f->lists && (nt_match_lists4(f, (__u32)pair, pair >> 32) & NT_REV)))
			return 0;
		pair = nt_pair4_turned(pair);
	}
	return nt_echo_tag4(f->seed, pair, l4 >> 32);
}

/* Its tag, if it is one that is asked for here. */
NT_INLINE __u64 rtt_checked(struct rtt_hit *h, const struct nt_echo *e, __u64 tag)
{
	h->request = rtt_requests(h, e->request);
	if (!tag || !(e->match & NT_FWD) || !e->request == h->request)
		return 0;
	return tag;
}

/* At a device. */
NT_INLINE __u64 rtt_tag(struct rtt_hit *h, struct nt_plain4 *plain, const enum nt_parse_at at)
{
	struct rtt_cpu *cpu;
	struct nt_echo *e;

	h->plain = nt_read_plain4(h->skb, h->direct, at, plain);
	if (h->plain) {
		if (plain->ip.proto != NT_IPPROTO_ICMP)
			return 0;
		if (h->hook != RTT_RECEIVE || !(plain->l4.icmp.type & 0xf7))
			return rtt_tag4(h, plain);
		h->plain = false; /* an ICMP error, it may be */
	}
	cpu = nt_this_cpu();
	if (!cpu)
		return 0;
	e = rtt_echo(h, cpu);
	return rtt_checked(h, e,
			   h->direct ? nt_echo_other_direct(h->skb, h->cfg, cpu, e, at) :
				       nt_echo_other_probe(h->skb, h->cfg, cpu, e, at));
}

/* Inside the stack. */
NT_INLINE __u64 rtt_tag_inside(struct rtt_hit *h, struct nt_plain4 *plain, const __u16 eth)
{
	struct rtt_cpu *cpu;
	struct nt_echo *e;

	if (eth == NT_ETH_P_IP) {
		h->plain = nt_read_plain4_inside(h->skb, h->direct, plain);
		if (h->plain)
			return plain->ip.proto == NT_IPPROTO_ICMP ? rtt_tag4(h, plain) : 0;
	}
	h->plain = false;
	cpu = nt_this_cpu();
	if (!cpu)
		return 0;
	e = rtt_echo(h, cpu);
	return rtt_checked(h, e,
			   h->direct ? nt_echo_inside_direct(h->skb, h->cfg, cpu, e, eth) :
				       nt_echo_inside_probe(h->skb, h->cfg, cpu, e, eth));
}

/* --- its stages --- */

/*
 * The request that began this session, at one more device on its way in: bridge,
 * internal port. One that is sent again with the same number comes by the same
 * device, or when this one was delivered.
 */
NT_INLINE bool rtt_on_its_way(struct nt_set *set, const struct rtt_hit *h)
{
	struct nt_place in;

	if (h->hook != RTT_RECEIVE || !nt_place_of(set, h->tag, &h->cfg->s, &in))
		return false;
	if (in.slot->s.seen != 1 || in.slot->dev[0] == h->ifindex ||
	    nt_older(&in.slot->s, h->cfg->s.timeout_ns, bpf_ktime_get_ns()))
		return false;
	nt_stamp_seen(in.slot, 0);
	return true;
}

/* What a record tells of the packet: its key and where it came from. */
NT_INLINE void rtt_origin(struct nt_slot *slot, const struct rtt_hit *h,
			  const struct nt_plain4 *plain, const struct nt_echo *e)
{
	struct sk_buff *skb = h->skb; /* CO-RE must not look into h */
	__u64 l4;

	slot->s.skb_len = NT_READ(h->direct, skb, len);
	slot->s.cpu = bpf_get_smp_processor_id();
	slot->s.pid = 0;
	if (h->hook == RTT_OUT) {
		slot->s.pid = bpf_get_current_pid_tgid() >> 32;
		bpf_get_current_comm(slot->s.comm, sizeof(slot->s.comm));
	}
	if (h->plain) {
		l4 = nt_plain4_l4(plain);
		nt_plain4_key_of(&slot->s.key, plain, l4 >> 32, l4 & 0xffff);
	} else {
		slot->s.key = e->key;
	}
}

NT_INLINE void rtt_first_stage(struct nt_set *set, const struct rtt_hit *h,
			       const struct nt_plain4 *plain)
{
	struct rtt_cpu *cpu = nt_this_cpu();
	struct nt_slot *slot;

	if (!cpu || rtt_on_its_way(set, h))
		return;
	slot = nt_begin(h->ctx, set, h->tag, &h->cfg->s, &cpu->n);
	if (!slot)
		return;
	slot->dev[0] = h->ifindex;
	if (!h->cfg->s.emit)
		return;
	slot->s.dir = h->cfg->dir;
	rtt_origin(slot, h, plain, rtt_echo(h, cpu));
	rtt_stamped(h, slot, NT_TRIP_REQ_FIRST);
}

/*
 * A request that the first hook did not see: since 5.12 the kernel passes over a program
 * that is at work on that CPU already, and out of the stack a process can be preempted
 * in it. At a device it cannot: there the round trip begins, without its first stage. Not
 * that of a copy (of netem, of tc's mirred), which belongs to no socket.
 */
NT_INLINE void rtt_unknown(struct nt_set *set, const struct rtt_hit *h,
			   const struct nt_plain4 *plain, const __u32 stage)
{
	struct rtt_cpu *cpu = nt_this_cpu();
	struct sk_buff *skb = h->skb; /* CO-RE must not look into h */
	struct nt_slot *slot;

	if (!cpu)
		return;
	if (h->hook != RTT_XMIT || stage != NT_TRIP_REQ_LAST || !NT_READ(h->direct, skb, sk)) {
		nt_count(&cpu->n, NT_C_ORPHAN);
		return;
	}
	slot = nt_begin(h->ctx, set, h->tag, &h->cfg->s, &cpu->n);
	if (!slot)
		return;
	slot->ts[stage] = slot->s.first_ns;
	slot->dev[stage] = h->ifindex;
	slot->s.seen = 1 << stage;
	if (!h->cfg->s.emit)
		return;
	slot->s.dir = h->cfg->dir;
	rtt_origin(slot, h, plain, rtt_echo(h, cpu));
	rtt_stamped(h, slot, stage);
}

NT_INLINE void rtt_later_stage(struct nt_set *set, const struct rtt_hit *h,
			       const struct nt_plain4 *plain, const __u32 stage)
{
	struct nt_trip_end e = { .direct = h->direct };
	struct rtt_cpu *cpu;

	if (!nt_place_of(set, h->tag, &h->cfg->s, &e.in)) {
		rtt_unknown(set, h, plain, stage);
		return;
	}
	e.now_ns = bpf_ktime_get_ns();
	e.at_ns = e.now_ns;
	if (!nt_stamp(e.in.slot, stage, e.now_ns, h->ifindex))
		return;
	rtt_stamped(h, e.in.slot, stage);
	if (stage != NT_TRIP_REP_LAST)
		return;
	cpu = nt_this_cpu();
	if (!cpu)
		return;
	rtt_ends(h, cpu, e.in.slot);
	nt_trip_finish(h->ctx, cpu, &h->cfg->s, &e);
}

/* A request or reply at a hook; which of its stages that is, the direction says. */
NT_INLINE int rtt_at(const struct rtt_hit *h, const struct nt_plain4 *plain)
{
	struct nt_set *set;

	if (!h->tag)
		return 0;
	set = nt_set_of(h->tag, h->cfg->s.set_mask);
	if (!set)
		return 0;
	if (h->hook == RTT_OUT || h->hook == RTT_RECEIVE) {
		if (h->request)
			rtt_first_stage(set, h, plain);
		else
			rtt_later_stage(set, h, plain, NT_TRIP_REP_FIRST);
	} else {
		if (h->request)
			rtt_later_stage(set, h, plain, NT_TRIP_REQ_LAST);
		else
			rtt_later_stage(set, h, plain, NT_TRIP_REP_LAST);
	}
	return 0;
}

/* --- the hooks --- */

/* Is the device asked for? Without a choice any is, of the namespace. */
NT_INLINE bool rtt_dev(struct rtt_hit *h, struct net_device *dev, const enum nt_parse_at at)
{
	const struct nt_filter *f = &h->cfg->f;
	const struct nt_dev *d;

	h->ifindex = NT_READ(h->direct, dev, ifindex);
	if (!f->ndevs)
		return nt_dev_in(&h->cfg->ns, NT_READ(h->direct, dev, nd_net.net), h->direct);
	d = nt_dev_of(f, h->ifindex);
	if (!nt_dev_is(d, dev, h->ifindex, h->direct))
		return false;
	return !(d->role & NT_ROLE_VLANS) || nt_vlan_entry(f, h->skb, dev, h->direct, at);
}

NT_INLINE int rtt_device(struct rtt_hit *h, struct net_device *dev, const enum nt_parse_at at)
{
	struct nt_plain4 plain;

	h->cfg = rtt_armed();
	if (!h->cfg || !rtt_dev(h, dev, at))
		return 0;
	h->tag = rtt_tag(h, &plain, at);
	return rtt_at(h, &plain);
}

NT_INLINE int rtt_inside(struct rtt_hit *h, struct net *net, const __u16 eth)
{
	struct nt_plain4 plain;

	h->cfg = rtt_armed();
	if (!h->cfg || !nt_dev_in(&h->cfg->ns, net, h->direct))
		return 0;
	h->tag = rtt_tag_inside(h, &plain, eth);
	return rtt_at(h, &plain);
}

NT_INLINE int rtt_in(void *ctx, struct sk_buff *skb, const bool direct, const __u16 eth)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_IN, .direct = direct };
	struct net_device *dev = NT_READ(direct, skb, dev);

	return rtt_inside(&h, NT_READ(direct, dev, nd_net.net), eth);
}

NT_TP2(xmit, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_XMIT, .direct = direct };

	return rtt_device(&h, dev, NT_AT_NET);
}

NT_TP1(receive, netif_receive_skb, struct sk_buff *, skb)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_RECEIVE, .direct = direct };

	return rtt_device(&h, NT_READ(direct, skb, dev), NT_AT_DATA);
}

NT_FN1(in4, icmp_rcv, 0, struct sk_buff *, skb)
{
	return rtt_in(ctx, skb, direct, NT_ETH_P_IP);
}

NT_FN1(in6, icmpv6_rcv, 0, struct sk_buff *, skb)
{
	return rtt_in(ctx, skb, direct, NT_ETH_P_IPV6);
}

#endif
