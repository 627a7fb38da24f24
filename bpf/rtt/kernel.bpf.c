// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtt kernel: the round trip of this host's own pings through its stack.
 *
 * Out of the stack is __ip_local_out or __ip6_local_out, onto the wire
 * net_dev_start_xmit, from the wire netif_receive_skb, into the stack icmp_rcv or
 * icmpv6_rcv. A host that pings has its request at the first two and the reply at
 * the others; one that is pinged the other way round. Not seen: what comes before
 * __ip_local_out (system call, socket) and after icmp_rcv (wake-up of the reader);
 * requests of raw sockets that bring their own IP header.
 */
#define RTT_HISTS NT_TRIP_SEGMENTS
#define RTT_ECHOES 2
#include "rtt.bpf.h"

char LICENSE[] SEC("license") = "GPL";

NT_INLINE bool rtt_requests(const struct rtt_hit *h, bool is)
{
	(void)is;
	return (h->hook < RTT_RECEIVE) == (h->cfg->dir == RTT_TX);
}

NT_INLINE void rtt_ends(const struct rtt_hit *h, struct rtt_cpu *cpu, const struct nt_slot *slot)
{
	(void)h;
	(void)cpu;
	(void)slot;
}

NT_FN2(out4, __ip_local_out, 0, struct net *, net, 2, struct sk_buff *, skb)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_OUT, .direct = direct };

	return rtt_inside(&h, net, NT_ETH_P_IP);
}

NT_FN2(out6, __ip6_local_out, 0, struct net *, net, 2, struct sk_buff *, skb)
{
	struct rtt_hit h = { .ctx = ctx, .skb = skb, .hook = RTT_OUT, .direct = direct };

	return rtt_inside(&h, net, NT_ETH_P_IPV6);
}
