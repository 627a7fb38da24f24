// SPDX-License-Identifier: GPL-2.0-or-later
/* drop summary: sums, order and grouping of the rows. */
#include "drop_figures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

uint64_t drop_row_count(const struct drop_figures *f, const struct drop_row *row)
{
	return f->total_shown ? row->total : row->count;
}

uint64_t drop_row_bytes(const struct drop_figures *f, const struct drop_row *row)
{
	return f->total_shown ? row->total_bytes : row->bytes;
}

/*
 * The interval's counters, as differences: they only grow. seen is counted apart
 * from all others, so that what is in none of them would be noticed.
 */
int drop_figures_count(struct nt_run *run, bool final)
{
	struct drop_state *st = run->state;
	struct nt_counters now;
	uint64_t sum = st->folded;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	if (r < 0)
		return r;
	for (i = 0; i < NT_C_MAX; i++)
		st->interval.c[i] = now.c[i] - st->now.c[i];
	st->now = now;
	st->seen = st->interval.c[DROP_C_SEEN];
	st->unaccounted = 0;
	if (!final)
		return 0;
	for (i = 0; i < st->table.n; i++)
		sum += st->table.v[i].total;
	for (i = 0; i < DROP_CLASSES; i++)
		sum += now.c[DROP_C_HIDDEN + i];
	sum += now.c[DROP_C_FILTERED] + now.c[DROP_C_OTHER];
	if (now.c[DROP_C_SEEN] > sum)
		st->unaccounted = now.c[DROP_C_SEEN] - sum;
	return 0;
}

static void fill_counts(const struct drop_state *st, const struct nt_counters *c,
			struct drop_figures *f)
{
	uint32_t i;

	for (i = 0; i < DROP_CLASSES; i++) {
		f->hidden[i] = c->c[DROP_C_HIDDEN + i];
		f->all_hidden += f->hidden[i];
	}
	f->filtered = c->c[DROP_C_FILTERED];
	f->other_reasons = c->c[DROP_C_REASON];
	f->too_deep = c->c[DROP_C_NESTED];
	f->no_room = c->c[DROP_C_OTHER] - f->too_deep;
	f->given_up = f->total_shown ? st->folded : 0;
	f->other = c->c[DROP_C_OTHER] + f->given_up;
	f->undecided = c->c[DROP_C_UNDECIDED];
	f->lost_stacks = c->c[NT_C_STACK_LOST];
}

static int by_count(const void *a, const void *b, void *arg)
{
	const struct drop_row *x = *(struct drop_row *const *)a, *y = *(struct drop_row *const *)b;
	uint64_t n = drop_row_count(arg, x), m = drop_row_count(arg, y);

	if (n != m)
		return n < m ? 1 : -1;
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static void sort_rows(struct drop_figures *f)
{
	if (f->n)
		qsort_r(f->row, f->n, sizeof(f->row[0]), by_count, f);
}

/* Those with a count, the largest first. */
static int take_rows(struct drop_state *st, struct drop_figures *f)
{
	uint64_t count;
	uint32_t i;

	f->row = calloc(st->table.n + 1, sizeof(f->row[0]));
	if (!f->row)
		return -ENOMEM;
	for (i = 0; i < st->table.n; i++) {
		count = drop_row_count(f, &st->table.v[i]);
		if (!count)
			continue;
		f->row[f->n++] = &st->table.v[i];
		f->in_rows += count;
	}
	sort_rows(f);
	return 0;
}

static void add_to(struct drop_row *into, const struct drop_row *row)
{
	into->total += row->total;
	into->total_bytes += row->total_bytes;
	into->count += row->count;
	into->bytes += row->bytes;
	if (row->first_ns < into->first_ns)
		into->first_ns = row->first_ns;
	if (row->last_ns > into->last_ns)
		into->last_ns = row->last_ns;
}

/*
 * By reason on a kernel that gives none: rows are by place, and those with the
 * same hint become one. Rows of a hint are found by its address: it is one of a
 * table's, or NULL.
 */
static int merge_by_hint(struct nt_run *run, struct drop_figures *f)
{
	const char *hint[DROP_HINTS];
	struct drop_place p;
	uint32_t i, j, n = 0;

	f->merged = calloc(DROP_HINTS, sizeof(f->merged[0]));
	if (!f->merged)
		return -ENOMEM;
	for (i = 0; i < f->n; i++) {
		drop_place_of(run, f->row[i]->key.place, &p);
		for (j = 0; j < n && hint[j] != drop_hint(p.function); j++)
			;
		if (j < n) {
			add_to(&f->merged[j], f->row[i]);
		} else if (n < DROP_HINTS) {
			hint[n] = drop_hint(p.function);
			f->merged[n++] = *f->row[i];
		}
	}
	for (i = 0; i < n; i++)
		f->row[i] = &f->merged[i];
	f->n = n;
	sort_rows(f);
	return 0;
}

/* Only what is derived to be of a reason that was asked for; the rest is filtered out. */
static void take_derived(struct nt_run *run, struct drop_figures *f)
{
	const struct drop_state *st = run->state;
	struct drop_place p;
	uint64_t others = 0;
	uint32_t i, n = 0;

	for (i = 0; i < f->n; i++) {
		drop_place_of(run, f->row[i]->key.place, &p);
		if (drop_asked_derived(&st->base.asked, p.function))
			f->row[n++] = f->row[i];
		else
			others += drop_row_count(f, f->row[i]);
	}
	f->n = n;
	f->in_rows -= others;
	f->filtered += others;
	f->other_reasons += others;
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct drop_key)); /* the first member */
}

/* The places were only wanted for the reasons: rows without them, those that are then
 * the same in one. */
static int merge_places(struct drop_figures *f)
{
	uint32_t i, n = 0;

	f->merged = calloc(f->n + 1, sizeof(f->merged[0]));
	if (!f->merged)
		return -ENOMEM;
	for (i = 0; i < f->n; i++) {
		f->merged[i] = *f->row[i];
		f->merged[i].key.place = 0;
	}
	qsort(f->merged, f->n, sizeof(f->merged[0]), by_key);
	for (i = 0; i < f->n; i++) {
		if (n && !by_key(&f->merged[n - 1], &f->merged[i]))
			add_to(&f->merged[n - 1], &f->merged[i]);
		else
			f->merged[n++] = f->merged[i];
	}
	for (i = 0; i < n; i++)
		f->row[i] = &f->merged[i];
	f->n = n;
	sort_rows(f);
	return 0;
}

struct place_sum {
	char name[sizeof(((struct drop_place *)0)->text)];
	uint64_t count;
};

static int by_sum(const void *a, const void *b)
{
	const struct place_sum *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

#define PLACES_APART 1024 /* more functions than call kfree_skb() in any kernel */

/* The functions in which most was dropped. */
static int fill_places(struct nt_run *run, struct drop_figures *f)
{
	NT_FREE struct place_sum *v = calloc(PLACES_APART, sizeof(*v));
	struct drop_place p;
	uint32_t i, j, n = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < f->n; i++) {
		drop_place_of(run, f->row[i]->key.place, &p);
		for (j = 0; j < n && strcmp(v[j].name, p.function[0] ? p.function : p.text); j++)
			;
		if (j == PLACES_APART)
			continue;
		if (j == n)
			snprintf(v[n++].name, sizeof(v[0].name), "%s",
				 p.function[0] ? p.function : p.text);
		v[j].count += drop_row_count(f, f->row[i]);
	}
	qsort(v, n, sizeof(*v), by_sum);
	for (i = 0; i < n && i < DROP_PLACES_SHOWN; i++) {
		memcpy(f->place[i].name, v[i].name, sizeof(v[i].name));
		f->place[i].count = v[i].count;
	}
	f->n_places = i;
	return 0;
}

static uint32_t to_show(const struct nt_run *run, const struct drop_figures *f)
{
	const struct drop_cfg *c = run->cfg;
	uint32_t n = f->final ? 2 * c->top : c->top;

	return n < f->n ? n : f->n;
}

/* Names of all places, and of the first stacks (all, when recording). */
static int learn_rows(struct nt_run *run, const struct drop_figures *f, uint32_t shown)
{
	NT_FREE struct drop_spot *v = calloc(f->n + 1, sizeof(*v));
	uint32_t i;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < f->n; i++) {
		v[i].place = f->row[i]->key.place;
		if (i < shown || run->record)
			v[i].stack = f->row[i]->key.stack;
	}
	return drop_places_learn(run, v, f->n);
}

/* Where the kernel gives no reasons, those asked for are chosen by the places' names:
 * these first, the stacks of what is left and shown then. */
static int choose_rows(struct nt_run *run, struct drop_figures *f)
{
	const struct drop_state *st = run->state;
	bool derive = st->base.asked.n && !drop_places_reasoned(st->base.places);
	int r = learn_rows(run, f, derive ? 0 : to_show(run, f));

	/* A tape has told only now. */
	if (r || !st->base.asked.n || drop_places_reasoned(st->base.places))
		return r;
	take_derived(run, f);
	return learn_rows(run, f, to_show(run, f));
}

/* Names, then what is grouped by names. */
static int name_rows(struct nt_run *run, struct drop_figures *f)
{
	int r = choose_rows(run, f);
	bool placed = f->n && f->row[0]->key.place;
	/* Rows by reason have a place only where it stands in for the reason. */
	bool by_hint = f->group == DROP_GROUP_REASON && placed;

	if (!r && (f->by & DROP_BY_PLACE) && f->group != DROP_GROUP_REASON)
		r = fill_places(run, f);
	if (!r && by_hint)
		r = merge_by_hint(run, f);
	else if (!r && placed && !(f->by & DROP_BY_PLACE))
		r = merge_places(f);
	f->show = to_show(run, f);
	return r;
}

int drop_figures_make(struct nt_run *run, bool final, struct drop_figures *f)
{
	const struct drop_cfg *c = run->cfg;
	struct drop_state *st = run->state;
	const struct nt_counters *counters;
	int r;

	memset(f, 0, sizeof(*f));
	f->final = final;
	f->total_shown = final || c->cumulative;
	f->group = c->group;
	f->by = st->by;
	f->reports = st->reports;
	f->interval_ns = run->now_ns - (final ? run->start_ns : run->last_report_ns);
	counters = f->total_shown ? &st->now : &st->interval;
	fill_counts(st, counters, f);
	f->lost =
		drop_losses(run, counters, f->total_shown, final ? st->unaccounted : 0, &f->losses);
	r = run->failed ?: take_rows(st, f);
	r = r ?: name_rows(run, f);
	f->matching = f->in_rows + f->other;
	f->total = f->matching + f->all_hidden + f->filtered;
	return r;
}

void drop_figures_free(struct drop_figures *f)
{
	free(f->row);
	free(f->merged);
}
