/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices of which only some VLANs are asked for (NT_ROLE_VLANS, filter.h). The
 * entry of an ordinary device says nothing of VLANs, and nothing here is run.
 */
#ifndef NT_VLAN_BPF_H
#define NT_VLAN_BPF_H

#include "filter.bpf.h"
#include "parse.bpf.h"

/* VLAN id + 1 of the outer tag, beside the packet or in it; 0: none. */
NT_INLINE __u32 nt_outer_vlan(struct sk_buff *skb, const bool direct, const enum nt_parse_at at)
{
	__u32 vlan = nt_skb_vlan(skb, direct);
	struct nt_l3 l;

	if (vlan)
		return vlan;
	nt_find_l3(skb, direct, at, &l); /* clears l in any case */
	return l.vlan;
}

/* As nt_dev_of(), by the key of one of the device's VLANs. */
NT_INLINE const struct nt_dev *nt_dev_of_key(const struct nt_filter *f, __u32 key, __u32 inum)
{
	const struct nt_dev *d = nt_dev_of(f, key);

	return d->ifindex == key && d->inum == inum ? d : NULL;
}

/* The entry that counts for a packet on a device with NT_ROLE_VLANS, or NULL. */
NT_INLINE const struct nt_dev *nt_dev_of_vlan(const struct nt_filter *f, struct sk_buff *skb,
					      struct net_device *dev, const bool direct,
					      const enum nt_parse_at at)
{
	__u32 vlan = nt_outer_vlan(skb, direct, at), ifindex = NT_READ(direct, dev, ifindex), inum;
	const struct nt_dev *d = NULL;
	struct net *net = NT_READ(direct, dev, nd_net.net);

	inum = NT_VLAN_INUM(NT_READ(direct, net, ns.inum));
	if (vlan)
		d = nt_dev_of_key(f, NT_VLAN_KEY(ifindex, vlan - 1), inum);
	return d ? d : nt_dev_of_key(f, NT_VLAN_KEY(ifindex, NT_VLAN_REST), inum);
}

/* Sub-programs, as such devices are rare. */
#define NT_VLAN_ENTRY(name, direct)                                                      \
	static __attribute__((noinline, unused)) const struct nt_dev *name(              \
		const struct nt_filter *f, struct sk_buff *skb, struct net_device *dev,  \
		enum nt_parse_at at)                                                     \
	{                                                                                \
		return f && skb && dev ? nt_dev_of_vlan(f, skb, dev, direct, at) : NULL; \
	}
NT_VLAN_ENTRY(nt_vlan_direct, true)
NT_VLAN_ENTRY(nt_vlan_probe, false)

/* The same, for where it is one of many things that a program does. */
NT_INLINE const struct nt_dev *nt_vlan_entry(const struct nt_filter *f, struct sk_buff *skb,
					     struct net_device *dev, const bool direct,
					     const enum nt_parse_at at)
{
	return direct ? nt_vlan_direct(f, skb, dev, at) : nt_vlan_probe(f, skb, dev, at);
}

#endif
