/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a report: what text and JSON both print. */
#ifndef NT_DROP_FIGURES_H
#define NT_DROP_FIGURES_H

#include "drop_summary.h"

#define DROP_PLACES_SHOWN 10

struct drop_figures {
	bool final;       /* the run's, not the interval's */
	bool total_shown; /* rows have the counts since the start */
	enum drop_group group;
	uint32_t by;          /* DROP_BY_* */
	uint64_t interval_ns; /* or the run's time */
	uint32_t reports;
	/* total = matching + all_hidden + filtered; matching = in_rows + other */
	uint64_t total, matching, all_hidden, filtered, in_rows, other, undecided;
	uint64_t other_reasons; /* in filtered: those of reasons that were not asked for */
	/* other = no_room + too_deep + given_up */
	uint64_t no_room, too_deep, given_up;
	uint64_t hidden[DROP_CLASSES];
	uint64_t lost, lost_stacks;
	struct nt_losses losses;
	uint32_t n, show;        /* rows there are; rows to print */
	struct drop_row **row;   /* the largest first */
	struct drop_row *merged; /* owned rows, or NULL: they are the table's */
	uint32_t n_places;
	struct {
		char name[sizeof(((struct drop_place *)0)->text)];
		uint64_t count;
	} place[DROP_PLACES_SHOWN];
};

/* After drop_rows_read(): take the counters. 0 or -errno. */
int drop_figures_count(struct nt_run *run, bool final);
/* Of the interval, or of the run. 0 or -errno; to be freed in any case. */
int drop_figures_make(struct nt_run *run, bool final, struct drop_figures *f);
void drop_figures_free(struct drop_figures *f);

/* The figure of a row that is shown. */
uint64_t drop_row_count(const struct drop_figures *f, const struct drop_row *row);
uint64_t drop_row_bytes(const struct drop_figures *f, const struct drop_row *row);

#endif
