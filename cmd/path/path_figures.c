// SPDX-License-Identifier: GPL-2.0-or-later
/* The path tools: the report and the summary. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "path_tool.h"

struct figures {
	uint64_t status[PATH_MAX_STATUSES];
	uint64_t total, in_flight, late, no_verdict;
	int64_t unaccounted;
	struct nt_counters c; /* of the period */
	struct nt_losses losses;
	struct nt_hist hist[PATH_MAX_SPANS];
};

static void fill_losses(struct nt_run *run, bool whole, struct figures *f)
{
	nt_run_losses(run, &f->c, whole, &f->losses);
	nt_loss_add(&f->losses, "session_lost", "sessions overwritten in the table",
		    f->unaccounted > 0 ? (uint64_t)f->unaccounted : 0);
	nt_loss_add(&f->losses, "no_verdict",
		    "lost while an interface was away, nobody knows where", f->no_verdict);
}

static uint64_t counter(const struct nt_counters *c, uint32_t which)
{
	return which < NT_C_MAX ? c->c[which] : 0;
}

/* f->c: counters of the period; swept likewise. */
static void fill_counts(const struct path_kind *k, struct figures *f, const uint64_t *swept)
{
	uint32_t i;

	for (i = 0; i < k->statuses; i++)
		f->status[i] = f->c.c[k->first_status + i] + swept[i];
	/* What is known to be not asked for now may have begun in the interval before. */
	f->total = f->c.c[NT_C_STARTED];
	f->total -= f->total < counter(&f->c, k->not_asked) ? f->total :
							      counter(&f->c, k->not_asked);
	f->late = f->c.c[NT_TRIP_C_LATE];
}

static int fill_run(struct nt_run *run, struct figures *f)
{
	struct path_state *st = run->state;
	const struct path_kind *k = st->kind;
	uint64_t ended;
	uint32_t i;
	int r = nt_run_counters(run, &f->c);

	if (r < 0)
		return r;
	fill_counts(k, f, st->swept);
	f->in_flight = st->in_flight;
	f->no_verdict = st->no_verdict;
	ended = f->in_flight + f->no_verdict;
	for (i = 0; i < k->statuses; i++)
		ended += f->status[i];
	f->unaccounted = (int64_t)(f->total - ended);
	fill_losses(run, true, f);
	for (i = 0; i < k->spans && !r; i++)
		r = nt_run_hist(run, i, &f->hist[i]);
	return r;
}

/* Since the last report: differences of what only grows. */
static int fill_interval(struct nt_run *run, struct figures *f)
{
	struct path_state *st = run->state;
	const struct path_kind *k = st->kind;
	struct nt_counters now;
	struct nt_hist h;
	uint64_t swept[PATH_MAX_STATUSES] = { 0 }, ended;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	for (i = 0; i < NT_C_MAX; i++)
		f->c.c[i] = now.c[i] - st->before.c[i];
	ended = counter(&now, k->not_asked) + st->no_verdict;
	for (i = 0; i < k->statuses; i++) {
		swept[i] = st->swept[i] - st->swept_before[i];
		ended += now.c[k->first_status + i] + st->swept[i];
	}
	fill_counts(k, f, swept);
	f->no_verdict = st->no_verdict - st->no_verdict_before;
	if (st->sessions)
		f->in_flight = nt_sessions_in_flight(st->sessions, now.c[NT_C_STARTED], ended);
	fill_losses(run, false, f);
	for (i = 0; i < k->spans && !r; i++) {
		r = nt_run_hist(run, i, &h);
		nt_hist_delta(&f->hist[i], &h, &st->hist_before[i]);
		st->hist_before[i] = h;
	}
	st->before = now;
	memcpy(st->swept_before, st->swept, sizeof(st->swept));
	st->no_verdict_before = st->no_verdict;
	return r;
}

/* "Summary: flows=.. complete=.. ..." */
static void ends_text(struct nt_run *run, const struct figures *f, bool final)
{
	const struct path_kind *k = path_kind(run);
	uint32_t i;

	nt_out_text(run->out, "%s: %s=%llu", final ? "Summary" : "Interval", k->unit,
		    (unsigned long long)f->total);
	for (i = 0; i < k->statuses; i++)
		nt_out_text(run->out, " %s=%llu", k->status[i].word,
			    (unsigned long long)f->status[i]);
	nt_out_text(run->out, " in_flight=%llu late=%llu lost_events=%llu\n",
		    (unsigned long long)f->in_flight, (unsigned long long)f->late,
		    (unsigned long long)f->losses.v[0].n);
}

/* A line of the other figures, unless all are 0. */
static void extra_text(struct nt_run *run, const struct figures *f)
{
	const struct path_extra *e;
	uint64_t any = 0;

	for (e = path_kind(run)->extra; e->word; e++)
		any |= f->c.c[e->counter];
	if (!any)
		return;
	nt_out_text(run->out, " ");
	for (e = path_kind(run)->extra; e->word; e++)
		nt_out_text(run->out, " %s=%llu", e->word, (unsigned long long)f->c.c[e->counter]);
	nt_out_text(run->out, "\n");
}

static void figures_text(struct nt_run *run, const struct figures *f, bool final)
{
	const struct path_kind *k = path_kind(run);
	char from[NT_TIME_LEN], to[NT_TIME_LEN];
	uint64_t start = final ? run->start_ns : run->last_report_ns;
	uint32_t i;

	if (!final)
		nt_out_text(run->out, "[%s - %s] report %u\n",
			    nt_fmt_time_s(nt_run_wall(run, start), from, sizeof(from)),
			    nt_fmt_time_s(nt_run_wall(run, run->now_ns), to, sizeof(to)),
			    run->cycle);
	ends_text(run, f, final);
	extra_text(run, f);
	if (final && !f->total && !f->c.c[NT_C_ORPHAN])
		nt_out_text(run->out, "  %s\n", k->nothing);
	nt_latency_head(run->out, NT_LATENCY_NAME, "Latency");
	for (i = 0; i < k->spans; i++)
		nt_latency_row(run->out, NT_LATENCY_NAME, k->span[i].name, &f->hist[i]);
	for (i = 0; run->common->verbose && i < k->spans; i++)
		nt_latency_log2(run->out, k->span[i].name, &f->hist[i]);
	nt_loss_text(run->out, &f->losses);
	if (final)
		nt_run_overhead(run, NULL);
}

static void figures_json(struct nt_run *run, const struct figures *f, bool final)
{
	struct nt_json *j = nt_run_json(run, final ? "summary" : "report", run->now_ns);
	const struct path_kind *k = path_kind(run);
	const struct path_extra *e;
	uint32_t i;

	nt_json_us(j, "period_us", run->now_ns - (final ? run->start_ns : run->last_report_ns));
	nt_json_obj(j, "counts");
	nt_json_u64(j, "total", f->total);
	for (i = 0; i < k->statuses; i++)
		nt_json_u64(j, k->status[i].key, f->status[i]);
	nt_json_u64(j, "in_flight", f->in_flight);
	nt_json_u64(j, "late", f->late);
	for (e = k->extra; e->word; e++)
		nt_json_u64(j, e->key, f->c.c[e->counter]);
	nt_json_end(j);
	nt_json_obj(j, "latency");
	for (i = 0; i < k->spans; i++)
		nt_latency_json(j, k->span[i].key, &f->hist[i]);
	nt_json_end(j);
	nt_loss_json(j, &f->losses);
	if (final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

int path_report(struct nt_run *run, bool final)
{
	NT_FREE struct figures *f = calloc(1, sizeof(*f)); /* 32 KiB of buckets */
	int r;

	if (!f)
		return -ENOMEM;
	r = final ? fill_run(run, f) : fill_interval(run, f);
	if (r == 0 && run->common->json)
		figures_json(run, f, final);
	else if (r == 0)
		figures_text(run, f, final);
	return r;
}
