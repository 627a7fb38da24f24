/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of drop details share: settings, figures, one drop as it is printed. */
#ifndef NT_CMD_DROP_DETAILS_H
#define NT_CMD_DROP_DETAILS_H

#include "details.h"
#include "drop_tool.h"

struct details_cfg {
	struct nt_common common; /* first */
	struct nt_flow flow;
	struct nt_names dev;
	const char *type;
	const char *reason; /* comma list; NULL: any */
	uint32_t vlan;
	uint32_t sample;
	uint32_t rate;
	uint32_t depth;
	bool no_stack;
	bool show_normal;
	bool both_ways;
};

/* --- drop_tally.c: how often names occurred --- */

#define DROP_TALLY_NAME 128

struct drop_tally {
	char name[DROP_TALLY_NAME];
	uint64_t total;    /* since the start */
	uint64_t interval; /* since the last report */
};

struct drop_tallies {
	struct drop_tally *v;
	uint32_t n, room;
};

/* 0 or -ENOMEM. */
int drop_tally_add(struct drop_tallies *t, const char *name);
/* The most frequent first: of the interval, or since the start. */
void drop_tally_sort(struct drop_tallies *t, bool total);
void drop_tally_reset(struct drop_tallies *t);
void drop_tally_free(struct drop_tallies *t);
uint64_t drop_tally_count(const struct drop_tally *t, bool total);

/* --- details.c --- */

struct details_state {
	struct drop_base base; /* first */
	/* Records that wait for the names of their places: one look at the symbols for many. */
	struct drop_rec *rec;
	uint32_t n, room;
	struct drop_tallies reasons, places, protocols;
	uint64_t shown, shown_before;     /* until now, until the last report */
	uint64_t others, others_before;   /* of a derived reason that was not asked for */
	struct nt_counters now, interval; /* since the start, since the last report */
	uint32_t reports;
	bool headed; /* the heads of the columns are told */
};

/* A drop as it is printed. */
struct details_view {
	struct nt_run *run;
	const struct drop_rec *rec;
	struct drop_place place;
	struct drop_stack stack;
	bool has_stack;
	const char *reason; /* the kernel's; NULL: it gives none */
	const char *hint;   /* derived from the place, where it gives none; or NULL */
	char reason_buf[64];
};

/* --- details_report.c --- */

int details_report(struct nt_run *run, bool final);

/* --- details_packet.c: what the headers say --- */

/* "TCP", "ARP", "0x9898". */
const char *details_proto(const struct drop_rec *rec, char *buf, size_t len);
/* "a:p -> b:q", of what is not IP the MAC addresses. */
const char *details_ends(const struct drop_rec *rec, char *buf, size_t len);
/* " [SYN]", " [fragment at 1480]" or nothing. */
const char *details_extra(const struct drop_rec *rec, char *buf, size_t len);
/* " vlan 5.100", the outer tag first, or nothing. */
const char *details_vlans(const struct drop_rec *rec, char *buf, size_t len);
/* The fields of the headers, one a line. */
void details_headers_text(struct nt_out *out, const struct drop_rec *rec);
void details_headers_json(struct nt_json *j, const struct drop_rec *rec);

/* --- details_print.c --- */

void details_text(const struct details_view *v);
void details_json(const struct details_view *v);
/* The heads of the columns of details_text(), without --verbose. */
void details_heads(struct nt_run *run);

#endif
