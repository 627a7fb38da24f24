// SPDX-License-Identifier: GPL-2.0-or-later
/* iface stat: reports and the summary. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stat.h"

static const char *const dirs[IFACE_DIRS] = { "rx", "tx" };
static const char *const titles[IFACE_DIRS] = { "RX", "TX" };
static const enum iface_dir order[IFACE_DIRS] = { IFACE_TX, IFACE_RX };

/* What a row has: of a queue, or of all of them. */
struct sizes {
	uint64_t v[STAT_WORDS];
};

/* Rows that there are: the queues, and one for those beyond. */
static uint32_t queues_shown(const struct stat_state *st, uint32_t port, enum iface_dir dir)
{
	const struct iface_port *p = &st->s.port[port];
	uint32_t n = dir == IFACE_RX ? p->rx_queues : p->tx_queues;

	return n && n < st->s.queues ? n : st->s.queues;
}

static void sizes_of(const struct stat_state *st, bool all, uint32_t row, struct sizes *to)
{
	for (uint32_t w = 0; w < STAT_WORDS; w++)
		to->v[w] += iface_word(&st->s, all, row, w);
}

/* --- text --- */

static void cell(struct nt_run *run, double n, int width)
{
	char buf[16];

	nt_out_text(run->out, " %-*s", width, iface_figure(n, buf));
}

static void head_text(struct nt_run *run, const struct stat_cfg *c)
{
	nt_out_text(run->out, " %-8s %-10s %-10s %-10s %-10s %-10s %-10s %-10s", "QueueID",
		    "avg_size", "[0, 64)", "[64, 512)", "[512, 2K)", "[2K, 16K)", "[16K, 64K)",
		    "[64K, inf)");
	if (c->throughput)
		nt_out_text(run->out, " %-10s %s", c->bits ? "bits/s" : "BPS", "PPS");
	nt_out_text(run->out, "\n");
}

static void row_text(struct nt_run *run, const char *name, const struct sizes *s, uint64_t ns)
{
	const struct stat_cfg *c = run->cfg;
	uint64_t packets = s->v[STAT_PACKETS], bytes = s->v[STAT_BYTES];
	char buf[16];
	uint32_t i;

	nt_out_text(run->out, " %-8s", name);
	cell(run, packets ? (double)bytes / (double)packets : 0, 10);
	for (i = 0; i < IFACE_SIZES; i++)
		cell(run, (double)s->v[STAT_SIZE + i], 10);
	if (c->throughput) {
		nt_out_text(run->out, " %-10s",
			    iface_whole((c->bits ? 8 : 1) * iface_rate(bytes, ns), buf));
		nt_out_text(run->out, " %s", iface_whole(iface_rate(packets, ns), buf));
	}
	nt_out_text(run->out, "\n");
}

static void side_text(struct nt_run *run, bool all, uint32_t port, enum iface_dir dir)
{
	const struct stat_state *st = run->state;
	uint32_t q, n = queues_shown(st, port, dir);
	uint64_t ns = iface_rows_ns(run, all);
	struct sizes total = { 0 };
	char name[16];

	nt_out_text(run->out, "%s\n", titles[dir]);
	head_text(run, run->cfg);
	for (q = 0; q <= st->s.queues; q++) {
		struct sizes s = { 0 };

		sizes_of(st, all, iface_row(&st->s, port, dir, q), &s);
		sizes_of(st, all, iface_row(&st->s, port, dir, q), &total);
		if (q >= n && !s.v[STAT_PACKETS])
			continue;
		snprintf(name, sizeof(name), q == st->s.queues ? "others" : "%u", q);
		row_text(run, name, &s, ns);
	}
	row_text(run, "Total", &total, ns);
}

/* Packets and bytes always, errors and drops too, the rest if it moved or was asked for. */
static bool is_shown(const struct stat_cfg *c, uint32_t field, uint64_t n)
{
	const char *key = iface_fields[field].key;

	return n || c->errors || !strcmp(key, "packets") || !strcmp(key, "bytes") ||
	       !strcmp(key, "errors") || !strcmp(key, "dropped");
}

static void counters_text(struct nt_run *run, enum iface_dir dir, const struct iface_growth *g)
{
	const struct stat_cfg *c = run->cfg;
	char rate[16];
	uint32_t i;

	nt_out_text(run->out, " %s", dirs[dir]);
	for (i = 0; i < IFACE_FIELDS; i++) {
		if (iface_fields[i].dir != dir || !is_shown(c, i, g->v[i]))
			continue;
		nt_out_text(run->out, "  %s %" PRIu64, iface_fields[i].key, g->v[i]);
		if (i == IFACE_F_rx_packets || i == IFACE_F_tx_packets)
			nt_out_text(run->out, " (%s/s)",
				    iface_whole(iface_rate(g->v[i], g->ns), rate));
		if (i == IFACE_F_rx_bytes || i == IFACE_F_tx_bytes)
			nt_out_text(run->out, " (%s bit/s)",
				    iface_whole(8 * iface_rate(g->v[i], g->ns), rate));
	}
	nt_out_text(run->out, "\n");
}

/* Of each queue of which the driver counts something that moved. */
static void driver_text(struct nt_run *run, bool all, uint32_t port, enum iface_dir dir)
{
	static const char *const words[NT_QUEUE_WHATS] = { "packets", "bytes", "drops" };
	const struct stat_state *st = run->state;
	const struct stat_driver *d = st->driver[port];
	uint32_t has = stat_side(&d->now, dir)->has, q, w;

	for (q = 0; has && q < NT_QUEUES_MAX; q++) {
		uint64_t sum = 0;

		for (w = 0; w < NT_QUEUE_WHATS; w++)
			sum += stat_driver_of(d, all, dir, q, w);
		if (!sum)
			continue;
		nt_out_text(run->out, " driver %s%u", dirs[dir], q);
		for (w = 0; w < NT_QUEUE_WHATS; w++)
			if (has & 1U << w)
				nt_out_text(run->out, "  %s %" PRIu64, words[w],
					    stat_driver_of(d, all, dir, q, w));
		nt_out_text(run->out, "\n");
	}
}

static void port_text(struct nt_run *run, bool all, uint32_t i)
{
	const struct stat_state *st = run->state;
	const struct iface_port *p = &st->s.port[i];
	const struct iface_growth *g = iface_growth_of(p, all);
	char t[NT_TIME_LEN], name[32];
	uint32_t k;

	nt_fmt_name(p->name, sizeof(p->name), name, sizeof(name));
	nt_out_text(run->out, "[%s] %s  %s %.3f s%s\n",
		    nt_fmt_time_s(nt_run_wall(run, run->now_ns), t, sizeof(t)), name,
		    all ? "in all" : "interval", (double)iface_rows_ns(run, all) / 1e9,
		    p->ifindex ? "" : "  (not there)");
	if (!p->ifindex && !all)
		return;
	for (k = 0; k < IFACE_DIRS; k++)
		side_text(run, all, i, order[k]);
	for (k = 0; k < IFACE_DIRS; k++)
		counters_text(run, k, g);
	for (k = 0; k < IFACE_DIRS; k++)
		driver_text(run, all, i, k);
}

/* --- JSON --- */

static void sizes_json(struct nt_json *j, const struct sizes *s, uint64_t ns)
{
	uint64_t packets = s->v[STAT_PACKETS];

	nt_json_u64(j, "packets", packets);
	nt_json_u64(j, "bytes", s->v[STAT_BYTES]);
	if (packets)
		nt_json_f(j, "avg_size", (double)s->v[STAT_BYTES] / (double)packets);
	else
		nt_json_null(j, "avg_size");
	nt_json_arr(j, "sizes");
	for (uint32_t i = 0; i < IFACE_SIZES; i++)
		nt_json_u64(j, NULL, s->v[STAT_SIZE + i]);
	nt_json_end(j);
	nt_json_f(j, "pps", iface_rate(packets, ns));
	nt_json_f(j, "bytes_per_s", iface_rate(s->v[STAT_BYTES], ns));
}

static void driver_json(struct nt_json *j, const struct stat_driver *d, bool all,
			enum iface_dir dir, uint32_t q)
{
	static const char *const words[NT_QUEUE_WHATS] = { "packets", "bytes", "drops" };
	uint32_t has = stat_side(&d->now, dir)->has, w;

	nt_json_obj(j, "driver");
	for (w = 0; w < NT_QUEUE_WHATS; w++) {
		if (has & 1U << w)
			nt_json_u64(j, words[w], stat_driver_of(d, all, dir, q, w));
		else
			nt_json_null(j, words[w]);
	}
	nt_json_end(j);
}

static void side_json(struct nt_run *run, struct nt_json *j, bool all, uint32_t port,
		      enum iface_dir dir)
{
	const struct stat_state *st = run->state;
	uint32_t q, n = queues_shown(st, port, dir);
	struct sizes total = { 0 };

	nt_json_obj(j, dirs[dir]);
	iface_side_json(j, dir, iface_growth_of(&st->s.port[port], all));
	nt_json_arr(j, "queues");
	for (q = 0; q <= st->s.queues; q++) {
		struct sizes s = { 0 };

		sizes_of(st, all, iface_row(&st->s, port, dir, q), &s);
		sizes_of(st, all, iface_row(&st->s, port, dir, q), &total);
		if (q >= n && !s.v[STAT_PACKETS])
			continue;
		nt_json_obj(j, NULL);
		/* Those beyond the ones that are told apart have no number. */
		if (q < st->s.queues)
			nt_json_u64(j, "queue", q);
		else
			nt_json_null(j, "queue");
		sizes_json(j, &s, iface_rows_ns(run, all));
		if (q < NT_QUEUES_MAX)
			driver_json(j, st->driver[port], all, dir, q);
		nt_json_end(j);
	}
	nt_json_end(j);
	nt_json_obj(j, "seen");
	sizes_json(j, &total, iface_rows_ns(run, all));
	nt_json_end(j);
	nt_json_end(j);
}

static void port_json(struct nt_run *run, struct nt_json *j, bool all, uint32_t i)
{
	const struct stat_state *st = run->state;
	const struct iface_port *p = &st->s.port[i];

	nt_json_obj(j, NULL);
	nt_json_str(j, "interface", p->name);
	nt_json_u64(j, "ifindex", p->ifindex);
	nt_json_us(j, "period_us", iface_growth_of(p, all)->ns);
	for (uint32_t d = 0; d < IFACE_DIRS; d++)
		side_json(run, j, all, i, d);
	nt_json_end(j);
}

/* --- both --- */

static void counts_json(struct nt_json *j, const struct stat_state *st, bool all)
{
	static const struct {
		const char *key;
		enum iface_field f;
	} sums[] = { { "rx_packets", IFACE_F_rx_packets }, { "rx_bytes", IFACE_F_rx_bytes },
		     { "rx_errors", IFACE_F_rx_errors },   { "rx_dropped", IFACE_F_rx_dropped },
		     { "tx_packets", IFACE_F_tx_packets }, { "tx_bytes", IFACE_F_tx_bytes },
		     { "tx_errors", IFACE_F_tx_errors },   { "tx_dropped", IFACE_F_tx_dropped } };
	uint32_t i, k;

	nt_json_obj(j, "counts");
	nt_json_u64(j, "seen", iface_counter_of(&st->s, all, IFACE_C_SEEN));
	for (k = 0; k < sizeof(sums) / sizeof(sums[0]); k++) {
		uint64_t n = 0;

		for (i = 0; i < st->s.ports; i++)
			n += iface_growth_of(&st->s.port[i], all)->v[sums[k].f];
		nt_json_u64(j, sums[k].key, n);
	}
	nt_json_u64(j, "driver_busy", iface_counter_of(&st->s, all, IFACE_C_BUSY));
	nt_json_u64(j, "driver_refused", iface_counter_of(&st->s, all, IFACE_C_FAILED));
	nt_json_end(j);
}

static void figures_json(struct nt_run *run, bool final, const struct nt_losses *l)
{
	const struct stat_state *st = run->state;
	struct nt_json *j = nt_run_json(run, final ? "summary" : "report", run->now_ns);

	nt_json_us(j, "period_us", iface_rows_ns(run, final));
	counts_json(j, st, final);
	nt_json_obj(j, "latency"); /* nothing here takes time */
	nt_json_end(j);
	nt_json_arr(j, "interfaces");
	for (uint32_t i = 0; i < st->s.ports; i++)
		port_json(run, j, final, i);
	nt_json_end(j);
	nt_loss_json(j, l);
	if (final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

static void refused_text(struct nt_run *run, bool all)
{
	const struct stat_state *st = run->state;
	uint64_t busy = iface_counter_of(&st->s, all, IFACE_C_BUSY);
	uint64_t failed = iface_counter_of(&st->s, all, IFACE_C_FAILED);

	if (busy || failed)
		nt_out_text(run->out,
			    " drivers had no room %" PRIu64
			    " times (the packets came again and are "
			    "in the rows twice), refused %" PRIu64 " packets\n",
			    busy, failed);
}

void stat_show(struct nt_run *run, bool final)
{
	const struct stat_state *st = run->state;
	struct nt_losses l;

	iface_losses(run, final, &l);
	if (run->common->json) {
		figures_json(run, final, &l);
		return;
	}
	if (final)
		nt_out_text(run->out, "=== Summary ===\n");
	for (uint32_t i = 0; i < st->s.ports; i++)
		port_text(run, final, i);
	refused_text(run, final);
	nt_loss_text(run->out, &l);
	if (final)
		nt_run_overhead(run, NULL);
	else
		nt_out_text(run->out, "\n");
}
