// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drop summary: how many packets are dropped where, why, and of which flows.
 *
 * Every drop adds to one row of a hash map, keyed only by what the rows shall
 * be told apart by. The order of tests: device, the reasons asked for, what the
 * place and the reason alone say about normal frees, headers, filter, normal frees
 * by header; only what is left pays for a stack. Not seen: packets lost before they were skbs
 * (XDP, NIC, full rings of a driver), drivers that drop by dev_consume_skb.
 */
#include "nt.bpf.h"
#include "drop.h"

/* A row under way. */
struct drop_own {
	struct drop_key key;
	struct drop_val val;
};

#include "drop.bpf.h"

/* The loader sets the number of rows. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct drop_key);
	__type(value, struct drop_val);
} drop_rows SEC(".maps");

/* What is not IP has zeroes where the addresses are. */
NT_INLINE void drop_key_flow(struct drop_key *key, const struct drop_work *w)
{
	const struct nt_key *k = &w->pkt;

	key->family = k->family;
	key->vlan = k->vlan;
	key->proto = k->proto;
	__builtin_memcpy(key->saddr, k->saddr, sizeof(key->saddr));
	__builtin_memcpy(key->daddr, k->daddr, sizeof(key->daddr));
	if (!k->family)
		key->eth = w->eth;
	NT_FORGET();
	if (k->flags & NT_KEY_LATER_FRAG)
		key->flags = DROP_ROW_FRAG;
	else if (w->parsed == NT_PARSE_UNREAD)
		key->flags = DROP_ROW_NO_L4;
	NT_FORGET();
	if (!key->flags && drop_has_ports(k)) {
		key->sport = k->sport;
		key->dport = k->dport;
	}
}

NT_INLINE void drop_key_device(struct drop_key *key, const struct drop_hit *h, const bool direct)
{
	struct net *net;
	__u32 iif;

	if (!h->ifindex)
		return;
	net = DROP_READ(direct, h->dev, nd_net.net);
	key->ifindex = h->ifindex;
	key->inum = NT_READ(direct, net, ns.inum);
	iif = DROP_READ(direct, h->skb, skb_iif);
	if (iif != h->ifindex)
		key->iif = iif;
}

/* The row's key. */
NT_INLINE void drop_key(const struct drop_kcfg *cfg, const struct drop_hit *h, struct drop_work *w,
			const bool direct)
{
	__builtin_memset(&w->own.key, 0, sizeof(w->own.key));
	w->own.key.gen = cfg->gen;
	if (cfg->by & DROP_BY_FLOW)
		drop_key_flow(&w->own.key, w);
	if (cfg->by & DROP_BY_REASON) {
		w->own.key.reason = h->reason;
		w->own.key.flags |= h->reasoned ? DROP_ROW_REASON : 0;
	}
	if (cfg->by & DROP_BY_DEVICE)
		drop_key_device(&w->own.key, h, direct);
	if (cfg->by & (DROP_BY_PLACE | DROP_BY_STACK)) {
		w->own.key.place = w->place;
		w->own.key.stack = w->hash;
		w->own.key.flags |= w->flags;
	}
}

NT_INLINE void drop_val_new(struct drop_val *v, const struct drop_hit *h, const bool direct)
{
	struct net_device *dev = h->dev;
	__u64 now = bpf_ktime_get_ns();

	v->count = 1;
	v->bytes = DROP_READ(direct, h->skb, len);
	v->first_ns = now;
	v->last_ns = now;
	if (h->ifindex)
		bpf_core_read(v->dev, sizeof(v->dev), &dev->name);
	else
		v->dev[0] = 0;
}

/* A row that is not there yet; its stack comes first. false: it is there now, or full. */
NT_INLINE bool drop_row_new(struct nt_counters *c, const struct drop_hit *h, struct drop_work *w,
			    const bool direct)
{
	if (w->own.key.stack && !nt_stack_store(w->own.key.stack, nt_stack_frames(&w->stack))) {
		w->own.key.stack = 0;
		w->own.key.flags |= DROP_ROW_NO_STACK;
		drop_count(c, NT_C_STACK_LOST, 1);
	}
	drop_val_new(&w->own.val, h, direct);
	return !bpf_map_update_elem(&drop_rows, &w->own.key, &w->own.val, BPF_NOEXIST);
}

NT_INLINE void drop_row_add(struct nt_counters *c, const struct drop_hit *h, struct drop_work *w,
			    const bool direct)
{
	struct drop_val *v = bpf_map_lookup_elem(&drop_rows, &w->own.key);
	__u32 len = DROP_READ(direct, h->skb, len);

	if (!v) {
		if (drop_row_new(c, h, w, direct))
			return;
		/* Another CPU was faster, or without its stack the row is known. */
		v = bpf_map_lookup_elem(&drop_rows, &w->own.key);
	}
	if (!v) {
		drop_count(c, DROP_C_OTHER, 1);
		drop_count(c, DROP_C_OTHER_BYTES, len);
		return;
	}
	__sync_fetch_and_add(&v->count, 1);
	__sync_fetch_and_add(&v->bytes, len);
	v->last_ns = bpf_ktime_get_ns();
}

/* Any that the filter lets pass. */
NT_INLINE bool drop_match_frame(const struct drop_kcfg *cfg, const struct drop_hit *h,
				struct drop_work *w, const bool direct)
{
	(void)cfg;
	(void)h;
	(void)w;
	(void)direct;
	return true;
}

NT_INLINE bool drop_wanted(const struct drop_kcfg *cfg, struct nt_counters *c, struct drop_work *w)
{
	(void)cfg;
	(void)c;
	(void)w;
	return true;
}

NT_INLINE void drop_keep(const struct drop_kcfg *cfg, struct drop_cpu *cpu,
			 const struct drop_hit *h, struct drop_work *w, const bool direct)
{
	drop_key(cfg, h, w, direct);
	drop_row_add(&cpu->n, h, w, direct);
}
