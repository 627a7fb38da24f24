// SPDX-License-Identifier: GPL-2.0-or-later
/* The rtt tools: one ping's story, the report and the summary. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rtt_tool.h"

static const char *const hook_names[][RTT_HOOKS] = {
	{
#define S(id, ipv4, ipv6) ipv4,
#include "rtt_hooks.def"
#undef S
	},
	{
#define S(id, ipv4, ipv6) ipv6,
#include "rtt_hooks.def"
#undef S
	},
};

static const struct nt_trip_words words = {
	.status = {
#define S(id, name, key) [NT_TRIP_##id] = { name, key },
#include "rtt_status.def"
#undef S
	},
	.segment = {
#define S(id, name, key) [NT_TRIP_SEG_##id] = { name, key },
#include "rtt_segments.def"
#undef S
	},
	.lost = "lost",
};

static const char *const dir_names[] = { "tx", "rx" };

/* The stages in their order, by direction and family. */
struct stages {
	const char *name[NT_TRIP_STAGES];
};

static struct stages stages_of(const struct nt_run *run)
{
	const struct rtt_state *st = run->state;
	bool v6 = st->sides.src.family == 6;
	struct stages s;
	uint32_t hook;

	for (hook = 0; hook < RTT_HOOKS; hook++)
		s.name[rtt_stage(hook, st->sides.dir)] = hook_names[v6][hook];
	return s;
}

/* --- the start block --- */

static void addrs_text(const struct nt_addrs *s, char *buf, size_t len)
{
	static const struct nt_opt row = { .name = "addrs", .type = NT_OPT_ADDRS };

	nt_opt_format(&row, s, buf, len);
}

void rtt_banner(struct nt_run *run, struct nt_json *j)
{
	const struct rtt_state *st = run->state;
	const bool rx = st->sides.dir == RTT_RX;
	char local[512], remote[512];

	addrs_text(rx ? &st->sides.dst : &st->sides.src, local, sizeof(local));
	addrs_text(rx ? &st->sides.src : &st->sides.dst, remote, sizeof(remote));
	if (j) {
		nt_json_str(j, "direction", dir_names[st->sides.dir]);
		nt_json_str(j, "local", local);
		nt_json_str(j, "remote", remote);
		return;
	}
	nt_out_text(run->out, "  %-18s %s %s %s%s\n", "pings", rx ? remote : local, "->",
		    rx ? local : remote, rx ? " (this host)" : "");
	if (st->sides.swapped)
		nt_out_text(run->out,
			    "  %-18s --src-ip is this host's: its pings come from --dst-ip\n",
			    "swapped");
	if (!run->ndevs)
		nt_out_text(run->out, "  %-18s any of this network namespace\n", "interface");
}

/* --- one ping --- */

/* The device that it left or came in by. */
static uint32_t device_of(const struct nt_story *y)
{
	uint32_t i;

	for (i = 0; i < NT_TRIP_STAGES; i++)
		if ((y->s->seen & (1U << i)) && y->dev[i] &&
		    (rtt_stage(RTT_XMIT, y->s->dir) == i || rtt_stage(RTT_RECEIVE, y->s->dir) == i))
			return y->dev[i];
	return 0;
}

static void story_title(struct nt_run *run, const struct nt_story *y)
{
	char t[NT_TIME_LEN], a[NT_ADDR_LEN], b[NT_ADDR_LEN], dev[32], comm[32];
	const struct nt_key *k = &y->s->key;
	uint32_t ifindex = device_of(y);

	nt_out_text(run->out, "[%s] %s -> %s id=%u seq=%u dir=%s if=%s",
		    nt_fmt_time_ms(nt_run_wall(run, y->s->first_ns), t, sizeof(t)),
		    nt_fmt_addr(k->family, k->saddr, a, sizeof(a)),
		    nt_fmt_addr(k->family, k->daddr, b, sizeof(b)), ntohs(k->sport),
		    ntohs(k->dport), dir_names[y->s->dir & 1],
		    ifindex ? nt_run_dev_name(run, ifindex, dev, sizeof(dev)) : "-");
	if (y->s->pid)
		nt_out_text(run->out, " pid=%u comm=%s", y->s->pid,
			    nt_fmt_name(y->s->comm, sizeof(y->s->comm), comm, sizeof(comm)));
	nt_out_text(run->out, "\n");
}

static void line(struct nt_run *run, const struct nt_story *y, uint32_t segment, const char *what)
{
	uint64_t ns;

	if (nt_trip_segment_ns(y, segment, &ns))
		nt_out_text(run->out, "  %-54s %11.3f us\n", what, ns / 1e3);
	else
		nt_out_text(run->out, "  %-54s %11s\n", what, "-");
}

static void story_segments(struct nt_run *run, const struct nt_story *y)
{
	const struct stages s = stages_of(run);
	char text[96];

	snprintf(text, sizeof(text), "Path 1 (request)  %s -> %s", s.name[NT_TRIP_REQ_FIRST],
		 s.name[NT_TRIP_REQ_LAST]);
	line(run, y, NT_TRIP_SEG_REQ, text);
	snprintf(text, sizeof(text), "Path 2 (reply)    %s -> %s", s.name[NT_TRIP_REP_FIRST],
		 s.name[NT_TRIP_REP_LAST]);
	line(run, y, NT_TRIP_SEG_REP, text);
	line(run, y, NT_TRIP_SEG_BETWEEN, "Inter-Path Latency");
	line(run, y, NT_TRIP_SEG_TOTAL, "Total RTT");
}

static void story_status(struct nt_run *run, const struct nt_story *y, uint64_t timeout_ns)
{
	const uint32_t status = nt_trip_status_of(y, timeout_ns);
	const struct stages s = stages_of(run);
	const double ms = timeout_ns / 1e6;
	const char *name = words.status[status].name;
	char extra[160];

	nt_trip_error_text(y->s, extra, sizeof(extra));
	if (nt_trip_no_verdict(run, y, timeout_ns))
		nt_out_text(run->out,
			    "  STATUS: " NT_TRIP_NO_VERDICT " (an interface was away)%s\n", extra);
	else if (y->s->flags & NT_SESS_LATE)
		nt_out_text(run->out,
			    "  STATUS: %s, LATE (complete after %.1f ms, timeout %g ms)%s\n", name,
			    (y->s->end_ns - y->s->first_ns) / 1e6, ms, extra);
	else if (status == NT_TRIP_COMPLETE)
		nt_out_text(run->out, "  STATUS: %s\n", name);
	else if (y->s->flags & NT_SESS_REPLACED)
		nt_out_text(
			run->out,
			"  STATUS: %s (last seen at %s; sent again with the same id and seq)%s\n",
			name, s.name[31 - __builtin_clz(y->s->seen & 0xf)], extra);
	else
		nt_out_text(run->out, "  STATUS: %s (last seen at %s, no %s within %g ms)%s\n",
			    name, s.name[31 - __builtin_clz(y->s->seen & 0xf)], s.name[status], ms,
			    extra);
}

static void story_text(struct nt_run *run, const struct nt_story *y)
{
	const struct rtt_cfg *c = run->cfg;

	story_title(run, y);
	story_segments(run, y);
	story_status(run, y, c->timeout_ns);
}

static void story_json(struct nt_run *run, const struct nt_story *y)
{
	const struct rtt_cfg *c = run->cfg;
	const struct stages st = stages_of(run);
	const struct nt_trip_story s = { .words = &words,
					 .stage = st.name,
					 .direction = dir_names[y->s->dir & 1],
					 .timeout_ns = c->timeout_ns };

	nt_trip_story_json(run, y, &s);
}

void rtt_event(struct nt_run *run, const void *rec, size_t size)
{
	struct nt_story y;

	if (!nt_story_of(rec, size, NT_TRIP_STAGES, &y) || !(y.s->seen & 1)) {
		run->order_failed++;
		return;
	}
	if (run->common->json)
		story_json(run, &y);
	else
		story_text(run, &y);
	nt_run_shown(run);
}

/* --- the figures --- */

static void figures_text(struct nt_run *run, const struct nt_trip_figures *f, bool final)
{
	const struct rtt_state *st = run->state;
	const uint64_t *n = f->status;
	uint64_t lost = n[NT_TRIP_LOST_REQ] + n[NT_TRIP_LOST_BETWEEN] + n[NT_TRIP_LOST_REP];

	if (!final)
		nt_trips_interval_text(run);
	nt_out_text(run->out,
		    "%s: %s=%llu complete=%llu lost=%llu (path1=%llu inter_path=%llu path2=%llu) "
		    "in_flight=%llu late=%llu lost_events=%llu\n",
		    final ? "Summary" : "Interval", st->sides.dir == RTT_RX ? "received" : "sent",
		    (unsigned long long)f->total, (unsigned long long)n[NT_TRIP_COMPLETE],
		    (unsigned long long)lost, (unsigned long long)n[NT_TRIP_LOST_REQ],
		    (unsigned long long)n[NT_TRIP_LOST_BETWEEN],
		    (unsigned long long)n[NT_TRIP_LOST_REP], (unsigned long long)f->in_flight,
		    (unsigned long long)f->late, (unsigned long long)f->losses.v[0].n);
	if (f->duplicate || f->untracked || f->icmp_errors)
		nt_out_text(run->out, "  duplicates=%llu untracked=%llu icmp_errors=%llu\n",
			    (unsigned long long)f->duplicate, (unsigned long long)f->untracked,
			    (unsigned long long)f->icmp_errors);
	if (final && !f->total && !f->untracked)
		nt_out_text(run->out, "  no ping of these addresses: is one mistyped, or the "
				      "direction the other one?\n");
	nt_trips_latency_text(run, f, &words);
	if (final)
		nt_run_overhead(run, NULL);
}

int rtt_report(struct nt_run *run, bool final)
{
	NT_FREE struct nt_trip_figures *f = calloc(1, sizeof(*f)); /* 32 KiB of buckets */
	struct rtt_state *st = run->state;
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
