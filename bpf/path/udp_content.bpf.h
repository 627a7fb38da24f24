/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams without a number of their own: of IPv6, if they are not fragments, and
 * of IPv4 those that must not be fragmented, whose senders may set 0 for all of
 * them. They are known by ports, length, checksum and their first bytes.
 *
 * Two of these may not be there at both instants: a checksum that a device was to
 * finish is finished on the way if the next one cannot, and bytes that were not in
 * the linear part may come to be there. So they are part of what the first instant
 * goes by if they are there, and the second one tries with them and without.
 */
#ifndef NT_PATH_UDP_CONTENT_BPF_H
#define NT_PATH_UDP_CONTENT_BPF_H

#include "parse.bpf.h"
#include "session.bpf.h"

#define UDP_BYTES 16 /* of payload that are looked at */

struct udp_content {
	__u16 sport, dport, len, check;
	__u64 data[4]; /* UDP_BYTES, and room for what the verifier takes for possible */
};

/* What a tag is made of besides ports and length. */
#define UDP_BY_CHECK 1
#define UDP_BY_DATA 2

/* Bytes of each of several datagrams that are one packet on this host, or 0. */
NT_INLINE __u32 udp_gso_size(struct sk_buff *skb, const bool direct)
{
	struct skb_shared_info *info;
	unsigned short size = 0;
	unsigned int type = 0;

	info = (void *)(NT_READ(direct, skb, head) + NT_READ(direct, skb, end));
	bpf_core_read(&size, sizeof(size), &info->gso_size);
	bpf_core_read(&type, sizeof(type), &info->gso_type);
	return type & NT_GSO_UDP_L4 ? size : 0;
}

NT_INLINE bool udp_check_open(struct sk_buff *skb, const bool direct)
{
	struct sk_buff___csum *s = (void *)skb;
	__u64 summed = direct ? BPF_CORE_READ_BITFIELD(s, ip_summed) :
				BPF_CORE_READ_BITFIELD_PROBED(s, ip_summed);

	return summed == NT_CHECKSUM_PARTIAL;
}

/*
 * Read it of the datagram whose UDP header is at off. What of it is to be gone by,
 * or -1. Of several in one packet it is the first one's, whose checksum is not yet
 * made.
 */
NT_INLINE int udp_read_content(struct udp_content *c, struct sk_buff *skb, const struct nt_l3 *l,
			       __u64 off, const bool direct)
{
	__u64 gso = udp_gso_size(skb, direct), len, data;
	int by = gso || udp_check_open(skb, direct) ? 0 : UDP_BY_CHECK;

	if (!off || off > 2048 || l->avail > 0x7fffffff || l->avail < off + 8 ||
	    bpf_probe_read_kernel(c, 8, l->p + off))
		return -1;
	len = bpf_ntohs(c->len);
	if (gso && len > gso + 8)
		len = gso + 8;
	c->len = len;
	c->data[0] = 0;
	c->data[1] = 0;
	data = len > 8 ? len - 8 : 0;
	if (data > UDP_BYTES)
		data = UDP_BYTES;
	NT_OPAQUE(data);
	data &= 2 * UDP_BYTES - 1;
	if (l->avail < off + 8 + data || bpf_probe_read_kernel(c->data, data, l->p + off + 8))
		return by;
	return by | UDP_BY_DATA;
}

/* by: a set of UDP_BY_*. */
NT_INLINE __u64 udp_content_tag(const struct udp_content *c, __u64 seed, const struct nt_key *k,
				__u32 by)
{
	__u64 check = by & UDP_BY_CHECK ? c->check : 0;
	__u64 h = nt_mix(seed, (__u64)c->sport << 48 | (__u64)c->dport << 32 | (__u64)c->len << 16 |
				       check);

	if (by & UDP_BY_DATA)
		h = nt_mix(nt_mix(h, c->data[0]), c->data[1]);
	return nt_hash_flow(seed, k, h ^ by);
}

#endif
