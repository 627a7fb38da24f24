// SPDX-License-Identifier: GPL-2.0-or-later
/* The path tools: one packet's story, the report and the summary. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "path_tool.h"

static const char *const stage_names[] = {
#define S(id, name) name,
#include "path_stages.def"
#undef S
};

static const struct nt_trip_words words = {
	.status = {
#define S(id, name, key) { name, key },
#include "path_status.def"
#undef S
	},
	.segment = {
#define S(id, name, key, from, to) { name, key },
#include "path_segments.def"
#undef S
	},
	.refused = "refused_by_driver",
};

/* --- one packet --- */

static void story_title(struct nt_run *run, const struct nt_story *y)
{
	const struct nt_key *k = &y->s->key;
	char t[NT_TIME_LEN], a[NT_ADDR_LEN], b[NT_ADDR_LEN];

	nt_out_text(run->out, "[%s] %s %s -> %s id=%u seq=%u\n",
		    nt_fmt_time_ms(nt_run_wall(run, y->s->first_ns), t, sizeof(t)),
		    k->family == 6 ? "ICMPv6" : "ICMP",
		    nt_fmt_addr(k->family, k->saddr, a, sizeof(a)),
		    nt_fmt_addr(k->family, k->daddr, b, sizeof(b)), ntohs(k->sport),
		    ntohs(k->dport));
}

static void story_stages(struct nt_run *run, const struct nt_story *y)
{
	uint64_t last = y->s->first_ns;
	char dev[32];
	uint32_t i;

	for (i = 0; i < PATH_STAGES; i++) {
		if (!(y->s->seen & (1U << i))) {
			nt_out_text(run->out, "  [%u] %-6s MISSING\n", i, stage_names[i]);
			continue;
		}
		nt_run_dev_name(run, y->dev[i], dev, sizeof(dev));
		if (i == 0)
			nt_out_text(run->out, "  [%u] %-6s %s\n", i, stage_names[i], dev);
		else
			nt_out_text(run->out, "  [%u] %-6s %-10s +%.1fus\n", i, stage_names[i], dev,
				    (y->ts[i] - last) / 1e3);
		last = y->ts[i];
	}
}

static void story_latency(struct nt_run *run, const struct nt_story *y)
{
	uint64_t ns;
	uint32_t i;

	nt_out_text(run->out, "  Latency(us):");
	for (i = 0; i < PATH_SEGMENTS; i++) {
		if (nt_trip_segment_ns(y, i, &ns))
			nt_out_text(run->out, " %s=%.1f", words.segment[i].name, ns / 1e3);
		else
			nt_out_text(run->out, " %s=-", words.segment[i].name);
	}
	nt_out_text(run->out, "\n");
}

static void story_status(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	static const char *const missing[] = { "", "REQ_TX", "REP_RX", "REP_TX" };
	const struct path_cfg *c = run->cfg;
	char extra[160];

	nt_trip_error_text(y->s, extra, sizeof(extra));
	if (nt_trip_no_verdict(run, y, c->timeout_ns))
		nt_out_text(run->out,
			    "  STATUS: " NT_TRIP_NO_VERDICT " (an interface was away)%s\n", extra);
	else if (y->s->flags & NT_SESS_LATE)
		nt_out_text(run->out,
			    "  STATUS: %s, LATE (complete after %.1f ms, timeout %g ms)%s\n",
			    words.status[status].name, (y->s->end_ns - y->s->first_ns) / 1e6,
			    c->timeout_ns / 1e6, extra);
	else if (status == PATH_ST_COMPLETE)
		nt_out_text(run->out, "  STATUS: %s\n", words.status[status].name);
	else
		nt_out_text(run->out, "  STATUS: %s (no %s within %g ms)%s\n",
			    words.status[status].name,
			    missing[status == PATH_ST_DROP_REQ ? 1 :
				    status == PATH_ST_EXTERNAL ? 2 :
								 3],
			    c->timeout_ns / 1e6, extra);
}

void path_story(struct nt_run *run, const struct nt_story *y)
{
	const struct path_cfg *c = run->cfg;
	const struct nt_trip_story s = { .words = &words,
					 .stage = stage_names,
					 .direction = y->s->dir ? "reverse" : "forward",
					 .timeout_ns = c->timeout_ns };

	if (run->common->json) {
		nt_trip_story_json(run, y, &s);
	} else {
		story_title(run, y);
		story_stages(run, y);
		if (y->s->flags & NT_SESS_DONE)
			story_latency(run, y);
		story_status(run, y, nt_trip_status_of(y, c->timeout_ns));
	}
	nt_run_shown(run);
}

void path_event(struct nt_run *run, const void *rec, size_t size)
{
	struct nt_story y;

	if (nt_story_of(rec, size, PATH_STAGES, &y))
		path_story(run, &y);
	else
		run->order_failed++;
}

/* --- the figures --- */

static void figures_text(struct nt_run *run, const struct nt_trip_figures *f, bool final)
{
	if (!final)
		nt_trips_interval_text(run);
	nt_out_text(
		run->out,
		"%s: flows=%llu complete=%llu internal_req=%llu external=%llu internal_rep=%llu "
		"in_flight=%llu late=%llu lost_events=%llu\n",
		final ? "Summary" : "Interval", (unsigned long long)f->total,
		(unsigned long long)f->status[PATH_ST_COMPLETE],
		(unsigned long long)f->status[PATH_ST_DROP_REQ],
		(unsigned long long)f->status[PATH_ST_EXTERNAL],
		(unsigned long long)f->status[PATH_ST_DROP_REP], (unsigned long long)f->in_flight,
		(unsigned long long)f->late, (unsigned long long)f->losses.v[0].n);
	if (f->duplicate || f->untracked || f->icmp_errors || f->xmit_failed)
		nt_out_text(
			run->out,
			"  duplicates=%llu untracked=%llu icmp_errors=%llu refused_by_driver=%llu\n",
			(unsigned long long)f->duplicate, (unsigned long long)f->untracked,
			(unsigned long long)f->icmp_errors, (unsigned long long)f->xmit_failed);
	if (final && !f->total && !f->untracked)
		nt_out_text(run->out,
			    "  no ping of these addresses came in by these interfaces: is "
			    "one mistyped, or are the sides swapped?\n");
	nt_trips_latency_text(run, f, &words);
	if (final)
		nt_run_overhead(run, NULL);
}

int path_report(struct nt_run *run, bool final)
{
	NT_FREE struct nt_trip_figures *f = calloc(1, sizeof(*f)); /* 32 KiB of buckets */
	struct path_state *st = run->state;
	int r;

	if (!f)
		return -ENOMEM;
	r = nt_trips_figures(run, &st->trips, final, f);
	if (r == 0 && run->common->json)
		nt_trips_figures_json(run, f, &words, final);
	else if (r == 0)
		figures_text(run, f, final);
	return r;
}
