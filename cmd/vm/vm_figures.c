// SPDX-License-Identifier: GPL-2.0-or-later
/* The vm tools: the report and the summary. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "vm_tool.h"

void vm_count_steps(struct nt_run *run, const struct nt_story *y)
{
	struct vm_state *st = run->state;
	uint8_t order[VM_STAGES];
	uint32_t i, n = vm_stages_seen(run, y, order);

	if (!(y->s->flags & NT_SESS_DONE) || (y->s->flags & NT_SESS_AGAIN))
		return;
	for (i = 1; i < n; i++) {
		struct vm_pair **p = &st->pair[y->s->dir][order[i - 1]][order[i]];

		if (!*p)
			*p = calloc(1, sizeof(**p));
		if (*p)
			nt_hist_add(&(*p)->interval, y->ts[order[i]] - y->ts[order[i - 1]]);
		else
			run->order_failed++;
	}
}

/* fn for every step that was seen, in packet order. */
struct step {
	uint32_t dir, from, to;
	struct vm_pair *pair;
};

static void walk_steps(struct nt_run *run, void (*fn)(struct nt_run *, const struct step *, void *),
		       void *arg)
{
	struct vm_state *st = run->state;
	struct step s;

	for (s.dir = 0; s.dir < VM_DIRS; s.dir++)
		for (s.from = 0; s.from < VM_STAGES; s.from++)
			for (s.to = 0; s.to < VM_STAGES; s.to++) {
				s.pair = st->pair[s.dir][s.from][s.to];
				if (s.pair)
					fn(run, &s, arg);
			}
}

/* --- collecting --- */

struct figures {
	bool final;
	int width;            /* of the table's names */
	bool steps_told;      /* the first row of steps is printed */
	struct nt_counters c; /* of the period */
	uint64_t unfinished, in_flight;
	struct nt_losses losses;
	struct nt_hist total[VM_DIRS];
};

static uint64_t complete(const struct figures *f)
{
	return f->c.c[VM_C_COMPLETE + VM_FROM] + f->c.c[VM_C_COMPLETE + VM_TO];
}

static uint64_t started(const struct figures *f, uint32_t dir)
{
	return f->c.c[VM_C_STAGE + dir * VM_STAGES + VM_FIRST];
}

static void fill_losses(struct nt_run *run, struct figures *f)
{
	int64_t gone = 0;

	nt_run_losses(run, &f->c, f->final, &f->losses);
	nt_loss_add(&f->losses, "bulk_unseen", "dequeued packets not looked at (long list)",
		    f->c.c[VM_C_BULK]);
	nt_loss_add(&f->losses, "disturbed", "stages not stamped (interrupted by another packet)",
		    f->c.c[VM_C_DISTURBED]);
	if (f->final)
		gone = (int64_t)(f->c.c[NT_C_STARTED] - complete(f) - f->unfinished - f->in_flight);
	nt_loss_add(&f->losses, "session_lost", "sessions overwritten in the table",
		    gone > 0 ? (uint64_t)gone : 0);
}

static void merge_step(struct nt_run *run, const struct step *s, void *arg)
{
	(void)run;
	(void)arg;
	nt_hist_merge(&s->pair->run, &s->pair->interval);
}

static void clear_step(struct nt_run *run, const struct step *s, void *arg)
{
	(void)run;
	(void)arg;
	memset(&s->pair->interval, 0, sizeof(s->pair->interval));
}

/* Of the run, or since the last report: differences of what only grows. */
static int fill(struct nt_run *run, struct figures *f)
{
	struct vm_state *st = run->state;
	struct nt_counters now;
	uint64_t swept = st->swept;
	uint32_t i;
	int r = nt_run_counters(run, &now);

	f->c = now;
	if (!f->final) {
		for (i = 0; i < NT_C_MAX; i++)
			f->c.c[i] -= st->before.c[i];
		swept -= st->swept_before;
	}
	f->unfinished = f->c.c[VM_C_REPLACED] + swept;
	f->in_flight = st->in_flight;
	if (!f->final && st->sessions)
		f->in_flight = nt_sessions_in_flight(st->sessions, now.c[NT_C_STARTED],
						     now.c[VM_C_COMPLETE + VM_FROM] +
							     now.c[VM_C_COMPLETE + VM_TO] +
							     now.c[VM_C_REPLACED] + st->swept);
	for (i = 0; i < VM_DIRS && !r; i++) {
		struct nt_hist h;

		r = nt_run_hist(run, i, &h);
		f->total[i] = h;
		if (!f->final)
			nt_hist_delta(&f->total[i], &h, &st->total_before[i]);
		st->total_before[i] = h;
	}
	st->before = now;
	st->swept_before = st->swept;
	fill_losses(run, f);
	walk_steps(run, merge_step, NULL);
	return r ?: run->failed; /* of a recording that ends here */
}

/* --- text --- */

#define STEP_LEN 80

static const struct nt_hist *step_hist(const struct figures *f, const struct step *s)
{
	return f->final ? &s->pair->run : &s->pair->interval;
}

/* Columns of the name: it is plain ASCII. */
static int step_name(struct nt_run *run, const struct step *s, char buf[STEP_LEN])
{
	return snprintf(buf, STEP_LEN, "%s -> %s", vm_stage_name(run, s->dir, s->from),
			vm_stage_name(run, s->dir, s->to));
}

static void step_width(struct nt_run *run, const struct step *s, void *arg)
{
	struct figures *f = arg;
	char name[STEP_LEN];
	int width = step_name(run, s, name);

	if (step_hist(f, s)->count && width > f->width)
		f->width = width;
}

static void step_text(struct nt_run *run, const struct step *s, void *arg)
{
	struct figures *f = arg;
	const struct nt_hist *h = step_hist(f, s);
	char name[STEP_LEN];

	if (!h->count)
		return;
	/* Their times are those of records, which packets below the threshold have none of. */
	if (f->c.c[VM_C_BELOW] && !f->steps_told)
		nt_out_text(run->out, "Steps, only of the packets that were shown:\n");
	f->steps_told = true;
	step_name(run, s, name);
	nt_latency_row(run->out, f->width, name, h);
}

static void stages_text(struct nt_run *run, const struct figures *f, uint32_t dir)
{
	uint32_t i;

	nt_out_text(run->out, "  seen at:");
	for (i = 0; i < VM_STAGES; i++) {
		uint64_t n = f->c.c[VM_C_STAGE + dir * VM_STAGES + i];

		if (n && vm_stage_name(run, dir, i))
			nt_out_text(run->out, " %s=%llu", vm_stage_name(run, dir, i),
				    (unsigned long long)n);
	}
	nt_out_text(run->out, "\n");
}

static void counts_text(struct nt_run *run, const struct figures *f)
{
	const __u64 *c = f->c.c;

	nt_out_text(run->out,
		    "%s: started=%llu complete=%llu unfinished=%llu in_flight=%llu "
		    "below_threshold=%llu late=%llu lost_events=%llu\n",
		    f->final ? "Summary" : "Interval", (unsigned long long)c[NT_C_STARTED],
		    (unsigned long long)complete(f), (unsigned long long)f->unfinished,
		    (unsigned long long)f->in_flight, (unsigned long long)c[VM_C_BELOW],
		    (unsigned long long)c[VM_C_LATE], (unsigned long long)c[NT_C_EVENT_LOST]);
	if (c[NT_C_DUPLICATE] || c[VM_C_XMIT_FAILED])
		nt_out_text(run->out, "  duplicates=%llu seen_again=%llu refused_by_driver=%llu\n",
			    (unsigned long long)c[NT_C_DUPLICATE],
			    (unsigned long long)c[VM_C_AGAIN],
			    (unsigned long long)c[VM_C_XMIT_FAILED]);
}

static const char *total_name(uint32_t dir)
{
	return dir == VM_FROM ? "Total, VM sends" : "Total, VM receives";
}

/* How the totals are distributed, with --verbose. */
static void totals_text(struct nt_run *run, const struct figures *f)
{
	uint32_t dir;

	for (dir = 0; run->common->verbose && dir < VM_DIRS; dir++)
		if (vm_dirs(run) & (1U << dir))
			nt_latency_log2(run->out, total_name(dir), &f->total[dir]);
}

static void figures_text(struct nt_run *run, struct figures *f)
{
	char from[NT_TIME_LEN], to[NT_TIME_LEN], path[320];
	uint32_t dir;

	if (!f->final)
		nt_out_text(
			run->out, "[%s - %s] report %u\n",
			nt_fmt_time_s(nt_run_wall(run, run->last_report_ns), from, sizeof(from)),
			nt_fmt_time_s(nt_run_wall(run, run->now_ns), to, sizeof(to)), run->cycle);
	counts_text(run, f);
	for (dir = 0; dir < VM_DIRS; dir++) {
		if (!(vm_dirs(run) & (1U << dir)))
			continue;
		vm_dir_text(run, dir, path, sizeof(path));
		nt_out_text(run->out, "%s: started=%llu complete=%llu\n", path,
			    (unsigned long long)started(f, dir),
			    (unsigned long long)f->c.c[VM_C_COMPLETE + dir]);
		stages_text(run, f, dir);
	}
	if (f->final && !f->c.c[NT_C_STARTED])
		nt_out_text(run->out, "  no packet that the filter lets through came in by these "
				      "interfaces\n");
	f->width = NT_LATENCY_NAME;
	walk_steps(run, step_width, f);
	nt_latency_head(run->out, f->width, "Latency");
	for (dir = 0; dir < VM_DIRS; dir++)
		if (vm_dirs(run) & (1U << dir))
			nt_latency_row(run->out, f->width, total_name(dir), &f->total[dir]);
	walk_steps(run, step_text, f);
	if (f->final && f->c.c[VM_C_BELOW] && !f->steps_told && !run->legacy)
		nt_out_text(run->out, "  no packet was late; --all shows every one, and the steps "
				      "between its stages\n");
	totals_text(run, f);
	nt_loss_text(run->out, &f->losses);
	if (f->final)
		nt_run_overhead(run, NULL);
}

/* --- JSON --- */

struct json_arg {
	struct nt_json *j;
	const struct figures *f;
};

/* "from_vm_vnet_rx_to_ovs_rx" */
static void step_json(struct nt_run *run, const struct step *s, void *arg)
{
	const struct json_arg *a = arg;
	char key[96];
	size_t i;

	snprintf(key, sizeof(key), "%s_%s_to_%s", vm_dir_key(s->dir),
		 vm_stage_name(run, s->dir, s->from), vm_stage_name(run, s->dir, s->to));
	for (i = 0; key[i]; i++)
		key[i] = (char)tolower((unsigned char)key[i]);
	nt_latency_json(a->j, key, step_hist(a->f, s));
}

static void counts_json(struct nt_json *j, const struct figures *f)
{
	const __u64 *c = f->c.c;

	nt_json_obj(j, "counts");
	nt_json_u64(j, "started", c[NT_C_STARTED]);
	nt_json_u64(j, "complete", complete(f));
	nt_json_u64(j, "unfinished", f->unfinished);
	nt_json_u64(j, "in_flight", f->in_flight);
	nt_json_u64(j, "below_threshold", c[VM_C_BELOW]);
	nt_json_u64(j, "late", c[VM_C_LATE]);
	nt_json_u64(j, "duplicate", c[NT_C_DUPLICATE]);
	nt_json_u64(j, "seen_again", c[VM_C_AGAIN]);
	nt_json_u64(j, "refused_by_driver", c[VM_C_XMIT_FAILED]);
	nt_json_u64(j, "from_vm_started", started(f, VM_FROM));
	nt_json_u64(j, "from_vm_complete", c[VM_C_COMPLETE + VM_FROM]);
	nt_json_u64(j, "to_vm_started", started(f, VM_TO));
	nt_json_u64(j, "to_vm_complete", c[VM_C_COMPLETE + VM_TO]);
	nt_json_end(j);
}

static void stage_json(struct nt_run *run, struct nt_json *j, const struct figures *f, uint32_t dir,
		       uint32_t stage)
{
	uint64_t n = f->c.c[VM_C_STAGE + dir * VM_STAGES + stage];
	const char *name = vm_stage_name(run, dir, stage);

	if (name && (n || vm_stage_traced(run, dir, stage)))
		nt_json_u64(j, name, n);
	else if (name)
		nt_json_null(j, name);
}

/* Packets per stage and direction; null: no hook for it. */
static void stages_json(struct nt_run *run, struct nt_json *j, const struct figures *f)
{
	uint32_t dir, i;

	nt_json_obj(j, "stages");
	for (dir = 0; dir < VM_DIRS; dir++) {
		if (!(vm_dirs(run) & (1U << dir)))
			continue;
		nt_json_obj(j, vm_dir_key(dir));
		for (i = 0; i < VM_STAGES; i++)
			stage_json(run, j, f, dir, i);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void figures_json(struct nt_run *run, const struct figures *f)
{
	struct nt_json *j = nt_run_json(run, f->final ? "summary" : "report", run->now_ns);
	struct json_arg arg = { j, f };

	nt_json_us(j, "period_us", run->now_ns - (f->final ? run->start_ns : run->last_report_ns));
	counts_json(j, f);
	stages_json(run, j, f);
	nt_json_obj(j, "latency");
	nt_latency_json(j, "from_vm_total", &f->total[VM_FROM]);
	nt_latency_json(j, "to_vm_total", &f->total[VM_TO]);
	walk_steps(run, step_json, &arg);
	nt_json_end(j);
	nt_loss_json(j, &f->losses);
	if (f->final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

int vm_report(struct nt_run *run, bool final)
{
	NT_FREE struct figures *f = calloc(1, sizeof(*f)); /* 16 KiB of buckets */
	int r;

	if (!f)
		return -ENOMEM;
	f->final = final;
	r = fill(run, f);
	if (r == 0 && run->common->json)
		figures_json(run, f);
	else if (r == 0)
		figures_text(run, f);
	walk_steps(run, clear_step, NULL);
	return r;
}
