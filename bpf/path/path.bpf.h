/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of the path tools share: a packet at one of the devices, the
 * wait for the driver's word, a session that ends late.
 *
 * Arrival is netif_receive_skb, departure net_dev_start_xmit: the skb is still
 * ours there, and device, headers and time are those of the packet itself. The
 * driver's verdict comes from net_dev_xmit, where only the skb's address may be
 * used. Not seen: XDP_REDIRECT, hardware-offloaded flows.
 *
 * Included after session.bpf.h and emit.bpf.h. A tool has struct path_cpu, what a
 * CPU has of its own, and path_gap_in_time().
 */
#ifndef NT_PATH_BPF_H
#define NT_PATH_BPF_H

#include "path.h"
#include "filter.bpf.h"
#include "parse.bpf.h"
#include "vlan.bpf.h"

/* A packet at one of the two sides. direct and enter are constants. */
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

/*
 * The stages of a request (8) or reply (0) at a device, by its table (path.h): of
 * direction 0 in the lower four bits, of direction 1 above.
 */
NT_INLINE __u64 path_stages_of(const struct path_hit *h, __u64 request)
{
	const __u8 *table = (const __u8 *)&h->d->tool;

	return table[h->enter * 2 + ((request >> 3) & 1)];
}

NT_INLINE void path_send(void *ctx, struct path_cpu *cpu, struct nt_slot *slot, __u64 now)
{
	slot->s.end_ns = now;
	nt_emit(ctx, &cpu->n, slot, sizeof(*slot));
}

/* Await the driver's result of a departure. */
NT_INLINE void path_await(struct path_cpu *cpu, const struct path_hit *h)
{
	cpu->wait.skb = (unsigned long)h->skb;
	cpu->wait.tag = h->tag;
	cpu->wait.stage = h->stage;
}

/* As what it counts that was not complete in time: the tool's own. */
NT_INLINE __u32 path_gap_in_time(const struct nt_slot *slot, __u64 timeout_ns);

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
		nt_count(&cpu->n, PATH_COMPLETE);
	else
		nt_count(&cpu->n, path_gap_in_time(slot, timeout_ns));
	if (total > timeout_ns)
		slot->s.flags |= NT_SESS_LATE;
	if (slot->s.flags & NT_SESS_LATE)
		nt_count(&cpu->n, PATH_C_LATE);
	return 0;
}

#endif
