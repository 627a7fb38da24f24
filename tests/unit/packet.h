/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets for tests, header by header, and an skb around them. */
#ifndef NT_TEST_PACKET_H
#define NT_TEST_PACKET_H

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "parse.bpf.h"

struct packet {
	uint8_t b[512];
	size_t n;
	size_t l3;    /* where the L3 header is */
	uint16_t eth; /* EtherType in the Ethernet header, host order */
};

static inline void put8(struct packet *p, uint8_t v)
{
	p->b[p->n++] = v;
}

static inline void put16(struct packet *p, uint16_t v)
{
	put8(p, (uint8_t)(v >> 8));
	put8(p, (uint8_t)v);
}

static inline void put32(struct packet *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p, (uint16_t)v);
}

static inline void put_zeros(struct packet *p, size_t n)
{
	memset(p->b + p->n, 0, n);
	p->n += n;
}

/* Ethernet with up to two tags (0: none); eth is the innermost EtherType. */
static inline void put_ether(struct packet *p, uint16_t outer, uint16_t inner, uint16_t eth)
{
	memset(p, 0, sizeof(*p));
	put_zeros(p, 12);
	p->eth = outer && inner ? 0x88a8 : outer ? 0x8100 : eth;
	put16(p, p->eth);
	if (outer) {
		put16(p, outer);
		put16(p, inner ? 0x8100 : eth);
	}
	if (inner) {
		put16(p, inner);
		put16(p, eth);
	}
	p->l3 = p->n;
}

#define SRC4 0x0a4d0101 /* 10.77.1.1 */
#define DST4 0x0a4d0201

/* options: 32-bit words of them. frag: the field as it is in the header. */
static inline void put_ipv4(struct packet *p, uint8_t proto, unsigned int options, uint16_t frag)
{
	put8(p, (uint8_t)(0x45 + options));
	put8(p, 0);
	put16(p, 0x1234); /* total length */
	put16(p, 0xbeef); /* id */
	put16(p, frag);
	put8(p, 64);
	put8(p, proto);
	put16(p, 0);
	put32(p, SRC4);
	put32(p, DST4);
	memset(p->b + p->n, 1, options * 4);
	p->n += options * 4;
}

/* fd77:1::1 -> fd77:2::1 */
static inline void put_ipv6(struct packet *p, uint8_t nexthdr)
{
	put32(p, 0x60012345);
	put16(p, 0x4321); /* payload length */
	put8(p, nexthdr);
	put8(p, 64);
	put32(p, 0xfd770001);
	put_zeros(p, 8);
	put32(p, 1);
	put32(p, 0xfd770002);
	put_zeros(p, 8);
	put32(p, 1);
}

/* An extension header of words * 8 bytes more than 8. */
static inline void put_ext(struct packet *p, uint8_t nexthdr, uint8_t words)
{
	put8(p, nexthdr);
	put8(p, words);
	put_zeros(p, 6 + words * 8U);
}

static inline void put_frag6(struct packet *p, uint8_t nexthdr, uint16_t off, bool more)
{
	put8(p, nexthdr);
	put8(p, 0);
	put16(p, (uint16_t)(off | more));
	put32(p, 0xcafe0001);
}

/* Length in words of 4 bytes, without the first two. */
static inline void put_ah(struct packet *p, uint8_t nexthdr, uint8_t words)
{
	put8(p, nexthdr);
	put8(p, words);
	put_zeros(p, (words + 2) * 4U - 2);
}

static inline void put_echo(struct packet *p, uint8_t type)
{
	put8(p, type);
	put8(p, 0);
	put16(p, 0);
	put16(p, 0x0102); /* id */
	put16(p, 0x0304); /* sequence */
}

static inline void put_ports(struct packet *p, uint32_t seq)
{
	put16(p, 1024);
	put16(p, 443);
	put32(p, seq);
}

/*
 * The skb at an instant, of which only the first linear bytes from the L3 header
 * on (AT_MAC: from the Ethernet header on) are in the linear part. The buffer is
 * exactly as large: whatever reads behind it is seen.
 */
struct frame {
	struct sk_buff skb;
	unsigned char *head;
};

#define HEADROOM 32

static inline void frame_init(struct frame *f, const struct packet *p, enum nt_parse_at at,
			      size_t linear)
{
	/* On the way out data is at the Ethernet header. */
	size_t data = at == NT_AT_DATA ? p->l3 : 0;
	size_t end = at == NT_AT_MAC ? linear : p->l3 + linear;

	memset(f, 0, sizeof(*f));
	f->head = malloc(HEADROOM + end);
	if (!f->head)
		abort();
	memset(f->head, 0xaa, HEADROOM);
	memcpy(f->head + HEADROOM, p->b, end);
	f->skb.head = f->head;
	f->skb.data = f->head + HEADROOM + data;
	f->skb.mac_header = HEADROOM;
	f->skb.network_header = (uint16_t)(HEADROOM + p->l3);
	f->skb.protocol = htons(p->eth);
	f->skb.tail = (unsigned int)(HEADROOM + end);
	f->skb.len = (unsigned int)(p->n - data);
	f->skb.data_len = (unsigned int)(p->n - end);
	shim_forget_memory();
	shim_memory(f->head, HEADROOM + end);
	shim_memory(&f->skb, sizeof(f->skb));
}

static inline void frame_done(struct frame *f)
{
	free(f->head);
}

#endif
