/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: a round trip as one host sees it. A request and its reply have two
 * stages each, and the first gap among these says where an unfinished one was
 * lost. A tool has names of its own for all of it.
 */
#ifndef NT_TRIP_H
#define NT_TRIP_H

#include "counters.h"

enum nt_trip_stage {
	NT_TRIP_REQ_FIRST,
	NT_TRIP_REQ_LAST,
	NT_TRIP_REP_FIRST,
	NT_TRIP_REP_LAST,
	NT_TRIP_STAGES
};

enum nt_trip_status {
	NT_TRIP_COMPLETE,
	NT_TRIP_LOST_REQ,     /* the request was not seen at its last stage */
	NT_TRIP_LOST_BETWEEN, /* nor the reply at its first */
	NT_TRIP_LOST_REP,     /* nor at its last */
	NT_TRIP_STATUSES
};

/* Times between stages: name, from, to. */
#define NT_TRIP_EACH_SEGMENT(S)         \
	S(REQ, REQ_FIRST, REQ_LAST)     \
	S(BETWEEN, REQ_LAST, REP_FIRST) \
	S(REP, REP_FIRST, REP_LAST)     \
	S(TOTAL, REQ_FIRST, REP_LAST)

enum nt_trip_segment {
#define S(id, from, to) NT_TRIP_SEG_##id,
	NT_TRIP_EACH_SEGMENT(S)
#undef S
		NT_TRIP_SEGMENTS
};

enum nt_trip_counter {
	NT_TRIP_C_STATUS = NT_C_TOOL,                         /* one per status */
	NT_TRIP_C_LATE = NT_TRIP_C_STATUS + NT_TRIP_STATUSES, /* ended after the timeout */
	NT_TRIP_C_XMIT_FAILED,                                /* the driver refused the packet */
	NT_TRIP_C_ICMP_ERROR, /* an ICMP error quoted a tracked packet */
	NT_TRIP_C_TOOL,       /* the tool's own begin here */
};

/* Where an unfinished one was lost, by the stages that were seen. */
static inline __attribute__((always_inline)) __u32 nt_trip_gap(__u32 seen)
{
	if (!(seen & (1 << NT_TRIP_REQ_LAST)))
		return NT_TRIP_LOST_REQ;
	if (!(seen & (1 << NT_TRIP_REP_FIRST)))
		return NT_TRIP_LOST_BETWEEN;
	return NT_TRIP_LOST_REP;
}

#endif
