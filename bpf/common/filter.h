/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: what the user asked to see, and on which devices. First member
 * of every tool's kernel settings (the one value of the map "nt_cfg").
 */
#ifndef NT_FILTER_H
#define NT_FILTER_H

#include "packet.h"
#include "types.h"

/* Role bits are the tool's own but for these. */
#define NT_ROLE_A 0x01      /* --rx-iface, --vm-interface, --interface */
#define NT_ROLE_B 0x02      /* --tx-iface, --phy-interface */
#define NT_ROLE_EITHER 0x04 /* a local end: both of its instants count */
/*
 * Not all of its packets are asked for. It has further entries: for each VLAN that
 * is, and, if all others are too, for the rest. They are found by a key in place of
 * the index, and have another number of the namespace, so that no device is taken
 * for one. Its own entry has the roles of all of them.
 */
#define NT_ROLE_VLANS 0x80
#define NT_VLAN_REST 4096 /* no VLAN id */
#define NT_VLAN_KEY(ifindex, id) ((ifindex) ^ (((__u32)(id) + 1) << 19))
#define NT_VLAN_INUM(inum) (~(__u32)(inum))

struct nt_dev {
	__u32 ifindex; /* 0: empty slot */
	__u32 inum;    /* of its network namespace */
	__u32 role;
	__u32 tool; /* what the tool derives from the role */
	__u64 net;  /* where the kernel has that namespace, learned from a packet */
	__u64 pad;
};
#define NT_NET_UNKNOWN (~0ULL)

/* A pair of IPv4 addresses matches if (pair & mask) == value: see nt_pair4(). */
struct nt_pair_test {
	__u64 mask;
	__u64 value;
};

/* A power of two; the slot of an ifindex is (ifindex * mult) >> 26. */
#define NT_DEV_SLOTS 64
#define NT_DEV_SHIFT 26
#define NT_DEV_SEEN 64 /* likewise */

/* Filled in by user space, then sealed: lib/run/seal.h. */
struct nt_filter {
	__u32 armed;     /* set last: nothing is counted before */
	__u32 dev_mult;  /* multiplier without collisions, found by user space */
	__u32 ndevs;     /* 0: any device */
	__u32 family;    /* 0: any; 4 or 6 */
	__u32 protos;    /* bit set NT_KPROTO_*; 0: any. The kernel looks at proto[] */
	__u32 proto_num; /* the number of NT_KPROTO_NUM */
	__u64 seed;      /* of the packet hash */
	/* IPv4 without lists, which is nearly always: one test for each direction. */
	struct nt_pair_test fwd4, rev4;
	/* Both ports in the first bytes of L4, of a protocol that has ports. */
	struct nt_pair_test ports;
	__u32 lists;      /* one of the lists has several addresses: fwd4, rev4 match nothing */
	__u32 port_lists; /* several ports: the test above matches everything */
	__u32 zero;       /* 0, which the verifier does not know */
	struct nt_addrs src, dst;
	struct nt_ports sport, dport;
	/* 1 if a protocol is asked for; with ports only such as have them. */
	__u8 proto[256];
	struct nt_dev dev[NT_DEV_SLOTS];
	__u64 seen[NT_DEV_SEEN]; /* where devices that were asked for lie: nt_dev_seen() */
};

#define NT_KPROTO_ICMP 0x01
#define NT_KPROTO_TCP 0x02
#define NT_KPROTO_UDP 0x04
#define NT_KPROTO_ICMP6 0x08
#define NT_KPROTO_NUM 0x80

#endif
