// SPDX-License-Identifier: GPL-2.0-or-later
/* mesh: nodes, plan and matrix, as text and as JSON from the same figures. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "fmt.h"
#include "latency.h"
#include "mesh.h"
#include "procfs.h"

/* Pairs that lost some are told one by one, up to so many. */
#define PAIRS_SHOWN 20

const char *mesh_state_text(const struct mesh_node *nd)
{
	static const char *const words[MESH_STATES] = {
		"connecting", "copying", "asking", "connected", "starting",
		"tracing",    "ending",  "done",   "failed",
	};

	return words[nd->state];
}

static const char *address(const struct mesh_run *run, uint32_t i, char buf[NT_ADDR_LEN])
{
	const struct nt_addrs *a = &run->matrix.addr[i];

	return a->family ? nt_fmt_addr(a->family, a->a[0].addr, buf, NT_ADDR_LEN) : "-";
}

static struct nt_json *line(struct mesh_run *run, const char *type)
{
	struct nt_json *j = nt_json_line(run->out);
	char t[NT_TIME_LEN];

	nt_clock_sync(&run->clock);
	nt_json_str(j, "type", type);
	nt_json_str(j, "time",
		    nt_fmt_rfc3339(nt_clock_wall_ns(&run->clock, nt_clock_mono_ns()), t,
				   sizeof(t)));
	nt_json_str(j, "command", "mesh icmp");
	return j;
}

/* --- nodes --- */

static void nodes_json(struct mesh_run *run, struct nt_json *j)
{
	char addr[NT_ADDR_LEN];

	nt_json_arr(j, "nodes");
	for (uint32_t i = 0; i < run->n; i++) {
		const struct mesh_node *nd = &run->node[i];

		nt_json_obj(j, NULL);
		nt_json_str(j, "name", nd->host->name);
		nt_json_str(j, "host", nd->host->host);
		nt_json_str(j, "address",
			    run->matrix.addr[i].family ? address(run, i, addr) : NULL);
		nt_json_str(j, "state", mesh_state_text(nd));
		nt_json_str(j, "why", nd->why[0] ? nd->why : NULL);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void nodes_text(struct mesh_run *run)
{
	char addr[NT_ADDR_LEN];

	nt_out_text(run->out, "%4s %-24s %-26s %s\n", "NR", "NODE", "ADDRESS", "STATE");
	for (uint32_t i = 0; i < run->n; i++) {
		const struct mesh_node *nd = &run->node[i];

		nt_out_text(run->out, "%4u %-24s %-26s %s%s%s\n", i + 1, nd->host->name,
			    address(run, i, addr), mesh_state_text(nd), nd->why[0] ? ": " : "",
			    nd->why);
	}
}

/* --- the beginning --- */

static void start_json(struct mesh_run *run)
{
	const struct mesh_cfg *c = run->cfg;
	struct nt_json *j = line(run, "start");
	char release[NT_RELEASE_LEN], text[32];

	nt_kernel_release(release);
	nt_json_str(j, "version", NT_VERSION);
	nt_json_str(j, "kernel", release);
	nt_json_obj(j, "filters");
	nt_json_str(j, "direction", c->direction == MESH_TX ? "tx" : "both");
	snprintf(text, sizeof(text), "%u", c->no_ping ? 0 : c->ping);
	nt_json_str(j, "ping", text);
	nt_json_end(j);
	nt_json_arr(j, "devices");
	nt_json_end(j);
	nt_json_arr(j, "hooks");
	nt_json_end(j);
	nodes_json(run, j);
	nt_json_end_line(j);
}

void mesh_print_start(struct mesh_run *run)
{
	const struct mesh_cfg *c = run->cfg;

	if (c->common.quiet)
		return;
	if (c->common.json) {
		start_json(run);
		return;
	}
	nt_out_text(run->out, "=== nettrace mesh icmp: rtt kernel on %u hosts ===\n", run->n);
	nodes_text(run);
	if (c->no_ping)
		nt_out_text(run->out, "no pings are sent: those of others are traced\n");
	else
		nt_out_text(run->out, "%u pings from each to each other, one in %g ms\n", c->ping,
			    (double)c->ping_interval_ns / 1e6);
	nt_out_text(run->out, "ready; hit Ctrl-C to end\n");
}

/* --- the plan --- */

static void plan_peers(struct mesh_run *run, uint32_t node, bool tx, struct nt_json *j)
{
	char addr[NT_ADDR_LEN], self[NT_ADDR_LEN];

	address(run, node, self);
	for (uint32_t i = 0; i < run->n; i++) {
		const char *peer = address(run, i, addr);

		if (i == node || !run->matrix.addr[i].family)
			continue;
		nt_out_text(run->out, "  %s  %s -> %s\n", tx ? "tx" : "rx", tx ? self : peer,
			    tx ? peer : self);
		nt_json_obj(j, NULL);
		nt_json_str(j, "node", run->node[node].host->name);
		nt_json_str(j, "direction", tx ? "tx" : "rx");
		nt_json_str(j, "src_ip", tx ? self : peer);
		nt_json_str(j, "dst_ip", tx ? peer : self);
		nt_json_end(j);
	}
}

void mesh_print_plan(struct mesh_run *run)
{
	bool tx_only = run->cfg->direction == MESH_TX;
	uint32_t alive = 0, peers;
	struct nt_json *j = nt_json_line(run->out);

	nt_out_text(run->out, "=== nettrace mesh icmp: plan, nothing is started ===\n");
	nodes_text(run);
	nodes_json(run, j);
	nt_json_arr(j, "traced");
	for (uint32_t i = 0; i < run->n; i++) {
		if (!run->matrix.addr[i].family)
			continue;
		alive++;
		nt_out_text(run->out, "%s: nettrace rtt kernel --all\n", run->node[i].host->name);
		plan_peers(run, i, true, j);
		if (!tx_only)
			plan_peers(run, i, false, j);
	}
	nt_json_end(j);
	peers = alive ? alive - 1 : 0;
	nt_json_u64(j, "pairs", (uint64_t)alive * peers * (tx_only ? 1 : 2));
	nt_json_end_line(j);
	nt_out_text(run->out, "Summary: %u pairs and directions traced across %u nodes\n",
		    alive * peers * (tx_only ? 1 : 2), alive);
}

/* --- the matrix: text --- */

enum figure { LOSS, P50, P99 };

static void figure_text(char buf[16], const struct mesh_cell *c, enum figure f)
{
	struct nt_latency l;

	if (f == LOSS) {
		if (c->sent)
			snprintf(buf, 16, "%.1f",
				 100.0 * (double)mesh_cell_lost(c) / (double)c->sent);
		else
			snprintf(buf, 16, "-");
		return;
	}
	if (!c->rtt) {
		snprintf(buf, 16, "-");
		return;
	}
	nt_hist_latency(c->rtt, &l);
	snprintf(buf, 16, "%.1f", (double)(f == P50 ? l.p50 : l.p99) / 1000);
}

static void matrix_text(struct mesh_run *run, enum figure f, const char *title)
{
	char cell[16];

	nt_out_text(run->out, "%-28s", title);
	for (uint32_t to = 0; to < run->n; to++)
		nt_out_text(run->out, " %9u", to + 1);
	nt_out_text(run->out, "\n");
	for (uint32_t from = 0; from < run->n; from++) {
		nt_out_text(run->out, "%4u %-23s", from + 1, run->node[from].host->name);
		for (uint32_t to = 0; to < run->n; to++) {
			snprintf(cell, sizeof(cell), "%s", ".");
			if (from != to)
				figure_text(cell, mesh_matrix_cell(&run->matrix, from, to), f);
			nt_out_text(run->out, " %9s", cell);
		}
		nt_out_text(run->out, "\n");
	}
}

/* Of those that were lost behind the sender's device: where, as its target tells. */
struct places {
	uint64_t there, at_target, back, unknown;
};

static void places_of(const struct mesh_run *run, const struct mesh_cell *c, uint32_t to,
		      struct places *p)
{
	uint64_t left = c->sent - c->lost_out - c->untold, lost = c->lost_between;

	memset(p, 0, sizeof(*p));
	/* Without its target's word, or where that is not of the same pings. */
	if (run->cfg->direction == MESH_TX || run->node[to].state == MESH_FAILED ||
	    c->came > left || c->answered > c->came || left - c->came > lost) {
		p->unknown = lost;
		return;
	}
	p->there = left - c->came;
	lost -= p->there;
	p->at_target = c->came - c->answered < lost ? c->came - c->answered : lost;
	p->back = lost - p->at_target;
}

static void part(struct mesh_run *run, const char **sep, uint64_t n, const char *where)
{
	if (!n)
		return;
	nt_out_text(run->out, "%s%" PRIu64 " %s", *sep, n, where);
	*sep = ", ";
}

static void pair_text(struct mesh_run *run, uint32_t from, uint32_t to)
{
	const struct mesh_cell *c = mesh_matrix_cell(&run->matrix, from, to);
	const char *sep = ": ";
	struct places p;
	char in_from[MESH_NAME + 32], in_to[MESH_NAME + 48];

	places_of(run, c, to, &p);
	snprintf(in_from, sizeof(in_from), "in the stack of %s", run->node[from].host->name);
	snprintf(in_to, sizeof(in_to), "in the stack of %s, or not answered",
		 run->node[to].host->name);
	nt_out_text(run->out, "  %s -> %s: %" PRIu64 " of %" PRIu64 " lost",
		    run->node[from].host->name, run->node[to].host->name, mesh_cell_lost(c),
		    c->sent);
	part(run, &sep, c->lost_out + c->lost_in, in_from);
	part(run, &sep, p.there, "on the way there");
	part(run, &sep, p.at_target, in_to);
	part(run, &sep, p.back, "on the way back");
	part(run, &sep, p.unknown, "behind it");
	nt_out_text(run->out, "\n");
}

/* --- the matrix: JSON --- */

static void pair_json(struct mesh_run *run, struct nt_json *j, uint32_t from, uint32_t to)
{
	const struct mesh_cell *c = mesh_matrix_cell(&run->matrix, from, to);
	struct nt_latency l = { 0 };
	struct places p;

	places_of(run, c, to, &p);
	nt_json_obj(j, NULL);
	nt_json_str(j, "from", run->node[from].host->name);
	nt_json_str(j, "to", run->node[to].host->name);
	nt_json_u64(j, "pinged", c->pinged);
	nt_json_u64(j, "replied", c->replied);
	nt_json_u64(j, "sent", c->sent);
	nt_json_u64(j, "complete", c->complete);
	nt_json_u64(j, "lost", mesh_cell_lost(c));
	nt_json_u64(j, "late", c->late);
	nt_json_u64(j, "slow", c->slow);
	nt_json_u64(j, "slow_at_target", c->slow_there);
	nt_json_u64(j, "lost_in_sender", c->lost_out + c->lost_in);
	nt_json_u64(j, "lost_there", p.there);
	nt_json_u64(j, "lost_at_target", p.at_target);
	nt_json_u64(j, "lost_back", p.back);
	nt_json_u64(j, "lost_behind", p.unknown);
	if (c->rtt) {
		nt_hist_latency(c->rtt, &l);
		nt_json_us(j, "p50_us", l.p50);
		nt_json_us(j, "p99_us", l.p99);
		nt_json_us(j, "max_us", l.max);
	} else {
		nt_json_null(j, "p50_us");
		nt_json_null(j, "p99_us");
		nt_json_null(j, "max_us");
	}
	nt_json_end(j);
}

/* --- both --- */

struct sums {
	uint64_t sent, complete, lost, late, slow, untold, unseen, tracers, passed_over;
	uint32_t failed, losing;
	struct nt_hist rtt;
};

static void sum_up(const struct mesh_run *run, struct sums *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < (size_t)run->n * run->n; i++) {
		const struct mesh_cell *c = &run->matrix.cell[i];

		s->sent += c->sent;
		s->complete += c->complete;
		s->lost += mesh_cell_lost(c);
		s->late += c->late;
		s->slow += c->slow + c->slow_there;
		s->untold += c->untold;
		s->unseen += mesh_cell_unseen(c);
		s->losing += mesh_cell_lost(c) > 0;
		if (c->rtt)
			nt_hist_merge(&s->rtt, c->rtt);
	}
	for (uint32_t i = 0; i < run->n; i++) {
		s->failed += run->node[i].state == MESH_FAILED;
		s->tracers += run->node[i].lost;
		s->passed_over += run->node[i].passed_over;
	}
}

static void report_json(struct mesh_run *run, const struct sums *s, bool final)
{
	struct nt_json *j = line(run, final ? "summary" : "report");

	nt_json_obj(j, "counts");
	nt_json_u64(j, "nodes", run->n);
	nt_json_u64(j, "nodes_failed", s->failed);
	nt_json_u64(j, "total", s->sent);
	nt_json_u64(j, "complete", s->complete);
	nt_json_u64(j, "lost", s->lost);
	nt_json_u64(j, "late", s->late);
	nt_json_u64(j, "slow", s->slow);
	nt_json_end(j);
	nt_json_obj(j, "latency");
	nt_latency_json(j, "total_rtt", &s->rtt);
	nt_json_end(j);
	nt_json_obj(j, "loss");
	nt_json_u64(j, "tracers", s->tracers);
	nt_json_u64(j, "unseen", s->unseen);
	nt_json_u64(j, "recursion", s->passed_over);
	nt_json_u64(j, "no_verdict", s->untold);
	nt_json_u64(j, "foreign_events", run->matrix.foreign);
	nt_json_end(j);
	nodes_json(run, j);
	nt_json_arr(j, "pairs");
	for (uint32_t from = 0; from < run->n; from++)
		for (uint32_t to = 0; to < run->n; to++)
			if (from != to)
				pair_json(run, j, from, to);
	nt_json_end(j);
	nt_json_end_line(j);
}

static void losing_text(struct mesh_run *run, uint32_t losing)
{
	uint32_t shown = 0;

	for (uint32_t from = 0; from < run->n; from++) {
		for (uint32_t to = 0; to < run->n && shown < PAIRS_SHOWN; to++) {
			if (!mesh_cell_lost(mesh_matrix_cell(&run->matrix, from, to)))
				continue;
			pair_text(run, from, to);
			shown++;
		}
	}
	if (shown < losing)
		nt_out_text(run->out, "  ... and %u more pairs\n", losing - shown);
}

static void lost_text(struct mesh_run *run, const struct sums *s)
{
	const char *sep = "Lost: ";

	part(run, &sep, s->tracers, "by the tracers");
	part(run, &sep, s->unseen, "sent, but seen by no tracer");
	part(run, &sep, s->untold, "without a verdict");
	part(run, &sep, run->matrix.foreign, "of no pair");
	part(run, &sep, s->passed_over, "hits passed over by the kernel");
	if (*sep == ',')
		nt_out_text(run->out, "\n");
}

static void report_text(struct mesh_run *run, const struct sums *s, bool final)
{
	char now[NT_TIME_LEN];

	if (!final) {
		nt_clock_sync(&run->clock);
		nt_out_text(run->out, "[%s]\n",
			    nt_fmt_time_s(nt_clock_wall_ns(&run->clock, nt_clock_mono_ns()), now,
					  sizeof(now)));
	}
	if (final && s->failed)
		nodes_text(run);
	matrix_text(run, LOSS, "Lost (%), from row to column");
	matrix_text(run, P50, "Round trip P50 (us)");
	matrix_text(run, P99, "Round trip P99 (us)");
	losing_text(run, s->losing);
	nt_out_text(run->out,
		    "%s: nodes=%u failed=%u pings=%" PRIu64 " complete=%" PRIu64 " lost=%" PRIu64
		    " late=%" PRIu64 " slow=%" PRIu64 "\n",
		    final ? "Summary" : "So far", run->n, s->failed, s->sent, s->complete, s->lost,
		    s->late, s->slow);
	lost_text(run, s);
	if (final && !s->sent)
		nt_out_text(run->out, "  no ping between these addresses was seen\n");
}

void mesh_print_report(struct mesh_run *run, bool final)
{
	struct sums s;

	sum_up(run, &s);
	if (run->cfg->common.json)
		report_json(run, &s, final);
	else
		report_text(run, &s, final);
	nt_out_flush(run->out);
}
