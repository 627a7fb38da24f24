// SPDX-License-Identifier: GPL-2.0-or-later
/* iface pps: a line for each interface and interval, and the summary. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "pps.h"

static const char *const classes[IFACE_CLASSES] = {
#define C(id, key) [IFACE_CL_##id] = (key),
#include "iface_classes.def"
#undef C
};

/* Of an interface in the directions that are asked for. */
struct view {
	uint64_t total, bytes, dropped, errors; /* what the device counted */
	uint64_t ns;                            /* between its readings */
	uint64_t v[PPS_WORDS];
	uint64_t seen; /* all classes and those that were not readable */
	uint64_t rows_ns;
	bool there;
};

static bool has_dir(const struct pps_cfg *c, enum iface_dir dir)
{
	return c->direction == PPS_BOTH || c->direction == (dir == IFACE_RX ? PPS_RX : PPS_TX);
}

static void add_side(struct view *v, const struct iface_growth *g, enum iface_dir dir)
{
	bool rx = dir == IFACE_RX;

	v->total += g->v[rx ? IFACE_F_rx_packets : IFACE_F_tx_packets];
	v->bytes += g->v[rx ? IFACE_F_rx_bytes : IFACE_F_tx_bytes];
	v->dropped += g->v[rx ? IFACE_F_rx_dropped : IFACE_F_tx_dropped];
	v->errors += g->v[rx ? IFACE_F_rx_errors : IFACE_F_tx_errors];
}

static void view_of(const struct nt_run *run, bool all, uint32_t port, struct view *v)
{
	const struct pps_state *st = run->state;
	const struct iface_port *p = &st->s.port[port];
	uint32_t dir, w;

	memset(v, 0, sizeof(*v));
	v->there = p->ifindex != 0;
	v->ns = iface_growth_of(p, all)->ns;
	v->rows_ns = iface_rows_ns(run, all);
	for (dir = 0; dir < IFACE_DIRS; dir++) {
		if (!has_dir(run->cfg, dir))
			continue;
		add_side(v, iface_growth_of(p, all), dir);
		for (w = 0; w < PPS_WORDS; w++)
			v->v[w] += iface_word(&st->s, all, iface_row(&st->s, port, dir, 0), w);
	}
	for (w = 0; w < PPS_WORDS; w++)
		v->seen += w == PPS_TAGGED ? 0 : v->v[w];
}

/* That the device counted and no program saw: XDP, what the driver dropped. */
static uint64_t unseen(const struct view *v)
{
	return v->total > v->seen ? v->total - v->seen : 0;
}

static bool is_high(const struct pps_cfg *c, const struct view *v)
{
	return c->threshold && iface_rate(v->total, v->ns) > (double)c->threshold;
}

/* --- it stays high --- */

static void tell_high(struct nt_run *run, uint32_t port, const struct view *v)
{
	const struct pps_state *st = run->state;
	const struct pps_cfg *c = run->cfg;
	const struct iface_port *p = &st->s.port[port];
	char t[NT_TIME_LEN], name[32];
	struct nt_json *j;

	nt_out_text(run->out,
		    "[%s] HIGH: %s above %" PRIu64 " pps for %u intervals, now %.0f pps\n",
		    nt_fmt_time_ms(nt_run_wall(run, run->now_ns), t, sizeof(t)),
		    nt_fmt_name(p->name, sizeof(p->name), name, sizeof(name)), c->threshold,
		    c->sustain, iface_rate(v->total, v->ns));
	j = nt_run_json(run, "event", run->now_ns);
	nt_json_str(j, "status", "HIGH");
	nt_json_str(j, "interface", p->name);
	nt_json_f(j, "pps", iface_rate(v->total, v->ns));
	nt_json_u64(j, "threshold_pps", c->threshold);
	nt_json_u64(j, "intervals", c->sustain);
	nt_json_end_line(j);
}

static void follow(struct nt_run *run, uint32_t port, const struct view *v)
{
	struct pps_state *st = run->state;
	const struct pps_cfg *c = run->cfg;
	/* A recording can hold rates that no 64 bits do. */
	double exact = iface_rate(v->total, v->ns) + 0.5;
	uint64_t rate = exact < 1e18 ? (uint64_t)exact : (uint64_t)1e18;

	if (rate > st->peak[port])
		st->peak[port] = rate;
	if (!is_high(c, v)) {
		st->high[port] = 0;
		return;
	}
	if (st->high[port] < UINT32_MAX)
		st->high[port]++;
	if (st->high[port] != c->sustain)
		return;
	st->times++;
	tell_high(run, port, v);
}

/* --- text --- */

/* Columns of the text, each of two classes at most: both families together. */
static const struct {
	const char *title;
	int a, b;
} columns[] = {
	{ "TCP", IFACE_CL_TCP, IFACE_CL_TCP6 },
	{ "UDP", IFACE_CL_UDP, IFACE_CL_UDP6 },
	{ "ICMP", IFACE_CL_ICMP, IFACE_CL_ICMP6 },
	{ "IP-Other", IFACE_CL_IP_OTHER, IFACE_CL_IP6_OTHER },
	{ "ARP", IFACE_CL_ARP, -1 },
	{ "L2-Other", IFACE_CL_L2_OTHER, -1 },
};

static uint64_t six(const struct view *v)
{
	return v->v[IFACE_CL_TCP6] + v->v[IFACE_CL_UDP6] + v->v[IFACE_CL_ICMP6] +
	       v->v[IFACE_CL_IP6_OTHER];
}

static void head_text(struct nt_run *run)
{
	nt_out_text(run->out, "%-12s %-15s %-4s %9s", "Time", "Interface", "Dir", "Total");
	for (size_t i = 0; i < NT_ARRAY_SIZE(columns); i++)
		nt_out_text(run->out, " %8s", columns[i].title);
	nt_out_text(run->out, " %8s %8s %8s  %s\n", "(IPv6)", "(VLAN)", "unseen", "Status");
}

static void cell(struct nt_run *run, uint64_t n, uint64_t ns)
{
	char buf[16];

	nt_out_text(run->out, " %8s", iface_whole(iface_rate(n, ns), buf));
}

static void line_text(struct nt_run *run, bool all, uint32_t port, const struct view *v)
{
	static const char *const words[] = { "rx", "tx", "both" };
	const struct pps_state *st = run->state;
	const struct pps_cfg *c = run->cfg;
	const struct iface_port *p = &st->s.port[port];
	char t[NT_TIME_LEN], name[32], buf[16];

	nt_fmt_time_ms(nt_run_wall(run, run->now_ns), t, sizeof(t));
	nt_out_text(run->out, "%-12s %-15s %-4s %9s", strchr(t, ' ') ? strchr(t, ' ') + 1 : t,
		    nt_fmt_name(p->name, sizeof(p->name), name, sizeof(name)), words[c->direction],
		    iface_whole(iface_rate(v->total, v->ns), buf));
	for (size_t i = 0; i < NT_ARRAY_SIZE(columns); i++)
		cell(run, v->v[columns[i].a] + (columns[i].b < 0 ? 0 : v->v[columns[i].b]),
		     v->rows_ns);
	cell(run, six(v), v->rows_ns);
	cell(run, v->v[PPS_TAGGED], v->rows_ns);
	cell(run, unseen(v), v->rows_ns);
	nt_out_text(run->out, "  %s\n",
		    !v->there             ? "not there" :
		    !all && is_high(c, v) ? "HIGH" :
		    all                   ? "mean" :
					    "normal");
}

static void packets_text(struct nt_run *run, uint32_t port, const struct view *v)
{
	const struct pps_state *st = run->state;
	const struct iface_port *p = &st->s.port[port];
	char name[32];

	nt_out_text(run->out,
		    "%s: packets %" PRIu64 "  bytes %" PRIu64 "  dropped %" PRIu64
		    "  errors %" PRIu64 "  unseen %" PRIu64 "  peak %" PRIu64 " pps\n",
		    nt_fmt_name(p->name, sizeof(p->name), name, sizeof(name)), v->total, v->bytes,
		    v->dropped, v->errors, unseen(v), st->peak[port]);
}

/* --- JSON --- */

static void port_json(struct nt_run *run, struct nt_json *j, bool all, uint32_t port,
		      const struct view *v)
{
	const struct pps_state *st = run->state;
	const struct iface_port *p = &st->s.port[port];
	uint32_t i;

	nt_json_obj(j, NULL);
	nt_json_str(j, "interface", p->name);
	nt_json_u64(j, "ifindex", p->ifindex);
	nt_json_us(j, "period_us", v->ns);
	nt_json_u64(j, "packets", v->total);
	nt_json_u64(j, "bytes", v->bytes);
	nt_json_u64(j, "dropped", v->dropped);
	nt_json_u64(j, "errors", v->errors);
	nt_json_f(j, "pps", iface_rate(v->total, v->ns));
	nt_json_f(j, "bytes_per_s", iface_rate(v->bytes, v->ns));
	nt_json_obj(j, "classes");
	for (i = 0; i < IFACE_CLASSES; i++)
		nt_json_u64(j, classes[i], v->v[i]);
	nt_json_end(j);
	nt_json_u64(j, "tagged", v->v[PPS_TAGGED]);
	nt_json_u64(j, "seen", v->seen);
	nt_json_u64(j, "unseen", unseen(v));
	if (all)
		nt_json_u64(j, "peak_pps", st->peak[port]);
	else
		nt_json_bool(j, "high", is_high(run->cfg, v));
	nt_json_end(j);
}

static void figures_json(struct nt_run *run, bool all, const struct view *v,
			 const struct nt_losses *l)
{
	const struct pps_state *st = run->state;
	struct nt_json *j = nt_run_json(run, all ? "summary" : "report", run->now_ns);
	struct view sum = { 0 };
	uint32_t i;

	for (i = 0; i < st->s.ports; i++) {
		sum.total += v[i].total;
		sum.bytes += v[i].bytes;
		sum.dropped += v[i].dropped;
		sum.errors += v[i].errors;
		sum.seen += v[i].seen;
	}
	nt_json_us(j, "period_us", iface_rows_ns(run, all));
	nt_json_obj(j, "counts");
	nt_json_u64(j, "packets", sum.total);
	nt_json_u64(j, "bytes", sum.bytes);
	nt_json_u64(j, "dropped", sum.dropped);
	nt_json_u64(j, "errors", sum.errors);
	nt_json_u64(j, "seen", sum.seen);
	nt_json_u64(j, "times_high", st->times);
	nt_json_end(j);
	nt_json_obj(j, "latency"); /* nothing here takes time */
	nt_json_end(j);
	nt_json_arr(j, "interfaces");
	for (i = 0; i < st->s.ports; i++)
		port_json(run, j, all, i, &v[i]);
	nt_json_end(j);
	nt_loss_json(j, l);
	if (all)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

/* --- both --- */

#define HEAD_EVERY 20

static void figures_text(struct nt_run *run, bool all, const struct view *v,
			 const struct nt_losses *l)
{
	const struct pps_state *st = run->state;
	uint32_t i;

	if (all)
		nt_out_text(run->out, "=== Summary: %.1f seconds ===\n",
			    (double)iface_rows_ns(run, true) / 1e9);
	if (all || st->s.reports % HEAD_EVERY == 1)
		head_text(run);
	for (i = 0; i < st->s.ports; i++)
		line_text(run, all, i, &v[i]);
	for (i = 0; all && i < st->s.ports; i++)
		packets_text(run, i, &v[i]);
	nt_loss_text(run->out, l);
	if (all)
		nt_run_overhead(run, NULL);
}

void pps_show(struct nt_run *run, bool final)
{
	struct pps_state *st = run->state;
	struct view v[IFACE_MAX] = { 0 };
	struct nt_losses l;
	uint32_t i;

	for (i = 0; i < st->s.ports; i++)
		view_of(run, final, i, &v[i]);
	iface_losses(run, final, &l);
	if (run->common->json)
		figures_json(run, final, v, &l);
	else
		figures_text(run, final, v, &l);
	for (i = 0; !final && i < st->s.ports; i++)
		follow(run, i, &v[i]);
}
