// SPDX-License-Identifier: GPL-2.0-or-later
/* What drop probe says, as text and as JSON: both from the same figures. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "latency.h"
#include "probe.h"
#include "procfs.h"
#include "signals.h"

static const struct {
	const char *key, *sides;
} counters[] = {
#define P(id, key, sides) { key, sides },
#include "probe_counters.def"
#undef P
};

static struct nt_json *line(struct probe_run *run, const char *type)
{
	nt_clock_sync(&run->clock);
	return nt_json_line_of(run->out, type, nt_clock_wall_ns(&run->clock, nt_clock_mono_ns()),
			       "drop probe");
}

/* --- the beginning --- */

struct setting {
	struct nt_out *out;
	struct nt_json *j; /* NULL: text */
};

static void setting(const struct setting *s, const char *name, const char *value)
{
	char key[32];
	size_t i;

	if (!s->j) {
		nt_out_text(s->out, "  %-18s %s\n", name, value);
		return;
	}
	snprintf(key, sizeof(key), "%s", name);
	for (i = 0; key[i]; i++)
		if (key[i] == '-')
			key[i] = '_';
	nt_json_str(s->j, key, value);
}

static void sender_settings(const struct setting *s, const struct probe_cfg *c)
{
	char text[NT_ADDR_LEN];

	setting(s, "peer", nt_fmt_addr(c->peer.family, c->peer.a[0].addr, text, sizeof(text)));
	snprintf(text, sizeof(text), c->rate ? "%u" : "as fast as it goes", c->rate);
	setting(s, "rate", text);
	snprintf(text, sizeof(text), "%u", c->size);
	setting(s, "size", text);
	snprintf(text, sizeof(text), "%u", c->dscp);
	setting(s, "dscp", text);
}

static void settings(const struct setting *s, const struct probe_run *run)
{
	const struct probe_cfg *c = run->cfg;
	char text[32];

	setting(s, "mode", c->mode == PROBE_SENDER ? "sender" : "receiver");
	snprintf(text, sizeof(text), "%u", c->port);
	setting(s, "port", text);
	if (c->mode == PROBE_SENDER)
		sender_settings(s, c);
	if (c->common.duration_ns) {
		snprintf(text, sizeof(text), "%.3gs", (double)c->common.duration_ns / 1e9);
		setting(s, "duration", text);
	}
	if (c->common.count) {
		snprintf(text, sizeof(text), "%" PRIu64, c->common.count);
		setting(s, "count", text);
	}
}

static void start_json(struct probe_run *run)
{
	const struct nt_iface *i = &run->place.iface;
	struct nt_json *j = line(run, "start");
	struct setting s = { run->out, j };
	char release[NT_RELEASE_LEN];

	nt_kernel_release(release);
	nt_json_str(j, "version", NT_VERSION);
	nt_json_str(j, "kernel", release);
	nt_json_obj(j, "filters");
	settings(&s, run);
	nt_json_end(j);
	nt_json_arr(j, "devices");
	nt_json_obj(j, NULL);
	nt_json_str(j, "name", i->name);
	nt_json_u64(j, "ifindex", i->ifindex);
	nt_json_u64(j, "netns", i->inum);
	nt_json_str(j, "role", run->cfg->mode == PROBE_SENDER ? "sender" : "receiver");
	nt_json_end(j);
	nt_json_end(j);
	nt_json_arr(j, "hooks");
	nt_json_end(j);
	nt_json_str(j, "bound", run->place.bound[0] ? run->place.bound : NULL);
	nt_json_end_line(j);
}

void probe_print_start(struct probe_run *run, uint32_t rcvbuf)
{
	const struct nt_iface *i = &run->place.iface;
	struct setting s = { run->out, NULL };
	char name[32];

	if (run->cfg->common.quiet)
		return;
	if (run->cfg->common.json) {
		start_json(run);
		return;
	}
	nt_out_text(run->out, "=== nettrace drop probe: %s ===\n",
		    run->cfg->mode == PROBE_SENDER ? "sending numbered UDP probes" :
						     "waiting for numbered UDP probes");
	settings(&s, run);
	nt_out_text(run->out, "  %-18s %s (ifindex=%u); %s\n", "interface",
		    nt_fmt_name(i->name, sizeof(i->name), name, sizeof(name)), i->ifindex,
		    run->place.bound_text);
	if (rcvbuf)
		nt_out_text(run->out, "  %-18s %u bytes, as the kernel counts them\n", "rcvbuf",
			    rcvbuf);
	nt_out_text(run->out, "ready; hit Ctrl-C to end\n");
}

/* --- on the way --- */

bool probe_report_due(struct probe_run *run, uint64_t now_ns)
{
	uint64_t interval = run->cfg->common.interval_ns;

	if (!interval && run->cfg->common.verbose)
		interval = NS_PER_S;
	if (!interval)
		return false;
	if (!run->next_report_ns)
		run->next_report_ns = now_ns + interval;
	if (now_ns < run->next_report_ns)
		return false;
	run->next_report_ns += ((now_ns - run->next_report_ns) / interval + 1) * interval;
	return true;
}

void probe_reopen(const struct probe_run *run)
{
	int r = 0;

	while (run->hup_fd >= 0 && nt_signals_taken(run->hup_fd))
		r = nt_out_reopen(run->out);
	if (r < 0)
		fprintf(stderr,
			"nettrace drop probe: the output does not open again: %s; writing goes on "
			"as before\n",
			strerror(-r));
}

static uint64_t lost_of(const struct probe_session *s)
{
	return s->s.sent > s->a.received ? s->s.sent - s->a.received : 0;
}

/* final: all probes have had their time. */
static void counts_json(struct nt_json *j, const struct probe_session *s, bool final)
{
	nt_json_str(j, "mode", s->mode == PROBE_SENDER ? "sender" : "receiver");
	nt_json_obj(j, "counts");
	if (s->have_s) {
		nt_json_u64(j, "sent", s->s.sent);
		nt_json_u64(j, "send_errors", s->s.errors);
		nt_json_u64(j, "icmp_errors", s->icmp_errors);
	}
	if (s->have_a) {
		nt_json_u64(j, "received", s->a.received);
		nt_json_u64(j, "duplicate", s->a.duplicate);
		nt_json_u64(j, "reordered", s->a.reordered);
		nt_json_u64(j, "foreign", s->a.foreign);
	}
	if (final && s->have_s && s->have_a)
		nt_json_u64(j, "lost", lost_of(s));
	if (final && s->have_a)
		nt_json_u64(j, "longest_gap", s->a.longest_gap);
	nt_json_end(j);
}

static void figures_json(struct nt_json *j, const struct probe_session *s, bool final)
{
	nt_json_obj(j, "latency");
	if (final && s->have_a)
		nt_latency_json(j, "jitter", &s->a.jitter);
	if (final && s->mode == PROBE_SENDER)
		nt_latency_json(j, "send", &s->send);
	nt_json_end(j);
	nt_json_obj(j, "loss");
	if (s->have_a) {
		nt_json_u64(j, "beyond_window", s->a.beyond);
		nt_json_u64(j, "unstamped", s->a.unstamped);
	}
	if (s->mode == PROBE_SENDER)
		nt_json_u64(j, "late_slots", s->late_slots);
	nt_json_end(j);
}

void probe_print_progress(struct probe_run *run, const struct probe_session *s)
{
	char when[NT_TIME_LEN];
	struct nt_json *j;

	nt_clock_sync(&run->clock);
	nt_fmt_time_ms(nt_clock_wall_ns(&run->clock, nt_clock_mono_ns()), when, sizeof(when));
	nt_out_text(run->out, "[%s]", when);
	if (s->have_s)
		nt_out_text(run->out, " sent %" PRIu64, s->s.sent);
	if (s->have_a)
		nt_out_text(run->out, " received %" PRIu64, s->a.received);
	nt_out_text(run->out, "\n");
	j = line(run, "report");
	counts_json(j, s, false);
	figures_json(j, s, false);
	nt_json_end_line(j);
	nt_out_flush(run->out);
}

/* --- the end: text --- */

static uint32_t us(uint64_t ns)
{
	return (uint32_t)((ns + 500) / 1000);
}

static const char *end_text(const char *addr, const char *dev, char *buf, size_t len)
{
	char name[32];

	snprintf(buf, len, "%s(%s)", addr, dev[0] ? nt_fmt_name(dev, 16, name, sizeof(name)) : "?");
	return buf;
}

static void head_text(struct nt_out *o, const struct probe_session *s)
{
	double seconds = (double)s->s.elapsed_ns / 1e9;
	char a[96], b[96];

	nt_out_text(o, "probe %s -> %s", end_text(s->src, s->src_if, a, sizeof(a)),
		    end_text(s->dst, s->dst_if, b, sizeof(b)));
	if (s->have_s && s->s.elapsed_ns)
		nt_out_text(o, "  %.1f s  %.0f pps", seconds, (double)s->s.sent / seconds);
	nt_out_text(o, "  %u B   session %04x\n", s->size, (unsigned int)(s->id.session >> 48));
}

static void counts_text(struct nt_out *o, const struct probe_session *s)
{
	uint64_t lost = lost_of(s);

	nt_out_text(o, " ");
	if (s->have_s)
		nt_out_text(o, " sent %" PRIu64, s->s.sent);
	if (s->have_a)
		nt_out_text(o, "  received %" PRIu64, s->a.received);
	if (s->have_s && s->have_a)
		nt_out_text(o, "  lost %" PRIu64 " (%.4f %%)", lost,
			    s->s.sent ? 100.0 * (double)lost / (double)s->s.sent : 0.0);
	if (s->have_a)
		nt_out_text(o,
			    "  duplicate %" PRIu64 "  reordered %" PRIu64 "  longest gap %" PRIu64,
			    s->a.duplicate, s->a.reordered, s->a.longest_gap);
	nt_out_text(o, "\n");
}

static void delay_text(struct nt_out *o, const struct probe_session *s)
{
	const struct nt_hist *h = &s->a.jitter;

	if (s->have_a && h->count)
		nt_out_text(o, "  one-way jitter us P50/P99/max %u/%u/%u\n",
			    us(nt_hist_quantile(h, 500)), us(nt_hist_quantile(h, 990)), us(h->max));
	h = &s->send;
	if (h->count)
		nt_out_text(o, "  from call to driver us P50/P99/max %u/%u/%u\n",
			    us(nt_hist_quantile(h, 500)), us(nt_hist_quantile(h, 990)), us(h->max));
}

#define LINE_MAX_LEN 96

/* A line of an end's figures, broken where it gets too long. */
struct figures {
	struct nt_out *out;
	const char *who;
	int column;
};

static void figure(struct figures *f, const char *text)
{
	int n = (int)strlen(text) + 2;

	if (!f->column || f->column + n > LINE_MAX_LEN) {
		nt_out_text(f->out, "%s  %-8s", f->column ? "\n" : "", f->column ? "" : f->who);
		f->column = 10;
	}
	nt_out_text(f->out, "  %s", text);
	f->column += n;
}

/* side: 's' or 'r'. A capital is shown always, a small letter when it moved. */
static void side_text(struct figures *f, const struct probe_counters *c, char side, bool all)
{
	char text[64];
	uint32_t i;

	for (i = 0; i < PROBE_COUNTERS; i++) {
		const char *sides = counters[i].sides;

		if (!all && !strchr(sides, side - 32) && !(strchr(sides, side) && c->v[i]))
			continue;
		snprintf(text, sizeof(text), "%s %" PRIu64, counters[i].key, c->v[i]);
		figure(f, text);
	}
	if (c->unread)
		figure(f, "(counters could not be read)");
	if (c->reset)
		figure(f, "(some counters began anew)");
}

static const char *error_name(int number)
{
	return number ? strerrorname_np(number) : "others";
}

static void errors_text(struct figures *f, const struct probe_session *s)
{
	char text[64];
	uint32_t i;

	snprintf(text, sizeof(text), "send_errors %" PRIu64, s->s.errors);
	figure(f, text);
	for (i = 0; i < s->n_errors; i++) {
		snprintf(text, sizeof(text), "%s %" PRIu64, error_name(s->error[i].number),
			 s->error[i].n);
		figure(f, text);
	}
}

static void sides_text(struct nt_out *o, const struct probe_session *s, bool all)
{
	struct figures sender = { o, "sender", 0 }, receiver = { o, "receiver", 0 };

	if (s->have_s) {
		side_text(&sender, &s->s.c, 's', all);
		errors_text(&sender, s);
		nt_out_text(o, "\n");
	}
	if (s->have_a) {
		side_text(&receiver, &s->a.c, 'r', all);
		nt_out_text(o, "\n");
	}
	if (s->have_a && s->a.foreign)
		nt_out_text(o, "  %" PRIu64 " datagrams of others came to the port, not counted\n",
			    s->a.foreign);
	if (s->have_a && s->a.beyond)
		nt_out_text(o, "  %" PRIu64 " probes came too late to tell first from again\n",
			    s->a.beyond);
	if (s->icmp_errors)
		nt_out_text(o, "  %" PRIu64 " ICMP errors came back\n", s->icmp_errors);
	if (s->late_slots)
		nt_out_text(o,
			    "  %" PRIu64 " probes were due and not sent: the sender was held "
			    "up, or the rate is too high for it\n",
			    s->late_slots);
}

static void verdict_text(struct nt_out *o, const struct probe_verdict *v)
{
	const char *sep = " (";
	uint32_t i;

	nt_out_text(o, "VERDICT: %s", v->name);
	for (i = 0; i < PROBE_WHERES; i++) {
		if (!v->part[i])
			continue;
		nt_out_text(o, "%s%" PRIu64 " of %" PRIu64 " explained by %s", sep, v->part[i],
			    v->lost, probe_where_text(i));
		sep = ", ";
	}
	if (v->unexplained)
		nt_out_text(o, "%s%" PRIu64 " of %" PRIu64 " in no counter of either end", sep,
			    v->unexplained, v->lost);
	nt_out_text(o, "%s\n", v->lost ? ")" : "");
	if (v->unexplained)
		nt_out_text(o, "  not counted: lost on the way, or by a packet filter; 'nettrace "
			       "drop summary' on both ends tells of the latter\n");
}

/* --- the end: JSON --- */

static void side_json(struct nt_json *j, const char *key, const struct probe_counters *c,
		      const char *dev)
{
	uint32_t i;

	nt_json_obj(j, key);
	nt_json_str(j, "interface", dev[0] ? dev : NULL);
	nt_json_bool(j, "unread", c->unread);
	nt_json_bool(j, "reset", c->reset);
	for (i = 0; i < PROBE_COUNTERS; i++)
		nt_json_u64(j, counters[i].key, c->v[i]);
	nt_json_end(j);
}

static void verdict_json(struct nt_json *j, const struct probe_verdict *v)
{
	uint32_t i;

	nt_json_str(j, "verdict", v->name);
	nt_json_obj(j, "explained");
	for (i = 0; i < PROBE_WHERES; i++)
		if (v->part[i])
			nt_json_u64(j, probe_where_name(i), v->part[i]);
	nt_json_end(j);
	nt_json_u64(j, "unexplained", v->unexplained);
}

static void errors_json(struct nt_json *j, const struct probe_session *s)
{
	uint32_t i;

	nt_json_obj(j, "send_errors");
	for (i = 0; i < s->n_errors; i++)
		nt_json_u64(j, error_name(s->error[i].number), s->error[i].n);
	nt_json_end(j);
}

static void summary_json(struct probe_run *run, const struct probe_session *s,
			 const struct probe_verdict *v)
{
	struct nt_json *j = line(run, "summary");
	char session[20];

	snprintf(session, sizeof(session), "%016" PRIx64, s->id.session);
	counts_json(j, s, true);
	figures_json(j, s, true);
	nt_json_str(j, "session", session);
	nt_json_str(j, "src", s->src);
	nt_json_str(j, "dst", s->dst);
	nt_json_u64(j, "size", s->size);
	nt_json_str(j, "early", s->early);
	if (s->have_s) {
		nt_json_us(j, "elapsed_us", s->s.elapsed_ns);
		side_json(j, "sender", &s->s.c, s->src_if);
		if (s->mode == PROBE_SENDER)
			errors_json(j, s);
	}
	if (s->have_a)
		side_json(j, "receiver", &s->a.c, s->dst_if);
	if (v)
		verdict_json(j, v);
	else
		nt_json_null(j, "verdict");
	nt_json_end_line(j);
}

void probe_print_summary(struct probe_run *run, const struct probe_session *s)
{
	bool both = s->have_s && s->have_a;
	struct probe_verdict v;

	if (both)
		probe_judge(&s->s, &s->a, &v);
	head_text(run->out, s);
	counts_text(run->out, s);
	delay_text(run->out, s);
	sides_text(run->out, s, run->cfg->common.verbose);
	if (s->early)
		nt_out_text(run->out, "  ended early: %s\n", s->early);
	if (both)
		verdict_text(run->out, &v);
	else
		nt_out_text(run->out, "VERDICT: none: one end's figures are missing\n");
	summary_json(run, s, both ? &v : NULL);
	nt_out_flush(run->out);
}
