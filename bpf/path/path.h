/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two-sided: what the path tools share between kernel and user side. */
#ifndef NT_PATH_H
#define NT_PATH_H

#include "counters.h"
#include "filter.h"
#include "session.h"
#include "trip.h"

/* Stages, in packet order: id, name as the manuals have it. */
enum path_stage {
#define S(id, name) PATH_##id,
#include "path_stages.def"
#undef S
	PATH_STAGES
};

/* How a packet ended: id, name, JSON key, word of the summary. */
enum path_status {
#define S(id, name, key, word) PATH_ST_##id,
#include "path_status.def"
#undef S
	PATH_STATUSES
};

/* Times between stages: id, name, JSON key, from, to. */
enum path_segment {
#define S(id, name, key, from, to) PATH_SEG_##id,
#include "path_segments.def"
#undef S
	PATH_SEGMENTS
};

/*
 * The stage of a packet at a device: four bits each by enter (16), request (8),
 * direction (4) in struct nt_dev.tool. In direction 0 the requester is behind
 * the devices of role A, in direction 1 behind those of role B. A local end is
 * entered by what the host's own stack sends into it: both instants count.
 */
#define PATH_NOT_HERE 0xf
static inline __u32 path_stage_table(__u32 role)
{
	const __u32 side[2] = { NT_ROLE_A, NT_ROLE_B };
	__u32 table = 0, enter, request, dir, stage;

	for (enter = 0; enter < 2; enter++)
		for (request = 0; request < 2; request++)
			for (dir = 0; dir < 2; dir++) {
				__u32 from = side[request ? dir : !dir];
				__u32 to = side[request ? !dir : dir];

				stage = PATH_NOT_HERE;
				if ((role & to) && (!enter || (role & NT_ROLE_EITHER)))
					stage = request ? PATH_REQ_TX : PATH_REP_TX;
				if ((role & from) && (enter || (role & NT_ROLE_EITHER)))
					stage = request ? PATH_REQ_RX : PATH_REP_RX;
				table |= stage << (enter * 16 + request * 8 + dir * 4);
			}
	return table;
}

/* One round trip, by the names of this family; the counters are those of trip.h. */
_Static_assert((int)PATH_STAGES == (int)NT_TRIP_STAGES &&
		       (int)PATH_REP_RX == (int)NT_TRIP_REP_FIRST &&
		       (int)PATH_STATUSES == (int)NT_TRIP_STATUSES &&
		       (int)PATH_ST_EXTERNAL == (int)NT_TRIP_LOST_BETWEEN &&
		       (int)PATH_SEGMENTS == (int)NT_TRIP_SEGMENTS &&
		       (int)PATH_SEG_EXT == (int)NT_TRIP_SEG_BETWEEN,
	       "the tables are in the order of trip.h");

/* On a CPU: a packet that was given to a driver, whose result is awaited. */
struct path_wait {
	__u64 skb; /* its address alone; 0: none */
	__u64 tag;
	__u32 stage;
	__u32 pad;
};

struct path_kcfg {
	struct nt_filter f;
	struct nt_sess_cfg s;
	__u32 confirm; /* wait for the driver's result: net_dev_xmit is attached */
	__u32 ports;   /* there is a filter of ports */
};

#endif
