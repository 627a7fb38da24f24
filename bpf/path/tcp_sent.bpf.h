/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has left, by its first number: so that one that comes again is known as such. Included
 * once there is struct path_cpu, see tcp.bpf.c.
 */
#ifndef NT_PATH_TCP_SENT_BPF_H
#define NT_PATH_TCP_SENT_BPF_H

#include "tcp_flow.bpf.h"
#include "tcp_segment.bpf.h"

/* Of one that left, what is to be told: of it, and of one that left before. */
#define TCP_TELL 1
#define TCP_TELL_LOST 2

NT_INLINE bool tcp_is_acked(const struct tcp_side *side, __u32 end)
{
	return (side->known & 1) && !tcp_before(side->acked, end);
}

/*
 * What was sent again has left, too: what left before it and was not acknowledged was lost.
 * Its record is in cpu.
 */
static __attribute__((noinline)) int tcp_lost(struct path_cpu *cpu, const struct tcp_sent *sent,
					      const struct nt_slot *slot, __u64 now)
{
	struct nt_slot *r;

	if (!cpu || !sent || !slot)
		return 0;
	r = &cpu->record;
	r->s.key = slot->s.key;
	r->s.first_ns = sent->rx_ns;
	r->s.dir = slot->s.dir;
	r->s.seen = 1 << TCP_RX | 1 << TCP_TX;
	r->s.flags = NT_SESS_SWEPT;
	r->s.skb_len = sent->skb_len;
	r->ts[TCP_RX] = sent->rx_ns;
	r->ts[TCP_TX] = sent->tx_ns;
	r->dev[TCP_RX] = sent->rx_dev;
	r->dev[TCP_TX] = sent->tx_dev;
	r->own.seg = sent->seg;
	r->own.left = (slot->s.first_ns - sent->tx_ns) / 1000;
	r->own.what = TCP_IS_LOST;
	cpu->record_ns = now;
	return TCP_TELL_LOST;
}

/* One that left not long ago has to make room: should it come again, nobody knows it. */
static __attribute__((noinline)) int tcp_forget(struct path_cpu *cpu, const struct tcp_sent *sent)
{
	const struct tcp_flow *flow;

	if (!cpu || !sent)
		return 0;
	flow = tcp_flow_known(sent->flow);
	if (flow && !tcp_is_acked(&flow->side[sent->dir & 1], sent->seg.seq + sent->seg.len))
		nt_count(&cpu->n, TCP_C_SENT_FULL);
	return 0;
}

/*
 * Remember it by its first number, and time its acknowledgement if none is timed yet. Was one
 * lost that left before with this number?
 */
NT_INLINE int tcp_remember(struct path_cpu *cpu, const struct nt_slot *slot, __u64 hash, __u64 now,
			   const struct nt_sess_cfg *c)
{
	const __u32 dir = slot->s.dir & 1, end = slot->own.seg.seq + slot->own.seg.len;
	__u64 tag = tcp_sent_tag(hash, dir, slot->own.seg.seq);
	struct tcp_flow *flow = tcp_flow_known(hash);
	struct tcp_sents *set = tcp_sent_set(tag, c->set_mask);
	struct tcp_sent *sent;
	struct tcp_side *side;
	int lost = 0;

	if (!set || !flow)
		return 0;
	sent = tcp_sent_in(set, tag);
	flow->last_ns = now;
	side = &flow->side[dir];
	if (slot->own.what == TCP_IS_AGAIN) {
		side->time_ns = 0; /* of which of the two would an acknowledgement be? */
		if (sent && !tcp_is_acked(side, end)) {
			side->lost_ns = now;
			lost = tcp_lost(cpu, sent, slot, now);
		}
	} else if (!side->time_ns) {
		side->time_end = end;
		side->time_ns = now;
	}
	if (!sent) {
		sent = tcp_sent_place(set);
		if (now - sent->tx_ns < c->timeout_ns)
			tcp_forget(cpu, sent);
	}
	sent->tag = tag;
	sent->rx_ns = slot->s.first_ns;
	sent->tx_ns = now;
	sent->rx_dev = slot->dev[TCP_RX];
	sent->tx_dev = slot->dev[TCP_TX];
	sent->skb_len = slot->s.skb_len;
	sent->dir = dir;
	sent->flow = hash;
	sent->seg = slot->own.seg;
	return lost;
}

#endif
