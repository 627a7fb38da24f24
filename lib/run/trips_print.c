// SPDX-License-Identifier: GPL-2.0-or-later
/* Round trips: what their tools print alike. */
#include <stdio.h>

#include "trips.h"

/* --- one story --- */

static const char *icmp_says(const struct nt_sess *s)
{
	return nt_icmp_error_text(s->err_family, s->err_type_code >> 8, s->err_type_code & 0xff);
}

void nt_trip_error_text(const struct nt_sess *s, char *buf, size_t len)
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

static void task_json(struct nt_json *j, const struct nt_sess *s)
{
	char comm[32];

	if (!s->pid)
		return;
	nt_json_u64(j, "pid", s->pid);
	nt_json_str(j, "comm", nt_fmt_name(s->comm, sizeof(s->comm), comm, sizeof(comm)));
}

static void stages_json(struct nt_run *run, struct nt_json *j, const struct nt_story *y,
			const char *const *names)
{
	char buf[NT_ADDR_LEN];
	uint32_t i;

	nt_json_arr(j, "stages");
	for (i = 0; i < NT_TRIP_STAGES; i++) {
		if (!(y->s->seen & (1U << i)))
			continue;
		nt_json_obj(j, NULL);
		nt_json_str(j, "stage", names[i]);
		nt_json_str(j, "interface",
			    y->dev[i] ? nt_run_dev_name(run, y->dev[i], buf, sizeof(buf)) : NULL);
		nt_json_us(j, "at_us", y->ts[i] - y->s->first_ns);
		nt_json_end(j);
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

void nt_trip_story_json(struct nt_run *run, const struct nt_story *y, const struct nt_trip_story *s)
{
	struct nt_json *j = nt_run_json(run, "event", y->s->first_ns);
	uint64_t ns;
	uint32_t i;

	nt_json_str(j, "status",
		    nt_trip_no_verdict(run, y, s->timeout_ns) ?
			    NT_TRIP_NO_VERDICT :
			    s->words->status[nt_trip_status_of(y, s->timeout_ns)].name);
	nt_json_bool(j, "late", y->s->flags & NT_SESS_LATE);
	nt_json_flow(j, &y->s->key);
	nt_json_str(j, "direction", s->direction);
	nt_json_u64(j, "len", y->s->skb_len);
	task_json(j, y->s);
	stages_json(run, j, y, s->stage);
	nt_json_obj(j, "segments_us");
	for (i = 0; i < NT_TRIP_SEGMENTS; i++) {
		if (nt_trip_segment_ns(y, i, &ns))
			nt_json_us(j, s->words->segment[i].key, ns);
		else
			nt_json_null(j, s->words->segment[i].key);
	}
	nt_json_end(j);
	if (y->s->flags & NT_SESS_ICMP_ERROR)
		error_json(j, y->s);
	if (y->s->flags & NT_SESS_XMIT_FAILED)
		nt_json_i64(j, "rc", y->s->rc);
	nt_json_end_line(j);
}

/* --- the figures --- */

void nt_trips_interval_text(struct nt_run *run)
{
	char from[NT_TIME_LEN], to[NT_TIME_LEN];

	nt_out_text(run->out, "[%s - %s] report %u\n",
		    nt_fmt_time_s(nt_run_wall(run, run->last_report_ns), from, sizeof(from)),
		    nt_fmt_time_s(nt_run_wall(run, run->now_ns), to, sizeof(to)), run->cycle);
}

void nt_trips_latency_text(struct nt_run *run, const struct nt_trip_figures *f,
			   const struct nt_trip_words *w)
{
	uint32_t i;

	nt_latency_head(run->out, NT_LATENCY_NAME, "Latency");
	for (i = 0; i < NT_TRIP_SEGMENTS; i++)
		nt_latency_row(run->out, NT_LATENCY_NAME, w->segment[i].name, &f->hist[i]);
	for (i = 0; run->common->verbose && i < NT_TRIP_SEGMENTS; i++)
		nt_latency_log2(run->out, w->segment[i].name, &f->hist[i]);
	nt_loss_text(run->out, &f->losses);
}

static void counts_json(struct nt_json *j, const struct nt_trip_figures *f,
			const struct nt_trip_words *w)
{
	uint64_t lost = 0;
	uint32_t i;

	nt_json_obj(j, "counts");
	nt_json_u64(j, "total", f->total);
	for (i = 0; i < NT_TRIP_STATUSES; i++) {
		nt_json_u64(j, w->status[i].key, f->status[i]);
		lost += i == NT_TRIP_COMPLETE ? 0 : f->status[i];
	}
	if (w->lost)
		nt_json_u64(j, w->lost, lost);
	nt_json_u64(j, "in_flight", f->in_flight);
	nt_json_u64(j, "late", f->late);
	nt_json_u64(j, "duplicate", f->duplicate);
	nt_json_u64(j, "untracked", f->untracked);
	nt_json_u64(j, "icmp_errors", f->icmp_errors);
	if (w->refused)
		nt_json_u64(j, w->refused, f->xmit_failed);
	nt_json_end(j);
}

void nt_trips_figures_json(struct nt_run *run, const struct nt_trip_figures *f,
			   const struct nt_trip_words *w, bool final)
{
	struct nt_json *j = nt_run_json(run, final ? "summary" : "report", run->now_ns);
	uint32_t i;

	nt_json_us(j, "period_us", run->now_ns - (final ? run->start_ns : run->last_report_ns));
	counts_json(j, f, w);
	nt_json_obj(j, "latency");
	for (i = 0; i < NT_TRIP_SEGMENTS; i++)
		nt_latency_json(j, w->segment[i].key, &f->hist[i]);
	nt_json_end(j);
	nt_loss_json(j, &f->losses);
	if (final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}
