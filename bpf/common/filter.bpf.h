/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filter, the cheapest test first: device -> protocol -> addresses ->
 * ports. One implementation for every tool.
 */
#ifndef NT_FILTER_BPF_H
#define NT_FILTER_BPF_H

#include "nt.bpf.h"
#include "filter.h"
#include "packet.h"
#include "skb.bpf.h"

/* The one value of "nt_cfg"; T begins with struct nt_filter. */
#define NT_CFG_MAP(T)                                       \
	struct {                                            \
		__uint(type, BPF_MAP_TYPE_ARRAY);           \
		__uint(max_entries, 1);                     \
		__type(key, __u32);                         \
		__type(value, T);                           \
	} nt_cfg SEC(".maps");                              \
	NT_INLINE T *nt_settings(void)                      \
	{                                                   \
		__u32 zero = 0;                             \
		return bpf_map_lookup_elem(&nt_cfg, &zero); \
	}

/*
 * Role bits of a device, 0 if it is not asked for. Devices are known by
 * (netns, ifindex): an index alone is not unique, three devices of one host
 * can all have index 2.
 */
NT_INLINE __u32 nt_dev_role(const struct nt_filter *f, struct net_device *dev, __u32 ifindex,
			    const bool direct)
{
	__u32 slot = (ifindex * f->dev_mult) >> NT_DEV_SHIFT;
	const struct nt_dev *d = &f->dev[slot & (NT_DEV_SLOTS - 1)];
	struct net *net;

	if (d->ifindex != ifindex || !ifindex)
		return 0;
	net = NT_READ(direct, dev, nd_net.net);
	if (NT_READ(direct, net, ns.inum) != d->inum)
		return 0;
	return d->role;
}

/* Is the protocol asked for? */
NT_INLINE bool nt_match_proto(const struct nt_filter *f, __u8 proto)
{
	__u32 bit;

	if (!f->protos)
		return true;
	switch (proto) {
	case NT_IPPROTO_ICMP:
		bit = NT_KPROTO_ICMP;
		break;
	case NT_IPPROTO_TCP:
		bit = NT_KPROTO_TCP;
		break;
	case NT_IPPROTO_UDP:
		bit = NT_KPROTO_UDP;
		break;
	case NT_IPPROTO_ICMP6:
		bit = NT_KPROTO_ICMP6;
		break;
	default:
		bit = 0;
		break;
	}
	if (f->protos & bit)
		return true;
	return (f->protos & NT_KPROTO_NUM) && f->proto_num == proto;
}

/* 1 if x, of 32 bits, is 0, else 0; without a branch for the verifier to follow. */
NT_INLINE __u32 nt_is_zero(__u64 x)
{
	return (x - 1) >> 63;
}

/* 1 if the address is that of the entry, else 0. */
NT_INLINE __u32 nt_addr_equal(const struct nt_addr *a, const __u32 *addr, const bool v6)
{
	__u32 x = (addr[0] & a->mask[0]) ^ a->addr[0];

	if (v6) {
		x |= (addr[1] & a->mask[1]) ^ a->addr[1];
		x |= (addr[2] & a->mask[2]) ^ a->addr[2];
		x |= (addr[3] & a->mask[3]) ^ a->addr[3];
	}
	return nt_is_zero(x);
}

/* Written out, not "#pragma unroll": clang gives up on some of them. */
#define NT_TIMES7(M) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
_Static_assert(NT_MAX_ADDRS == 8 && NT_MAX_PORTS == 8, "the lists are written out by 8");

/* Entries 1 to 7; sub-programs, because lists are rare and written out they are long. */
#define NT_TRY(i) hit |= nt_addr_equal(&s->a[i], addr, NT_V6);
#define NT_V6 false
static __attribute__((noinline)) __u32 nt_match_more4(const struct nt_addrs *s, __u32 word)
{
	const __u32 addr[1] = { word };
	__u32 hit = 0;

	if (!s)
		return 0;
	NT_TIMES7(NT_TRY)
	return hit;
}
#undef NT_V6

#define NT_V6 true
static __attribute__((noinline)) __u32 nt_match_addr6(const struct nt_addrs *s, const __u32 *addr)
{
	__u32 hit;

	if (!s || !addr)
		return 0;
	hit = nt_addr_equal(&s->a[0], addr, true);
	if (s->n > 1) {
		NT_TIMES7(NT_TRY)
	}
	return hit;
}
#undef NT_V6
#undef NT_TRY

/*
 * 1 if the IPv4 address is in the list, else 0. A list is sealed (filter.h): the
 * first entry of an empty one matches everything, entries that are not used match
 * nothing, so that there is nothing to count.
 */
NT_INLINE __u32 nt_match_addr4(const struct nt_addrs *s, const __u32 *addr)
{
	__u32 hit = nt_addr_equal(&s->a[0], addr, false);

	return s->n > 1 ? hit | nt_match_more4(s, *addr) : hit;
}

/* port in network order, as in the packet. */
NT_INLINE __u32 nt_match_port(const struct nt_ports *s, __u16 port)
{
	__u32 hit;

	if (!s->n)
		return 1;
	port = bpf_ntohs(port);
	hit = nt_is_zero(s->p[0] ^ port);
	if (s->n > 1) {
#define NT_TRY(i) hit |= nt_is_zero(s->p[i] ^ port);
		NT_TIMES7(NT_TRY)
#undef NT_TRY
	}
	return hit;
}

/* A pair of IPv6 addresses, on the stack for the sub-program. */
struct nt_pair6 {
	__u32 s[4];
	__u32 d[4];
};

/* Bits of the result: the packet runs from source to destination, or back. */
#define NT_FWD 0x1
#define NT_REV 0x2

/* Both directions at once, of a packet of IPv4. */
NT_INLINE __u32 nt_match_pair4(const struct nt_filter *f, const __u32 *s, const __u32 *d)
{
	if (!f->family)
		return NT_FWD | NT_REV; /* addresses have a family: there are none */
	if (f->family != 4)
		return 0;
	return (nt_match_addr4(&f->src, s) & nt_match_addr4(&f->dst, d)) * NT_FWD |
	       (nt_match_addr4(&f->src, d) & nt_match_addr4(&f->dst, s)) * NT_REV;
}

NT_INLINE __u32 nt_match_pair6(const struct nt_filter *f, const __u32 s[4], const __u32 d[4])
{
	struct nt_pair6 p;

	if (!f->family)
		return NT_FWD | NT_REV;
	if (f->family != 6)
		return 0;
	__builtin_memcpy(p.s, s, sizeof(p.s));
	__builtin_memcpy(p.d, d, sizeof(p.d));
	return (nt_match_addr6(&f->src, p.s) & nt_match_addr6(&f->dst, p.d)) * NT_FWD |
	       (nt_match_addr6(&f->src, p.d) & nt_match_addr6(&f->dst, p.s)) * NT_REV;
}

/* The same of a key; want is the compile-time set of NT_FWD and NT_REV. */
NT_INLINE __u32 nt_match_addrs(const struct nt_filter *f, const struct nt_key *k, const __u32 want)
{
	return (k->family == 6 ? nt_match_pair6(f, k->saddr, k->daddr) :
				 nt_match_pair4(f, k->saddr, k->daddr)) &
	       want;
}

/* The ports as they are in the packet; one without ports fails a port filter. */
NT_INLINE bool nt_match_ports(const struct nt_filter *f, const struct nt_key *k)
{
	if (!f->sport.n && !f->dport.n)
		return true;
	if (k->proto != NT_IPPROTO_TCP && k->proto != NT_IPPROTO_UDP && k->proto != NT_IPPROTO_SCTP)
		return false;
	if (k->flags & NT_KEY_LATER_FRAG)
		return false;
	return nt_match_port(&f->sport, k->sport) && nt_match_port(&f->dport, k->dport);
}

/* One direction with ports. */
NT_INLINE bool nt_match_flow(const struct nt_filter *f, const struct nt_key *k)
{
	return nt_match_addrs(f, k, NT_FWD) && nt_match_ports(f, k);
}

#endif
