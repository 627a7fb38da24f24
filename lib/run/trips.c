// SPDX-License-Identifier: GPL-2.0-or-later
/* Round trips: the sweep of their table, and the figures. */
#include "trips.h"

#include <errno.h>
#include <string.h>

/* --- settings --- */

int nt_trips_check(struct nt_run *run, bool all, bool stats_mode, struct nt_err *err)
{
	if (all && stats_mode)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--all and --stats-mode exclude each other: choose one");
	if (stats_mode && run->common->count)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--count counts the packets that are shown, and --stats-mode shows "
			       "none: use --duration");
	/* struct nt_common is the first member of all settings. */
	if (!stats_mode && !nt_opt_given(run->given, offsetof(struct nt_common, interval_ns)))
		run->common->interval_ns = 0;
	return 0;
}

/* --- the table --- */

void nt_trips_prepare(struct nt_trips *t, uint32_t max_sessions, bool quiet)
{
	t->sets = nt_sessions_sets(max_sessions);
	t->quiet = quiet;
}

int nt_trips_sizes(struct nt_run *run, const struct nt_trips *t, struct bpf_object *obj)
{
	return nt_sessions_sizes(run, obj, t->sets);
}

void nt_trips_settings(struct nt_sess_cfg *s, const struct nt_trips *t, uint64_t timeout_ns)
{
	s->timeout_ns = timeout_ns;
	/* User space sweeps every second: leave it the time to do so. */
	s->reclaim_ns = timeout_ns + 3000000000ULL;
	s->set_mask = t->sets - 1;
	s->emit = !t->quiet;
}

void nt_trips_swept(struct nt_run *run, struct nt_trips *t, const struct nt_story *y)
{
	if (y->s->flags & NT_SESS_IN_FLIGHT) {
		t->in_flight++;
		return;
	}
	if (nt_trip_no_verdict(run, y, t->timeout_ns))
		t->no_verdict++;
	else
		t->swept[nt_trip_status_of(y, t->timeout_ns)]++;
	if (!t->quiet)
		nt_run_queue(run, y->s, nt_story_size(NT_TRIP_STAGES));
}

void nt_trips_tick(struct nt_run *run, struct nt_trips *t, uint64_t timeout_ns, nt_trips_fn swept)
{
	int r = 0;

	t->timeout_ns = timeout_ns;
	if (!t->sessions)
		r = nt_sessions_open(run, t->sets, NT_TRIP_STAGES, &t->sessions);
	if (!r)
		r = nt_sessions_sweep(run, t->sessions, timeout_ns, swept);
	nt_run_fail(run, r);
}

void nt_trips_done(struct nt_trips *t)
{
	nt_sessions_close(t->sessions);
}

/* --- one story --- */

static const struct {
	uint32_t from, to;
} segments[] = {
#define S(id, from, to) { NT_TRIP_##from, NT_TRIP_##to },
	NT_TRIP_EACH_SEGMENT(S)
#undef S
};

uint32_t nt_trip_segment_from(uint32_t segment)
{
	return segments[segment].from;
}

uint32_t nt_trip_segment_to(uint32_t segment)
{
	return segments[segment].to;
}

uint32_t nt_trip_status_of(const struct nt_story *y, uint64_t timeout_ns)
{
	uint32_t seen = 1, i;

	if ((y->s->flags & NT_SESS_DONE) && !(y->s->flags & NT_SESS_LATE))
		return NT_TRIP_COMPLETE;
	for (i = 1; i < NT_TRIP_STAGES; i++)
		if ((y->s->seen & (1U << i)) && y->ts[i] - y->s->first_ns <= timeout_ns)
			seen |= 1U << i;
	return nt_trip_gap(seen);
}

bool nt_trip_no_verdict(const struct nt_run *run, const struct nt_story *y, uint64_t timeout_ns)
{
	return !(y->s->flags & NT_SESS_DONE) &&
	       nt_run_away(run, y->s->first_ns, y->s->first_ns + timeout_ns);
}

bool nt_trip_segment_ns(const struct nt_story *y, uint32_t i, uint64_t *ns)
{
	uint32_t both = (1U << segments[i].from) | (1U << segments[i].to);

	if ((y->s->seen & both) != both)
		return false;
	*ns = y->ts[segments[i].to] - y->ts[segments[i].from];
	return true;
}

/* --- the figures --- */

static void fill_losses(struct nt_run *run, const struct nt_counters *d, bool whole,
			struct nt_trip_figures *f)
{
	nt_run_losses(run, d, whole, &f->losses);
	nt_loss_add(&f->losses, "session_lost", "sessions overwritten in the table",
		    f->unaccounted > 0 ? (uint64_t)f->unaccounted : 0);
	nt_loss_add(&f->losses, "no_verdict",
		    "lost while an interface was away, nobody knows where", f->no_verdict);
}

/* d: counters of the period; swept likewise. */
static void fill_counts(struct nt_trip_figures *f, const struct nt_counters *d,
			const uint64_t *swept)
{
	uint32_t i;

	for (i = 0; i < NT_TRIP_STATUSES; i++)
		f->status[i] = d->c[NT_TRIP_C_STATUS + i] + swept[i];
	f->total = d->c[NT_C_STARTED];
	f->late = d->c[NT_TRIP_C_LATE];
	f->duplicate = d->c[NT_C_DUPLICATE];
	f->untracked = d->c[NT_C_ORPHAN];
	f->icmp_errors = d->c[NT_TRIP_C_ICMP_ERROR];
	f->xmit_failed = d->c[NT_TRIP_C_XMIT_FAILED];
}

static int fill_run(struct nt_run *run, struct nt_trips *t, struct nt_trip_figures *f)
{
	struct nt_counters now;
	uint64_t ended;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	if (r < 0)
		return r;
	fill_counts(f, &now, t->swept);
	f->in_flight = t->in_flight;
	f->no_verdict = t->no_verdict;
	ended = f->in_flight + f->no_verdict;
	for (i = 0; i < NT_TRIP_STATUSES; i++)
		ended += f->status[i];
	f->unaccounted = (int64_t)(f->total - ended);
	fill_losses(run, &now, true, f);
	for (i = 0; i < NT_TRIP_SEGMENTS && !r; i++)
		r = nt_run_hist(run, i, &f->hist[i]);
	return r;
}

/* Since the last report: differences of what only grows. */
static int fill_interval(struct nt_run *run, struct nt_trips *t, struct nt_trip_figures *f)
{
	struct nt_counters now, d;
	struct nt_hist h;
	uint64_t swept[NT_TRIP_STATUSES], ended = t->no_verdict;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	for (i = 0; i < NT_C_MAX; i++)
		d.c[i] = now.c[i] - t->before.c[i];
	for (i = 0; i < NT_TRIP_STATUSES; i++) {
		swept[i] = t->swept[i] - t->swept_before[i];
		ended += now.c[NT_TRIP_C_STATUS + i] + t->swept[i];
	}
	fill_counts(f, &d, swept);
	f->no_verdict = t->no_verdict - t->no_verdict_before;
	if (t->sessions)
		f->in_flight = nt_sessions_in_flight(t->sessions, now.c[NT_C_STARTED], ended);
	fill_losses(run, &d, false, f);
	for (i = 0; i < NT_TRIP_SEGMENTS && !r; i++) {
		r = nt_run_hist(run, i, &h);
		nt_hist_delta(&f->hist[i], &h, &t->hist_before[i]);
		t->hist_before[i] = h;
	}
	t->before = now;
	memcpy(t->swept_before, t->swept, sizeof(t->swept));
	t->no_verdict_before = t->no_verdict;
	return r;
}

int nt_trips_figures(struct nt_run *run, struct nt_trips *t, bool final, struct nt_trip_figures *f)
{
	return final ? fill_run(run, t, f) : fill_interval(run, t, f);
}
