// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path tcp: the packets of TCP connections that this host forwards, both ways. Each is
 * followed from where it comes in to where it leaves, by its number and IP id, so that one
 * that is sent again is another packet. It may leave in parts (GSO), or with others as one
 * (GRO). What left is remembered by its first number: if that comes again without having
 * been acknowledged, it was lost behind this host (tcp.h).
 */
#include "nt.bpf.h"
#include "tcp.h"
#include "count.bpf.h"
#include "filter.bpf.h"
#include "hook.bpf.h"
#define NT_STAGES TCP_STAGES
#define NT_SLOT_OWN struct tcp_own
#include "session.bpf.h"
#include "tcp_segment.bpf.h"
#include "tcp_flow.bpf.h"

#define TCP_OPTIONS 40

/* A CPU's figures, and the packet that it looks at: as in path icmp. */
struct path_cpu {
	struct nt_counters n;
	struct nt_hist hist[TCP_SEGMENTS];
	struct nt_key key;  /* of one that is not plain */
	struct tcp_seg seg; /* of any */
	__u64 flow;         /* its connection's hash */
	struct path_wait wait;
	__u64 wait_ns; /* when it was given to the driver */
	__u64 wait_flow;
	struct tcp_seg wait_seg;
	struct tcp_seg rest; /* of one that left with others as one: what is behind the first */
	__u64 options_at;    /* of one that is not plain, from the skb's data on */
	__u8 options[TCP_OPTIONS];
	struct nt_sess_cfg anew;
	__u64 record_ns;
	struct nt_slot record; /* see struct tcp_own */
};

NT_CFG_MAP(struct path_kcfg);
NT_CPU_MAP(struct path_cpu);
#include "emit.bpf.h"
#define PATH_COMPLETE (TCP_C_STATUS + TCP_ST_FWD_COMPLETE + (slot->s.dir & 1))
#include "path.bpf.h"
#include "path_end.bpf.h"
#include "tcp_sent.bpf.h"

char LICENSE[] SEC("license") = "GPL";

NT_INLINE __u32 path_gap_in_time(const struct nt_slot *slot, __u64 timeout_ns)
{
	(void)timeout_ns; /* it has left, but late */
	return TCP_C_STATUS + TCP_ST_FWD_INTERNAL + (slot->s.dir & 1);
}

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	struct path_cpu *cpu = nt_this_cpu();

	if (!cpu || nt_marked(&slot->s))
		return;
	nt_count(&cpu->n, path_gap_in_time(slot, c->timeout_ns));
	if (c->emit)
		path_send(ctx, cpu, slot, slot->s.first_ns + c->timeout_ns);
}

/* --- it leaves --- */

/* A session, and the departure that may be its end. */
struct tcp_end {
	struct nt_place in;
	__u64 flow;
	__u64 at_ns;
	__u64 now_ns; /* the driver may have told late */
};

static __attribute__((noinline)) int tcp_time(struct path_cpu *cpu, __u32 which, __u64 ns)
{
	if (cpu && which < TCP_SEGMENTS)
		nt_hist_record(&cpu->hist[which], ns);
	return 0;
}

/* All of it has left: TCP_TELL_*. A sub-program, as there are three ways to it. */
static __attribute__((noinline)) int tcp_end_of(struct path_cpu *cpu, struct nt_slot *slot,
						__u64 flow, __u64 at_ns, __u64 now_ns)
{
	const struct path_kcfg *cfg = nt_settings();
	int tell = 0;
	__u64 total;

	if (!cfg || !cpu || !slot)
		return 0;
	total = at_ns - slot->s.first_ns;
	slot->s.flags |= NT_SESS_DONE;
	slot->s.seen = 1 << TCP_RX | 1 << TCP_TX;
	slot->ts[TCP_TX] = at_ns;
	if (now_ns - slot->s.first_ns > cfg->s.timeout_ns)
		path_late(cpu, slot, total, cfg->s.timeout_ns);
	else
		nt_count(&cpu->n, PATH_COMPLETE);
	tcp_time(cpu, TCP_SEG_INSIDE + (slot->s.dir & 1), total);
	if (slot->own.seg.len)
		tell = tcp_remember(cpu, slot, flow, at_ns, &cfg->s);
	return cfg->s.emit && total >= cfg->s.threshold_ns ? tell | TCP_TELL : tell;
}

NT_INLINE void tcp_finish(void *ctx, struct path_cpu *cpu, const struct tcp_end *e)
{
	int tell = tcp_end_of(cpu, e->in.slot, e->flow, e->at_ns, e->now_ns);

	if (tell & TCP_TELL)
		path_send(ctx, cpu, e->in.slot, e->at_ns);
	if (tell & TCP_TELL_LOST)
		path_send(ctx, cpu, &cpu->record, cpu->record_ns);
	nt_release(&e->in);
}

/* Of a packet that leaves in parts: the part that follows the ones before. */
static __attribute__((noinline)) __u64 tcp_part_tag(struct path_cpu *cpu, __u32 dir)
{
	struct tcp_flow *flow;
	struct tcp_side *side;

	if (!cpu)
		return 0;
	flow = tcp_flow_known(cpu->flow);
	if (!flow)
		return 0;
	side = &flow->side[dir & 1];
	if (!side->cur_tag || tcp_before(cpu->seg.seq, side->cur_seq) ||
	    !tcp_before(cpu->seg.seq, side->cur_end))
		return 0;
	return side->cur_tag;
}

/* The first part of a packet: by its connection the others find it. */
static __attribute__((noinline)) int tcp_part_begins(struct path_cpu *cpu, struct nt_slot *slot,
						     __u64 tag)
{
	struct tcp_flow *flow;
	struct tcp_side *side;

	if (!cpu || !slot)
		return 0;
	flow = tcp_flow_known(cpu->flow);
	if (!flow)
		return 0;
	side = &flow->side[slot->s.dir & 1];
	side->cur_tag = tag;
	side->cur_seq = slot->own.seg.seq;
	side->cur_end = slot->own.seg.seq + slot->own.seg.len;
	return 0;
}

/* The departure of a part. Is it the last one? */
static __attribute__((noinline)) int tcp_part_left(struct nt_slot *slot, __u32 len, __u64 now)
{
	if (!slot)
		return 0;
	__sync_fetch_and_add(&slot->own.left, len);
	slot->s.seen = 1 << TCP_RX | 1 << TCP_TX;
	slot->ts[TCP_TX] = now;
	return *(volatile __u32 *)&slot->own.left >= slot->own.seg.len;
}

/*
 * Packets that left as one (GRO between the two sides): the next of them, whose numbers
 * begin at cpu->rest. It has no record of its own: the loader does not see into
 * sub-programs. Returns the numbers that are behind it. Global, so that the verifier
 * walks it once; with numbers only for arguments, as 5.10 wants it.
 */
__attribute__((noinline)) int tcp_merged(__u64 flow, __u64 dir, __u64 now)
{
	const struct path_kcfg *cfg = nt_settings();
	struct path_cpu *cpu = nt_this_cpu();
	struct nt_place in;
	struct nt_set *set;
	__u32 len;
	__u64 tag;

	if (!cfg || !cpu || !cpu->rest.len)
		return 0;
	/* As its sender numbered it (inet_gro_receive(), net/ipv4/af_inet.c). */
	if (cpu->rest.numbered)
		cpu->rest.distinct = bpf_htons(bpf_ntohs(cpu->rest.distinct) + 1);
	tag = tcp_packet_tag(flow, dir & 1, &cpu->rest);
	set = nt_set_of(tag, cfg->s.set_mask);
	if (!set || !nt_place_of(set, tag, &cfg->s, &in))
		return 0;
	len = in.slot->own.seg.len;
	cpu->rest.seq += len;
	cpu->rest.len -= len < cpu->rest.len ? len : cpu->rest.len;
	nt_count(&cpu->n, TCP_C_MERGED);
	tcp_end_of(cpu, in.slot, flow, now, now);
	nt_release(&in);
	return 1;
}

/* What one packet can have come as: 65,535 bytes in 1,448 each are 46, of which the first is done. */
NT_INLINE int tcp_merged4(__u64 flow, __u64 dir, __u64 now)
{
	int more = tcp_merged(flow, dir, now);

	if (more)
		more = tcp_merged(flow, dir, now);
	if (more)
		more = tcp_merged(flow, dir, now);
	if (more)
		more = tcp_merged(flow, dir, now);
	return more;
}

__attribute__((noinline)) int tcp_merged16(__u64 flow, __u64 dir, __u64 now)
{
	int more = tcp_merged4(flow, dir, now);

	if (more)
		more = tcp_merged4(flow, dir, now);
	if (more)
		more = tcp_merged4(flow, dir, now);
	if (more)
		more = tcp_merged4(flow, dir, now);
	return more;
}

NT_INLINE void tcp_all_merged(struct path_cpu *cpu, __u64 flow, __u32 dir, __u64 now)
{
	int more = tcp_merged16(flow, dir, now);

	if (more)
		more = tcp_merged16(flow, dir, now);
	if (more)
		tcp_merged16(flow, dir, now);
	if (cpu->rest.len)
		nt_count(&cpu->n, TCP_C_MERGE_REST);
}

/* A packet, or a part, is known to have left. */
NT_INLINE void tcp_gone(void *ctx, struct path_cpu *cpu, const struct tcp_end *e,
			const struct tcp_seg *seg)
{
	struct nt_slot *slot = e->in.slot;
	const __u32 len = slot->own.seg.len, dir = slot->s.dir & 1;

	if (seg->len < len && !tcp_part_left(slot, seg->len, e->at_ns))
		return;
	tcp_finish(ctx, cpu, e);
	if (seg->len <= len || !len)
		return;
	cpu->rest = *seg;
	cpu->rest.seq += len;
	cpu->rest.len -= len;
	tcp_all_merged(cpu, e->flow, dir, e->at_ns);
}

/* Where is the session of what leaves? */
NT_INLINE bool tcp_leaving(struct path_hit *h, struct path_cpu *cpu, struct tcp_end *e)
{
	struct nt_set *set = nt_set_of(h->tag, h->cfg->s.set_mask);

	if (!set)
		return false;
	if (nt_place_of(set, h->tag, &h->cfg->s, &e->in)) {
		if (cpu->seg.len < e->in.slot->own.seg.len)
			tcp_part_begins(cpu, e->in.slot, h->tag);
		return true;
	}
	h->tag = cpu->seg.len ? tcp_part_tag(cpu, h->dir) : 0;
	if (!h->tag)
		return false;
	set = nt_set_of(h->tag, h->cfg->s.set_mask);
	return set && nt_place_of(set, h->tag, &h->cfg->s, &e->in);
}

NT_INLINE void tcp_tx(struct path_hit *h, struct path_cpu *cpu)
{
	struct tcp_end e;

	if (!tcp_leaving(h, cpu, &e)) {
		nt_count(&cpu->n, NT_C_ORPHAN);
		return;
	}
	e.flow = cpu->flow;
	e.at_ns = bpf_ktime_get_ns();
	e.now_ns = e.at_ns;
	e.in.slot->dev[TCP_TX] = h->ifindex;
	/* What the host itself gets has no driver to wait for. */
	if (h->enter || !h->cfg->confirm) {
		tcp_gone(h->ctx, cpu, &e, &cpu->seg);
		return;
	}
	path_await(cpu, h);
	cpu->wait_ns = e.at_ns;
	cpu->wait_flow = cpu->flow;
	cpu->wait_seg = cpu->seg;
}

/* --- it comes --- */

/* So long the receiver may still say so. */
#define TCP_REFUTE_NS 5000000000ULL

/*
 * What the receiver says arrived twice was not lost: then its record is in cpu. at: from the
 * skb's data to the TCP header's options; 0: they are where a plain packet has them.
 */
static __attribute__((noinline)) int tcp_look_twice(struct path_cpu *cpu, struct sk_buff *skb,
						    struct tcp_side *side, __u32 at)
{
	struct tcp_block twice;
	unsigned char *data;
	__u32 linear;
	__u64 n;

	if (!cpu || !skb || !side)
		return 0;
	if (bpf_ktime_get_ns() - side->lost_ns > TCP_REFUTE_NS) {
		side->lost_ns = 0;
		return 0;
	}
	n = (__u64)cpu->seg.hdr_len - 20;
	data = NT_READ(false, skb, data);
	linear = NT_READ(false, skb, len) - NT_READ(false, skb, data_len);
	if (!at) /* where the host sends, data is at the MAC header */
		at = 40 + (side->dir & 2 ? (__u32)(unsigned long)NT_READ(false, skb, head) +
						   NT_READ(false, skb, network_header) -
						   (__u32)(unsigned long)data :
					   0);
	if (cpu->seg.hdr_len < 32 || linear < at + n)
		return 0;
	NT_OPAQUE(n);
	if (n > TCP_OPTIONS || bpf_probe_read_kernel(cpu->options, n, data + at))
		return 0;
	if (!tcp_arrived_twice(cpu->options, n, cpu->seg.ack, &twice))
		return 0;
	cpu->record.s.dir = side->dir & 1;
	cpu->record.own.seg.seq = twice.from;
	cpu->record.own.seg.len = twice.to - twice.from;
	cpu->record.own.what = TCP_IS_REFUTED;
	cpu->record_ns = bpf_ktime_get_ns();
	return 1;
}

/*
 * An acknowledgement of what goes the other way. Is there a record in cpu? Only bare ones are
 * looked at for that: a receiver of something twice tells it at once.
 */
NT_INLINE int tcp_acked(const struct path_hit *h, struct path_cpu *cpu, struct tcp_side *side)
{
	if (!(side->known & 1) || tcp_before(side->acked, cpu->seg.ack)) {
		side->acked = cpu->seg.ack;
		side->known |= 1;
	}
	if (side->time_ns && !tcp_before(cpu->seg.ack, side->time_end)) {
		tcp_time(cpu, TCP_SEG_OUTSIDE + !h->dir, bpf_ktime_get_ns() - side->time_ns);
		side->time_ns = 0;
	}
	if (!side->lost_ns || cpu->seg.len)
		return 0;
	side->dir = !h->dir | (h->enter ? 0 : 2);
	return tcp_look_twice(cpu, h->skb, side, h->plain ? 0 : cpu->options_at);
}

/* Is there anything above what came before? Nearly always: all else looks at it no further. */
NT_INLINE bool tcp_is_new(struct tcp_side *side, __u32 end)
{
	__u32 before = side->known & 2 ? side->end : end - 1, is_new = tcp_before(before, end);

	NT_OPAQUE(is_new); /* or clang jumps back from where it is */
	side->end = is_new ? end : before;
	side->known |= 2;
	return is_new;
}

/* The key of a plain packet, as of others, in cpu. */
static __attribute__((noinline)) int tcp_key_plain(struct path_cpu *cpu, const struct tcp_plain *t)
{
	if (cpu)
		nt_plain4_key_of(&cpu->key, &t->h, nt_plain4_l4(&t->h), 0);
	return 0;
}

/* Did one that begins with this number leave before, and is not acknowledged? TCP_IS_* */
static __attribute__((noinline)) int tcp_is_again(const struct path_kcfg *cfg, struct path_cpu *cpu,
						  const struct tcp_side *side, __u32 dir)
{
	struct tcp_sents *set;
	struct tcp_sent *sent;
	__u64 tag;

	if (!cfg || !cpu || !side)
		return TCP_IS_PACKET;
	nt_count(&cpu->n, TCP_C_RESENT + (dir & 1));
	tag = tcp_sent_tag(cpu->flow, dir & 1, cpu->seg.seq);
	set = tcp_sent_set(tag, cfg->s.set_mask);
	sent = set ? tcp_sent_in(set, tag) : NULL;
	if (!sent)
		return TCP_IS_PACKET;
	if (!tcp_is_acked(side, cpu->seg.seq + cpu->seg.len))
		return TCP_IS_AGAIN;
	nt_count(&cpu->n, TCP_C_NEEDLESS + (dir & 1));
	sent->tx_ns = 0; /* free */
	sent->tag = 0;
	return TCP_IS_PACKET;
}

NT_INLINE struct tcp_flow *tcp_flow_of(struct path_cpu *cpu)
{
	struct tcp_flows *set = tcp_flow_set(cpu->flow);
	struct tcp_flow *flow;

	if (!set)
		return NULL;
	flow = tcp_flow_in(set, cpu->flow | 1);
	if (flow)
		return flow;
	if (tcp_flow_new(set, cpu->flow | 1))
		return tcp_flow_in(set, cpu->flow | 1);
	nt_count(&cpu->n, TCP_C_FLOW_FULL);
	return NULL;
}

/* What the packet says of those before it. Is it one of them again? */
NT_INLINE __u32 tcp_before_it(const struct path_hit *h, struct path_cpu *cpu,
			      const struct tcp_plain *t)
{
	struct tcp_flow *flow = tcp_flow_of(cpu);
	__u32 what = TCP_IS_PACKET;
	struct tcp_side *side;

	if (!flow)
		return what;
	if ((cpu->seg.flags & TCP_ACK) && tcp_acked(h, cpu, &flow->side[!h->dir])) {
		if (h->plain)
			tcp_key_plain(cpu, t);
		cpu->record.s.key = cpu->key;
		path_send(h->ctx, cpu, &cpu->record, cpu->record_ns); /* few: in any case */
	}
	side = &flow->side[h->dir & 1];
	if (cpu->seg.len && !tcp_is_new(side, cpu->seg.seq + cpu->seg.len))
		what = tcp_is_again(h->cfg, cpu, side, h->dir);
	NT_OPAQUE(what); /* or clang jumps back to one place that has 0 */
	return what;
}

NT_INLINE void tcp_rx(const struct path_hit *h, struct path_cpu *cpu, const struct tcp_plain *t)
{
	struct nt_set *set = nt_set_of(h->tag, h->cfg->s.set_mask);
	struct sk_buff *skb = h->skb; /* CO-RE must not look into h */
	const struct nt_sess_cfg *c = &h->cfg->s;
	struct nt_slot *slot;
	__u32 what;

	if (!set)
		return;
	what = tcp_before_it(h, cpu, t);
	/* Without a number one that is sent again may look like the one before, which then has not
	 * left: what comes later overtakes nothing here, but what was lost. */
	if (!cpu->seg.numbered && cpu->seg.len) {
		cpu->anew = *c;
		cpu->anew.anew = 1;
		c = &cpu->anew;
	}
	slot = nt_begin(h->ctx, set, h->tag, c, &cpu->n);
	if (!slot)
		return;
	slot->s.dir = h->dir;
	slot->own.seg = cpu->seg;
	slot->own.what = what;
	slot->dev[TCP_RX] = h->ifindex;
	slot->s.skb_len = NT_READ(h->direct, skb, len);
	if (!h->cfg->s.emit && !what)
		return;
	slot->s.cpu = bpf_get_smp_processor_id();
	if (h->plain)
		tcp_key_plain(cpu, t);
	slot->s.key = cpu->key;
}

/* --- which packet --- */

static __attribute__((noinline)) int tcp_in_lists(const struct path_kcfg *cfg, __u32 ports)
{
	return cfg && nt_match_port(&cfg->f.sport, (__u16)ports) &&
	       nt_match_port(&cfg->f.dport, ports >> 16);
}

/* Are these ports, as they lie in the header, asked for? */
NT_INLINE bool tcp_ports(const struct path_kcfg *cfg, __u32 ports)
{
	return nt_pair_is(&cfg->f.ports, ports) && (!cfg->f.port_lists || tcp_in_lists(cfg, ports));
}

NT_INLINE __u32 tcp_turned(__u32 ports)
{
	return ports << 16 | ports >> 16;
}

/* Ways in which the packet matches, ports included. */
NT_INLINE __u32 tcp_ways(const struct path_kcfg *cfg, __u32 match, __u32 ports)
{
	if ((match & NT_FWD) && !tcp_ports(cfg, ports))
		match &= ~NT_FWD;
	if ((match & NT_REV) && !tcp_ports(cfg, tcp_turned(ports)))
		match &= ~NT_REV;
	return match;
}

static __attribute__((noinline)) __u32 tcp_ways_listed(const struct path_kcfg *cfg, __u64 pair,
						       __u32 ports)
{
	return cfg ? tcp_ways(cfg, nt_match_lists4(&cfg->f, (__u32)pair, pair >> 32), ports) : 0;
}

NT_INLINE __u32 tcp_ways4(const struct path_kcfg *cfg, const struct nt_plain4 *p)
{
	const struct nt_filter *f = &cfg->f;
	__u64 pair = nt_plain4_pair(p);
	__u32 ports = (__u32)nt_plain4_l4(p), ways = 0;

	if (nt_pair_is(&f->fwd4, pair) && tcp_ports(cfg, ports))
		ways = NT_FWD;
	if (nt_pair_is(&f->rev4, pair) && tcp_ports(cfg, tcp_turned(ports)))
		ways |= NT_REV;
	return ways || !f->lists ? ways : tcp_ways_listed(cfg, pair, ports);
}

/* The direction in which the packet has this stage here. false: it has it in none. */
NT_INLINE bool tcp_place(struct path_hit *h, __u32 ways, const __u32 stage)
{
	__u64 t = path_stages_of(h, 8);

	h->stage = stage;
	h->dir = !(ways & NT_FWD) || (t & 0xf) != stage;
	NT_OPAQUE(t);
	return !h->dir || ((ways & NT_REV) && (t >> 4 & 0xf) == stage);
}

NT_INLINE void tcp_hit4(struct path_hit *h, struct path_cpu *cpu, const struct tcp_plain *t)
{
	__u64 pair = nt_plain4_pair(&t->h);
	__u32 ports = (__u32)nt_plain4_l4(&t->h);

	if (h->dir) {
		pair = nt_pair4_turned(pair);
		ports = tcp_turned(ports);
	}
	cpu->flow = tcp_flow_hash4(h->cfg->f.seed, pair, ports);
	tcp_plain_seg(&cpu->seg, t);
}

/* The TCP header of a packet whose key is in cpu, into cpu->seg. */
NT_INLINE bool tcp_read(struct path_cpu *cpu, struct sk_buff *skb, const struct nt_l3 *l,
			const bool direct)
{
	const struct nt_key *k = &cpu->key;
	struct tcp_seg *s = &cpu->seg;
	__u32 at = k->l4_off, all = k->len, data;
	struct tcp_more more;

	if (!at || at > 2048 || l->avail > 0x7fffffff || l->avail < at + 20 ||
	    bpf_probe_read_kernel(&more, sizeof(more), l->p + at + 8))
		return false;
	data = (__u32)((unsigned long)l->p - (unsigned long)NT_READ(direct, skb, data));
	cpu->options_at = data + at + 20;
	s->seq = bpf_ntohl(k->seq);
	s->ack = bpf_ntohl(more.ack);
	s->flags = more.flags;
	s->hdr_len = tcp_header(more.offset);
	s->numbered = k->family == 4 && k->ip_id;
	s->pad = 0;
	s->distinct = s->numbered ? k->ip_id : tcp_options(l, at + 20, s->hdr_len);
	if (all && k->family == 6)
		all += sizeof(struct nt_ipv6_hdr);
	if (!all) /* larger than the field can tell */
		all = NT_READ(direct, skb, len) - data;
	tcp_lengths(s, all - at);
	return true;
}

/* A packet that is not plain: the ways in which it matches, its key and header in cpu. */
NT_INLINE __u32 tcp_other(struct sk_buff *skb, const struct path_kcfg *cfg, struct path_cpu *cpu,
			  const enum nt_parse_at at, const bool direct)
{
	struct nt_l3 l;
	int r = nt_find_l3(skb, direct, at, &l);
	__u32 ways = 0;

	NT_OPAQUE(r); /* or clang jumps back to one place that counts */
	l.f = &cfg->f;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&cpu->key, &l, NT_WANT_TCP);
	NT_OPAQUE(r);
	if (r == NT_PARSE_OK && !(cpu->key.flags & NT_KEY_LATER_FRAG))
		ways = tcp_ways(cfg, l.match, (__u32)cpu->key.dport << 16 | cpu->key.sport);
	if (ways && !tcp_read(cpu, skb, &l, direct))
		r = NT_PARSE_UNREAD;
	NT_OPAQUE(r);
	if (r == NT_PARSE_UNREAD) {
		nt_count(&cpu->n, NT_C_HEADER_UNREAD);
		return 0;
	}
	return ways;
}

#define TCP_IN_FULL(name, direct)                                                              \
	static __attribute__((noinline)) __u32 name(struct sk_buff *skb,                       \
						    const struct path_kcfg *cfg,               \
						    struct path_cpu *cpu, enum nt_parse_at at) \
	{                                                                                      \
		return skb && cfg && cpu ? tcp_other(skb, cfg, cpu, at, direct) : 0;           \
	}
TCP_IN_FULL(tcp_other_direct, true)
TCP_IN_FULL(tcp_other_probe, false)

/* The connection of a packet that is not plain: addresses and ports of forward. */
static __attribute__((noinline)) __u64 tcp_flow_hash(__u64 seed, const struct path_cpu *cpu,
						     __u32 dir)
{
	const struct nt_key *k;
	struct nt_key f;
	__u32 ports;

	if (!cpu)
		return 0;
	k = &cpu->key;
	ports = (__u32)k->dport << 16 | k->sport;
	if (dir)
		ports = tcp_turned(ports);
	if (k->family == 4)
		return tcp_flow_hash4(seed,
				      dir ? nt_pair4(k->daddr[0], k->saddr[0]) :
					    nt_pair4(k->saddr[0], k->daddr[0]),
				      ports);
	f.family = k->family;
	__builtin_memcpy(f.saddr, dir ? k->daddr : k->saddr, sizeof(f.saddr));
	__builtin_memcpy(f.daddr, dir ? k->saddr : k->daddr, sizeof(f.daddr));
	return nt_hash_flow(seed, &f, ports);
}

NT_INLINE __u32 tcp_ways_other(const struct path_hit *h, struct path_cpu *cpu)
{
	const enum nt_parse_at at = h->enter ? NT_AT_DATA : NT_AT_NET;

	return h->direct ? tcp_other_direct(h->skb, h->cfg, cpu, at) :
			   tcp_other_probe(h->skb, h->cfg, cpu, at);
}

/* How a program sees a packet: as one that enters the device, and what that is of its way. */
#define TCP_ENTERS 1
#define TCP_LEAVES 2

NT_INLINE int tcp_event(void *ctx, struct sk_buff *skb, struct net_device *dev, const bool direct,
			const __u32 how)
{
	const __u32 stage = how & TCP_LEAVES ? TCP_TX : TCP_RX;
	const bool enter = how & TCP_ENTERS;
	struct path_hit h = { .ctx = ctx, .skb = skb, .direct = direct, .enter = enter };
	struct path_cpu *cpu;
	struct tcp_plain t;
	__u32 ways = 0;

	h.cfg = nt_settings();
	if (!h.cfg || !h.cfg->f.armed || !path_dev_may_be(&h, dev))
		return 0;
	h.plain = nt_read_plain4_more(skb, direct, enter ? NT_AT_DATA : NT_AT_NET, &t.h,
				      sizeof(t.more));
	if (h.plain) {
		if (t.h.ip.proto != NT_IPPROTO_TCP)
			return 0;
		ways = tcp_ways4(h.cfg, &t.h);
		if (!ways)
			return 0;
		h.plain = t.h.ip.id && t.h.ip.tot_len; /* there may be none */
	}
	if (!path_dev(&h, dev))
		return 0;
	cpu = nt_this_cpu();
	if (!cpu)
		return 0;
	if (!h.plain)
		ways = tcp_ways_other(&h, cpu);
	if (!ways || !tcp_place(&h, ways, stage))
		return 0;
	if (h.plain)
		tcp_hit4(&h, cpu, &t);
	else
		cpu->flow = tcp_flow_hash(h.cfg->f.seed, cpu, h.dir);
	h.tag = tcp_packet_tag(cpu->flow, h.dir, &cpu->seg);
	if (stage == TCP_RX)
		tcp_rx(&h, cpu, &t);
	else
		tcp_tx(&h, cpu);
	return 0;
}

NT_TP1(rx, netif_receive_skb, struct sk_buff *, skb)
{
	return tcp_event(ctx, skb, NT_READ(direct, skb, dev), direct, TCP_ENTERS);
}

NT_TP2(tx, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	return tcp_event(ctx, skb, dev, direct, TCP_LEAVES);
}

/*
 * A local end (path_stage_table()): the host's own stack sends into it, and gets what comes
 * out of it. Programs of their own, as one would be longer than 4.19 takes.
 */
NT_TP1(get, netif_receive_skb, struct sk_buff *, skb)
{
	return tcp_event(ctx, skb, NT_READ(direct, skb, dev), direct, TCP_ENTERS | TCP_LEAVES);
}

NT_TP2(put, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	return tcp_event(ctx, skb, dev, direct, 0);
}

/* The skb may be gone: only its address and the driver's result are used. */
NT_TP2(xmit, net_dev_xmit, struct sk_buff *, skb, long, rc)
{
	struct path_cpu *cpu = nt_this_cpu();
	const struct path_kcfg *cfg;
	struct nt_set *set;
	struct tcp_end e;

	(void)direct;
	if (!cpu || cpu->wait.skb != (unsigned long)skb)
		return 0;
	cpu->wait.skb = 0;
	cfg = nt_settings();
	if (!cfg)
		return 0;
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
	e.flow = cpu->wait_flow;
	e.at_ns = cpu->wait_ns;
	e.now_ns = bpf_ktime_get_ns();
	tcp_gone(ctx, cpu, &e, &cpu->wait_seg);
	return 0;
}
