// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drop details: one record for each dropped packet that is asked for.
 *
 * What is left out by --sample or --rate costs no stack, unless the place is one
 * that frees for others: then only the stack tells whether it is a drop at all.
 */
#include "nt.bpf.h"
#include "details.h"

/* A record under way. */
struct drop_own {
	struct drop_rec rec;
	unsigned char *head; /* of the skb, and the end of its linear part behind it */
	__u32 tail;
	__u32 left_out; /* the counter of why it is; 0: it is not */
};

#include "drop.bpf.h"
#include "emit.bpf.h"

/* Records of the present second, of all CPUs. */
struct drop_second {
	__u64 number;
	__u64 records;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct drop_second);
} drop_seconds SEC(".maps");

/* How many were looked at, for --sample. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} drop_numbers SEC(".maps");

/* --- the frame --- */

/* Where its headers lie: what both filter and record need. */
NT_INLINE void drop_offsets(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct drop_rec *rec = &w->own.rec;

	w->own.head = DROP_READ(direct, h->skb, head);
	w->own.tail = DROP_READ(direct, h->skb, tail);
	rec->mac = DROP_READ(direct, h->skb, mac_header);
	rec->network = DROP_READ(direct, h->skb, network_header);
	rec->l2_len = 0;
	rec->tag_tci = 0;
	rec->tag_proto = 0;
	w->own.left_out = 0;
}

/* Where there is an Ethernet header: the first bytes from it on. */
NT_INLINE void drop_l2(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct drop_rec *rec = &w->own.rec;
	unsigned char *head = w->own.head;
	__u32 mac = rec->mac;
	__u64 n;

	if (mac == NT_MAC_UNSET || mac + NT_ETH_HLEN > w->own.tail || !h->ifindex)
		return;
	/* A network header that lies within says that it is no longer one, as in a tunnel. */
	if (w->l3 > head && w->l3 < head + mac + NT_ETH_HLEN)
		return;
	if (DROP_READ(direct, h->dev, type) != NT_ARPHRD_ETHER)
		return;
	/* Behind the linear part lies skb_shared_info: this many bytes are always there. */
	if (bpf_probe_read_kernel(rec->l2, sizeof(rec->l2), head + mac))
		return;
	n = w->own.tail - mac;
	rec->l2_len = n > sizeof(rec->l2) ? sizeof(rec->l2) : n;
}

NT_INLINE __u16 drop_l2_word(const struct drop_rec *rec, __u32 at)
{
	return (__u16)rec->l2[at] << 8 | rec->l2[at + 1];
}

/* The tag beside the packet. */
NT_INLINE void drop_tag(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct drop_rec *rec = &w->own.rec;

	if (!nt_skb_vlan(h->skb, direct))
		return;
	rec->tag_tci = DROP_READ(direct, h->skb, vlan_tci);
	rec->tag_proto = bpf_ntohs(DROP_READ(direct, h->skb, vlan_proto));
}

/* Has it a tag of this VLAN, beside or in the frame? */
NT_INLINE bool drop_in_vlan(const struct drop_rec *rec, __u32 id)
{
	__u32 hit = 0;

	if (rec->tag_proto)
		hit |= nt_is_zero((rec->tag_tci & 0xfffU) ^ id);
	if (rec->l2_len < NT_ETH_HLEN + 4 || !nt_is_vlan(drop_l2_word(rec, 12)))
		return hit;
	hit |= nt_is_zero((drop_l2_word(rec, 14) & 0xfffU) ^ id);
	if (rec->l2_len < NT_ETH_HLEN + 8 || !nt_is_vlan(drop_l2_word(rec, 16)))
		return hit;
	return hit | nt_is_zero((drop_l2_word(rec, 18) & 0xfffU) ^ id);
}

/* A type that --type has a name for. */
NT_INLINE bool drop_type_named(__u32 eth)
{
	return nt_is_zero(eth ^ NT_ETH_P_IP) | nt_is_zero(eth ^ NT_ETH_P_IPV6) |
	       nt_is_zero(eth ^ NT_ETH_P_ARP) | nt_is_zero(eth ^ 0x8035) |
	       nt_is_zero(eth ^ 0x88cc) | nt_is_zero(eth ^ 0x8808);
}

NT_INLINE bool drop_match_frame(const struct drop_kcfg *cfg, const struct drop_hit *h,
				struct drop_work *w, const bool direct)
{
	bool type = true;

	drop_offsets(h, w, direct);
	drop_l2(h, w, direct);
	NT_FORGET();
	drop_tag(h, w, direct);
	NT_FORGET();
	if (cfg->type == DROP_TYPE_OTHER)
		type = !drop_type_named(w->eth);
	else if (cfg->type)
		type = w->eth == cfg->type;
	NT_FORGET();
	return type && (!cfg->vlan || drop_in_vlan(&w->own.rec, cfg->vlan - 1));
}

/* --- which ones --- */

/* One of so many, by all CPUs; exact but for drops of the same instant. */
static __attribute__((noinline)) int drop_sample(const struct drop_kcfg *cfg, struct drop_work *w)
{
	__u32 zero = 0;
	__u64 *number = bpf_map_lookup_elem(&drop_numbers, &zero), n;

	if (!number || !cfg || !w)
		return 0;
	n = *(volatile __u64 *)number;
	__sync_fetch_and_add(number, 1);
	if (n % cfg->sample)
		w->own.left_out = DROP_C_SAMPLED;
	return 0;
}

/* Is there room in this second? Of drops of the same instant one for each CPU may be too many. */
static __attribute__((noinline)) int drop_rate(const struct drop_kcfg *cfg, struct drop_work *w)
{
	__u64 number = bpf_ktime_get_ns() / 1000000000;
	__u32 zero = 0;
	struct drop_second *s = bpf_map_lookup_elem(&drop_seconds, &zero);

	if (!s || !cfg || !w)
		return 0;
	if (*(volatile __u64 *)&s->number != number) {
		*(volatile __u64 *)&s->records = 0;
		*(volatile __u64 *)&s->number = number;
	}
	if (*(volatile __u64 *)&s->records >= cfg->rate)
		w->own.left_out = DROP_C_LIMITED;
	else
		__sync_fetch_and_add(&s->records, 1);
	return 0;
}

_Static_assert((NT_C_MAX & (NT_C_MAX - 1)) == 0, "a mask");

/* Is it its turn? What is left out is counted. */
static __attribute__((noinline)) int drop_take_turn(const struct drop_kcfg *cfg,
						    struct nt_counters *c, struct drop_work *w)
{
	__u64 i;

	if (!cfg || !c || !w)
		return 0;
	if (cfg->sample > 1)
		drop_sample(cfg, w);
	NT_FORGET();
	if (cfg->rate && !w->own.left_out)
		drop_rate(cfg, w);
	NT_FORGET();
	i = w->own.left_out;
	NT_OPAQUE(i);
	if (i)
		__sync_fetch_and_add(&c->c[i & (NT_C_MAX - 1)], 1);
	return 0;
}

NT_INLINE bool drop_wanted(const struct drop_kcfg *cfg, struct nt_counters *c, struct drop_work *w)
{
	if (w->fn & DROP_FN_WRAPPER)
		return true;
	drop_take_turn(cfg, c, w);
	NT_FORGET();
	return !w->own.left_out;
}

/* --- the record --- */

/* As many header bytes as there are; behind them is memory of the packet's all the same. */
static __attribute__((noinline)) int drop_l3(struct drop_work *w)
{
	struct drop_rec *rec;
	const unsigned char *l3;
	__u32 avail;

	if (!w)
		return 0;
	rec = &w->own.rec;
	l3 = w->l3;
	avail = w->l3_avail;
	rec->l3_len = 0;
	/* What is not IP may be known by its network header alone. */
	if (!w->pkt.family && rec->network && rec->network != rec->mac) {
		l3 = w->own.head + rec->network;
		avail = w->own.tail - rec->network;
	}
	if (!avail || avail > 0xffff || bpf_probe_read_kernel(rec->l3, sizeof(rec->l3), l3))
		return 0;
	rec->l3_len = avail > sizeof(rec->l3) ? sizeof(rec->l3) : avail;
	return 0;
}

NT_INLINE void drop_l4(struct drop_work *w)
{
	struct drop_rec *rec = &w->own.rec;
	__u32 off = w->pkt.l4_off, avail;

	rec->l4_len = 0;
	if (!off || (w->pkt.flags & NT_KEY_LATER_FRAG) || w->l3_avail > 0xffff ||
	    w->l3_avail <= off)
		return;
	avail = w->l3_avail - off;
	if (bpf_probe_read_kernel(rec->l4, sizeof(rec->l4), w->l3 + off))
		return;
	rec->l4_len = avail > sizeof(rec->l4) ? sizeof(rec->l4) : avail;
}

/* The device and its namespace; without one that of the socket that made the packet. */
NT_INLINE void drop_rec_device(const struct drop_hit *h, struct drop_rec *rec, const bool direct)
{
	struct net_device *dev = h->dev;
	struct net *net = NULL;
	struct sock *sk;
	__u32 iif;

	rec->ifindex = h->ifindex;
	rec->inum = 0;
	rec->dev[0] = 0;
	iif = DROP_READ(direct, h->skb, skb_iif);
	rec->iif = iif == h->ifindex ? 0 : iif;
	if (h->ifindex) {
		bpf_core_read(rec->dev, sizeof(rec->dev), &dev->name);
		net = DROP_READ(direct, h->dev, nd_net.net);
	} else {
		sk = DROP_READ(direct, h->skb, sk);
		if (sk)
			net = NT_READ(false, sk, __sk_common.skc_net.net);
	}
	if (net)
		bpf_core_read(&rec->inum, sizeof(rec->inum), &net->ns.inum);
}

NT_INLINE void drop_rec_context(struct drop_rec *rec)
{
	__u64 id = bpf_get_current_pid_tgid();

	rec->time_ns = bpf_ktime_get_ns();
	rec->tgid = id >> 32;
	rec->tid = id;
	rec->cpu = bpf_get_smp_processor_id();
	bpf_get_current_comm(rec->comm, sizeof(rec->comm));
}

NT_INLINE void drop_rec_skb(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct drop_rec *rec = &w->own.rec;
	unsigned char *head = w->own.head;
	struct skb_shared_info *shared;

	rec->len = DROP_READ(direct, h->skb, len);
	rec->data_len = DROP_READ(direct, h->skb, data_len);
	rec->transport = DROP_READ(direct, h->skb, transport_header);
	rec->data = (unsigned long)DROP_READ(direct, h->skb, data) - (unsigned long)head;
	rec->queue = DROP_READ(direct, h->skb, queue_mapping);
	shared = (void *)(head + DROP_READ(direct, h->skb, end));
	rec->gso_size = NT_READ(false, shared, gso_size);
}

NT_INLINE void drop_rec_fill(const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct drop_rec *rec = &w->own.rec;

	drop_rec_context(rec);
	drop_rec_skb(h, w, direct);
	drop_rec_device(h, rec, direct);
	drop_l3(w);
	NT_FORGET();
	drop_l4(w);
	NT_FORGET();
	rec->place = w->place;
	rec->stack = w->hash;
	rec->reason = h->reason;
	rec->eth = w->eth;
	rec->pkt = w->pkt;
	rec->cls = w->cls;
	rec->flags = w->flags;
	if (h->reasoned)
		rec->flags |= DROP_ROW_REASON;
	if (w->pkt.flags & NT_KEY_LATER_FRAG)
		rec->flags |= DROP_ROW_FRAG;
	else if (w->parsed == NT_PARSE_UNREAD)
		rec->flags |= DROP_ROW_NO_L4;
}

NT_INLINE void drop_keep(const struct drop_kcfg *cfg, struct drop_cpu *cpu,
			 const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	struct nt_counters *c = &cpu->n;
	long r;

	if (w->fn & DROP_FN_WRAPPER)
		drop_take_turn(cfg, c, w);
	NT_FORGET();
	if (w->own.left_out)
		return;
	if (w->hash && !nt_stack_store(w->hash, nt_stack_frames(&w->stack))) {
		w->hash = 0;
		w->flags |= DROP_ROW_NO_STACK;
		drop_count(c, NT_C_STACK_LOST, 1);
	}
	NT_FORGET();
	drop_rec_fill(h, w, direct);
	NT_FORGET();
	r = nt_send(h->ctx, &w->own.rec, sizeof(w->own.rec));
	/* Not nt_emit(): a drop can come in the midst of one. */
	drop_count(c, r ? NT_C_EVENT_LOST : NT_C_SUBMITTED, 1);
}
