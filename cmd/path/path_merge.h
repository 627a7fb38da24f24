/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of path merge share. Two recordings, each of one host; which of them is
 * A, the one nearer to the sender (--src-ip), shows only at the end, so that until then
 * everything is counted for both cases.
 */
#ifndef NT_PATH_MERGE_H
#define NT_PATH_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common_opts.h"
#include "histogram.h"
#include "lines.h"
#include "out.h"
#include "value.h"

struct merge_cfg {
	struct nt_common common; /* first */
	const char *file[2];
	uint32_t max_pending;
};

#define MERGE_NS_PER_S 1000000000ULL

enum merge_proto { MERGE_ICMP, MERGE_UDP, MERGE_TCP, MERGE_PROTOS };

/* What became of a packet at one host. */
enum merge_end {
	MERGE_COMPLETE,    /* all that was to be seen: an icmp's reply left, others left */
	MERGE_INSIDE,      /* lost inside, on the way from the sender */
	MERGE_INSIDE_BACK, /* the reply lost inside */
	MERGE_OUTSIDE,     /* left, and nothing came back */
	MERGE_BEFORE,      /* some of it never came in */
	MERGE_NOT_KNOWN,   /* the recording says so itself */
	MERGE_ENDS
};

/* What makes it the same packet. */
struct merge_key {
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	uint32_t id, seq, ack;
	uint8_t family, reverse, pad[2]; /* no holes: compared as bytes */
};

struct merge_event {
	struct merge_key key;
	uint64_t time_ns; /* wall time of its host */
	enum merge_end end;
	bool late;
	uint32_t came, open;            /* datagrams of its key, and of them not complete */
	uint64_t external_ns, total_ns; /* 0: not told */
};

/* --- merge_read.c: a recording --- */

#define MERGE_SEGMENTS 8
struct merge_segment {
	char key[32];
	struct nt_hist hist;
};

#define MERGE_TEXT 256
struct merge_recording {
	const char *path;
	int fd; /* -1: none */
	struct nt_lines lines;
	bool eof;   /* of the file; lines may be left */
	bool done;  /* all was given out */
	bool begun; /* a line was read */
	enum merge_proto proto;
	bool have_start, all, stats_mode;
	/* Options that say which packets: equal in both. */
	char src_ip[MERGE_TEXT], dst_ip[MERGE_TEXT], src_port[MERGE_TEXT], dst_port[MERGE_TEXT];
	uint64_t timeout_ns;
	uint64_t start_ns, end_ns, now_ns; /* its own clock; end: of the last line */
	uint64_t events, bad_lines, unknown;
	bool have_summary, cut; /* cut: the last line has no end */
	/* Of its summary. */
	uint64_t total, complete, inside, inside_back, outside, before, in_flight, late;
	uint64_t lost; /* sum of its loss counters */
	uint32_t segments;
	struct merge_segment segment[MERGE_SEGMENTS];
};

/* Settings as if it had no start line. */
int merge_open(struct merge_recording *r, const char *path, struct nt_err *err);
/* The next event: 1, 0 at the end, -errno with the reason. */
int merge_next(struct merge_recording *r, struct merge_event *ev, struct nt_err *err);
void merge_close(struct merge_recording *r);
const struct nt_hist *merge_segment(const struct merge_recording *r, const char *key);

/* --- merge_verdict.c: where was it lost? --- */

/* Seen from a packet: U is the host that it passes first, D the other one. */
enum merge_where {
	MERGE_OK,
	MERGE_U_OUT,
	MERGE_U_BACK,
	MERGE_OUT,         /* between them, on the way from U to D */
	MERGE_BACK,        /* between them, on the way back */
	MERGE_WAY_UNKNOWN, /* between them, which way cannot be told */
	MERGE_D_OUT,
	MERGE_D_BACK,
	MERGE_FAR,             /* beyond D */
	MERGE_NEAR,            /* before U */
	MERGE_LATE,            /* came after all */
	MERGE_ONLY_U,          /* seen by U alone, and no sign that it was lost */
	MERGE_ONLY_D,          /* seen by D alone */
	MERGE_OTHER_NOT_THERE, /* lost behind U while D did not record */
	MERGE_UNTOLD,          /* one of them does not know itself */
	MERGE_WHERES
};

struct merge_tally {
	uint64_t n[2][MERGE_WHERES]; /* by direction: [1] is from --dst-ip to --src-ip */
	struct nt_hist between;      /* of icmp complete at both: external of U less total of D */
};

/* What is known of the recordings while a packet is judged. */
struct merge_terms {
	enum merge_proto proto;
	bool d_all, u_all; /* every packet is in its recording, complete ones too */
	bool covered;      /* the other one was recording when this packet passed */
};

/* Judge what U and D (either may be NULL, not both) say of a packet, and count it. */
void merge_judge(struct merge_tally *t, const struct merge_terms *terms,
		 const struct merge_event *u, const struct merge_event *d);
/* Which of two that both saw a packet is U: negative the first, positive the second. */
int merge_first(enum merge_proto proto, const struct merge_event *x, const struct merge_event *y);

/* --- merge_join.c: packets that both saw --- */

struct merge_join;

struct merge_joined {
	struct merge_tally tally[2]; /* [0]: the first file is A; [1]: the second is */
	uint64_t votes[2];           /* packets that show the first, the second file to be A */
	uint64_t alone[2];           /* complete packets of one alone, by file */
	uint64_t pairs;              /* seen by both */
	uint64_t evicted;            /* not judged, as too many waited for their other half */
	int64_t offset_ns;           /* clock of the second less that of the first, if pairs */
};

/* rec: two, which outlive it. */
struct merge_join *merge_join_new(const struct merge_recording *rec, uint32_t max_pending);
/* One of file side. 0 or -ENOMEM. */
int merge_join_add(struct merge_join *j, unsigned int side, const struct merge_event *ev);
/* Whose event to add next, of two that were read, so that both are read in step. */
unsigned int merge_join_behind(const struct merge_join *j);
/* Judge what still waits. */
void merge_join_end(struct merge_join *j);
const struct merge_joined *merge_join_result(const struct merge_join *j);
void merge_join_free(struct merge_join *j);

/* --- merge_print.c --- */

struct merge_result {
	const struct merge_recording *rec;
	const struct merge_joined *joined;
	unsigned int a; /* file that is A */
	bool by_data;   /* the data says so, else the order of the files */
};

void merge_print(struct nt_out *out, const struct merge_result *m);

#endif
