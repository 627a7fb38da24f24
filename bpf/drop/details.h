/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: a record of drop details. */
#ifndef NT_DROP_DETAILS_H
#define NT_DROP_DETAILS_H

#include "drop.h"
#include "packet.h"

#define DROP_L2_BYTES 24 /* Ethernet header and two tags */
#define DROP_L3_BYTES 40 /* IPv6, ARP, IPv4 without its options; of others what is behind L2 */
#define DROP_L4_BYTES 20 /* TCP without its options */

/* Header bytes are as they lie in the packet; of each as many as its *_len says. */
struct drop_rec {
	__u64 time_ns; /* first */
	__u64 place;   /* address behind the call that freed */
	__u64 stack;   /* hash; 0: none */
	struct nt_key pkt;
	__u32 reason;
	__u32 ifindex; /* of skb->dev; 0: none */
	__u32 inum;    /* network namespace of the device, else of the socket; 0: not known */
	__u32 iif;     /* where it came in, if that is another device */
	__u32 tgid, tid;
	__u32 cpu;
	__u32 len, data_len;
	__u32 mac, network, transport; /* offsets behind head, as the kernel has them */
	__u32 data;                    /* likewise, of the data */
	__u16 eth;                     /* EtherType behind all tags, host order */
	__u16 gso_size;
	__u16 queue;     /* queue_mapping */
	__u16 tag_tci;   /* of the tag beside the packet, host order */
	__u16 tag_proto; /* 0: there is none */
	__u8 flags;      /* DROP_ROW_* */
	__u8 cls;        /* class + 1, with --disable-normal-filter; 0: none */
	__u8 l2_len, l3_len, l4_len;
	__u8 pad[5];
	__u8 l2[DROP_L2_BYTES];
	__u8 l3[DROP_L3_BYTES];
	__u8 l4[DROP_L4_BYTES];
	char dev[NT_IFNAMSIZ];
	char comm[NT_IFNAMSIZ];
	__u32 pad2;
};
_Static_assert(sizeof(struct drop_rec) == 272, "wire layout: fixed widths, no holes");

#endif
