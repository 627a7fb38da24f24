/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two-sided: path tcp. What is followed is a packet, from where it comes in to where it
 * leaves. What becomes of it outside shows later, in what the connection's ends send: a
 * packet that left, was not acknowledged, and comes again was lost behind this host.
 */
#ifndef NT_PATH_TCP_H
#define NT_PATH_TCP_H

#include "path.h"

enum tcp_stage { TCP_RX, TCP_TX, TCP_STAGES };
_Static_assert(TCP_RX == (int)PATH_REQ_RX && TCP_TX == (int)PATH_REQ_TX,
	       "as path_stage_table() has them of a request");

enum tcp_dir { TCP_FWD, TCP_REP, TCP_DIRS };

/* How a packet ended, each by direction: id, name, JSON key, word of the summary. */
enum tcp_status {
#define S(id, name, key, word) TCP_ST_##id,
#include "tcp_status.def"
#undef S
	TCP_STATUSES
};

/* Each but the shared ones by direction. */
enum tcp_counter {
	TCP_C_STATUS = NT_C_TOOL + 16, /* one per status */
	/* With nothing above the highest number that came: sent again, or overtaken. */
	TCP_C_RESENT = TCP_C_STATUS + TCP_STATUSES,
	TCP_C_NEEDLESS = TCP_C_RESENT + TCP_DIRS,    /* came again though it was acknowledged */
	TCP_C_FLOW_FULL = TCP_C_NEEDLESS + TCP_DIRS, /* no place for a connection's state */
	TCP_C_SENT_FULL,  /* left, not acknowledged, and had to be forgotten for another */
	TCP_C_MERGED,     /* left as one packet with the one before */
	TCP_C_MERGE_REST, /* packets that left as one, of which not all were found */
	TCP_C_END,
};
_Static_assert((int)TCP_C_END <= (int)NT_C_MAX, "they have room");

/* Times: on this host, and from leaving it to the acknowledgement; each by direction. */
enum tcp_segment { TCP_SEG_INSIDE, TCP_SEG_OUTSIDE = TCP_DIRS, TCP_SEGMENTS = 2 * TCP_DIRS };

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* A packet that is looked at. Numbers are in host order. */
struct tcp_seg {
	__u32 seq, ack;
	__u32 len;      /* sequence numbers: bytes, SYN and FIN; 0: nothing to acknowledge */
	__u32 payload;  /* bytes */
	__u32 distinct; /* tells packets of one sequence number apart: the IP id, else of options */
	__u8 flags, hdr_len, numbered, pad;
};
_Static_assert(sizeof(struct tcp_seg) == 24, "no holes");

/* What a slot keeps of it besides. */
struct tcp_own {
	struct tcp_seg seg;
	__u32 left; /* sequence numbers that left, where it leaves in parts */
	__u32 what; /* TCP_IS_* */
};
_Static_assert(sizeof(struct tcp_own) == 32, "no holes");

/*
 * A session, and a record, is of a packet that comes and leaves; it may have come and left
 * before (AGAIN). When it leaves again, and was not acknowledged meanwhile, a record tells of
 * the one before: it was lost behind this host (LOST), unless the receiver says yet that it
 * had arrived. That is a record as well (REFUTED): seg.seq and seg.len of what arrived twice,
 * in the key addresses and ports of the acknowledgement. left: us until it came again.
 */
#define TCP_IS_PACKET 0
#define TCP_IS_AGAIN 1
#define TCP_IS_LOST 2
#define TCP_IS_REFUTED 3

/* a is before b, of sequence numbers. */
static inline __attribute__((always_inline)) int tcp_before(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

/* One direction of a connection: what its sender sent, and its receiver said of it. */
struct tcp_side {
	__u64 cur_tag; /* a packet that is leaving in parts: its session, */
	__u32 cur_seq; /* its numbers, */
	__u32 cur_end;
	__u64 time_ns; /* of leaving of the one whose acknowledgement is timed; 0: none */
	__u32 time_end;
	__u32 acked; /* highest acknowledgement */
	__u32 known; /* there was one: 1; a highest number: 2 */
	__u32 dir;
	__u32 end;     /* behind the highest number that came */
	__u64 lost_ns; /* when one was told to be lost, which may be refuted; 0: none */
};
_Static_assert(sizeof(struct tcp_side) == 56, "no holes");

struct tcp_flow {
	__u64 last_ns;
	struct tcp_side side[TCP_DIRS];
};

#define TCP_FLOW_WAYS 4
struct tcp_flows {
	__u64 tag[TCP_FLOW_WAYS];
	__u32 claim[TCP_FLOW_WAYS];
	struct tcp_flow flow[TCP_FLOW_WAYS];
};
#define TCP_FLOW_SETS 1024

/* A packet that left, by its first number: what is told of it should it come again. */
struct tcp_sent {
	__u64 tag; /* 0: none */
	__u64 rx_ns, tx_ns;
	__u32 rx_dev, tx_dev;
	struct tcp_seg seg;
	__u32 skb_len, dir;
	__u64 flow; /* its connection's hash */
};
_Static_assert(sizeof(struct tcp_sent) == 72, "no holes");
#define TCP_SENT_WAYS 4
struct tcp_sents {
	struct tcp_sent sent[TCP_SENT_WAYS];
};
/* Sets of these for each set of sessions: they are remembered for longer than packets are here. */
#define TCP_SENT_SETS 16

#endif
