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
};

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
	__u32 protos;    /* bit set NT_KPROTO_*; 0: any */
	__u32 proto_num; /* the number of NT_KPROTO_NUM */
	__u64 seed;      /* of the packet hash */
	/* IPv4 without lists, which is nearly always: one test for each direction. */
	struct nt_pair_test fwd4, rev4;
	__u32 lists; /* one of the lists has several addresses: the two above match nothing */
	__u32 zero;  /* 0, which the verifier does not know */
	struct nt_addrs src, dst;
	struct nt_ports sport, dport;
	__u32 pad;
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

static inline void nt_filter_seal(struct nt_filter *f)
{
	f->lists = f->src.n > 1 || f->dst.n > 1;
	nt_pair_seal(f, &f->fwd4, &f->src, &f->dst);
	nt_pair_seal(f, &f->rev4, &f->dst, &f->src);
	nt_addrs_seal(&f->src);
	nt_addrs_seal(&f->dst);
	nt_ports_seal(&f->sport);
	nt_ports_seal(&f->dport);
}
#endif

#endif
