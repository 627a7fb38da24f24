// SPDX-License-Identifier: GPL-2.0-or-later
/* rtt kernel: where does a ping of this host spend its time, in its stack or outside? */
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
	{ .name = "latency-ms", .letter = 'l', .type = NT_OPT_DURATION, .off = O(threshold_ns),
	  .unit = "ms", .metavar = "MS",
	  .help = "show pings whose round trip took this long or longer" },
	{ .name = "latency-us", .type = NT_OPT_DURATION, .off = O(threshold_ns), .unit = "us",
	  .aliases = "threshold,threshold-us,latency-threshold", .metavar = "US",
	  .help = "the same in microseconds" },
	{ .name = "timeout-ms", .type = NT_OPT_DURATION, .off = O(timeout_ns), .def = "1000",
	  .unit = "ms", .min = "1", .max = "600000", .aliases = "loss-timeout", .metavar = "MS",
	  .help = "a ping counts as lost after this time" },
	{ .name = "all", .letter = 'a', .type = NT_OPT_FLAG, .off = O(all),
	  .help = "show every ping, not only the lost and the late" },
	{ .name = "stats-mode", .type = NT_OPT_FLAG, .off = O(stats_mode),
	  .help = "show no pings, only the periodic report and the summary" },
	{ .name = "disable-kernel-stacks", .letter = 'k', .type = NT_OPT_FLAG, .off = O(no_stacks),
	  .aliases = "no-stack-trace", .flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER,
	  .help = "no kernel stacks: there are none" },
	NT_OPTS_BARS(struct rtt_cfg, common),
	{ .name = "max-sessions", .type = NT_OPT_U32, .off = O(max_sessions), .def = "8192",
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
	{ "kernel_icmp_rtt.py", "--all", "debug=overhead",
	  "every ping is shown, or with --latency-ms those that took so long; kernel stacks are not" },
	{ 0 },
};

const struct nt_tool nt_tool_rtt_kernel = {
	.words = "rtt kernel",
	.family = "rtt",
	.summary = "split a ping's round trip into this host's stack and the rest",
	.side = "any",
	.needs = NT_NEEDS_TRACE,
	.opts = kernel_opts,
	.cfg_size = sizeof(struct rtt_cfg),
	.legacy = kernel_legacy,
	.examples = kernel_examples,
	.object = &nt_obj_rtt_kernel,
	.hooks = kernel_hooks,
	.state_size = sizeof(struct rtt_state),
	.kcfg_size = sizeof(struct rtt_kcfg),
	.prepare = rtt_prepare,
	.plan = rtt_plan,
	.sizes = rtt_sizes,
	.banner = rtt_banner,
	.on_event = rtt_event,
	.on_tick = rtt_tick,
	.report = rtt_report,
	.done = rtt_done,
};
