// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iface pps: packets by protocol. A packet that GRO has merged from several counts as
 * these, as the device did; one that is not segmented yet counts once, unless asked
 * otherwise.
 */
#include "ports.bpf.h"

IFACE_ROWS(struct iface_classes);

char LICENSE[] SEC("license") = "GPL";

/* napi_gro_receive() and netif_receive_skb() of a NAPI device leave its number here; what
 * never was in one has the sender's CPU plus 1. */
struct sk_buff___napi {
	unsigned int napi_id;
} NT_VIEW;

#define GSO_DODGY (1U << 1) /* from a guest, not from GRO */

/* A class by the protocol behind IPv4; IPv6's are four further on. */
NT_INLINE __u32 iface_ip(__u8 proto, const bool v6)
{
	__u32 base = v6 ? IFACE_CL_TCP6 : IFACE_CL_TCP;

	if (proto == NT_IPPROTO_TCP)
		return base;
	if (proto == NT_IPPROTO_UDP)
		return base + 1;
	return proto == (v6 ? NT_IPPROTO_ICMP6 : NT_IPPROTO_ICMP) ? base + 2 : base + 3;
}
_Static_assert(IFACE_CL_UDP6 == IFACE_CL_TCP6 + 1 && IFACE_CL_ICMP6 == IFACE_CL_TCP6 + 2 &&
		       IFACE_CL_IP6_OTHER == IFACE_CL_TCP6 + 3 &&
		       IFACE_CL_UDP == IFACE_CL_TCP + 1 && IFACE_CL_ICMP == IFACE_CL_TCP + 2 &&
		       IFACE_CL_IP_OTHER == IFACE_CL_TCP + 3,
	       "in this order");

struct iface_kind {
	__u32 class; /* IFACE_CLASSES: not readable */
	__u32 tagged;
};

/* Of any packet: the parser, for what is not plain. */
NT_INLINE void iface_parsed(struct sk_buff *skb, const bool direct, const enum nt_parse_at at,
			    struct iface_kind *kind)
{
	struct nt_key k;
	struct nt_l3 l;
	int r = nt_find_l3(skb, direct, at, &l);

	kind->tagged |= l.vlan != 0;
	kind->class = l.eth == NT_ETH_P_ARP ? IFACE_CL_ARP : IFACE_CL_L2_OTHER;
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(&k, &l, 0);
	/* Ports are of no interest: the protocol is enough. */
	if (r == NT_PARSE_UNREAD && (l.eth == NT_ETH_P_IP || l.eth == NT_ETH_P_IPV6) && k.family)
		r = NT_PARSE_OK;
	if (r == NT_PARSE_UNREAD)
		kind->class = IFACE_CLASSES;
	else if (r == NT_PARSE_OK)
		kind->class = iface_ip(k.proto, k.family == 6);
}

NT_INLINE void iface_kind_of(struct sk_buff *skb, const bool direct, const enum nt_parse_at at,
			     struct iface_kind *kind)
{
	struct nt_plain4 h;

	kind->tagged = nt_skb_vlan(skb, direct) != 0;
	if (nt_read_plain4(skb, direct, at, &h))
		kind->class = iface_ip(h.ip.proto, false);
	else
		iface_parsed(skb, direct, at, kind);
}

/* Was it merged from several by GRO, at this device? */
NT_INLINE bool iface_merged(const struct iface_kcfg *cfg, struct sk_buff *skb, const bool direct,
			    __u32 gso_type)
{
	struct sk_buff___napi *napi = (void *)skb;

	if ((gso_type & GSO_DODGY) || !bpf_core_field_exists(napi->napi_id))
		return false;
	return NT_READ(direct, napi, napi_id) > cfg->cpus;
}

/* As how many packets it counts. */
NT_INLINE __u32 iface_weight(const struct iface_kcfg *cfg, struct sk_buff *skb, const bool direct,
			     const bool rx)
{
	struct skb_shared_info *info =
		(void *)(NT_READ(direct, skb, head) + NT_READ(direct, skb, end));
	__u16 segs = 0;
	__u32 type = 0;

	if (!rx && !cfg->segments)
		return 1;
	bpf_core_read(&segs, sizeof(segs), &info->gso_segs);
	if (segs < 2)
		return 1;
	if (cfg->segments)
		return segs;
	bpf_core_read(&type, sizeof(type), &info->gso_type);
	return iface_merged(cfg, skb, direct, type) ? segs : 1;
}

NT_INLINE int iface_add(const struct iface_kcfg *cfg, const struct nt_dev *d, struct sk_buff *skb,
			const bool direct, const bool rx)
{
	__u32 row = d->tool * IFACE_DIRS + (rx ? IFACE_RX : IFACE_TX);
	struct iface_kind kind = { 0 };
	struct iface_classes *c;
	__u64 class;
	__u32 n;

	iface_kind_of(skb, direct, rx ? NT_AT_DATA : NT_AT_NET, &kind);
	n = iface_weight(cfg, skb, direct, rx);
	c = iface_row(row);
	if (!c)
		return 0;
	class = kind.class;
	/* For the verifier, which forgets bounds that it saw on half registers. */
	NT_OPAQUE(class);
	if (class < IFACE_CLASSES)
		c->n[class] += n;
	else
		c->unread += n;
	if (class >= IFACE_CLASSES)
		iface_count(NT_C_HEADER_UNREAD);
	if (kind.tagged)
		c->tagged += n;
	iface_count(IFACE_C_SEEN);
	return 0;
}

NT_TP1(receive, netif_receive_skb, struct sk_buff *, skb)
{
	const struct iface_kcfg *cfg = nt_settings();
	const struct nt_dev *d = iface_dev(cfg, NT_READ(direct, skb, dev), direct);

	return d ? iface_add(cfg, d, skb, direct, true) : 0;
}

NT_TP2(transmit, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	const struct iface_kcfg *cfg = nt_settings();
	const struct nt_dev *d = iface_dev(cfg, dev, direct);

	return d ? iface_add(cfg, d, skb, direct, false) : 0;
}
