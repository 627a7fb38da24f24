// SPDX-License-Identifier: GPL-2.0-or-later
/* Followed packets: text and JSON of one, and of the figures. */
#include <stdio.h>

#include "stories.h"
#include "trip.h"

#define NO_VERDICT "NO_VERDICT"

/* --- one story: text --- */

static void stages_text(struct nt_run *run, const struct nt_story *y)
{
	const struct nt_stories *st = nt_stories(run);
	const struct nt_story_kind *k = st->kind;
	uint64_t last = y->s->first_ns;
	char dev[32], note[96] = "";
	uint32_t i;

	for (i = 0; i < k->stages; i++) {
		nt_out_text(run->out, "  [%u] %-*s ", i, k->stage_width, st->stage[i]);
		if (!(y->s->seen & (1U << i))) {
			nt_out_text(run->out, "MISSING\n");
			continue;
		}
		if (k->note)
			k->note(y, i, note, sizeof(note));
		nt_run_dev_name(run, y->dev[i], dev, sizeof(dev));
		if (i == 0)
			nt_out_text(run->out, "%s%s\n", dev, note);
		else
			nt_out_text(run->out, "%-10s +%.1fus%s\n", dev, (y->ts[i] - last) / 1e3,
				    note);
		last = y->ts[i];
	}
}

static void spans_text(struct nt_run *run, const struct nt_story *y)
{
	const struct nt_story_kind *k = nt_stories(run)->kind;
	uint64_t ns;
	uint32_t i;

	nt_out_text(run->out, "  Latency(us):");
	for (i = 0; i < k->spans; i++) {
		if (nt_story_span_ns(k, y, i, &ns))
			nt_out_text(run->out, " %s=%.1f", k->span[i].name, ns / 1e3);
		else if (!k->span[i].dirs || (k->span[i].dirs >> y->s->dir & 1))
			nt_out_text(run->out, " %s=-", k->span[i].name);
	}
	nt_out_text(run->out, "\n");
}

static const char *icmp_says(const struct nt_sess *s)
{
	return nt_icmp_error_text(s->err_family, s->err_type_code >> 8, s->err_type_code & 0xff);
}

/* What an ICMP error said, or the driver, as the end of a status line; or "". */
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

static void status_text(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	const struct nt_stories *st = nt_stories(run);
	const char *name = st->kind->status[status].name;
	char errors[160], why[160] = "";

	error_text(y->s, errors, sizeof(errors));
	if (nt_story_no_verdict(run, y)) {
		nt_out_text(run->out, "  STATUS: " NO_VERDICT " (an interface was away)%s\n",
			    errors);
	} else if (y->s->flags & NT_SESS_LATE) {
		nt_out_text(run->out,
			    "  STATUS: %s, LATE (complete after %.1f ms, timeout %g ms)%s\n", name,
			    (y->s->end_ns - y->s->first_ns) / 1e6, st->cfg->timeout_ns / 1e6,
			    errors);
	} else if (status < st->kind->completes) {
		nt_out_text(run->out, "  STATUS: %s\n", name);
	} else {
		st->kind->why(run, y, status, why, sizeof(why));
		nt_out_text(run->out, "  STATUS: %s (%s)%s\n", name, why, errors);
	}
}

static void story_text(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	const struct nt_story_kind *k = nt_stories(run)->kind;
	char t[NT_TIME_LEN], what[256] = "";

	k->title(run, y, what, sizeof(what));
	nt_out_text(run->out, "[%s] %s\n",
		    nt_fmt_time_ms(nt_run_wall(run, y->s->first_ns), t, sizeof(t)), what);
	if (k->body) {
		k->body(run, y);
	} else {
		stages_text(run, y);
		if (y->s->flags & NT_SESS_DONE)
			spans_text(run, y);
	}
	if (k->more)
		k->more(run, NULL, y);
	status_text(run, y, status);
}

/* --- one story: JSON --- */

static void packet_json(struct nt_json *j, const struct nt_story_kind *k, const struct nt_sess *s)
{
	char comm[32];

	nt_json_flow(j, &s->key);
	nt_json_str(j, "direction", k->direction[s->dir & 1]);
	nt_json_u64(j, "len", s->skb_len);
	if (!s->pid)
		return;
	nt_json_u64(j, "pid", s->pid);
	nt_json_str(j, "comm", nt_fmt_name(s->comm, sizeof(s->comm), comm, sizeof(comm)));
}

static void stages_json(struct nt_run *run, struct nt_json *j, const struct nt_story *y)
{
	const struct nt_stories *st = nt_stories(run);
	char buf[32];
	uint32_t n, i;

	nt_json_arr(j, "stages");
	for (n = 0; n < st->kind->stages; n++) {
		i = nt_stage_at(st->kind, n);
		if (!(y->s->seen & (1U << i)))
			continue;
		nt_json_obj(j, NULL);
		nt_json_str(j, "stage", st->stage[i]);
		nt_json_str(j, "interface",
			    y->dev[i] ? nt_run_dev_name(run, y->dev[i], buf, sizeof(buf)) : NULL);
		nt_json_us(j, "at_us", y->ts[i] - y->s->first_ns);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void spans_json(struct nt_json *j, const struct nt_story_kind *k, const struct nt_story *y)
{
	uint64_t ns;
	uint32_t i;

	nt_json_obj(j, "segments_us");
	for (i = 0; i < k->spans; i++) {
		if (nt_story_span_ns(k, y, i, &ns))
			nt_json_us(j, k->span[i].key, ns);
		else if (!k->span[i].dirs || (k->span[i].dirs >> y->s->dir & 1))
			nt_json_null(j, k->span[i].key);
	}
	nt_json_end(j);
}

static void error_json(struct nt_json *j, const struct nt_sess *s)
{
	char buf[NT_ADDR_LEN];

	nt_json_obj(j, "icmp_error");
	nt_json_u64(j, "type", s->err_type_code >> 8);
	nt_json_u64(j, "code", s->err_type_code & 0xff);
	nt_json_str(j, "text", icmp_says(s));
	nt_json_str(j, "from", nt_fmt_addr(s->err_family, s->err_addr, buf, sizeof(buf)));
	nt_json_end(j);
}

static void story_json(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	struct nt_json *j = nt_run_json(run, "event", y->s->first_ns);
	const struct nt_story_kind *k = nt_stories(run)->kind;

	nt_json_str(j, "status", nt_story_no_verdict(run, y) ? NO_VERDICT : k->status[status].name);
	nt_json_bool(j, "late", y->s->flags & NT_SESS_LATE);
	if (k->json)
		k->json(j, y);
	else
		packet_json(j, k, y->s);
	stages_json(run, j, y);
	spans_json(j, k, y);
	if (y->s->flags & NT_SESS_ICMP_ERROR)
		error_json(j, y->s);
	if (y->s->flags & NT_SESS_XMIT_FAILED)
		nt_json_i64(j, "rc", y->s->rc);
	if (k->more)
		k->more(run, j, y);
	nt_json_end_line(j);
}

void nt_story_print(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	if (run->common->json)
		story_json(run, y, status);
	else
		story_text(run, y, status);
}

/* --- the figures --- */

/* "Summary: flows=.. complete=.. ..." */
static void ends_text(struct nt_run *run, const struct nt_figures *f, bool final)
{
	const struct nt_story_kind *k = nt_stories(run)->kind;
	uint32_t i;

	nt_out_text(run->out, "%s: ", final ? "Summary" : "Interval");
	if (k->ends)
		k->ends(run, f);
	else
		nt_out_text(run->out, "%s=%llu", k->unit, (unsigned long long)f->total);
	for (i = 0; !k->ends && i < k->statuses; i++)
		nt_out_text(run->out, " %s=%llu", k->status[i].word,
			    (unsigned long long)f->status[i]);
	nt_out_text(run->out, " in_flight=%llu late=%llu lost_events=%llu\n",
		    (unsigned long long)f->in_flight, (unsigned long long)f->late,
		    (unsigned long long)f->losses.v[0].n);
}

/* A line of the other figures, unless all are 0. */
static void extra_text(struct nt_run *run, const struct nt_figures *f)
{
	const struct nt_extra *first = nt_stories(run)->kind->extra, *e;
	uint64_t any = 0;

	for (e = first; e->word; e++)
		any |= *e->word ? f->c.c[e->counter] : 0;
	if (!any)
		return;
	nt_out_text(run->out, " ");
	for (e = first; e->word; e++)
		if (*e->word)
			nt_out_text(run->out, " %s=%llu", e->word,
				    (unsigned long long)f->c.c[e->counter]);
	nt_out_text(run->out, "\n");
}

static void figures_text(struct nt_run *run, const struct nt_figures *f, bool final)
{
	const struct nt_story_kind *k = nt_stories(run)->kind;
	char from[NT_TIME_LEN], to[NT_TIME_LEN];
	uint32_t i;

	if (!final)
		nt_out_text(
			run->out, "[%s - %s] report %u\n",
			nt_fmt_time_s(nt_run_wall(run, run->last_report_ns), from, sizeof(from)),
			nt_fmt_time_s(nt_run_wall(run, run->now_ns), to, sizeof(to)), run->cycle);
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

static void counts_json(struct nt_json *j, const struct nt_story_kind *k,
			const struct nt_figures *f)
{
	const struct nt_extra *e;
	uint64_t lost = 0;
	uint32_t i;

	nt_json_obj(j, "counts");
	nt_json_u64(j, "total", f->total);
	for (i = 0; i < k->statuses; i++) {
		nt_json_u64(j, k->status[i].key, f->status[i]);
		lost += i < k->completes ? 0 : f->status[i];
	}
	if (k->lost)
		nt_json_u64(j, k->lost, lost);
	nt_json_u64(j, "in_flight", f->in_flight);
	nt_json_u64(j, "late", f->late);
	for (e = k->extra; e->word; e++)
		nt_json_u64(j, e->key, f->c.c[e->counter]);
	nt_json_end(j);
}

static void figures_json(struct nt_run *run, const struct nt_figures *f, bool final)
{
	struct nt_json *j = nt_run_json(run, final ? "summary" : "report", run->now_ns);
	const struct nt_story_kind *k = nt_stories(run)->kind;
	uint32_t i;

	nt_json_us(j, "period_us", run->now_ns - (final ? run->start_ns : run->last_report_ns));
	counts_json(j, k, f);
	nt_json_obj(j, "latency");
	for (i = 0; i < k->spans; i++)
		nt_latency_json(j, k->span[i].key, &f->hist[i]);
	nt_json_end(j);
	nt_loss_json(j, &f->losses);
	if (final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

void nt_figures_print(struct nt_run *run, const struct nt_figures *f, bool final)
{
	if (run->common->json)
		figures_json(run, f, final);
	else
		figures_text(run, f, final);
}
