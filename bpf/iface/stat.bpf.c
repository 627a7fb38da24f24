// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iface stat: how large the packets of each queue are. Received ones behind GRO, sent
 * ones before the driver segments them: what the stack has to carry. All else that the
 * command tells are the kernel's own counters.
 */
#include "ports.bpf.h"

IFACE_ROWS(struct iface_queue);

char LICENSE[] SEC("license") = "GPL";

#define ARPHRD_LOOPBACK 772

/* Bytes of the link layer that eth_type_trans() has taken off a received packet. */
NT_INLINE __u32 iface_l2(struct net_device *dev, const bool direct)
{
	__u16 type = NT_READ(direct, dev, type);

	return type == NT_ARPHRD_ETHER || type == ARPHRD_LOOPBACK ? NT_ETH_HLEN : 0;
}

NT_INLINE __u32 iface_size(__u64 len)
{
	return (len >= 64) + (len >= 512) + (len >= 2048) + (len >= 16384) + (len >= 65536);
}

NT_INLINE int iface_add(const struct iface_kcfg *cfg, const struct nt_dev *d, __u32 dir,
			__u32 queue, __u64 len)
{
	__u32 rest = cfg->queues;
	struct iface_queue *q;
	__u64 size;

	if (queue > rest)
		queue = rest;
	q = iface_row((d->tool * IFACE_DIRS + dir) * (rest + 1) + queue);
	if (!q)
		return 0;
	q->packets++;
	q->bytes += len;
	size = iface_size(len);
	/* For the verifier, which forgets bounds that it saw on half registers. */
	NT_OPAQUE(size);
	if (size < IFACE_SIZES)
		q->size[size]++;
	iface_count(IFACE_C_SEEN);
	return 0;
}

NT_TP1(receive, netif_receive_skb, struct sk_buff *, skb)
{
	const struct iface_kcfg *cfg = nt_settings();
	struct net_device *dev = NT_READ(direct, skb, dev);
	const struct nt_dev *d = iface_dev(cfg, dev, direct);
	__u32 queue;

	if (!d)
		return 0;
	/* What the driver recorded, plus 1 (skb_record_rx_queue()); 0: nothing. */
	queue = NT_READ(direct, skb, queue_mapping);
	return iface_add(cfg, d, IFACE_RX, queue ? queue - 1 : 0,
			 (__u64)NT_READ(direct, skb, len) + iface_l2(dev, direct));
}

NT_TP2(transmit, net_dev_start_xmit, struct sk_buff *, skb, struct net_device *, dev)
{
	const struct iface_kcfg *cfg = nt_settings();
	const struct nt_dev *d = iface_dev(cfg, dev, direct);

	if (!d)
		return 0;
	return iface_add(cfg, d, IFACE_TX, NT_READ(direct, skb, queue_mapping),
			 NT_READ(direct, skb, len));
}

NT_TP4(result, net_dev_xmit, struct sk_buff *, skb, int, rc, struct net_device *, dev, unsigned int,
       len)
{
	(void)skb;
	(void)len;
	if (nt_sent(rc) || !iface_dev(nt_settings(), dev, direct))
		return 0;
	iface_count(rc == NT_DEV_TX_BUSY ? IFACE_C_BUSY : IFACE_C_FAILED);
	return 0;
}
