/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: path udp. What is followed is a group: the datagrams of one key, of
 * which nearly always there is one, whole or in fragments. One that came whole may
 * leave in fragments and the other way round: of fragments the bytes count, not
 * how many there are, because who reassembles and cuts anew may cut otherwise.
 */
#ifndef NT_PATH_UDP_H
#define NT_PATH_UDP_H

#include "path.h"

enum udp_stage { UDP_RX, UDP_TX, UDP_STAGES };
_Static_assert(UDP_RX == (int)PATH_REQ_RX && UDP_TX == (int)PATH_REQ_TX,
	       "as path_stage_table() has them of a request");

/* How a datagram ended: id, name, JSON key, word of the summary. */
enum udp_status {
#define S(id, name, key, word) UDP_ST_##id,
#include "udp_status.def"
#undef S
	UDP_STATUSES
};

enum udp_counter {
	UDP_C_STATUS = NT_C_TOOL + 16, /* one per status */
	/* Begun, as their ports were not known, but not asked for. */
	UDP_C_OTHER_PORT = UDP_C_STATUS + UDP_STATUSES,
	UDP_C_ALIKE, /* came while another one of the same key was under way */
};

#define UDP_SEGMENTS 1 /* from RX to TX */

/* What a slot keeps of a group besides. Each field is added to at once, or has one writer. */
struct udp_group {
	__u32 open; /* datagrams that have not ended */
	__u32 came; /* datagrams in all */
	__u32 rx_frags, tx_frags;
	__u32 rx_bytes, tx_bytes; /* of IP payload, in fragments */
	__u32 total; /* the same of the datagram, as its last fragment tells; 0: not yet */
	__u8 first_rx, last_rx, first_tx, last_tx; /* such a fragment was seen */
	__u32 other_port; /* the first fragment's ports are not asked for */
	__u32 pad;
};
_Static_assert(sizeof(struct udp_group) == 40, "no holes");

/* Datagrams of a group that end unfinished, and are asked for. */
static inline __u32 udp_unfinished(const struct udp_group *g)
{
	__u32 not = g->other_port ? 1 : 0;

	return g->open > not ? g->open - not : 0;
}

/* All that came has left, but something is missing: it never came. */
static inline __u32 udp_all_left(const struct udp_group *g)
{
	return g->rx_frags && g->tx_bytes >= g->rx_bytes;
}

/*
 * What one of them counts as, the others being internal drops. ports: there is a
 * filter of ports, so that without the first fragment nobody knows.
 */
static inline __u32 udp_gap(const struct udp_group *g, __u32 ports)
{
	if (ports && g->rx_frags && !g->first_rx)
		return UDP_ST_UNKNOWN_PORT;
	if (!g->tx_frags)
		return UDP_ST_INTERNAL;
	if (g->total && g->tx_bytes >= g->total && (!g->rx_frags || udp_all_left(g)))
		return UDP_ST_COMPLETE; /* two CPUs at once, and none saw the end */
	return udp_all_left(g) ? UDP_ST_EXTERNAL : UDP_ST_PARTIAL;
}

#endif
