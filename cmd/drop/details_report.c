// SPDX-License-Identifier: GPL-2.0-or-later
/* drop details: the statistics of an interval and of the run, as text and JSON. */
#include <inttypes.h>
#include <string.h>

#include "drop_details.h"

struct figures {
	bool final; /* the run's, not the interval's */
	uint64_t period_ns;
	/* total = matching + all_hidden + filtered */
	uint64_t total, matching, all_hidden, filtered;
	/* matching = shown + sampled + limited + not_sent + not_shown */
	uint64_t shown, sampled, limited, not_sent, not_shown;
	uint64_t other_reasons, undecided;
	uint64_t hidden[DROP_CLASSES];
	uint64_t lost, lost_stacks;
	struct nt_losses losses;
};

/* --- figures --- */

static int take_counters(struct nt_run *run)
{
	struct details_state *st = run->state;
	struct nt_counters now;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	if (r < 0)
		return r;
	for (i = 0; i < NT_C_MAX; i++)
		st->interval.c[i] = now.c[i] - st->now.c[i];
	st->now = now;
	return 0;
}

/* Drops that no figure has: seen is counted apart from all others. Only at the end do the
 * counters belong together. */
static uint64_t unaccounted(const struct nt_counters *c)
{
	uint64_t n = drop_matching(c);
	uint64_t known = c->c[NT_C_SUBMITTED] + c->c[NT_C_EVENT_LOST] + c->c[DROP_C_OTHER] +
			 c->c[DROP_C_SAMPLED] + c->c[DROP_C_LIMITED];

	return n > known ? n - known : 0;
}

/*
 * What the tool itself left out for a derived reason is filtered too. Records that are not
 * shown are those that are on their way, in an interval, and at the end those beyond --count.
 */
static void make(struct nt_run *run, bool final, struct figures *f)
{
	const struct details_state *st = run->state;
	const struct nt_counters *c = final ? &st->now : &st->interval;
	uint64_t others = final ? st->others : st->others - st->others_before;
	uint64_t missing = final ? unaccounted(c) : 0, known;
	uint32_t i;

	memset(f, 0, sizeof(*f));
	f->final = final;
	f->period_ns = run->now_ns - (final ? run->start_ns : run->last_report_ns);
	f->total = c->c[DROP_C_SEEN];
	for (i = 0; i < DROP_CLASSES; i++) {
		f->hidden[i] = c->c[DROP_C_HIDDEN + i];
		f->all_hidden += f->hidden[i];
	}
	f->filtered = c->c[DROP_C_FILTERED] + others;
	f->other_reasons = c->c[DROP_C_REASON] + others;
	f->matching = drop_matching(c) - others;
	f->shown = final ? st->shown : st->shown - st->shown_before;
	f->sampled = c->c[DROP_C_SAMPLED];
	f->limited = c->c[DROP_C_LIMITED];
	f->not_sent = c->c[NT_C_EVENT_LOST] + c->c[DROP_C_NESTED] + missing;
	known = f->shown + f->sampled + f->limited + f->not_sent;
	f->not_shown = f->matching > known ? f->matching - known : 0;
	f->undecided = c->c[DROP_C_UNDECIDED];
	f->lost_stacks = c->c[NT_C_STACK_LOST];
	f->lost = drop_losses(run, c, final, missing, &f->losses) + f->not_sent;
}

/* --- text --- */

static void tally_text(struct nt_run *run, const char *head, struct drop_tallies *t, bool total)
{
	struct details_state *st = run->state;
	uint64_t all = total ? st->shown : st->shown - st->shown_before, n;
	uint32_t i;

	drop_tally_sort(t, total);
	for (i = 0; i < t->n; i++) {
		n = drop_tally_count(&t->v[i], total);
		if (!n)
			break;
		if (!i)
			nt_out_text(run->out, "%s:\n", head);
		nt_out_text(run->out, "  %s: %" PRIu64 " (%.1f%%)\n", t->v[i].name, n,
			    drop_percent(n, all));
	}
}

static void left_out_text(struct nt_run *run, const struct figures *f)
{
	const struct details_cfg *c = run->cfg;

	if (f->limited)
		nt_out_text(run->out, "  suppressed: %" PRIu64 " by --rate %u\n", f->limited,
			    c->rate);
	if (f->sampled)
		nt_out_text(run->out, "  suppressed: %" PRIu64 " by --sample %u\n", f->sampled,
			    c->sample);
	if (f->not_shown && f->final)
		nt_out_text(run->out, "  not shown: %" PRIu64 " beyond --count\n", f->not_shown);
	if (f->other_reasons)
		nt_out_text(run->out, "  filtered out: %" PRIu64 " for other reasons\n",
			    f->other_reasons);
	if (f->undecided)
		nt_out_text(run->out,
			    "  %" PRIu64
			    " later fragments have no ports to compare and are shown\n",
			    f->undecided);
}

static void figures_text(struct nt_run *run, const struct figures *f)
{
	struct details_state *st = run->state;
	char t[NT_TIME_LEN];

	if (f->final)
		nt_out_text(run->out,
			    "=== Drop Statistics Summary ===\nTotal monitoring time: %.1f "
			    "seconds\n",
			    (double)f->period_ns / 1e9);
	else
		nt_out_text(run->out, "[%s] === Drop Statistics (Interval: %.1fs) ===\n",
			    nt_fmt_time_s(nt_run_wall(run, run->now_ns), t, sizeof(t)),
			    (double)f->period_ns / 1e9);
	nt_out_text(run->out, "Total drops: %" PRIu64 "  shown: %" PRIu64 "\n", f->matching,
		    f->shown);
	left_out_text(run, f);
	nt_out_text(run->out,
		    "Total frees: %" PRIu64 "  benign (hidden): %" PRIu64 "  filtered out: %" PRIu64
		    "  lost events: %" PRIu64 "  lost stacks: %" PRIu64 "\n",
		    f->total, f->all_hidden, f->filtered, f->lost, f->lost_stacks);
	drop_hidden_text(run->out, f->hidden);
	tally_text(run, "Drop reasons", &st->reasons, f->final);
	tally_text(run, "Drop locations", &st->places, f->final);
	tally_text(run, "Affected protocols", &st->protocols, f->final);
	nt_loss_text(run->out, &f->losses);
	if (f->final)
		nt_run_overhead(run, NULL);
	else
		nt_out_text(run->out, "\n");
	st->headed = false;
}

/* --- JSON --- */

static void tally_json(struct nt_json *j, const char *key, struct drop_tallies *t, bool total)
{
	uint32_t i;

	drop_tally_sort(t, total);
	nt_json_arr(j, key);
	for (i = 0; i < t->n && drop_tally_count(&t->v[i], total); i++) {
		nt_json_obj(j, NULL);
		nt_json_str(j, "name", t->v[i].name);
		nt_json_u64(j, "count", drop_tally_count(&t->v[i], total));
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void figures_json(struct nt_run *run, const struct figures *f)
{
	struct nt_json *j = nt_run_json(run, f->final ? "summary" : "report", run->now_ns);
	struct details_state *st = run->state;

	nt_json_us(j, "period_us", f->period_ns);
	nt_json_obj(j, "counts");
	nt_json_u64(j, "total", f->total);
	nt_json_u64(j, "matching", f->matching);
	nt_json_u64(j, "hidden", f->all_hidden);
	nt_json_u64(j, "filtered", f->filtered);
	nt_json_u64(j, "other_reasons", f->other_reasons);
	nt_json_u64(j, "shown", f->shown);
	nt_json_u64(j, "rate_limited", f->limited);
	nt_json_u64(j, "sampled_out", f->sampled);
	nt_json_u64(j, "not_sent", f->not_sent);
	nt_json_u64(j, "not_shown", f->not_shown);
	nt_json_u64(j, "undecided_fragments", f->undecided);
	nt_json_end(j);
	drop_hidden_json(j, f->hidden);
	nt_json_obj(j, "latency"); /* nothing here takes time */
	nt_json_end(j);
	tally_json(j, "reasons", &st->reasons, f->final);
	tally_json(j, "locations", &st->places, f->final);
	tally_json(j, "protocols", &st->protocols, f->final);
	nt_loss_json(j, &f->losses);
	if (f->final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

static void print(struct nt_run *run, bool final)
{
	struct figures f;

	make(run, final, &f);
	if (run->common->json)
		figures_json(run, &f);
	else
		figures_text(run, &f);
}

/* At the end the interval that is under way comes first, if anything has come in it. */
int details_report(struct nt_run *run, bool final)
{
	struct details_state *st = run->state;
	int r = take_counters(run);

	if (r < 0)
		return r;
	if (run->common->interval_ns && (!final || st->interval.c[DROP_C_SEEN] ||
					 st->shown != st->shown_before || !st->reports)) {
		st->reports++;
		print(run, false);
	}
	if (final)
		print(run, true);
	st->shown_before = st->shown;
	st->others_before = st->others;
	drop_tally_reset(&st->reasons);
	drop_tally_reset(&st->places);
	drop_tally_reset(&st->protocols);
	return 0;
}
