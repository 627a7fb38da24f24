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

static const struct {
	const char *name, *key;
} statuses[] = {
#define S(id, name, key) { name, key },
#include "path_status.def"
#undef S
};

static const struct {
	const char *name, *key;
	uint32_t from, to;
} segments[] = {
#define S(id, name, key, from, to) { name, key, from, to },
#include "path_segments.def"
#undef S
};

/* Status of a story; of a late one what it counted as at its timeout. */
static uint32_t status_of(const struct nt_run *run, const struct nt_story *y)
{
	const struct path_cfg *c = run->cfg;

	if ((y->s->flags & NT_SESS_DONE) && !(y->s->flags & NT_SESS_LATE))
		return PATH_ST_COMPLETE;
	return path_gap(y, c->timeout_ns);
}

static bool segment_ns(const struct nt_story *y, uint32_t i, uint64_t *ns)
{
	uint32_t both = (1U << segments[i].from) | (1U << segments[i].to);

	if ((y->s->seen & both) != both)
		return false;
	*ns = y->ts[segments[i].to] - y->ts[segments[i].from];
	return true;
}

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
		if (segment_ns(y, i, &ns))
			nt_out_text(run->out, " %s=%.1f", segments[i].name, ns / 1e3);
		else
			nt_out_text(run->out, " %s=-", segments[i].name);
	}
	nt_out_text(run->out, "\n");
}

static const char *icmp_says(const struct nt_sess *s)
{
	return nt_icmp_error_text(s->err_family, s->err_type_code >> 8, s->err_type_code & 0xff);
}

static void error_text(const struct nt_sess *s, char *buf, size_t len)
{
	const char *says = icmp_says(s);
	char a[NT_ADDR_LEN];

	buf[0] = 0;
	if (s->flags & NT_SESS_ICMP_ERROR)
		snprintf(buf, len, "; ICMP error %u/%u%s%s%s from %s", s->err_type_code >> 8,
			 s->err_type_code & 0xff, says ? " (" : "", says ? says : "",
			 says ? ")" : "", nt_fmt_addr(s->err_family, s->err_addr, a, sizeof(a)));
	else if (s->flags & NT_SESS_XMIT_FAILED)
		snprintf(buf, len, "; the driver refused it, rc=%d", s->rc);
}

static void story_status(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	static const char *const missing[] = { "", "REQ_TX", "REP_RX", "REP_TX" };
	const struct path_cfg *c = run->cfg;
	char extra[160];

	error_text(y->s, extra, sizeof(extra));
	if (path_no_verdict(run, y))
		nt_out_text(run->out, "  STATUS: NO_VERDICT (an interface was away)%s\n", extra);
	else if (y->s->flags & NT_SESS_LATE)
		nt_out_text(run->out,
			    "  STATUS: %s, LATE (complete after %.1f ms, timeout %g ms)%s\n",
			    statuses[status].name, (y->s->end_ns - y->s->first_ns) / 1e6,
			    c->timeout_ns / 1e6, extra);
	else if (status == PATH_ST_COMPLETE)
		nt_out_text(run->out, "  STATUS: %s\n", statuses[status].name);
	else
		nt_out_text(run->out, "  STATUS: %s (no %s within %g ms)%s\n",
			    statuses[status].name,
			    missing[status == PATH_ST_DROP_REQ ? 1 :
				    status == PATH_ST_EXTERNAL ? 2 :
								 3],
			    c->timeout_ns / 1e6, extra);
}

static void story_json(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	struct nt_json *j = nt_run_json(run, "event", y->s->first_ns);
	char buf[NT_ADDR_LEN];
	uint64_t ns;
	uint32_t i;

	nt_json_str(j, "status", path_no_verdict(run, y) ? "NO_VERDICT" : statuses[status].name);
	nt_json_bool(j, "late", y->s->flags & NT_SESS_LATE);
	nt_json_flow(j, &y->s->key);
	nt_json_str(j, "direction", y->s->dir ? "reverse" : "forward");
	nt_json_u64(j, "len", y->s->skb_len);
	nt_json_arr(j, "stages");
	for (i = 0; i < PATH_STAGES; i++) {
		if (!(y->s->seen & (1U << i)))
			continue;
		nt_json_obj(j, NULL);
		nt_json_str(j, "stage", stage_names[i]);
		nt_json_str(j, "interface", nt_run_dev_name(run, y->dev[i], buf, sizeof(buf)));
		nt_json_us(j, "at_us", y->ts[i] - y->s->first_ns);
		nt_json_end(j);
	}
	nt_json_end(j);
	nt_json_obj(j, "segments_us");
	for (i = 0; i < PATH_SEGMENTS; i++) {
		if (segment_ns(y, i, &ns))
			nt_json_us(j, segments[i].key, ns);
		else
			nt_json_null(j, segments[i].key);
	}
	nt_json_end(j);
	if (y->s->flags & NT_SESS_ICMP_ERROR) {
		nt_json_obj(j, "icmp_error");
		nt_json_u64(j, "type", y->s->err_type_code >> 8);
		nt_json_u64(j, "code", y->s->err_type_code & 0xff);
		nt_json_str(j, "text", icmp_says(y->s));
		nt_json_str(j, "from",
			    nt_fmt_addr(y->s->err_family, y->s->err_addr, buf, sizeof(buf)));
		nt_json_end(j);
	}
	if (y->s->flags & NT_SESS_XMIT_FAILED)
		nt_json_i64(j, "rc", y->s->rc);
	nt_json_end_line(j);
}

void path_story(struct nt_run *run, const struct nt_story *y)
{
	uint32_t status = status_of(run, y);

	if (run->common->json) {
		story_json(run, y, status);
	} else {
		story_title(run, y);
		story_stages(run, y);
		if (y->s->flags & NT_SESS_DONE)
			story_latency(run, y);
		story_status(run, y, status);
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

struct figures {
	uint64_t status[PATH_STATUSES];
	uint64_t flows, in_flight, late, duplicate, untracked, icmp_errors, xmit_failed, no_verdict;
	int64_t unaccounted;
	struct nt_losses losses;
	struct nt_hist hist[PATH_SEGMENTS];
};

static void fill_losses(struct nt_run *run, const struct nt_counters *d, bool whole,
			struct figures *f)
{
	nt_run_losses(run, d, whole, &f->losses);
	nt_loss_add(&f->losses, "session_lost", "sessions overwritten in the table",
		    f->unaccounted > 0 ? (uint64_t)f->unaccounted : 0);
	nt_loss_add(&f->losses, "no_verdict",
		    "lost while an interface was away, nobody knows where", f->no_verdict);
}

/* d: counters of the period; swept likewise. */
static void fill_counts(struct figures *f, const struct nt_counters *d, const uint64_t *swept)
{
	uint32_t i;

	for (i = 0; i < PATH_STATUSES; i++)
		f->status[i] = d->c[PATH_C_STATUS + i] + swept[i];
	f->flows = d->c[NT_C_STARTED];
	f->late = d->c[PATH_C_LATE];
	f->duplicate = d->c[NT_C_DUPLICATE];
	f->untracked = d->c[NT_C_ORPHAN];
	f->icmp_errors = d->c[PATH_C_ICMP_ERROR];
	f->xmit_failed = d->c[PATH_C_XMIT_FAILED];
}

static int fill_run(struct nt_run *run, struct figures *f)
{
	struct path_state *st = run->state;
	struct nt_counters now;
	uint64_t ended;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	if (r < 0)
		return r;
	fill_counts(f, &now, st->swept);
	f->in_flight = st->in_flight;
	f->no_verdict = st->no_verdict;
	ended = f->in_flight + f->no_verdict;
	for (i = 0; i < PATH_STATUSES; i++)
		ended += f->status[i];
	f->unaccounted = (int64_t)(f->flows - ended);
	fill_losses(run, &now, true, f);
	for (i = 0; i < PATH_SEGMENTS && !r; i++)
		r = nt_run_hist(run, i, &f->hist[i]);
	return r;
}

/* Since the last report: differences of what only grows. */
static int fill_interval(struct nt_run *run, struct figures *f)
{
	struct path_state *st = run->state;
	struct nt_counters now, d;
	struct nt_hist h;
	uint64_t swept[PATH_STATUSES], ended = st->no_verdict;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	for (i = 0; i < NT_C_MAX; i++)
		d.c[i] = now.c[i] - st->before.c[i];
	for (i = 0; i < PATH_STATUSES; i++) {
		swept[i] = st->swept[i] - st->swept_before[i];
		ended += now.c[PATH_C_STATUS + i] + st->swept[i];
	}
	fill_counts(f, &d, swept);
	f->no_verdict = st->no_verdict - st->no_verdict_before;
	if (st->sessions)
		f->in_flight = nt_sessions_in_flight(st->sessions, now.c[NT_C_STARTED], ended);
	fill_losses(run, &d, false, f);
	for (i = 0; i < PATH_SEGMENTS && !r; i++) {
		r = nt_run_hist(run, i, &h);
		nt_hist_delta(&f->hist[i], &h, &st->hist_before[i]);
		st->hist_before[i] = h;
	}
	st->before = now;
	memcpy(st->swept_before, st->swept, sizeof(st->swept));
	st->no_verdict_before = st->no_verdict;
	return r;
}

static void figures_text(struct nt_run *run, const struct figures *f, bool final)
{
	char from[NT_TIME_LEN], to[NT_TIME_LEN];
	uint64_t start = final ? run->start_ns : run->last_report_ns;
	uint32_t i;

	if (!final)
		nt_out_text(run->out, "[%s - %s] report %u\n",
			    nt_fmt_time_s(nt_run_wall(run, start), from, sizeof(from)),
			    nt_fmt_time_s(nt_run_wall(run, run->now_ns), to, sizeof(to)),
			    run->cycle);
	nt_out_text(
		run->out,
		"%s: flows=%llu complete=%llu internal_req=%llu external=%llu internal_rep=%llu "
		"in_flight=%llu late=%llu lost_events=%llu\n",
		final ? "Summary" : "Interval", (unsigned long long)f->flows,
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
	if (final && !f->flows && !f->untracked)
		nt_out_text(run->out,
			    "  no ping of these addresses came in by these interfaces: is "
			    "one mistyped, or are the sides swapped?\n");
	nt_latency_head(run->out, NT_LATENCY_NAME, "Latency");
	for (i = 0; i < PATH_SEGMENTS; i++)
		nt_latency_row(run->out, NT_LATENCY_NAME, segments[i].name, &f->hist[i]);
	for (i = 0; run->common->verbose && i < PATH_SEGMENTS; i++)
		nt_latency_log2(run->out, segments[i].name, &f->hist[i]);
	nt_loss_text(run->out, &f->losses);
	if (final)
		nt_run_overhead(run, NULL);
}

static void figures_json(struct nt_run *run, const struct figures *f, bool final)
{
	struct nt_json *j = nt_run_json(run, final ? "summary" : "report", run->now_ns);
	uint32_t i;

	nt_json_us(j, "period_us", run->now_ns - (final ? run->start_ns : run->last_report_ns));
	nt_json_obj(j, "counts");
	nt_json_u64(j, "total", f->flows);
	for (i = 0; i < PATH_STATUSES; i++)
		nt_json_u64(j, statuses[i].key, f->status[i]);
	nt_json_u64(j, "in_flight", f->in_flight);
	nt_json_u64(j, "late", f->late);
	nt_json_u64(j, "duplicate", f->duplicate);
	nt_json_u64(j, "untracked", f->untracked);
	nt_json_u64(j, "icmp_errors", f->icmp_errors);
	nt_json_u64(j, "refused_by_driver", f->xmit_failed);
	nt_json_end(j);
	nt_json_obj(j, "latency");
	for (i = 0; i < PATH_SEGMENTS; i++)
		nt_latency_json(j, segments[i].key, &f->hist[i]);
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
