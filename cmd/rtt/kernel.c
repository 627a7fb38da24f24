// SPDX-License-Identifier: GPL-2.0-or-later
/* rtt kernel: where does a ping of this host spend its time, in its stack or outside? */
#include <stdio.h>

#include "rtt_tool.h"

extern const struct nt_object nt_obj_rtt_kernel;

#define O(field) offsetof(struct rtt_cfg, field)

static const struct nt_opt kernel_opts[] = {
	/* The letters are those of the program that it replaces. */
	{ .name = "src-ip", .letter = 's', .type = NT_OPT_ADDRS, .off = O(flow.src),
	  .aliases = "src,ip-src,laddr,local-ip", .flags = NT_OPT_REQUIRED, .metavar = "ADDR[,ADDR]",
	  .help = "sender of the echo request (with --direction rx either end)" },
	{ .name = "dst-ip", .letter = 'd', .type = NT_OPT_ADDRS, .off = O(flow.dst),
	  .aliases = "dst,ip-dst,raddr,remote-ip", .flags = NT_OPT_REQUIRED, .metavar = "ADDR[,ADDR]",
	  .help = "target of the echo request (with --direction rx the other end)" },
	{ .name = "direction", .letter = 'r', .type = NT_OPT_CHOICE, .off = O(direction),
	  .choices = "tx,outgoing|rx,incoming", .def = "tx",
	  .help = "tx: this host pings; rx: it is pinged" },
	{ .name = "interface", .letter = 'i', .type = NT_OPT_IFACES, .off = O(ifaces),
	  .aliases = "phy-interface,phy-iface1", .metavar = "IF[,IF]",
	  .help = "where pings leave and arrive; without it any of the network namespace" },
	{ .name = "interval", .type = NT_OPT_DURATION, .off = O(common.interval_ns), .def = "10",
	  .unit = "s", .metavar = "SEC",
	  .help = "time between reports; without --stats-mode only when given" },
	{ .name = "latency-ms", .letter = 'l', .type = NT_OPT_DURATION, .off = O(tell.threshold_ns),
	  .unit = "ms", .metavar = "MS",
	  .help = "show pings whose round trip took this long or longer" },
	{ .name = "latency-us", .type = NT_OPT_DURATION, .off = O(tell.threshold_ns), .unit = "us",
	  .aliases = "threshold,threshold-us,latency-threshold", .metavar = "US",
	  .help = "the same in microseconds" },
	{ .name = "timeout-ms", .type = NT_OPT_DURATION, .off = O(tell.timeout_ns), .def = "1000",
	  .unit = "ms", .min = "1", .max = "600000", .aliases = "loss-timeout", .metavar = "MS",
	  .help = "a ping counts as lost after this time" },
	{ .name = "all", .letter = 'a', .type = NT_OPT_FLAG, .off = O(tell.all),
	  .help = "show every ping, not only the lost and the late" },
	{ .name = "stats-mode", .type = NT_OPT_FLAG, .off = O(tell.stats_mode),
	  .help = "show no pings, only the periodic report and the summary" },
	RTT_OPTS_STACKS,
	NT_OPTS_BARS(struct rtt_cfg, common),
	{ .name = "max-sessions", .type = NT_OPT_U32, .off = O(tell.max_sessions), .def = "8192",
	  .min = "64", .max = "4194304", .metavar = "N", .flags = NT_OPT_NOBANNER,
	  .help = "pings that can be under way at once" },
	NT_OPTS_TRACE(struct rtt_cfg, common),
	{ 0 },
};

/*
 * The functions one after the other, not ip_local_out: that one is above, and others
 * come by it. skb is their last argument in all kernels since 4.4.
 */
static const struct nt_hook kernel_hooks[] = {
	{ .name = "out4", .needed = true,
	  .v = { { NT_FENTRY, "__ip_local_out", "out4__fentry", "sk_buff@2" },
		 { NT_KPROBE, "__ip_local_out", "out4__kprobe", "sk_buff@2", .assume = true } } },
	{ .name = "out6", .needed = true,
	  .v = { { NT_FENTRY, "__ip6_local_out", "out6__fentry", "sk_buff@2" },
		 { NT_KPROBE, "__ip6_local_out", "out6__kprobe", "sk_buff@2", .assume = true } } },
	{ .name = "xmit", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "xmit__tp_btf" },
		 { NT_RAW_TP, "net_dev_start_xmit", "xmit__raw_tp" } } },
	{ .name = "receive", .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "receive__tp_btf" },
		 { NT_RAW_TP, "netif_receive_skb", "receive__raw_tp" } } },
	{ .name = "in4", .needed = true,
	  .v = { { NT_FENTRY, "icmp_rcv", "in4__fentry" },
		 { NT_KPROBE, "icmp_rcv", "in4__kprobe" } } },
	{ .name = "in6", .needed = true,
	  .v = { { NT_FENTRY, "icmpv6_rcv", "in6__fentry" },
		 { NT_KPROBE, "icmpv6_rcv", "in6__kprobe" } } },
	{ 0 },
};

static const struct nt_example kernel_examples[] = {
	{ "rtt kernel --src-ip 10.0.0.5 --dst-ip 10.0.1.9 --latency-ms 10",
	  "this host pings: show what is lost, or takes 10 ms or longer, and where" },
	{ "rtt kernel --src-ip 10.0.1.9 --dst-ip 10.0.0.5 --direction rx --interface eth0 "
	  "--stats-mode --interval 60",
	  "this host is pinged: one report a minute of how long its own part takes" },
	{ 0 },
};

static const struct nt_legacy kernel_legacy[] = {
	{ "kernel_icmp_rtt.py", "--all --stacks", "debug=overhead",
	  "every ping is shown, or with --latency-ms those that took so long, with kernel stacks" },
	{ 0 },
};

/* Hooks by the place that they have in a direction: see rtt_stage(). */
static const char *const tx4[] = {
#define S(id, ipv4, ipv6) [RTT_##id] = (ipv4),
#include "rtt_hooks.def"
#undef S
};
static const char *const tx6[] = {
#define S(id, ipv4, ipv6) [RTT_##id] = (ipv6),
#include "rtt_hooks.def"
#undef S
};
static const char *const rx4[] = {
#define S(id, ipv4, ipv6) [RTT_##id ^ 2] = (ipv4),
#include "rtt_hooks.def"
#undef S
};
static const char *const rx6[] = {
#define S(id, ipv4, ipv6) [RTT_##id ^ 2] = (ipv6),
#include "rtt_hooks.def"
#undef S
};

static const struct nt_span spans[] = {
#define S(id, name, key, from, to) \
	[NT_TRIP_SEG_##id] = { name, key, NT_TRIP_##from, NT_TRIP_##to, 0 },
#include "rtt_segments.def"
#undef S
};

static const struct nt_extra extra[] = {
	{ NT_C_DUPLICATE, "duplicates", "duplicate" },
	{ NT_C_ORPHAN, "untracked", "untracked" },
	{ NT_TRIP_C_ICMP_ERROR, "icmp_errors", "icmp_errors" },
	{ 0 },
};

static void line(struct nt_run *run, const struct nt_story *y, uint32_t segment, const char *what)
{
	uint64_t ns;

	if (nt_story_span_ns(nt_stories(run)->kind, y, segment, &ns))
		nt_out_text(run->out, "  %-54s %11.3f us\n", what, ns / 1e3);
	else
		nt_out_text(run->out, "  %-54s %11s\n", what, "-");
}

static void body(struct nt_run *run, const struct nt_story *y)
{
	const char *const *stage = nt_stories(run)->stage;
	char text[96];

	snprintf(text, sizeof(text), "Path 1 (request)  %s -> %s", stage[NT_TRIP_REQ_FIRST],
		 stage[NT_TRIP_REQ_LAST]);
	line(run, y, NT_TRIP_SEG_REQ, text);
	snprintf(text, sizeof(text), "Path 2 (reply)    %s -> %s", stage[NT_TRIP_REP_FIRST],
		 stage[NT_TRIP_REP_LAST]);
	line(run, y, NT_TRIP_SEG_REP, text);
	line(run, y, NT_TRIP_SEG_BETWEEN, "Inter-Path Latency");
	line(run, y, NT_TRIP_SEG_TOTAL, "Total RTT");
}

static const struct nt_story_kind kernel_story = {
	.stages = NT_TRIP_STAGES,
	.statuses = NT_TRIP_STATUSES,
	.spans = NT_TRIP_SEGMENTS,
	.completes = 1,
	.slot = RTT_SLOT(NT_TRIP_STAGES),
	.first_status = NT_TRIP_C_STATUS,
	.late = NT_TRIP_C_LATE,
	.not_asked = NT_NO_COUNTER,
	.lost = "lost",
	.nothing = "no ping of these addresses: is one mistyped, or the direction the other one?",
	.status = rtt_statuses,
	.span = spans,
	.extra = extra,
	.direction = rtt_directions,
	.gap = nt_story_trip_gap,
	.title = rtt_title,
	.body = body,
	.more = rtt_stacks_tell,
	.why = rtt_why,
	.ends = rtt_ends,
};

static const struct rtt_kind kernel_kind = {
	.story = { &kernel_story, &kernel_story },
	.stage = { { tx4, tx6 }, { rx4, rx6 } },
	.label = "interface",
};

static int kernel_prepare(struct nt_run *run, struct nt_err *err)
{
	return rtt_prepare_kind(run, &kernel_kind, err);
}

const struct nt_tool nt_tool_rtt_kernel = {
	.words = "rtt kernel",
	.family = "rtt",
	.summary = "split a ping's round trip into this host's stack and the rest",
	.side = "any",
	.needs = NT_NEEDS_TRACE NT_NEEDS_SYMBOLS,
	.opts = kernel_opts,
	.cfg_size = sizeof(struct rtt_cfg),
	.legacy = kernel_legacy,
	.examples = kernel_examples,
	.object = &nt_obj_rtt_kernel,
	.hooks = kernel_hooks,
	.state_size = sizeof(struct rtt_state),
	.kcfg_size = sizeof(struct rtt_kcfg),
	.prepare = kernel_prepare,
	.plan = rtt_plan,
	.sizes = rtt_sizes,
	.banner = rtt_banner,
	.on_event = nt_stories_event,
	.on_tick = rtt_tick,
	.report = nt_stories_report,
	.done = rtt_done,
};
