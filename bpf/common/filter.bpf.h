/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filter, the cheapest test first: device -> protocol -> addresses ->
 * ports. One implementation for every tool.
 */
#ifndef NT_FILTER_BPF_H
#define NT_FILTER_BPF_H

#include "nt.bpf.h"
#include "filter.h"
#include "known.bpf.h"
#include "packet.h"
#include "skb.bpf.h"

/*
 * The one value of "nt_cfg"; T begins with struct nt_filter. Beside it the test
 * of address lists: global functions, which the verifier (5.6 and later) walks
 * once and not at every call. Until 5.12 it takes numbers only for arguments of
 * such, so that they find the filter themselves. nt_settings_looked_up() is four
 * instructions shorter where it is written, and a dozen longer when it runs.
 */
#define NT_CFG_MAP(T)                                                                \
	struct {                                                                     \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                    \
		__uint(max_entries, 1);                                              \
		__type(key, __u32);                                                  \
		__type(value, T);                                                    \
	} nt_cfg SEC(".maps");                                                       \
	NT_INLINE T *nt_settings_looked_up(void)                                     \
	{                                                                            \
		__u32 zero = 0;                                                      \
                                                                                     \
		return bpf_map_lookup_elem(&nt_cfg, &zero);                          \
	}                                                                            \
	NT_INLINE T *nt_settings(void)                                               \
	{                                                                            \
		T *value = NT_VALUE_OF(nt_cfg);                                      \
                                                                                     \
		return value ?: nt_settings_looked_up();                             \
	}                                                                            \
	__attribute__((noinline)) __u32 nt_in_list4(__u32 word, __u32 dst)           \
	{                                                                            \
		return nt_list_of((void *)nt_settings_looked_up(), dst, word, 0, 4); \
	}                                                                            \
	__attribute__((noinline)) __u32 nt_in_list6(__u64 a, __u64 b, __u32 dst)     \
	{                                                                            \
		return nt_list_of((void *)nt_settings_looked_up(), dst, a, b, 6);    \
	}

/*
 * The one entry that a device of this index can have: not NULL, so that nobody
 * tests it. nt_dev_is() tells whether it is that device's.
 */
NT_INLINE const struct nt_dev *nt_dev_of(const struct nt_filter *f, __u32 ifindex)
{
	__u32 slot = (ifindex * f->dev_mult) >> NT_DEV_SHIFT;
	const struct nt_dev *d = &f->dev[slot & (NT_DEV_SLOTS - 1)];

	NT_OPAQUE(d); /* or clang computes it again for each field */
	return d;
}

/*
 * Is the namespace the entry's? The number says so, and from then on the address, which
 * takes one read less. User space holds the namespace open: no other can come to lie there.
 */
NT_INLINE bool nt_dev_in(const struct nt_dev *d, struct net *net, const bool direct)
{
	if (d->net != (unsigned long)net) {
		if (NT_READ(direct, net, ns.inum) != d->inum)
			return false;
		((struct nt_dev *)d)->net = (unsigned long)net;
	}
	return true;
}

/*
 * Devices are known by (netns, ifindex): an index alone is not unique, three
 * devices of one host can all have index 2.
 */
NT_INLINE bool nt_dev_is(const struct nt_dev *d, struct net_device *dev, __u32 ifindex,
			 const bool direct)
{
	if (d->ifindex != ifindex) /* an empty slot has 0 */
		return false;
	return nt_dev_in(d, NT_READ(direct, dev, nd_net.net), direct);
}

/*
 * Where dev lies, as a number. Where the verifier knows it for a pointer that is its
 * distance from the settings: of pointers nothing else may be computed.
 */
NT_INLINE __u64 nt_dev_place(const struct nt_filter *f, const struct net_device *dev,
			     const bool direct)
{
	__u64 place = (unsigned long)dev;

#ifdef __bpf__ /* in C clang may have dev as a sum of this, which is no pointer any more */
	if (direct)
		asm("%0 -= %1" : "+r"(place) : "r"(f));
#else
	(void)f;
	(void)direct;
#endif
	return place;
}

NT_INLINE __u64 *nt_dev_seen_at(const struct nt_filter *f, __u64 place)
{
	/* Devices begin with a page, mostly: the product's upper bits are of all that differs. */
	const __u64 *at = &f->seen[((place * 0x1e3779b1) >> NT_DEV_SHIFT) & (NT_DEV_SEEN - 1)];

	return (__u64 *)at;
}

/*
 * Does dev lie where one lay that was asked for? That costs no read of it. Another
 * may lie there since, or it may have gone to another namespace: so this may say
 * what is looked at first, never that a packet is asked for or that it is not. way: in
 * or out, of which a tool may want one.
 */
NT_INLINE bool nt_dev_seen(const struct nt_filter *f, const struct net_device *dev, const bool way,
			   const bool direct)
{
	__u64 place = nt_dev_place(f, dev, direct) + way;

	return *nt_dev_seen_at(f, place) == place;
}

/* dev is asked for. Of two that want one place in the table the last one has it. */
NT_INLINE void nt_dev_remember(const struct nt_filter *f, const struct net_device *dev,
			       const bool way, const bool direct)
{
	__u64 place = nt_dev_place(f, dev, direct) + way;

	*nt_dev_seen_at(f, place) = place;
}

/* Role bits of a device, 0 if it is not asked for. */
NT_INLINE __u32 nt_dev_role(const struct nt_filter *f, struct net_device *dev, __u32 ifindex,
			    const bool direct)
{
	const struct nt_dev *d = nt_dev_of(f, ifindex);

	return nt_dev_is(d, dev, ifindex, direct) ? d->role : 0;
}

/* Is the protocol asked for? */
NT_INLINE bool nt_match_proto(const struct nt_filter *f, __u8 proto)
{
	return f->proto[proto];
}

/* 1 if x, of 32 bits, is 0, else 0; without a branch for the verifier to follow. */
NT_INLINE __u32 nt_is_zero(__u64 x)
{
	return (x - 1) >> 63;
}

/* 1 if x is 0, else 0: of all 64 bits. Opaque, or clang makes a branch of it. */
NT_INLINE __u32 nt_is_zero64(__u64 x)
{
	__u64 minus = -x;

	NT_OPAQUE(minus);
	return ((x | minus) >> 63) ^ 1;
}

/* Two words of an address as they lie in a header. */
NT_INLINE __u64 nt_two_words(const __u32 *w)
{
	return ((__u64)w[1] << 32) | w[0];
}

/* 1 if the address, first and second half of it, is that of the entry, else 0. */
NT_INLINE __u32 nt_addr_equal(const struct nt_addr *a, __u64 w0, __u64 w1, const bool v6)
{
	const nt_u64 *addr = (const nt_u64 *)a->addr, *mask = (const nt_u64 *)a->mask;

	if (!v6)
		return nt_is_zero(((__u32)w0 & a->mask[0]) ^ a->addr[0]);
	return nt_is_zero64(((w0 & mask[0]) ^ addr[0]) | ((w1 & mask[1]) ^ addr[1]));
}

/* Written out, not "#pragma unroll": clang gives up on some of them. */
#define NT_TIMES7(M) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
_Static_assert(NT_MAX_ADDRS == 8 && NT_MAX_PORTS == 8, "the lists are written out by 8");

/*
 * 1 if the address is in the list, else 0. A list is sealed (filter.h): the first
 * entry of an empty one matches everything, entries that are not used match
 * nothing, so that there is nothing to count and no branch.
 */
#define NT_TRY(i) hit |= nt_addr_equal(&s->a[i], w0, w1, v6);
NT_INLINE __u32 nt_list_has(const struct nt_addrs *s, __u64 w0, __u64 w1, const bool v6)
{
	__u32 hit = nt_addr_equal(&s->a[0], w0, w1, v6);

	NT_TIMES7(NT_TRY)
	return hit;
}
#undef NT_TRY

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

/* Bits of the result: the packet runs from source to destination, or back. */
#define NT_FWD 0x1
#define NT_REV 0x2

/* Is the address, two words as it lies in the header, in the list of sources or dst? */
NT_INLINE __u32 nt_list_of(const struct nt_filter *f, __u32 dst, __u64 a, __u64 b,
			   const __u32 family)
{
	return f ? nt_list_has(dst ? &f->dst : &f->src, a, b, family == 6) : 0;
}

#ifdef __bpf__
__u32 nt_in_list4(__u32 word, __u32 dst);
__u32 nt_in_list6(__u64 a, __u64 b, __u32 dst);
#define NT_IN_LIST4(f, word, dst) nt_in_list4(word, dst)
#define NT_IN_LIST6(f, a, b, dst) nt_in_list6(a, b, dst)
#else
#define NT_IN_LIST4(f, word, dst) nt_list_of(f, dst, word, 0, 4)
#define NT_IN_LIST6(f, a, b, dst) nt_list_of(f, dst, a, b, 6)
#endif

NT_INLINE __u32 nt_match_lists4(const struct nt_filter *f, __u32 s, __u32 d)
{
	(void)f;
	return (NT_IN_LIST4(f, s, 0) & NT_IN_LIST4(f, d, 1)) * NT_FWD |
	       (NT_IN_LIST4(f, d, 0) & NT_IN_LIST4(f, s, 1)) * NT_REV;
}

/* One direction of a packet of IPv4, see nt_pair4(). With lists never: the filter is sealed. */
NT_INLINE bool nt_pair_is(const struct nt_pair_test *t, __u64 pair)
{
	return (pair & t->mask) == t->value;
}

/* Cheap: false if the pair matches in neither direction. True if there are lists. */
NT_INLINE bool nt_may_match_pair4(const struct nt_filter *f, __u64 pair)
{
	return nt_pair_is(&f->fwd4, pair) || nt_pair_is(&f->rev4, pair) || f->lists;
}

/* Both directions at once. */
NT_INLINE __u32 nt_match_pair4(const struct nt_filter *f, __u64 pair)
{
	__u32 match = 0;

	if (nt_pair_is(&f->fwd4, pair))
		match = NT_FWD;
	if (nt_pair_is(&f->rev4, pair))
		match |= NT_REV;
	if (!match && f->lists)
		return nt_match_lists4(f, (__u32)pair, pair >> 32);
	/* The verifier would go on with each number by itself. */
	return (match ^ f->zero) & (NT_FWD | NT_REV);
}

/* Does it match in one of the directions? */
NT_INLINE bool nt_either_pair4(const struct nt_filter *f, __u64 pair)
{
	return nt_pair_is(&f->fwd4, pair) || nt_pair_is(&f->rev4, pair) ||
	       (f->lists && nt_match_lists4(f, (__u32)pair, pair >> 32));
}

NT_INLINE __u32 nt_match_pair6(const struct nt_filter *f, const __u32 s[4], const __u32 d[4])
{
	const struct nt_addr *src = &f->src.a[0], *dst = &f->dst.a[0];
	const __u64 s0 = nt_two_words(s), s1 = nt_two_words(s + 2);
	const __u64 d0 = nt_two_words(d), d1 = nt_two_words(d + 2);

	if (!f->family)
		return NT_FWD | NT_REV; /* addresses have a family: there are none */
	if (f->family != 6)
		return 0;
	if (f->lists)
		return (NT_IN_LIST6(f, s0, s1, 0) & NT_IN_LIST6(f, d0, d1, 1)) * NT_FWD |
		       (NT_IN_LIST6(f, d0, d1, 0) & NT_IN_LIST6(f, s0, s1, 1)) * NT_REV;
	return (nt_addr_equal(src, s0, s1, true) & nt_addr_equal(dst, d0, d1, true)) * NT_FWD |
	       (nt_addr_equal(src, d0, d1, true) & nt_addr_equal(dst, s0, s1, true)) * NT_REV;
}

/* The same of a key; want is the compile-time set of NT_FWD and NT_REV. */
NT_INLINE __u32 nt_match_addrs(const struct nt_filter *f, const struct nt_key *k, const __u32 want)
{
	return (k->family == 6 ? nt_match_pair6(f, k->saddr, k->daddr) :
				 nt_match_pair4(f, nt_pair4(k->saddr[0], k->daddr[0]))) &
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
