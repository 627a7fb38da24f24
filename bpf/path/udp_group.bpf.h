/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A group of datagrams or fragments in the kernel (udp.h). Its packets may be on
 * several CPUs at once: what is counted is added to at once, and looked at behind.
 *
 * Needs NT_SLOT_OWN struct udp_group.
 */
#ifndef NT_PATH_UDP_GROUP_BPF_H
#define NT_PATH_UDP_GROUP_BPF_H

#include "nt.bpf.h"
#include "session.bpf.h"
#include "udp.h"

/* A fragment that is looked at; or, with frag 0, a whole datagram. */
struct udp_part {
	__u32 bytes; /* of the IP datagram's payload */
	__u32 end;   /* of these, in it */
	__u8 frag, first, last;
	__u8 other_port; /* the first one's ports are not asked for */
	__u16 sport, dport;
};
_Static_assert(sizeof(struct udp_part) == 16, "two words");

/*
 * The same key again so soon is a copy that the network made. Later it is another
 * datagram: the numbers of IPv4, 65,536, come round no faster.
 */
#define UDP_COPY_NS 50000000ULL

/* Of udp_join(): */
#define UDP_NEW 0    /* a session is to be begun */
#define UDP_JOINED 1 /* done */
#define UDP_ANEW 2   /* the one that is there is at its end: begin anew, with these settings */

NT_INLINE void udp_add(__u32 *to, __u32 n)
{
	__sync_fetch_and_add(to, n);
}

NT_INLINE __u32 udp_now(const __u32 *v)
{
	return *(const volatile __u32 *)v;
}

/* One more datagram of this key. */
NT_INLINE void udp_one_more(struct nt_counters *n, struct udp_group *g)
{
	udp_add(&g->open, 1);
	udp_add(&g->came, 1);
	nt_count(n, NT_C_STARTED);
	nt_count(n, UDP_C_ALIKE);
}

/* A fragment arrived. */
NT_INLINE void udp_take(struct nt_counters *n, struct nt_slot *slot, const struct udp_part *p)
{
	struct udp_group *g = &slot->own;

	udp_add(&g->rx_bytes, p->bytes);
	udp_add(&g->rx_frags, 1);
	if (p->last) {
		g->total = p->end;
		g->last_rx = 1;
	}
	if (!p->first)
		return;
	slot->s.key.sport = p->sport;
	slot->s.key.dport = p->dport;
	if (p->other_port && !g->other_port) {
		g->other_port = 1;
		nt_count(n, UDP_C_OTHER_PORT);
	}
	g->first_rx = 1;
}

/* Does the group have this fragment already, or all of them? */
NT_INLINE bool udp_has(const struct udp_group *g, const struct udp_part *p)
{
	return (p->first && g->first_rx) || (p->last && g->last_rx) ||
	       (g->total && g->rx_bytes >= g->total);
}

/* A packet arrived, whose group there is: UDP_* */
NT_INLINE int udp_join_slot(const struct nt_sess_cfg *c, struct nt_counters *n,
			    struct nt_slot *slot, const struct udp_part *p,
			    struct nt_sess_cfg *anew)
{
	__u64 now = bpf_ktime_get_ns();
	struct udp_group *g = &slot->own;

	if ((slot->s.flags & NT_SESS_DONE) && !udp_now(&g->open))
		return UDP_NEW;
	if (nt_older(&slot->s, c->timeout_ns, now))
		return UDP_NEW;
	if (!p->frag) {
		udp_one_more(n, g);
		slot->ts[UDP_RX] = now;
		return UDP_JOINED;
	}
	if (udp_has(g, p) && nt_older(&slot->s, UDP_COPY_NS, now)) {
		*anew = *c;
		anew->timeout_ns = now - slot->s.first_ns - 1;
		return UDP_ANEW;
	}
	if (!g->rx_frags) /* of a whole one that was here before */
		udp_one_more(n, g);
	udp_take(n, slot, p);
	return UDP_JOINED;
}

/* A fragment left. Is it the last of its group? */
NT_INLINE bool udp_part_left(struct nt_slot *slot, const struct udp_part *p)
{
	struct udp_group *g = &slot->own;
	__u32 total, rx, tx;

	udp_add(&g->tx_bytes, p->bytes);
	udp_add(&g->tx_frags, 1);
	if (p->first)
		g->first_tx = 1;
	if (p->last) {
		g->total = p->end;
		g->last_tx = 1;
	}
	total = udp_now(&g->total);
	tx = udp_now(&g->tx_bytes);
	rx = udp_now(&g->rx_bytes);
	if (!total || tx < total || tx < rx)
		return false;
	return !udp_now(&g->rx_frags) || rx >= total;
}

/* The group's fragments are done with, but not all its datagrams. */
NT_INLINE void udp_reopen(struct nt_slot *slot)
{
	struct udp_group *g = &slot->own;

	g->rx_frags = 0;
	g->tx_frags = 0;
	g->rx_bytes = 0;
	g->tx_bytes = 0;
	g->total = 0;
	g->first_rx = 0;
	g->last_rx = 0;
	g->first_tx = 0;
	g->last_tx = 0;
	g->other_port = 0;
	slot->s.seen = 1;
	slot->s.flags &= ~(NT_SESS_DONE | NT_SESS_LATE | NT_SESS_CLAIMED);
}

/* User space has given it up, and counts all that are open, the one that ended among them. */
NT_INLINE void udp_keep_open(struct nt_slot *slot)
{
	udp_add(&slot->own.open, 1);
	slot->s.seen = 1; /* nobody waits for it: it makes room first */
	slot->s.flags &= ~(NT_SESS_DONE | NT_SESS_LATE | NT_SESS_CLAIMED);
}

/* Count what ends unfinished. Is it to be told? */
NT_INLINE bool udp_count_unfinished(struct nt_counters *n, const struct udp_group *g, __u32 ports)
{
	__u32 lost = udp_unfinished(g), as = udp_gap(g, ports);

	if (!lost)
		return false;
	if (g->other_port)
		as = UDP_ST_INTERNAL;
	nt_count(n, UDP_C_STATUS + as);
	nt_count_n(n, UDP_C_STATUS + UDP_ST_INTERNAL, lost - 1);
	return as != UDP_ST_UNKNOWN_PORT || lost > 1;
}

#endif
