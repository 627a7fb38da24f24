// SPDX-License-Identifier: GPL-2.0-or-later
/* iface stat: packets, their sizes, rates and drops by interface and queue. */
#include "stat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tape.h"

extern const struct nt_object nt_obj_iface_stat;

#define O(field) offsetof(struct stat_cfg, field)

/* DATA on the tape, behind those of iface_tool.c. */
#define TAPED_DRIVER 64

static const struct nt_opt stat_opts[] = {
	{ .name = "interface", .letter = 'n', .aliases = "name,device,dev", .type = NT_OPT_IFACES,
	  .off = O(dev), .metavar = "IF[,IF]", .flags = NT_OPT_REQUIRED,
	  .help = "the interfaces to watch" },
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "1", .metavar = "SEC",
	  .help = "time between reports, as 0.1; 0: only the summary at the end" },
	{ .name = "throughput", .letter = 't', .type = NT_OPT_FLAG, .off = O(throughput),
	  .help = "add bytes and packets a second to each queue's row (BPS, PPS)" },
	{ .name = "bits", .type = NT_OPT_FLAG, .off = O(bits), .flags = NT_OPT_NOBANNER,
	  .help = "with it, show bits in place of bytes a second" },
	{ .name = "errors", .type = NT_OPT_FLAG, .off = O(errors), .flags = NT_OPT_NOBANNER,
	  .help = "show every counter of the interfaces, also those that stand still" },
	{ .name = "count", .type = NT_OPT_U64, .off = O(common.count),
	  .help = "stop after N reports, 0: never" },
	NT_OPTS_TRACE(struct stat_cfg, common),
	{ 0 },
};

static const struct nt_hook stat_hooks[] = {
	{ .name = "receive", .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "receive__tp_btf", NULL, false },
		 { NT_RAW_TP, "netif_receive_skb", "receive__raw_tp", NULL, false } } },
	{ .name = "transmit", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "transmit__tp_btf", NULL, false },
		 { NT_RAW_TP, "net_dev_start_xmit", "transmit__raw_tp", NULL, false } } },
	{ .name = "result", .without = "packets that the driver refuses are not told",
	  .v = { { NT_TP_BTF, "net_dev_xmit", "result__tp_btf", NULL, false },
		 { NT_RAW_TP, "net_dev_xmit", "result__raw_tp", NULL, false } } },
	{ 0 },
};

static const struct nt_example stat_examples[] = {
	{ "iface stat --interface eth0 --throughput",
	  "once a second how each queue's packets are spread over sizes, and their rates" },
	{ "iface stat -n vnet0,vnet1 --interval 0.1 --duration 10 --json",
	  "two interfaces ten times a second, for a program" },
	{ 0 },
};

static const struct nt_legacy stat_legacy[] = {
	{ "iface_netstat.py", NULL, NULL, "sizes have the link layer's header both ways; K is 1000" },
	{ 0 },
};

/* --- the driver's counters --- */

const struct nt_queue_side *stat_side(const struct nt_queue_stats *q, enum iface_dir dir)
{
	return dir == IFACE_RX ? &q->rx : &q->tx;
}

uint64_t stat_driver_of(const struct stat_driver *d, bool all, enum iface_dir dir, uint32_t queue,
			enum nt_queue_what what)
{
	uint64_t was = stat_side(all ? &d->first : &d->was, dir)->v[queue][what];
	uint64_t now = stat_side(&d->now, dir)->v[queue][what];

	return now > was ? now - was : 0;
}

/* As many queues as there are rows: the tape has no room for all that there could be. */
static int taped_side(struct nt_run *run, uint32_t id, struct nt_queue_side *side)
{
	const struct stat_state *st = run->state;
	size_t size = offsetof(struct nt_queue_side, v) + st->s.queues * sizeof(side->v[0]);

	return nt_run_taped(run, NT_TAPE_DATA, id, side, size);
}

static int read_driver(struct nt_run *run, uint32_t i)
{
	struct stat_state *st = run->state;
	struct stat_driver *d = st->driver[i];
	uint32_t ifindex = st->s.port[i].ifindex;
	int r = 0;

	if (!run->replay && ifindex)
		r = nt_ethtool_queues(st->s.eth, ifindex, &d->names, &d->now);
	if (r < 0 || !ifindex)
		memset(&d->now, 0, sizeof(d->now));
	r = taped_side(run, TAPED_DRIVER + 2 * i, &d->now.rx);
	r = r ?: taped_side(run, TAPED_DRIVER + 2 * i + 1, &d->now.tx);
	if (r < 0)
		return r;
	if (d->ifindex != ifindex)
		d->first = d->was = d->now;
	d->ifindex = ifindex;
	return 0;
}

static int read_drivers(struct nt_run *run)
{
	struct stat_state *st = run->state;
	uint32_t i;
	int r = 0;

	for (i = 0; i < st->s.ports && !r; i++)
		r = read_driver(run, i);
	return r;
}

/* --- callbacks --- */

static int stat_prepare(struct nt_run *run, struct nt_err *err)
{
	struct stat_cfg *c = run->cfg;
	struct stat_state *st = run->state;
	uint32_t i;
	int r;

	if (c->bits && !c->throughput)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL, "--bits goes with --throughput");
	r = iface_open(run, &c->dev, STAT_WORDS, true, err);
	for (i = 0; i < c->dev.n && !r; i++) {
		st->driver[i] = calloc(1, sizeof(*st->driver[i]));
		r = st->driver[i] ? 0 : -ENOMEM;
	}
	return r;
}

static int stat_edge(struct nt_run *run, bool end)
{
	int r = iface_edge(run, end);

	return r ?: end ? 0 : read_drivers(run);
}

static int stat_report(struct nt_run *run, bool final)
{
	struct stat_state *st = run->state;
	uint32_t i;
	int r = read_drivers(run);

	r = r ?: iface_report(run, final, stat_show);
	for (i = 0; i < st->s.ports; i++)
		st->driver[i]->was = st->driver[i]->now;
	return r;
}

static void stat_done(struct nt_run *run)
{
	struct stat_state *st = run->state;

	for (uint32_t i = 0; st && i < IFACE_MAX; i++) {
		if (st->driver[i])
			nt_queue_names_free(&st->driver[i]->names);
		free(st->driver[i]);
	}
	iface_close(run);
}

const struct nt_tool nt_tool_iface_stat = {
	.words = "iface stat",
	.family = "iface",
	.summary = "count packets, their sizes, rates and drops by interface and queue",
	.side = "any",
	.needs = NT_NEEDS_TRACE,
	.opts = stat_opts,
	.cfg_size = sizeof(struct stat_cfg),
	.legacy = stat_legacy,
	.examples = stat_examples,
	.object = &nt_obj_iface_stat,
	.hooks = stat_hooks,
	.state_size = sizeof(struct stat_state),
	.kcfg_size = sizeof(struct iface_kcfg),
	.tick_ms = 50,
	.prepare = stat_prepare,
	.dev_word = iface_dev_word,
	.sizes = iface_sizes,
	.banner = iface_banner,
	.edge = stat_edge,
	.on_tick = iface_tick,
	.report = stat_report,
	.done = stat_done,
};
