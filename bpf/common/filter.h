/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: what the user asked to see, and on which devices. First member
 * of every tool's kernel settings (the one value of the map "nt_cfg").
 */
#ifndef NT_FILTER_H
#define NT_FILTER_H

#ifndef __bpf__
#include <arpa/inet.h>
#endif

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
	__u32 port_lists; /* several ports: the test above matches nothing */
	__u32 zero;       /* 0, which the verifier does not know */
	struct nt_addrs src, dst;
	struct nt_ports sport, dport;
	/* 1 if a protocol is asked for; with ports only such as have them. */
	__u8 proto[256];
	struct nt_dev dev[NT_DEV_SLOTS];
};

#define NT_KPROTO_ICMP 0x01
#define NT_KPROTO_TCP 0x02
#define NT_KPROTO_UDP 0x04
#define NT_KPROTO_ICMP6 0x08
#define NT_KPROTO_NUM 0x80

#ifndef __bpf__
/*
 * User space seals the lists of a filter before the kernel sees it: unused
 * entries match nothing, the first of an empty list everything. The kernel
 * side then compares without counting.
 */
static inline void nt_addrs_seal(struct nt_addrs *s)
{
	__u32 i, w;

	for (i = s->n; i < NT_MAX_ADDRS; i++) {
		for (w = 0; w < 4; w++) {
			s->a[i].mask[w] = 0;
			s->a[i].addr[w] = s->n || i ? ~0U : 0;
		}
	}
}

static inline void nt_ports_seal(struct nt_ports *s)
{
	__u32 i;

	for (i = s->n; s->n && i < NT_MAX_PORTS; i++)
		s->p[i] = s->p[0];
}

static inline void nt_pair_seal(const struct nt_filter *f, struct nt_pair_test *t,
				const struct nt_addrs *s, const struct nt_addrs *d)
{
	t->mask = nt_pair4(s->n ? s->a[0].mask[0] : 0, d->n ? d->a[0].mask[0] : 0);
	t->value = nt_pair4(s->n ? s->a[0].addr[0] : 0, d->n ? d->a[0].addr[0] : 0);
	if (f->family == 6 || f->lists) { /* nothing of IPv4 matches, or not by this test */
		t->mask = 0;
		t->value = ~0ULL;
	}
}

static inline int nt_has_ports(__u32 proto)
{
	return proto == NT_IPPROTO_TCP || proto == NT_IPPROTO_UDP || proto == NT_IPPROTO_SCTP;
}

static inline int nt_proto_asked(const struct nt_filter *f, __u32 proto)
{
	return !f->protos || ((f->protos & NT_KPROTO_ICMP) && proto == NT_IPPROTO_ICMP) ||
	       ((f->protos & NT_KPROTO_TCP) && proto == NT_IPPROTO_TCP) ||
	       ((f->protos & NT_KPROTO_UDP) && proto == NT_IPPROTO_UDP) ||
	       ((f->protos & NT_KPROTO_ICMP6) && proto == NT_IPPROTO_ICMP6) ||
	       ((f->protos & NT_KPROTO_NUM) && proto == f->proto_num);
}

static inline void nt_l4_seal(struct nt_filter *f)
{
	const __u32 ports = f->sport.n || f->dport.n;
	__u32 i;

	for (i = 0; i < sizeof(f->proto); i++)
		f->proto[i] = nt_proto_asked(f, i) && (!ports || nt_has_ports(i));
	f->port_lists = f->sport.n > 1 || f->dport.n > 1;
	f->ports.mask = (f->sport.n ? 0xffff : 0) | (f->dport.n ? 0xffff0000 : 0);
	f->ports.value = htons(f->sport.p[0]) | (__u32)htons(f->dport.p[0]) << 16;
	f->ports.value &= f->ports.mask;
	if (f->port_lists) { /* see nt_plain4_match_ports() */
		f->ports.mask = 0;
		f->ports.value = 1;
	}
	nt_ports_seal(&f->sport);
	nt_ports_seal(&f->dport);
}

static inline void nt_filter_seal(struct nt_filter *f)
{
	f->lists = f->src.n > 1 || f->dst.n > 1;
	nt_pair_seal(f, &f->fwd4, &f->src, &f->dst);
	nt_pair_seal(f, &f->rev4, &f->dst, &f->src);
	nt_addrs_seal(&f->src);
	nt_addrs_seal(&f->dst);
	nt_l4_seal(f);
}
#endif

#endif
