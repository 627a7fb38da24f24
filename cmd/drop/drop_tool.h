/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of drop summary share: settings, rows, names of places. */
#ifndef NT_DROP_TOOL_H
#define NT_DROP_TOOL_H

#include "drop.h"
#include "reason.h"
#include "run.h"

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

struct drop_places;

/* The entries of --reason; n is 0 without. */
struct drop_asked {
	uint32_t n;
	char name[DROP_ASKED][64];
};

struct drop_state {
	struct drop_table table;
	struct drop_places *places;
	struct drop_asked asked;
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

/* --- drop_places.c: what the kernel's numbers mean --- */

struct drop_stack {
	uint32_t id; /* in the order of first sight, from 1 */
	uint32_t n;
	bool cut; /* it goes on */
	uint64_t ip[NT_STACK_DEPTH_MAX];
};

/* Functions that say what a free is; ends with NULL. */
extern const char *const drop_functions[];
extern const char *const drop_types[];
/* Empty; NULL: no memory. */
struct drop_places *drop_places_new(void);
void drop_places_free(struct drop_places *p);
/* Read the names of reasons, open the symbols, fill the settings' tables of both. */
int drop_places_open(struct nt_run *run, const struct nt_ksym_want *functions, struct nt_err *err);
/* The reasons that this kernel gives, maybe none; NULL on replay. */
const struct nt_reasons *drop_places_reasons(const struct drop_places *p);
/* Does it give any (on replay known after drop_places_learn())? Does it hide its addresses? */
bool drop_places_reasoned(const struct drop_places *p);
bool drop_places_hidden(const struct drop_places *p);
/*
 * Make names known of the places of n rows and the stacks of the first shown ones
 * (all, when recording): one look at the symbols if any is new. 0 or -errno.
 */
int drop_places_learn(struct nt_run *run, struct drop_row *const *row, uint32_t n, uint32_t shown);
/* Stack of a row; false: it has none. */
bool drop_stack_get(struct nt_run *run, const struct drop_row *row, struct drop_stack *s);

struct drop_place {
	char function[128]; /* "" if unknown; without a clone's suffix */
	char module[56];    /* "" for vmlinux */
	uint64_t offset;
	char text[208]; /* "name+0x12 [module]", or the address */
};
void drop_place_of(struct nt_run *run, uint64_t addr, struct drop_place *p);
/* A row's reason: a name or a number; NULL: the kernel gives none. */
const char *drop_reason_text(struct nt_run *run, const struct drop_row *row, char *buf, size_t len);

/* --- drop_reasons.c --- */

/* Take --reason apart. 0, or -EINVAL. */
int drop_asked_parse(const char *list, struct drop_asked *a, struct nt_err *err);
/*
 * Into the kernel's settings, where the kernel gives reasons; else they are checked
 * against those that can be derived, and rows are chosen by drop_asked_derived().
 */
int drop_asked_resolve(const struct drop_asked *a, const struct drop_places *p, struct drop_kcfg *k,
		       struct nt_err *err);
/* Is the reason that is derived from the function one of those asked for? */
bool drop_asked_derived(const struct drop_asked *a, const char *function);
/* Completion of "REASON[,REASON]". */
void drop_reason_names(const char *metavar, void (*add)(void *to, const char *name), void *to);

/* The probable reason where the kernel gives none, or NULL. */
const char *drop_hint(const char *function);
/* Usually no fault. */
bool drop_informational(const char *reason, const char *function);

#define DROP_HINTS 64 /* more than there are, and one for none */

/* --- drop_print.c --- */

int drop_report(struct nt_run *run, bool final);

#endif
