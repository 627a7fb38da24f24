/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of drop summary share: settings and rows. */
#ifndef NT_DROP_SUMMARY_H
#define NT_DROP_SUMMARY_H

#include "drop_tool.h"

/* --group-by, in the order of its choices. */
enum drop_group {
	DROP_GROUP_ALL,
	DROP_GROUP_STACK,
	DROP_GROUP_FLOW,
	DROP_GROUP_REASON,
	DROP_GROUP_DEVICE,
	DROP_GROUP_PLACE,
};

enum drop_preset { DROP_PRESET_NONE, DROP_PRESET_STACK, DROP_PRESET_BT };

struct drop_cfg {
	struct nt_common common; /* first */
	struct nt_flow flow;
	struct nt_names dev;
	struct nt_names word_dev;  /* positional, with --preset bt */
	uint64_t word_interval_ns; /* likewise */
	uint32_t group;
	uint32_t preset;
	uint32_t top;
	uint32_t max_entries;
	uint32_t depth;
	const char *reason; /* comma list; NULL: any */
	bool cumulative;
	bool no_stack;
	bool show_normal;
	bool both_ways;
};

/* A row: since the start, and in the interval that is being reported. */
struct drop_row {
	struct drop_key key; /* gen is 0 */
	uint64_t total, total_bytes;
	uint64_t count, bytes;
	uint64_t first_ns, last_ns;
	char dev[NT_IFNAMSIZ];
};

struct drop_table {
	struct drop_row *v;
	uint32_t n, room;
	uint32_t *slot; /* number of the row + 1; 0: empty */
	uint32_t slots; /* a power of two, at least twice room */
};

struct drop_state {
	struct drop_base base; /* first */
	struct drop_table table;
	uint32_t by;                   /* DROP_BY_* that the user wants; the kernel may tell more */
	struct nt_counters now;        /* since the start */
	struct nt_counters interval;   /* since the last report */
	uint64_t seen;                 /* frees in the interval */
	uint64_t unaccounted;          /* at the end: frees that are in no figure */
	uint64_t folded, folded_bytes; /* drops of rows that were given up */
	uint32_t reports;
};

/* --- drop_rows.c --- */

/* Add the generation that was filled until now to the table. 0 or -errno. */
int drop_rows_read(struct nt_run *run);
void drop_rows_free(struct drop_table *t);

/* --- drop_print.c --- */

int drop_report(struct nt_run *run, bool final);

#endif
