/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one packet parser: from an skb at a known instant to a struct nt_key.
 *
 * Where the L3 header is depends on the instant:
 * - netif_receive_skb fires before the network header is reset, and skb->data
 *   is at the L3 header (eth_type_trans is done): NT_AT_DATA;
 * - on the way out and inside the stack the network header is set: NT_AT_NET;
 * - an skb that Open vSwitch made from a netlink message has only data, which
 *   points to the Ethernet header: NT_AT_MAC.
 * - where an skb is freed any of these may hold, or none: nt_find_l3_free().
 * The transport header field is never trusted; offsets come from the headers.
 * Header bytes are read with one probe read; only bytes of the linear part
 * are read, anything else is NT_PARSE_UNREAD and counted by the caller.
 */
#ifndef NT_PARSE_BPF_H
#define NT_PARSE_BPF_H

#include "nt.bpf.h"
#include "filter.bpf.h"
#include "hist.h"
#include "known.bpf.h"
#include "packet.h"
#include "skb.bpf.h"

enum nt_parse_at { NT_AT_DATA, NT_AT_NET, NT_AT_MAC };

enum nt_parse_result {
	NT_PARSE_OK,
	NT_PARSE_OTHER,  /* not IPv4 or IPv6, or a damaged header */
	NT_PARSE_UNREAD, /* headers not in the linear part, more than are walked, or a failed read */
};

#define NT_ETH_P_IP 0x0800
#define NT_ETH_P_IPV6 0x86dd
#define NT_ETH_P_8021Q 0x8100
#define NT_ETH_P_8021AD 0x88a8
#define NT_ETH_HLEN 14
#define NT_VLAN_TAGS 2    /* in-band tags that are skipped */
#define NT_IPV6_HEADERS 6 /* extension headers that are walked */

/* Where the L3 header is and how many linear bytes there are from it on. */
struct nt_l3 {
	const unsigned char *p;
	__u32 avail;
	__u16 eth;  /* EtherType, host order */
	__u16 vlan; /* in-band VLAN id + 1 of the outer tag */
	/* Addresses are tested before the key is filled in, if f is set: */
	const struct nt_filter *f;
	__u32 match; /* NT_FWD, NT_REV; 0 with NT_PARSE_OK: it may be an ICMP error */
};

struct nt_vlan_hdr {
	__u16 tci;
	__u16 proto;
};

NT_INLINE bool nt_is_vlan(__u16 eth)
{
	return eth == NT_ETH_P_8021Q || eth == NT_ETH_P_8021AD;
}

/* Step over in-band tags: p is behind the EtherType, at the tag. */
NT_INLINE int nt_skip_vlans(struct nt_l3 *l)
{
	struct nt_vlan_hdr v;
	int i;

#pragma unroll
	for (i = 0; i < NT_VLAN_TAGS; i++) {
		if (!nt_is_vlan(l->eth))
			return NT_PARSE_OK;
		if (l->avail < sizeof(v) || l->avail > 0xffff)
			return NT_PARSE_UNREAD;
		if (bpf_probe_read_kernel(&v, sizeof(v), l->p))
			return NT_PARSE_UNREAD;
		if (!l->vlan)
			l->vlan = (bpf_ntohs(v.tci) & 0xfff) + 1;
		l->eth = bpf_ntohs(v.proto);
		l->p += sizeof(v);
		l->avail -= sizeof(v);
	}
	return NT_PARSE_OK;
}

/* The EtherType in the frame whose Ethernet header is at l->p. */
NT_INLINE int nt_read_ether(struct nt_l3 *l)
{
	__u16 eth;

	if (l->avail < NT_ETH_HLEN)
		return NT_PARSE_UNREAD;
	if (bpf_probe_read_kernel(&eth, sizeof(eth), l->p + NT_ETH_HLEN - sizeof(eth)))
		return NT_PARSE_UNREAD;
	l->eth = bpf_ntohs(eth);
	l->p += NT_ETH_HLEN;
	l->avail -= NT_ETH_HLEN;
	return NT_PARSE_OK;
}

/*
 * A frame that is not IP by skb->protocol is rejected before any other field
 * is read. With NT_AT_NET and an in-band tag the frame is walked from
 * skb->data, which is at the Ethernet header on the way out: where the network
 * header points then depends on who pushed the tag.
 */
NT_INLINE int nt_find_l3(struct sk_buff *skb, const bool direct, const enum nt_parse_at at,
			 struct nt_l3 *l)
{
	unsigned char *data;
	int r;

	/* All of it, also for a caller that clang makes carry it on where it fails. */
	__builtin_memset(l, 0, sizeof(*l));
	if (at != NT_AT_MAC) {
		l->eth = bpf_ntohs(NT_READ(direct, skb, protocol));
		if (l->eth != NT_ETH_P_IP && l->eth != NT_ETH_P_IPV6 && !nt_is_vlan(l->eth))
			return NT_PARSE_OTHER;
	}
	data = NT_READ(direct, skb, data);
	l->avail = NT_READ(direct, skb, len) - NT_READ(direct, skb, data_len);
	l->p = data;
	if (at == NT_AT_MAC || (at == NT_AT_NET && nt_is_vlan(l->eth))) {
		r = nt_read_ether(l);
		if (r != NT_PARSE_OK)
			return r;
	} else if (at == NT_AT_NET) {
		l->p = NT_READ(direct, skb, head) + NT_READ(direct, skb, network_header);
		/* Unsigned: a network header before data is as good as far. */
		l->avail -= (__u32)((unsigned long)l->p - (unsigned long)data);
	}
	return nt_is_vlan(l->eth) ? nt_skip_vlans(l) : NT_PARSE_OK;
}

/*
 * The same inside the stack's own functions, which know what they have (eth): on the
 * way out skb->protocol is not set yet (__ip_local_out, __ip6_local_out set it), on the
 * way in data is at the L4 header already. The network header is set.
 */
NT_INLINE void nt_find_l3_inside(struct sk_buff *skb, const bool direct, __u16 eth, struct nt_l3 *l)
{
	__builtin_memset(l, 0, sizeof(*l));
	l->eth = eth;
	l->p = NT_READ(direct, skb, head) + NT_READ(direct, skb, network_header);
	l->avail = NT_READ(direct, skb, len) - NT_READ(direct, skb, data_len) +
		   (__u32)((unsigned long)NT_READ(direct, skb, data) - (unsigned long)l->p);
}

/* VLAN id + 1 of the tag beside the packet, 0: none. */
NT_INLINE __u16 nt_skb_vlan(struct sk_buff *skb, const bool direct)
{
	struct sk_buff___vlan_bit *bit = (void *)skb;
	__u16 tci = NT_READ(direct, skb, vlan_tci);
	bool present;

	if (bpf_core_field_exists(struct sk_buff___vlan_all, vlan_all)) {
		present = tci || NT_READ(direct, skb, vlan_proto);
	} else if (bpf_core_field_exists(struct sk_buff___vlan_bit, vlan_present)) {
		present = direct ? BPF_CORE_READ_BITFIELD(bit, vlan_present) :
				   BPF_CORE_READ_BITFIELD_PROBED(bit, vlan_present);
	} else {
		present = tci & NT_VLAN_TAG_PRESENT_4_19;
	}
	return present ? (tci & 0xfff) + 1 : 0;
}

#define NT_ETH_P_ARP 0x0806
#define NT_ARPHRD_ETHER 1
#define NT_MAC_UNSET 0xffff

/* Does data begin with an IP header? Then EtherType by its version. */
NT_INLINE int nt_find_ip(struct nt_l3 *l, const unsigned char *data, __u32 linear)
{
	__u8 first;

	l->p = data;
	l->avail = linear;
	if (!linear || bpf_probe_read_kernel(&first, sizeof(first), data))
		return NT_PARSE_OTHER;
	if ((first >> 4) == 4 && (first & 0xf) >= 5)
		l->eth = NT_ETH_P_IP;
	else if ((first >> 4) == 6)
		l->eth = NT_ETH_P_IPV6;
	else
		return NT_PARSE_OTHER;
	return NT_PARSE_OK;
}

/*
 * The L3 header of an skb that is freed somewhere. Its network header, if it is
 * set (an skb begins with 0, and a driver's has it only after the stack took
 * it) and the protocol is one that sets it; else the frame from the MAC header
 * on, if the device (0: unknown) has one; else data, if it looks like IP: that
 * is how locally made packets look before they have a device. OTHER: l->eth is
 * the EtherType all the same.
 */
NT_INLINE int nt_find_l3_free(struct sk_buff *skb, const bool direct, const bool ether,
			      struct nt_l3 *l)
{
	unsigned char *head = NT_READ(direct, skb, head), *data = NT_READ(direct, skb, data);
	__u32 linear = NT_READ(direct, skb, len) - NT_READ(direct, skb, data_len);
	__u32 net = NT_READ(direct, skb, network_header);
	__u32 mac = NT_READ(direct, skb, mac_header);
	int r = NT_PARSE_OK;

	l->f = NULL;
	l->eth = bpf_ntohs(NT_READ(direct, skb, protocol));
	l->vlan = nt_skb_vlan(skb, direct);
	if (net && net != mac && (l->eth == NT_ETH_P_IP || l->eth == NT_ETH_P_IPV6)) {
		l->p = head + net;
	} else if (mac != NT_MAC_UNSET && ether) {
		l->p = head + mac;
		l->avail = linear - (__u32)((unsigned long)l->p - (unsigned long)data);
		r = nt_read_ether(l);
		return r == NT_PARSE_OK && nt_is_vlan(l->eth) ? nt_skip_vlans(l) : r;
	} else {
		return nt_find_ip(l, data, linear);
	}
	/* Unsigned: a header before data is as good as far. */
	l->avail = linear - (__u32)((unsigned long)l->p - (unsigned long)data);
	return r;
}

struct nt_ipv4_hdr {
	__u8 ihl_version;
	__u8 tos;
	__u16 tot_len;
	__u16 id;
	__u16 frag;
	__u8 ttl;
	__u8 proto;
	__u16 check;
	__u32 saddr;
	__u32 daddr;
};

struct nt_ipv6_hdr {
	__u32 flow;
	__u16 payload_len;
	__u8 nexthdr;
	__u8 hop_limit;
	__u32 saddr[4];
	__u32 daddr[4];
};

/* The first 8 bytes of any L4 header that is looked at. */
union nt_l4_hdr {
	struct {
		__u16 sport, dport;
		__u32 seq;
	} port;
	struct {
		__u8 type, code;
		__u16 check, id, seq;
	} icmp;
	struct {
		__u8 nexthdr, hdrlen;
		__u16 frag;
		__u32 id;
	} ext;
};

struct nt_ipv4_l4 {
	struct nt_ipv4_hdr ip;
	union nt_l4_hdr l4;
};

/* What a tool can use; 0 is everything. */
#define NT_WANT_ICMP 0x1
#define NT_WANT_TCP 0x2
#define NT_WANT_UDP 0x4

NT_INLINE bool nt_wanted(__u8 proto, const __u32 want)
{
	return !want ||
	       ((want & NT_WANT_ICMP) && (proto == NT_IPPROTO_ICMP || proto == NT_IPPROTO_ICMP6)) ||
	       ((want & NT_WANT_TCP) && proto == NT_IPPROTO_TCP) ||
	       ((want & NT_WANT_UDP) && proto == NT_IPPROTO_UDP);
}

/* Ports, or type, id and sequence; k->proto is set. */
NT_INLINE void nt_take_l4(struct nt_key *k, const union nt_l4_hdr *h)
{
	if (k->proto == NT_IPPROTO_ICMP || k->proto == NT_IPPROTO_ICMP6) {
		k->type = h->icmp.type;
		k->code = h->icmp.code;
		if (nt_icmp_is_echo(k->proto, k->type)) {
			k->sport = h->icmp.id;
			k->dport = h->icmp.seq;
		}
		return;
	}
	if (k->proto != NT_IPPROTO_TCP && k->proto != NT_IPPROTO_UDP && k->proto != NT_IPPROTO_SCTP)
		return;
	k->sport = h->port.sport;
	k->dport = h->port.dport;
	if (k->proto == NT_IPPROTO_TCP)
		k->seq = h->port.seq;
}

NT_INLINE void nt_take_ipv4(struct nt_key *k, const struct nt_ipv4_hdr *h)
{
	__u16 frag = bpf_ntohs(h->frag);

	k->family = 4;
	k->saddr[0] = h->saddr;
	k->daddr[0] = h->daddr;
	k->proto = h->proto;
	k->ip_id = h->id;
	k->len = bpf_ntohs(h->tot_len);
	k->frag_off = (frag & 0x1fff) << 3;
	if (frag & 0x2000)
		k->flags |= NT_KEY_FRAG | NT_KEY_MORE_FRAGS;
	if (k->frag_off)
		k->flags |= NT_KEY_FRAG | NT_KEY_LATER_FRAG;
}

NT_INLINE void nt_key_clear(struct nt_key *k, const struct nt_l3 *l)
{
	__builtin_memset(k, 0, sizeof(*k));
	NT_IN_MEMORY(k);
	k->vlan = l->vlan;
}

/* Do the addresses match? What quotes another packet passes: its own do not count. */
NT_INLINE bool nt_early4(struct nt_l3 *l, const struct nt_ipv4_l4 *h)
{
	__u8 type = h->l4.icmp.type;

	l->match = nt_match_pair4(l->f, nt_pair4(h->ip.saddr, h->ip.daddr));
	return l->match ||
	       (h->ip.proto == NT_IPPROTO_ICMP && (h->ip.ihl_version != 0x45 || (type & ~8)));
}

NT_INLINE int nt_parse_ipv4(struct nt_key *k, struct nt_l3 *l, const __u32 want)
{
	struct nt_ipv4_l4 h;
	__u32 off;

	if (l->avail > 0x7fffffff || l->avail < sizeof(h.ip))
		return NT_PARSE_UNREAD;
	/* The last fragment may be shorter than an L4 header. */
	if (l->avail >= sizeof(h)) {
		if (bpf_probe_read_kernel(&h, sizeof(h), l->p))
			return NT_PARSE_UNREAD;
	} else {
		if (bpf_probe_read_kernel(&h.ip, sizeof(h.ip), l->p))
			return NT_PARSE_UNREAD;
		h.l4.icmp.type = 0; /* nt_early4() looks at it */
	}
	if ((h.ip.ihl_version >> 4) != 4 || (h.ip.ihl_version & 0xf) < 5)
		return NT_PARSE_OTHER;
	if (!nt_wanted(h.ip.proto, want) || (l->f && !nt_early4(l, &h)))
		return NT_PARSE_OTHER;
	nt_key_clear(k, l);
	nt_take_ipv4(k, &h.ip);
	if (k->flags & NT_KEY_LATER_FRAG)
		return NT_PARSE_OK;
	off = (h.ip.ihl_version & 0xf) << 2;
	k->l4_off = off;
	if (l->avail < off + sizeof(h.l4))
		return NT_PARSE_UNREAD;
	if (off != sizeof(h.ip) && bpf_probe_read_kernel(&h.l4, sizeof(h.l4), l->p + off))
		return NT_PARSE_UNREAD;
	nt_take_l4(k, &h.l4);
	return NT_PARSE_OK;
}

#define NT_IP6_HBH 0
#define NT_IP6_ROUTING 43
#define NT_IP6_FRAGMENT 44
#define NT_IP6_AH 51
#define NT_IP6_DSTOPTS 60

NT_INLINE bool nt_ip6_is_ext(__u8 nexthdr)
{
	return nexthdr == NT_IP6_HBH || nexthdr == NT_IP6_ROUTING || nexthdr == NT_IP6_FRAGMENT ||
	       nexthdr == NT_IP6_AH || nexthdr == NT_IP6_DSTOPTS;
}

/* The walk over extension headers, on the stack for the sub-program. */
struct nt_ip6_walk {
	const unsigned char *p; /* IPv6 header */
	__u32 avail;
	__u32 off; /* of the header that is next, then of the L4 header */
	__u32 ip_id;
	__u16 frag_off;
	__u8 proto;
	__u8 flags;
	union nt_l4_hdr h; /* the L4 header */
};

/* One extension header, its first 8 bytes in w->h: step behind it. */
NT_INLINE void nt_take_ext(struct nt_ip6_walk *w)
{
	__u8 kind = w->proto;
	__u16 frag;

	w->proto = w->h.ext.nexthdr;
	if (kind == NT_IP6_FRAGMENT) {
		frag = bpf_ntohs(w->h.ext.frag);
		w->ip_id = w->h.ext.id;
		w->frag_off = frag & 0xfff8;
		w->flags |= NT_KEY_FRAG;
		if (frag & 1)
			w->flags |= NT_KEY_MORE_FRAGS;
		if (w->frag_off)
			w->flags |= NT_KEY_LATER_FRAG;
		w->off += sizeof(w->h);
	} else if (kind == NT_IP6_AH) {
		w->off += ((__u32)w->h.ext.hdrlen + 2) << 2;
	} else {
		w->off += ((__u32)w->h.ext.hdrlen + 1) << 3;
	}
}

#define NT_IP6_FURTHER (-1)

/*
 * One header of the chain; NT_IP6_FURTHER: it was an extension. A sub-program, as few
 * packets have them, and called once for each: without it the walk is 480 instructions.
 */
static __attribute__((noinline)) int nt_walk_ip6(struct nt_ip6_walk *w)
{
	if (!w)
		return NT_PARSE_OTHER;
	if (w->flags & NT_KEY_LATER_FRAG)
		return NT_PARSE_OK;
	if (w->avail < w->off + sizeof(w->h) || w->off > 2048)
		return NT_PARSE_UNREAD;
	if (bpf_probe_read_kernel(&w->h, sizeof(w->h), w->p + w->off))
		return NT_PARSE_UNREAD;
	if (!nt_ip6_is_ext(w->proto))
		return NT_PARSE_OK;
	nt_take_ext(w);
	return NT_IP6_FURTHER;
}

NT_INLINE int nt_parse_ip6_ext(struct nt_key *k, const struct nt_l3 *l, const __u32 want)
{
	struct nt_ip6_walk w = {
		.p = l->p,
		.avail = l->avail,
		.off = sizeof(struct nt_ipv6_hdr),
		.proto = k->proto,
	};
	int r = NT_IP6_FURTHER, i;

#pragma unroll
	for (i = 0; i <= NT_IPV6_HEADERS; i++)
		if (r == NT_IP6_FURTHER)
			r = nt_walk_ip6(&w);
	if (r == NT_IP6_FURTHER) /* more headers than are walked */
		r = NT_PARSE_UNREAD;
	k->proto = w.proto;
	k->flags = w.flags;
	k->ip_id = w.ip_id;
	k->frag_off = w.frag_off;
	if (r != NT_PARSE_OK)
		return r;
	/* A later fragment may go on with an extension header: that says nothing. */
	if (!nt_wanted(w.proto, want) && !nt_ip6_is_ext(w.proto))
		return NT_PARSE_OTHER;
	if (w.flags & NT_KEY_LATER_FRAG)
		return NT_PARSE_OK;
	k->l4_off = w.off > 255 ? 0 : w.off;
	nt_take_l4(k, &w.h);
	return NT_PARSE_OK;
}

#define NT_ICMP6_INFO 128 /* the first type that is no error */

NT_INLINE int nt_parse_ipv6_l4(struct nt_key *k, const struct nt_l3 *l, const __u32 want)
{
	union nt_l4_hdr h;

	if (nt_ip6_is_ext(k->proto))
		return nt_parse_ip6_ext(k, l, want);
	if (!nt_wanted(k->proto, want))
		return NT_PARSE_OTHER;
	k->l4_off = sizeof(struct nt_ipv6_hdr);
	if (l->avail < sizeof(struct nt_ipv6_hdr) + sizeof(h))
		return NT_PARSE_UNREAD;
	if (bpf_probe_read_kernel(&h, sizeof(h), l->p + sizeof(struct nt_ipv6_hdr)))
		return NT_PARSE_UNREAD;
	if (l->f && !l->match && h.icmp.type >= NT_ICMP6_INFO)
		return NT_PARSE_OTHER;
	nt_take_l4(k, &h);
	return NT_PARSE_OK;
}

NT_INLINE int nt_parse_ipv6(struct nt_key *k, struct nt_l3 *l, const __u32 want)
{
	struct nt_ipv6_hdr h;

	if (l->avail > 0x7fffffff || l->avail < sizeof(h))
		return NT_PARSE_UNREAD;
	if (bpf_probe_read_kernel(&h, sizeof(h), l->p))
		return NT_PARSE_UNREAD;
	if ((h.flow & bpf_htonl(0xf0000000)) != bpf_htonl(0x60000000))
		return NT_PARSE_OTHER;
	if (l->f) {
		l->match = nt_match_pair6(l->f, h.saddr, h.daddr);
		/* As with IPv4: what quotes another packet passes. */
		if (!l->match && h.nexthdr != NT_IPPROTO_ICMP6)
			return NT_PARSE_OTHER;
	}
	nt_key_clear(k, l);
	k->family = 6;
	k->proto = h.nexthdr;
	k->len = bpf_ntohs(h.payload_len);
	__builtin_memcpy(k->saddr, h.saddr, sizeof(k->saddr));
	__builtin_memcpy(k->daddr, h.daddr, sizeof(k->daddr));
	return nt_parse_ipv6_l4(k, l, want);
}

/*
 * Is all there that the key can have? Of most protocols that is nothing behind
 * L3: their packets may end there.
 */
NT_INLINE bool nt_key_whole(const struct nt_key *k)
{
	__u64 proto = k->proto;

	if (proto == NT_IPPROTO_SCTP)
		return false;
	NT_OPAQUE(proto); /* or clang's test of a set of bits jumps back to this one */
	if (proto == NT_IPPROTO_TCP || proto == NT_IPPROTO_UDP || proto == NT_IPPROTO_ICMP ||
	    proto == NT_IPPROTO_ICMP6)
		return false;
	return k->family == 4 || (k->family == 6 && !nt_ip6_is_ext(k->proto));
}

/*
 * The headers of a plain IPv4 packet: no options, not a fragment, the first 8
 * bytes of L4 in the linear part. Nearly all packets are, and tools look at
 * these first. The addresses are one aligned word: nt_plain4_pair().
 */
struct nt_plain4 {
	__u32 align;
	struct nt_ipv4_hdr ip;
	union nt_l4_hdr l4;
} __attribute__((aligned(8)));
_Static_assert(__builtin_offsetof(struct nt_plain4, ip.saddr) % 8 == 0, "one load for both");

/* Where an skb's bytes are. */
struct nt_skb_bytes {
	unsigned char *head, *data;
	__u32 tail; /* end of the linear part, behind head */
	__u16 protocol;
	__u16 network_header;
};

/*
 * These fields lie close together on every kernel so far, with a hole or not, and
 * are read at once where a read is a call. Should they not, which CO-RE tells, it
 * is false and they are to be read one by one. The offsets are constants when the
 * program is loaded.
 */
#define NT_SPAN 48
NT_INLINE bool nt_skb_span(struct sk_buff *skb, struct nt_skb_bytes *b)
{
	const __u64 lead = bpf_core_field_offset(skb->protocol) &
			   7; /* the stack wants it aligned */
	const __u64 from = bpf_core_field_offset(skb->protocol) - lead;
	const __u64 net = bpf_core_field_offset(skb->network_header) - from;
	const __u64 tail = bpf_core_field_offset(skb->tail) - from;
	const __u64 head = bpf_core_field_offset(skb->head) - from;
	const __u64 data = bpf_core_field_offset(skb->data) - from;
	__u64 word[NT_SPAN / 8];
	const char *at = (const char *)word;

	if (net > head || tail > head || head > data || data > NT_SPAN - sizeof(b->data))
		return false;
	NT_OPAQUE(at); /* or clang adds by "or", which the verifier forbids */
	bpf_probe_read_kernel(word, data + sizeof(b->data), (const char *)&skb->protocol - lead);
	b->protocol = *(const __u16 *)(at + lead);
	b->network_header = *(const __u16 *)(at + net);
	b->tail = *(const __u32 *)(at + tail);
	b->head = *(unsigned char *const *)(at + head);
	b->data = *(unsigned char *const *)(at + data);
	return true; /* all zeroes if the read failed */
}

NT_INLINE void nt_skb_bytes(struct sk_buff *skb, const bool direct, struct nt_skb_bytes *b)
{
	if (!direct && nt_skb_span(skb, b))
		return;
	b->protocol = NT_READ(direct, skb, protocol);
	b->network_header = NT_READ(direct, skb, network_header);
	b->tail = NT_READ(direct, skb, tail);
	b->head = NT_READ(direct, skb, head);
	b->data = NT_READ(direct, skb, data);
}

/* Are plain headers at p, and more bytes behind them? Then all of it into h and behind it. */
NT_INLINE bool nt_plain4_at(const struct nt_skb_bytes *b, unsigned char *p, struct nt_plain4 *h,
			    const __u64 more)
{
	const __u64 size = sizeof(h->ip) + sizeof(h->l4) + more;

	if (p + size > b->head + b->tail || bpf_probe_read_kernel(&h->ip, size, p))
		return false;
	return h->ip.ihl_version == 0x45 && !(h->ip.frag & bpf_htons(0x3fff));
}

/*
 * Is it plain IPv4, and without a VLAN tag in it? Then its headers into h. Does
 * what nt_find_l3() and nt_parse_l3() would, which tell all that is to be told
 * of a packet for which this is false. more: bytes behind them that are to be there,
 * and are read along with them.
 */
NT_INLINE bool nt_read_plain4_more(struct sk_buff *skb, const bool direct,
				   const enum nt_parse_at at, struct nt_plain4 *h, const __u64 more)
{
	struct nt_skb_bytes b;
	unsigned char *p;

	if (at == NT_AT_MAC)
		return false;
	nt_skb_bytes(skb, direct, &b);
	if (b.protocol != bpf_htons(NT_ETH_P_IP))
		return false;
	p = at == NT_AT_DATA ? b.data : b.head + b.network_header;
	if (at != NT_AT_DATA && p < b.data)
		return false;
	return nt_plain4_at(&b, p, h, more);
}

NT_INLINE bool nt_read_plain4(struct sk_buff *skb, const bool direct, const enum nt_parse_at at,
			      struct nt_plain4 *h)
{
	return nt_read_plain4_more(skb, direct, at, h, 0);
}

/* The same inside the stack's functions for IPv4, as nt_find_l3_inside(). */
NT_INLINE bool nt_read_plain4_inside(struct sk_buff *skb, const bool direct, struct nt_plain4 *h)
{
	struct nt_skb_bytes b;

	nt_skb_bytes(skb, direct, &b);
	return nt_plain4_at(&b, b.head + b.network_header, h, 0);
}

NT_INLINE __u64 nt_plain4_pair(const struct nt_plain4 *h)
{
	/* By its field clang knows of 4 bytes of alignment, and loads it by halves. */
	return ((const nt_u64 *)h)[__builtin_offsetof(struct nt_plain4, ip.saddr) / 8];
}

/* The first 8 bytes of L4 as they lie in the packet, on a little-endian machine. */
NT_INLINE __u64 nt_plain4_l4(const struct nt_plain4 *h)
{
	return *(const nt_u64 *)&h->l4;
}

/* As nt_match_ports(), behind nt_match_proto(), which lets none without ports pass then. */
NT_INLINE bool nt_plain4_match_ports(const struct nt_filter *f, const struct nt_plain4 *h)
{
	if (!nt_pair_is(&f->ports, nt_plain4_l4(h)))
		return false;
	return !f->port_lists || (nt_match_port(&f->sport, h->l4.port.sport) &&
				  nt_match_port(&f->dport, h->l4.port.dport));
}

/*
 * The key of a plain packet, by the word, which is half of what it costs by the
 * field. ports: sport, dport and seq, type: type and code, as they lie in the packet.
 */
NT_INLINE void nt_plain4_key_of(struct nt_key *k, const struct nt_plain4 *h, __u64 ports,
				__u64 type)
{
	__u64 *w = (__u64 *)k;

	w[0] = h->ip.saddr;
	w[1] = 0;
	w[2] = h->ip.daddr;
	w[3] = 0;
	w[4] = ports;
	w[5] = h->ip.id | (__u64)bpf_ntohs(h->ip.tot_len) << 48;
	w[6] = 4 | (__u64)h->ip.proto << 8 | type << 16 | (__u64)sizeof(h->ip) << 40;
}
_Static_assert(__builtin_offsetof(struct nt_key, daddr) == 16 &&
		       __builtin_offsetof(struct nt_key, sport) == 32 &&
		       __builtin_offsetof(struct nt_key, seq) == 36 &&
		       __builtin_offsetof(struct nt_key, ip_id) == 40 &&
		       __builtin_offsetof(struct nt_key, len) == 46 &&
		       __builtin_offsetof(struct nt_key, family) == 48 &&
		       __builtin_offsetof(struct nt_key, type) == 50 &&
		       __builtin_offsetof(struct nt_key, l4_off) == 53,
	       "the words of a key");

/* The same of any protocol, as nt_parse_l3() would fill it in. */
NT_INLINE void nt_plain4_key(struct nt_key *k, const struct nt_plain4 *h)
{
	__u64 ports = 0, type = 0, l4 = nt_plain4_l4(h);

	if (h->ip.proto == NT_IPPROTO_ICMP || h->ip.proto == NT_IPPROTO_ICMP6) {
		type = l4 & 0xffff;
		ports = nt_icmp_is_echo(h->ip.proto, l4 & 0xff) ? l4 >> 32 : 0;
	} else if (h->ip.proto == NT_IPPROTO_TCP) {
		ports = l4;
	} else if (h->ip.proto == NT_IPPROTO_UDP || h->ip.proto == NT_IPPROTO_SCTP) {
		ports = l4 & 0xffffffff;
	}
	nt_plain4_key_of(k, h, ports, type);
}

/*
 * From the L3 header on. want is the compile-time set of NT_WANT_* that the tool
 * can use at all: other protocols are NT_PARSE_OTHER and cost no more than the
 * read of the first header, as do other addresses if l->f is set. The key is
 * zeroed before it is filled in; with a want only then. With a want a packet of
 * the family that the filter's addresses rule out is NT_PARSE_OTHER unread: the
 * verifier passes by its parser, which is half of the way.
 */
NT_INLINE int nt_parse_l3(struct nt_key *k, struct nt_l3 *l, const __u32 want)
{
	int r = NT_PARSE_OTHER;

	if (!want) /* all is told of every packet, also of what is damaged */
		nt_key_clear(k, l);
	if (l->eth == NT_ETH_P_IP) {
		if (!want || nt_known(NT_KNOWN_FAMILY) != 6)
			r = nt_parse_ipv4(k, l, want);
	} else if (l->eth == NT_ETH_P_IPV6) {
		if (!want || nt_known(NT_KNOWN_FAMILY) != 4)
			r = nt_parse_ipv6(k, l, want);
	}
	if (want)
		return r; /* whose header is looked at, all of them */
	/* For clang, which would share the ends of the functions by jumps back. */
	NT_OPAQUE(r);
	return r == NT_PARSE_UNREAD && nt_key_whole(k) ? NT_PARSE_OK : r;
}

#endif
