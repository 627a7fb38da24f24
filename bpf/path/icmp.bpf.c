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
#define NT_STAGES PATH_STAGES
#include "hook.bpf.h"
#include "filter.bpf.h"
#include "parse.bpf.h"
#include "session.bpf.h"
#include "emit.bpf.h"

char LICENSE[] SEC("license") = "GPL";

NT_CFG_MAP(struct path_kcfg);
NT_HIST_MAP(PATH_SEGMENTS);

#define NT_NET_XMIT_DROP 1

/* The packet that this CPU gave to a driver and whose result is awaited. */
struct path_pending {
	__u64 skb;
	__u64 tag;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct path_pending);
} path_pendings SEC(".maps");

NT_INLINE struct path_pending *path_pending(void)
{
	__u32 cpu = bpf_get_smp_processor_id() & 1023;

	return bpf_map_lookup_elem(&path_pendings, &cpu);
}

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

NT_INLINE void path_send(void *ctx, struct nt_slot *slot, __u64 now)
{
	slot->s.end_ns = now;
	nt_emit(ctx, slot, sizeof(*slot));
}

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	if (nt_marked(&slot->s))
		return;
	nt_count(PATH_C_STATUS + path_gap(slot->s.seen));
	if (!c->emit)
		return;
	path_send(ctx, slot, slot->s.first_ns + c->timeout_ns);
}

NT_INLINE void path_segment(const struct nt_slot *slot, const __u32 segment, const __u32 from,
			    const __u32 to)
{
	const __u32 both = (1 << from) | (1 << to);

	if ((slot->s.seen & both) == both)
		nt_hist_record(&nt_hists, segment, slot->ts[to] - slot->ts[from]);
}

/* The last stage was seen at now. */
NT_INLINE void path_finish(void *ctx, struct nt_set *set, const __u32 way,
			   const struct path_kcfg *cfg, __u64 now)
{
	struct nt_slot *slot = &set->slot[way];
	__u64 total = now - slot->s.first_ns;

	slot->s.flags |= NT_SESS_DONE;
	if (total > cfg->s.timeout_ns) {
		slot->s.flags |= NT_SESS_LATE;
		nt_count(PATH_C_LATE);
		if (nt_marked(&slot->s))
			slot->s.flags |= NT_SESS_CLAIMED;
		else
			nt_count(PATH_C_STATUS +
				 path_gap(path_seen_in_time(slot, cfg->s.timeout_ns)));
	} else {
		nt_count(PATH_C_STATUS + PATH_ST_COMPLETE);
	}
#define S(id, name, key, from, to) path_segment(slot, PATH_SEG_##id, from, to);
#include "path_segments.def"
#undef S
	if (cfg->s.emit && total >= cfg->s.threshold_ns)
		path_send(ctx, slot, now);
	nt_release(set, way);
}

struct path_hit {
	struct nt_key key;
	__u64 tag;
	__u32 dir;
	__u32 role;
	__u32 ifindex;
	__u32 enter;
	__u32 request;
};

/* Stage of a hit in direction dir, or -1: wrong side or wrong instant. */
NT_INLINE int path_stage_of(const struct path_hit *h, __u32 dir)
{
	__u32 near = dir ? NT_ROLE_B : NT_ROLE_A, far = dir ? NT_ROLE_A : NT_ROLE_B;
	bool either = h->role & NT_ROLE_EITHER;

	if (h->request) {
		if ((h->role & near) && (h->enter || either))
			return PATH_REQ_RX;
		if ((h->role & far) && (!h->enter || either))
			return PATH_REQ_TX;
		return -1;
	}
	if ((h->role & far) && (h->enter || either))
		return PATH_REP_RX;
	if ((h->role & near) && (!h->enter || either))
		return PATH_REP_TX;
	return -1;
}

/* The tag of a request or reply: both directions give the request's. */
NT_INLINE __u64 path_tag(__u64 seed, const struct nt_key *k, bool request)
{
	struct nt_key c;

	__builtin_memset(&c, 0, sizeof(c));
	c.family = k->family;
	__builtin_memcpy(c.saddr, request ? k->saddr : k->daddr, sizeof(c.saddr));
	__builtin_memcpy(c.daddr, request ? k->daddr : k->saddr, sizeof(c.daddr));
	return nt_hash_flow(seed, &c, ((__u64)k->dport << 16) | k->sport);
}

NT_INLINE void path_origin(struct nt_slot *slot, const struct path_hit *h, struct sk_buff *skb,
			   const bool direct)
{
	slot->s.key = h->key;
	slot->s.dir = h->dir;
	slot->dev[0] = h->ifindex;
	slot->s.skb_len = NT_READ(direct, skb, len);
	slot->s.cpu = bpf_get_smp_processor_id();
}

/* Await the driver's result of a departure. */
NT_INLINE void path_await(struct sk_buff *skb, __u64 tag)
{
	struct path_pending *p = path_pending();

	if (p) {
		p->skb = (unsigned long)skb;
		p->tag = tag;
	}
}

NT_INLINE void path_later_stage(void *ctx, struct nt_set *set, const struct path_hit *h,
				const struct path_kcfg *cfg, int stage)
{
	__u64 now = bpf_ktime_get_ns();
	struct nt_slot *slot;
	int w = nt_find(set, h->tag);

	if (w < 0) {
		nt_count(NT_C_ORPHAN);
		return;
	}
	w = NT_ANY(&cfg->s, w, NT_WAYS - 1);
	slot = &set->slot[w];
	if (!nt_stamp(slot, stage, now, h->ifindex))
		return;
	if (stage == PATH_REP_TX && !cfg->confirm)
		path_finish(ctx, set, w, cfg, now);
}

/* An ICMP error about a tracked request: which, and from whom. */
struct path_quote {
	struct nt_ipv4_hdr ip;
	union nt_l4_hdr l4;
};

NT_INLINE void path_error4(const struct path_kcfg *cfg, const struct nt_l3 *l,
			   const struct nt_key *outer)
{
	struct path_quote q;
	struct nt_key k;
	struct nt_set *set;
	struct nt_sess *s;
	__u32 off = outer->l4_off + sizeof(q.l4);
	int w;

	if (l->avail < off + sizeof(q) || bpf_probe_read_kernel(&q, sizeof(q), l->p + off))
		return;
	if (q.ip.ihl_version != 0x45 || q.ip.proto != NT_IPPROTO_ICMP || q.l4.icmp.type != 8)
		return;
	__builtin_memset(&k, 0, sizeof(k));
	k.family = 4;
	k.saddr[0] = q.ip.saddr;
	k.daddr[0] = q.ip.daddr;
	k.sport = q.l4.icmp.id;
	k.dport = q.l4.icmp.seq;
	k.flags = 0;
	if (!nt_match_addrs(&cfg->f, &k, NT_FWD | NT_REV))
		return;
	k.vlan = 0;
	set = nt_set_of(path_tag(cfg->f.seed, &k, true), cfg->s.set_mask);
	if (!set)
		return;
	w = nt_find(set, path_tag(cfg->f.seed, &k, true));
	if (w < 0)
		return;
	s = &set->slot[w & (NT_WAYS - 1)].s;
	if (s->flags & NT_SESS_ICMP_ERROR)
		return;
	s->flags |= NT_SESS_ICMP_ERROR;
	s->err_family = 4;
	s->err_addr[0] = outer->saddr[0];
	s->err_type_code = ((__u16)outer->type << 8) | outer->code;
	nt_count(PATH_C_ICMP_ERROR);
}

NT_INLINE bool path_is_error4(const struct nt_key *k)
{
	return k->proto == NT_IPPROTO_ICMP && (k->type == 3 || k->type == 11 || k->type == 12);
}

/* Direction and stage of a request or reply; -1: not one that is asked for. */
NT_INLINE int path_place(struct path_hit *h, __u32 match)
{
	int stage = -1;

	h->dir = 0;
	if (match & (h->request ? NT_FWD : NT_REV))
		stage = path_stage_of(h, 0);
	if (stage < 0 && (match & (h->request ? NT_REV : NT_FWD))) {
		stage = path_stage_of(h, 1);
		h->dir = 1;
	}
	return stage;
}

/* Is it an echo request or reply? Which is found without a branch: the verifier
 * would go on twice. */
NT_INLINE bool path_is_echo(struct path_hit *h)
{
	const struct nt_key *k = &h->key;
	__u8 type = k->type;

	if (k->flags & NT_KEY_LATER_FRAG)
		return false;
	if (k->proto == NT_IPPROTO_ICMP && k->family == 4) {
		h->request = nt_is_zero(type ^ 8);
		return type == 8 || type == 0;
	}
	h->request = nt_is_zero(type ^ 128);
	return k->proto == NT_IPPROTO_ICMP6 && k->family == 6 && (type == 128 || type == 129);
}

NT_INLINE int path_event(void *ctx, struct sk_buff *skb, struct net_device *dev, const bool direct,
			 const bool enter)
{
	struct path_kcfg *cfg = nt_settings();
	struct path_hit h;
	struct nt_slot *slot;
	struct nt_set *set;
	struct nt_l3 l;
	int r, stage;

	if (!cfg || !cfg->f.armed)
		return 0;
	h.ifindex = NT_READ(direct, dev, ifindex);
	h.role = nt_dev_role(&cfg->f, dev, h.ifindex, direct);
	if (!h.role)
		return 0;
	h.enter = enter;
	r = nt_find_l3(skb, direct, enter ? NT_AT_DATA : NT_AT_NET, &l);
	l.f = &cfg->f;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&h.key, &l, NT_WANT_ICMP);
	if (r == NT_PARSE_UNREAD)
		nt_count(NT_C_HEADER_UNREAD);
	if (r != NT_PARSE_OK)
		return 0;
	if (!path_is_echo(&h)) {
		if (path_is_error4(&h.key))
			path_error4(cfg, &l, &h.key);
		return 0;
	}
	stage = path_place(&h, l.match);
	if (stage < 0)
		return 0;
	stage = NT_ANY(&cfg->s, stage, PATH_STAGES - 1);
	h.dir = NT_ANY(&cfg->s, h.dir, 1);
	h.tag = path_tag(cfg->f.seed, &h.key, h.request);
	set = nt_set_of(h.tag, cfg->s.set_mask);
	if (!set)
		return 0;
	if (stage == PATH_REQ_RX) {
		slot = nt_begin(ctx, set, h.tag, &cfg->s, bpf_ktime_get_ns());
		if (slot)
			path_origin(slot, &h, skb, direct);
		return 0;
	}
	path_later_stage(ctx, set, &h, cfg, stage);
	if (!enter && cfg->confirm)
		path_await(skb, h.tag);
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

/* The skb may be gone: only its address and the driver's result are used. */
NT_TP2(xmit, net_dev_xmit, struct sk_buff *, skb, long, rc)
{
	struct path_kcfg *cfg = nt_settings();
	struct path_pending *p = path_pending();
	struct nt_slot *slot;
	struct nt_set *set;
	int w;

	if (!cfg || !cfg->f.armed || !p || !p->skb || p->skb != (unsigned long)skb)
		return 0;
	p->skb = 0;
	set = nt_set_of(p->tag, cfg->s.set_mask);
	if (!set)
		return 0;
	w = nt_find(set, p->tag);
	if (w < 0)
		return 0;
	w = NT_ANY(&cfg->s, w, NT_WAYS - 1);
	slot = &set->slot[w];
	slot->s.rc = (int)rc;
	if ((int)rc == 0) {
		if (slot->s.seen & (1 << PATH_REP_TX))
			path_finish(ctx, set, w, cfg, slot->ts[PATH_REP_TX]);
		return 0;
	}
	/* Not sent: take the stamp back. A busy driver gets it again later. */
	slot->s.seen &= (slot->s.seen & (1 << PATH_REP_TX)) ? ~(1 << PATH_REP_TX) :
							      ~(1 << PATH_REQ_TX);
	if ((int)rc == NT_NET_XMIT_DROP) {
		slot->s.flags |= NT_SESS_XMIT_FAILED;
		nt_count(PATH_C_XMIT_FAILED);
	}
	return 0;
}
