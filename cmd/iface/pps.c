// SPDX-License-Identifier: GPL-2.0-or-later
/* iface pps: packets a second by protocol, and whether they stay above a threshold. */
#include "pps.h"

#include <errno.h>

extern const struct nt_object nt_obj_iface_pps;

#define O(field) offsetof(struct pps_cfg, field)

static const struct nt_opt pps_opts[] = {
	{ .name = "interface", .letter = 'n', .aliases = "nic,nics,name,device,dev",
	  .type = NT_OPT_IFACES, .off = O(nic), .metavar = "IF[,IF]", .flags = NT_OPT_REQUIRED,
	  .help = "the interfaces to watch" },
	{ .name = "direction", .type = NT_OPT_CHOICE, .off = O(direction), .choices = "rx|tx|both",
	  .def = "rx", .help = "packets that are received, sent, or the sum" },
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "1", .metavar = "SEC",
	  .help = "time between lines, as 0.1; 0: only the summary at the end" },
	{ .name = "threshold", .type = NT_OPT_U64, .off = O(threshold), .def = "10000",
	  .metavar = "PPS", .help = "above this rate an interface is HIGH; 0: never" },
	{ .name = "sustain", .type = NT_OPT_U32, .off = O(sustain), .def = "3", .min = "1",
	  .max = "1000000", .metavar = "N",
	  .help = "tell it as an event when it was so for N intervals in a row" },
	{ .name = "segments", .type = NT_OPT_FLAG, .off = O(segments),
	  .help = "count what is segmented later, or was merged before, as its segments" },
	{ .name = "count", .type = NT_OPT_U64, .off = O(common.count),
	  .help = "stop after N intervals, 0: never" },
	{ .name = "enable-capture", .type = NT_OPT_FLAG, .off = O(capture),
	  .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER, .help = "refused: no packets are kept" },
	{ .name = "capture-time", .aliases = "capture-count,max-captures,output-dir,snaplen",
	  .type = NT_OPT_STRING, .off = O(capture_value),
	  .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER, .help = "refused: no packets are kept" },
	NT_OPTS_TRACE(struct pps_cfg, common),
	{ 0 },
};

static const struct nt_hook pps_hooks[] = {
	{ .name = "receive", .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "receive__tp_btf", NULL, false },
		 { NT_RAW_TP, "netif_receive_skb", "receive__raw_tp", NULL, false } } },
	{ .name = "transmit", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "transmit__tp_btf", NULL, false },
		 { NT_RAW_TP, "net_dev_start_xmit", "transmit__raw_tp", NULL, false } } },
	{ 0 },
};

static const struct nt_example pps_examples[] = {
	{ "iface pps --interface eth0 --threshold 50000",
	  "packets received a second, by protocol; HIGH above 50,000" },
	{ "iface pps --interface vnet0,vnet1 --direction both --interval 0.1 --json",
	  "two interfaces, both ways together, ten times a second" },
	{ 0 },
};

static const struct nt_legacy pps_legacy[] = {
	{ "pps_monitor_bcc.py", NULL, "duration=sustain",
	  "no packets are kept: --enable-capture and what goes with it are refused" },
	{ 0 },
};

static int pps_prepare(struct nt_run *run, struct nt_err *err)
{
	const struct pps_cfg *c = run->cfg;
	struct iface_kcfg *k = run->kcfg;

	if (c->capture || c->capture_value)
		return nt_errf(
			err, NT_EXIT_USAGE, EINVAL,
			"iface pps keeps no packets: leave out --enable-capture and the "
			"options that go with it, and run tcpdump while an interface is HIGH");
	k->segments = c->segments;
	return iface_open(run, &c->nic, PPS_WORDS, false, err);
}

/* Programs of a direction that nobody asked for are not loaded. */
static void pps_plan(struct nt_run *run)
{
	const struct pps_cfg *c = run->cfg;
	uint32_t i;

	for (i = 0; i < run->plan.n; i++) {
		bool receive = run->plan.c[i].hook == &pps_hooks[0];

		run->plan.c[i].off |= c->direction == (receive ? PPS_TX : PPS_RX);
	}
}

static int pps_report(struct nt_run *run, bool final)
{
	return iface_report(run, final, pps_show);
}

const struct nt_tool nt_tool_iface_pps = {
	.words = "iface pps",
	.family = "iface",
	.summary = "count packets a second by protocol, and tell when they stay many",
	.side = "any",
	.needs = NT_NEEDS_TRACE,
	.opts = pps_opts,
	.cfg_size = sizeof(struct pps_cfg),
	.legacy = pps_legacy,
	.examples = pps_examples,
	.object = &nt_obj_iface_pps,
	.hooks = pps_hooks,
	.state_size = sizeof(struct pps_state),
	.kcfg_size = sizeof(struct iface_kcfg),
	.tick_ms = 50,
	.prepare = pps_prepare,
	.plan = pps_plan,
	.dev_word = iface_dev_word,
	.sizes = iface_sizes,
	.banner = iface_banner,
	.edge = iface_edge,
	.on_tick = iface_tick,
	.report = pps_report,
	.done = iface_close,
};
