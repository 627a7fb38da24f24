// SPDX-License-Identifier: GPL-2.0-or-later
/* Followed packets: the sweep of their table, how they ended, the figures. */
#include "stories.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "cleanup.h"
#include "trip.h"

/* --- settings --- */

/* Given by the user; a legacy name may have it by itself. */
static bool given_all(const struct nt_run *run, const struct nt_story_cfg *c)
{
	return c->all && nt_opt_given(run->given, (const char *)&c->all - (const char *)run->cfg);
}

static int check(struct nt_run *run, const struct nt_story_cfg *c, struct nt_err *err)
{
	if (given_all(run, c) && c->stats_mode)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--all and --stats-mode exclude each other: choose one");
	if (c->stats_mode && run->common->count)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--count counts the packets that are shown, and --stats-mode shows "
			       "none: use --duration");
	/* struct nt_common is the first member of all settings. */
	if (!c->stats_mode && !nt_opt_given(run->given, offsetof(struct nt_common, interval_ns)))
		run->common->interval_ns = 0;
	return 0;
}

int nt_stories_prepare(struct nt_run *run, const struct nt_story_kind *kind,
		       const struct nt_story_cfg *cfg, struct nt_err *err)
{
	struct nt_stories *st = nt_stories(run);

	st->kind = kind;
	st->cfg = cfg;
	st->stage = kind->stage;
	st->sets = nt_sessions_sets(cfg->max_sessions);
	st->hist_before = calloc(kind->spans, sizeof(*st->hist_before));
	if (!st->hist_before)
		return -ENOMEM;
	return check(run, cfg, err);
}

void nt_stories_settings(struct nt_run *run, struct nt_sess_cfg *s)
{
	const struct nt_stories *st = nt_stories(run);
	const struct nt_story_cfg *c = st->cfg;
	uint64_t show = c->all ? 0 : c->timeout_ns;

	if (getrandom(&run->filter->seed, sizeof(run->filter->seed), 0) < 0)
		run->filter->seed = nt_clock_mono_ns();
	s->timeout_ns = c->timeout_ns;
	/* User space sweeps every second: leave it the time to do so. */
	s->reclaim_ns = c->timeout_ns + 3000000000ULL;
	if (c->threshold_ns && !given_all(run, c))
		show = c->threshold_ns;
	s->threshold_ns = show < c->timeout_ns ? show : c->timeout_ns;
	s->set_mask = st->sets - 1;
	s->emit = !c->stats_mode;
}

int nt_stories_sizes(struct nt_run *run, struct bpf_object *obj)
{
	return nt_sessions_sizes(run, obj, nt_stories(run)->sets);
}

/* --- how they ended --- */

uint32_t nt_story_in_time(const struct nt_run *run, const struct nt_story *y)
{
	const struct nt_stories *st = nt_stories(run);
	uint32_t seen = 1, i;

	for (i = 1; i < st->kind->stages; i++)
		if ((y->s->seen & (1U << i)) && y->ts[i] - y->s->first_ns <= st->cfg->timeout_ns)
			seen |= 1U << i;
	return seen;
}

uint32_t nt_story_last(const struct nt_story_kind *k, const struct nt_story *y)
{
	uint32_t i;

	for (i = k->stages - 1; i > 0; i--)
		if (y->s->seen & (1U << nt_stage_at(k, i)))
			break;
	return nt_stage_at(k, i);
}

uint32_t nt_story_trip_gap(const struct nt_run *run, const struct nt_story *y)
{
	return nt_trip_gap(nt_story_in_time(run, y));
}

bool nt_story_no_verdict(const struct nt_run *run, const struct nt_story *y)
{
	return !(y->s->flags & NT_SESS_DONE) &&
	       nt_run_away(run, y->s->first_ns, y->s->first_ns + nt_stories(run)->cfg->timeout_ns);
}

bool nt_story_span_ns(const struct nt_story_kind *k, const struct nt_story *y, uint32_t span,
		      uint64_t *ns)
{
	const struct nt_span *s = &k->span[span];
	uint32_t both = (1U << s->from) | (1U << s->to);

	if ((y->s->seen & both) != both || (s->dirs && !(s->dirs >> y->s->dir & 1)))
		return false;
	*ns = y->ts[s->to] - y->ts[s->from];
	return true;
}

/* Of a late one what it counted as at its timeout. */
static uint32_t status_of(const struct nt_run *run, const struct nt_story *y)
{
	const struct nt_story_kind *k = nt_stories(run)->kind;

	if (!(y->s->flags & NT_SESS_DONE))
		return k->gap(run, y);
	if (y->s->flags & NT_SESS_LATE)
		return k->late_gap ? k->late_gap(run, y) : k->gap(run, y);
	return y->s->dir < k->completes ? y->s->dir : 0;
}

/* --- the sweep --- */

/* The packets of a session that is unfinished, by status. false: nothing to be shown. */
static bool unfinished(const struct nt_run *run, const struct nt_story *y, uint64_t *by_status)
{
	const struct nt_story_kind *k = nt_stories(run)->kind;

	if (k->unfinished)
		return k->unfinished(run, y, by_status);
	by_status[k->gap(run, y)]++;
	return true;
}

static void on_swept(struct nt_run *run, const struct nt_story *y)
{
	struct nt_stories *st = nt_stories(run);
	uint64_t ends[NT_MAX_STATUSES] = { 0 };
	bool shown = unfinished(run, y, ends);
	uint32_t i;

	for (i = 0; i < st->kind->statuses; i++) {
		if (y->s->flags & NT_SESS_IN_FLIGHT)
			st->in_flight += ends[i];
		else if (nt_story_no_verdict(run, y))
			st->swept.no_verdict += ends[i];
		else
			st->swept.status[i] += ends[i];
	}
	if (shown && !(y->s->flags & NT_SESS_IN_FLIGHT) && !st->cfg->stats_mode)
		nt_run_queue(run, y->s, nt_story_size(st->kind->slot));
}

void nt_stories_tick(struct nt_run *run, uint64_t now_ns)
{
	struct nt_stories *st = nt_stories(run);
	int r = 0;

	(void)now_ns;
	if (!st->sessions)
		r = nt_sessions_open(run, st->sets, st->kind->slot, &st->sessions);
	if (!r)
		r = nt_sessions_sweep(run, st->sessions, st->cfg->timeout_ns, on_swept);
	nt_run_fail(run, r);
}

void nt_stories_event(struct nt_run *run, const void *rec, size_t size)
{
	struct nt_story y;

	if (!nt_story_of(rec, size, nt_stories(run)->kind->slot, &y)) {
		run->order_failed++;
		return;
	}
	nt_story_print(run, &y, status_of(run, &y));
	nt_run_shown(run);
}

void nt_stories_done(struct nt_run *run)
{
	struct nt_stories *st = nt_stories(run);

	if (!st)
		return;
	nt_sessions_close(st->sessions);
	free(st->hist_before);
}

/* --- the figures --- */

static uint64_t counter(const struct nt_counters *c, uint32_t which)
{
	return which < NT_C_MAX ? c->c[which] : 0;
}

/* All that ended, of the same time as c and swept. */
static uint64_t ended(const struct nt_story_kind *k, const struct nt_counters *c,
		      const struct nt_ends *swept)
{
	uint64_t n = counter(c, k->not_asked) + swept->no_verdict;
	uint32_t i;

	for (i = 0; i < k->statuses; i++)
		n += c->c[k->first_status + i] + swept->status[i];
	return n;
}

/* f->c: counters of the period; swept likewise. */
static void fill_counts(const struct nt_story_kind *k, struct nt_figures *f,
			const struct nt_ends *swept)
{
	uint64_t not_asked = counter(&f->c, k->not_asked);
	uint32_t i;

	for (i = 0; i < k->statuses; i++)
		f->status[i] = f->c.c[k->first_status + i] + swept->status[i];
	/* What is known to be not asked for now may have begun in the interval before. */
	f->total = f->c.c[NT_C_STARTED];
	f->total -= f->total < not_asked ? f->total : not_asked;
	f->late = f->c.c[k->late];
	f->no_verdict = swept->no_verdict;
}

static void fill_run(struct nt_stories *st, const struct nt_counters *now, struct nt_figures *f)
{
	f->c = *now;
	fill_counts(st->kind, f, &st->swept);
	f->in_flight = st->in_flight;
	f->unaccounted =
		(int64_t)(f->c.c[NT_C_STARTED] - f->in_flight - ended(st->kind, now, &st->swept));
}

/*
 * Since the last report: differences of what only grows. But for an end that turned out to be
 * another one: in the period in which that shows there may be less than none of the first.
 */
static void fill_interval(struct nt_stories *st, const struct nt_counters *now,
			  struct nt_figures *f)
{
	struct nt_ends swept = st->swept;
	uint32_t i;

	for (i = 0; i < NT_C_MAX; i++)
		f->c.c[i] = now->c[i] - st->before.c[i];
	for (i = 0; i < NT_MAX_STATUSES; i++)
		swept.status[i] -= st->swept_before.status[i];
	swept.no_verdict -= st->swept_before.no_verdict;
	fill_counts(st->kind, f, &swept);
	for (i = 0; i < st->kind->statuses; i++)
		if ((int64_t)f->status[i] < 0)
			f->status[i] = 0;
	if (st->sessions)
		f->in_flight = nt_sessions_in_flight(st->sessions, now->c[NT_C_STARTED],
						     ended(st->kind, now, &st->swept));
	st->before = *now;
	st->swept_before = st->swept;
}

static void fill_losses(struct nt_run *run, bool whole, struct nt_figures *f)
{
	nt_run_losses(run, &f->c, whole, &f->losses);
	nt_loss_add(&f->losses, "session_lost", "sessions overwritten in the table",
		    f->unaccounted > 0 ? (uint64_t)f->unaccounted : 0);
	nt_loss_add(&f->losses, "no_verdict",
		    "lost while an interface was away, nobody knows where", f->no_verdict);
	if (nt_stories(run)->kind->losses)
		nt_stories(run)->kind->losses(f, &f->losses);
}

static int fill(struct nt_run *run, bool final, struct nt_figures *f)
{
	struct nt_stories *st = nt_stories(run);
	struct nt_counters now;
	struct nt_hist h;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	if (final)
		fill_run(st, &now, f);
	else
		fill_interval(st, &now, f);
	fill_losses(run, final, f);
	for (i = 0; i < st->kind->spans && !r; i++) {
		r = nt_run_hist(run, i, &h);
		f->hist[i] = h;
		if (!final)
			nt_hist_delta(&f->hist[i], &h, &st->hist_before[i]);
		st->hist_before[i] = h;
	}
	return r;
}

int nt_stories_report(struct nt_run *run, bool final)
{
	NT_FREE struct nt_figures *f =
		calloc(1, sizeof(*f) + nt_stories(run)->kind->spans * sizeof(f->hist[0]));
	int r;

	if (!f)
		return -ENOMEM;
	r = fill(run, final, f);
	if (r == 0)
		nt_figures_print(run, f, final);
	return r;
}
