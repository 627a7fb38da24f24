/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: what makes it the same packet at the next stage. One layout for
 * every protocol; all multi-byte header fields are in network byte order.
 */
#ifndef NT_PACKET_H
#define NT_PACKET_H

#include <linux/types.h>

#define NT_IPPROTO_ICMP 1
#define NT_IPPROTO_TCP 6
#define NT_IPPROTO_UDP 17
#define NT_IPPROTO_ICMP6 58
#define NT_IPPROTO_SCTP 132

/* Bits of nt_key.flags. */
#define NT_KEY_FRAG 0x01       /* a fragment, the first one included */
#define NT_KEY_LATER_FRAG 0x02 /* not the first: no ports in it */
#define NT_KEY_ERROR 0x04      /* ICMP error: the key is that of the quoted packet */
#define NT_KEY_MORE_FRAGS 0x08

struct nt_key {
	__u32 saddr[4]; /* IPv4 in word 0, the rest zero */
	__u32 daddr[4];
	__u16 sport;    /* TCP, UDP, SCTP port; ICMP echo: id */
	__u16 dport;    /* ICMP echo: sequence */
	__u32 seq;      /* TCP sequence number */
	__u32 ip_id;    /* IPv4 id (low half); IPv6 fragment id */
	__u16 frag_off; /* bytes, host order */
	__u16 len;      /* IPv4 tot_len or IPv6 payload_len, host order */
	__u8 family;    /* 4 or 6 */
	__u8 proto;     /* of the last header that was reached */
	__u8 type;      /* ICMP type */
	__u8 code;      /* ICMP code */
	__u8 flags;     /* NT_KEY_* */
	__u8 l4_off;    /* bytes from the L3 header to the L4 header, 0 if unknown */
	__u16 vlan;     /* in-band VLAN id + 1, host order; 0: none */
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct nt_key) == 56, "wire layout: fixed widths, no holes");

/* Both addresses of an IPv4 header as they lie in it, on a little-endian machine. */
static inline __attribute__((always_inline)) __u64 nt_pair4(__u32 saddr, __u32 daddr)
{
	return ((__u64)daddr << 32) | saddr;
}

/* The pair of the other direction. */
static inline __attribute__((always_inline)) __u64 nt_pair4_turned(__u64 pair)
{
	return (pair << 32) | (pair >> 32);
}

/* Of ICMP or ICMPv6: is it an echo request or reply, with an id and a sequence number? */
static inline __attribute__((always_inline)) int nt_icmp_is_echo(__u8 proto, __u8 type)
{
	return proto == NT_IPPROTO_ICMP ? type == 8 || type == 0 : type == 128 || type == 129;
}

#endif
