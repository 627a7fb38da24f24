/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs of the path tools share: a packet at one of the devices, the
 * wait for the driver's word.
 *
 * Arrival is netif_receive_skb, departure net_dev_start_xmit: the skb is still
 * ours there, and device, headers and time are those of the packet itself. The
 * driver's verdict comes from net_dev_xmit, where only the skb's address may be
 * used. Not seen: XDP_REDIRECT, hardware-offloaded flows.
 *
 * A tool has struct path_cpu, what a CPU has of its own, with struct path_wait wait.
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
	const struct nt_dev *d; /* NULL: not looked at yet */
	bool direct;
	bool enter; /* arrives, else departs */
	bool plain;
	__u64 tag;
	__u32 dir;
	__u32 ifindex;
	__u64 stage;
};

NT_INLINE bool path_dev_is(struct path_hit *h, struct net_device *dev)
{
	h->ifindex = NT_READ(h->direct, dev, ifindex);
	h->d = nt_dev_of(&h->cfg->f, h->ifindex);
	return nt_dev_is(h->d, dev, h->ifindex, h->direct);
}

/* Was the device asked for when a packet took this way through it before? See nt_dev_seen(). */
NT_INLINE bool path_dev_seen(const struct path_hit *h, struct net_device *dev)
{
	return nt_dev_seen(&h->cfg->f, dev, h->enter, h->direct);
}

NT_INLINE void path_dev_remember(const struct path_hit *h, struct net_device *dev)
{
	nt_dev_remember(&h->cfg->f, dev, h->enter, h->direct);
}

/*
 * false: the device is not asked for. Of one that was before, which costs no read of it,
 * that is left to path_dev(): most packets are somebody else's.
 */
NT_INLINE bool path_dev_may_be(struct path_hit *h, struct net_device *dev)
{
	if (path_dev_seen(h, dev))
		return true;
	if (!path_dev_is(h, dev))
		return false;
	path_dev_remember(h, dev);
	return true;
}

/* The device's entry, or that of the packet's VLAN. false: not asked for. */
NT_INLINE bool path_dev(struct path_hit *h, struct net_device *dev)
{
	const enum nt_parse_at at = h->enter ? NT_AT_DATA : NT_AT_NET;

	if (!h->d && !path_dev_is(h, dev))
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

/* Await the driver's result of a departure. */
NT_INLINE void path_await(struct path_cpu *cpu, const struct path_hit *h)
{
	cpu->wait.skb = (unsigned long)h->skb;
	cpu->wait.tag = h->tag;
	cpu->wait.stage = h->stage;
}

#endif
