// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtt system: the round trip of this host's own pings through Open vSwitch.
 *
 * Out of the stack is ip_output or ip6_output, on an internal port of the switch;
 * onto the wire net_dev_start_xmit, from the wire netif_receive_skb, on an uplink;
 * into the stack icmp_rcv or icmpv6_rcv. In between the packet is seen in the
 * switch, where it is known by its headers: the way to user space and back makes
 * another skb of it. Not seen: OVS-DPDK, AF_XDP, hardware offload; through a tunnel
 * port the headers change.
 */
#include "system.h"

#define RTT_HISTS SYS_SPANS
#define RTT_ECHOES 3
#define NT_STAGES SYS_STAGES
#include "rtt.bpf.h"

char LICENSE[] SEC("license") = "GPL";

NT_INLINE bool rtt_requests(const struct rtt_hit *h, bool is)
{
	if (h->hook >= RTT_HOOKS)
		return is;
	return (h->hook < RTT_RECEIVE) == (h->cfg->dir == RTT_TX);
}

/* --- its end --- */

NT_INLINE void sys_part(struct rtt_cpu *cpu, const struct nt_slot *slot, const __u32 part,
			const __u32 from, const __u32 to)
{
	const __u32 both = 1U << from | 1U << to;

	if ((slot->s.seen & both) == both)
		nt_trip_segment(cpu, part, slot->ts[to] - slot->ts[from]);
}

NT_INLINE void sys_parts(struct rtt_cpu *cpu, const struct nt_slot *slot, const __u32 dir)
{
	const __u32 out = dir == RTT_TX ? 0 : 1, in = !out;

#define S(id, name, key, from, to) \
	sys_part(cpu, slot, SYS_OUT_AT(dir) + SYS_OUT_##id, SYS_AT_##from(out), SYS_AT_##to(out));
#include "system_out.def"
#undef S
#define S(id, name, key, from, to) \
	sys_part(cpu, slot, SYS_IN_AT(dir) + SYS_IN_##id, SYS_AT_##from(in), SYS_AT_##to(in));
#include "system_in.def"
#undef S
}

static __attribute__((noinline)) int sys_all_parts(struct rtt_cpu *cpu, const struct nt_slot *slot,
						   __u32 dir)
{
	if (!cpu || !slot)
		return 0;
	if (dir == RTT_TX)
		sys_parts(cpu, slot, RTT_TX);
	else
		sys_parts(cpu, slot, RTT_RX);
	return 0;
}

NT_INLINE void rtt_ends(const struct rtt_hit *h, struct rtt_cpu *cpu, const struct nt_slot *slot)
{
	sys_all_parts(cpu, slot, h->cfg->dir);
}

/* --- in the switch --- */

/*
 * A packet is seen by a step again when the switch recirculates it, and at its exit
 * once for each port when it is flooded. What counts is the first pass, but on the
 * way out the exit before the packet was seen at the uplink.
 */
NT_INLINE bool sys_last_exit(const struct rtt_hit *h, const struct nt_slot *slot, __u64 step)
{
	const __u32 last = h->request ? NT_TRIP_REQ_LAST : NT_TRIP_REP_LAST;

	return step == SYS_SEND && h->request == (h->cfg->dir == RTT_TX) &&
	       !(slot->s.seen & 1U << last);
}

NT_INLINE void sys_stamp(const struct rtt_hit *h, struct nt_slot *slot, __u64 step)
{
	__u64 stage = SYS_AT(h->request ? 0 : 1, step), now = bpf_ktime_get_ns();
	struct rtt_cpu *cpu;

	NT_OPAQUE(stage); /* of 64 bits, or the verifier loses the bound */
	if (stage >= SYS_STAGES)
		return;
	if (sys_last_exit(h, slot, step))
		slot->ts[stage] = now;
	if (!nt_stamp(slot, stage, now, 0))
		return;
	rtt_stamped(h, slot, stage);
	if (step != SYS_UPCALL)
		return;
	cpu = nt_this_cpu();
	if (cpu)
		nt_count(&cpu->n, SYS_C_UPCALL + (h->request ? 0 : 1));
}

/* hook is a constant; a packet of others is none of a round trip's. */
NT_INLINE int sys_hit(struct rtt_hit *h, const enum nt_parse_at at, __u64 step)
{
	struct nt_plain4 plain;
	struct nt_place in;
	struct nt_set *set;

	h->cfg = rtt_armed();
	if (!h->cfg)
		return 0;
	h->tag = rtt_tag(h, &plain, at);
	if (!h->tag)
		return 0;
	set = nt_set_of(h->tag, h->cfg->s.set_mask);
	if (set && nt_place_of(set, h->tag, &h->cfg->s, &in))
		sys_stamp(h, in.slot, step);
	return 0;
}

/* Sub-programs, because several programs want the same. */
static __attribute__((noinline)) int sys_hit_direct(void *ctx, struct sk_buff *skb, __u64 step)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_SWITCH, .direct = true };

	return sys_hit(&h, NT_AT_NET, step);
}

static __attribute__((noinline)) int sys_hit_probe(void *ctx, __u64 skb, __u64 step)
{
	struct rtt_hit h = { .ctx = ctx,
			     .skb = (struct sk_buff *)(unsigned long)skb,
			     .hook = RTT_SWITCH,
			     .direct = false };

	return sys_hit(&h, NT_AT_NET, step);
}

NT_INLINE int sys_at(void *ctx, struct sk_buff *skb, const bool direct, __u32 step)
{
	return direct ? sys_hit_direct(ctx, skb, step) :
			sys_hit_probe(ctx, (unsigned long)skb, step);
}

NT_FN1(vport, ovs_vport_receive, 1, struct sk_buff *, skb)
{
	return sys_at(ctx, skb, direct, SYS_VPORT);
}

NT_FN1(process, ovs_dp_process_packet, 0, struct sk_buff *, skb)
{
	return sys_at(ctx, skb, direct, SYS_PROCESS);
}

/* Linux 7 has it that the skb may be NULL, and refuses to follow it untested. */
NT_TP2(upcall, ovs_dp_upcall, void *, dp, struct sk_buff *, skb)
{
	return skb ? sys_at(ctx, skb, direct, SYS_UPCALL) : 0;
}

NT_FN1(upcall_fn, ovs_dp_upcall, 1, struct sk_buff *, skb)
{
	return sys_at(ctx, skb, direct, SYS_UPCALL);
}

/* A new skb from a netlink message: nothing but data is set in it. A process is here. */
NT_FN1(userspace, ovs_flow_key_extract_userspace, 2, struct sk_buff *, skb)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_USER, .direct = direct };

	return sys_hit(&h, NT_AT_MAC, SYS_USERSPACE);
}

NT_FN1(send, ovs_vport_send, 1, struct sk_buff *, skb)
{
	return sys_at(ctx, skb, direct, SYS_SEND);
}

/* --- out of the stack: forwarded packets, too --- */

NT_FN2(out4, ip_output, 0, struct net *, net, 2, struct sk_buff *, skb)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_OUT, .direct = direct };

	return rtt_inside(&h, net, NT_ETH_P_IP);
}

NT_FN2(out6, ip6_output, 0, struct net *, net, 2, struct sk_buff *, skb)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_OUT, .direct = direct };

	return rtt_inside(&h, net, NT_ETH_P_IPV6);
}
