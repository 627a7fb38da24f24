// SPDX-License-Identifier: GPL-2.0-or-later
/* rtt system: where does a ping of this host spend its time: stack, Open vSwitch, wire? */
#include "system_tool.h"

extern const struct nt_object nt_obj_rtt_system;

#define O(field) offsetof(struct rtt_cfg, field)

static const struct nt_opt system_opts[] = {
	/* The letters are those of the program that it replaces. */
	{ .name = "src-ip", .letter = 's', .type = NT_OPT_ADDRS, .off = O(flow.src),
	  .aliases = "src,ip-src,laddr,local-ip", .flags = NT_OPT_REQUIRED, .metavar = "ADDR[,ADDR]",
	  .help = "sender of the echo request (with --direction rx either end)" },
	{ .name = "dst-ip", .letter = 'd', .type = NT_OPT_ADDRS, .off = O(flow.dst),
	  .aliases = "dst,ip-dst,raddr,remote-ip", .flags = NT_OPT_REQUIRED, .metavar = "ADDR[,ADDR]",
	  .help = "target of the echo request (with --direction rx the other end)" },
	{ .name = "phy-interface", .letter = 'i', .type = NT_OPT_IFACES, .off = O(ifaces),
	  .aliases = "phy-iface1,interface", .flags = NT_OPT_REQUIRED, .metavar = "IF[,IF]",
	  .help = "the switch's uplinks, where pings leave and arrive" },
	{ .name = "phy-iface2", .type = NT_OPT_IFACES, .off = O(more), .metavar = "IF[,IF]",
	  .flags = NT_OPT_HIDDEN, .help = "more of them: as a second name in --phy-interface" },
	{ .name = "direction", .letter = 'r', .type = NT_OPT_CHOICE, .off = O(direction),
	  .choices = "tx,outgoing|rx,incoming", .def = "tx",
	  .help = "tx: this host pings; rx: it is pinged" },
	{ .name = "interval", .letter = 'I', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "10", .unit = "s", .metavar = "SEC",
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

#define OVS "openvswitch"
#define LOST(stage) .without = "no " stage " stage"

static const struct nt_hook system_hooks[] = {
	/* First: where there is no switch, that is what is told. */
	{ .name = "vport", .needed = true, .module = OVS,
	  .without = "without Open vSwitch 'nettrace rtt kernel' measures the same round trip",
	  .v = { { NT_FENTRY, "ovs_vport_receive", "vport__fentry" },
		 { NT_KPROBE, "ovs_vport_receive", "vport__kprobe" } } },
	{ .name = "out4", .needed = true,
	  .v = { { NT_FENTRY, "ip_output", "out4__fentry", "sk_buff@2" },
		 { NT_KPROBE, "ip_output", "out4__kprobe", "sk_buff@2", .assume = true } } },
	{ .name = "out6", .needed = true,
	  .v = { { NT_FENTRY, "ip6_output", "out6__fentry", "sk_buff@2" },
		 { NT_KPROBE, "ip6_output", "out6__kprobe", "sk_buff@2", .assume = true } } },
	{ .name = "process", .module = OVS, LOST("ovs_dp_process_packet"),
	  .v = { { NT_FENTRY, "ovs_dp_process_packet", "process__fentry" },
		 { NT_KPROBE, "ovs_dp_process_packet", "process__kprobe" } } },
	{ .name = "upcall", .module = OVS, LOST("ovs_dp_upcall"),
	  .v = { { NT_TP_BTF, "ovs_dp_upcall", "upcall__tp_btf" },
		 { NT_RAW_TP, "ovs_dp_upcall", "upcall__raw_tp" },
		 { NT_FENTRY, "ovs_dp_upcall", "upcall_fn__fentry" },
		 { NT_KPROBE, "ovs_dp_upcall", "upcall_fn__kprobe" } } },
	{ .name = "userspace", .module = OVS, LOST("ovs_flow_key_extract_userspace"),
	  .v = { { NT_FENTRY, "ovs_flow_key_extract_userspace", "userspace__fentry" },
		 { NT_KPROBE, "ovs_flow_key_extract_userspace", "userspace__kprobe" } } },
	{ .name = "send", .module = OVS, LOST("ovs_vport_send"),
	  .v = { { NT_FENTRY, "ovs_vport_send", "send__fentry" },
		 { NT_KPROBE, "ovs_vport_send", "send__kprobe" } } },
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

static const struct nt_example system_examples[] = {
	{ "rtt system --src-ip 10.0.0.5 --dst-ip 10.0.0.9 --phy-interface ens4,ens5 "
	  "--latency-ms 10",
	  "this host pings by an internal port: show what is lost, or takes 10 ms or longer, and "
	  "where" },
	{ "rtt system --src-ip 10.0.0.9 --dst-ip 10.0.0.5 --phy-interface ens4 --direction rx "
	  "--stats-mode --interval 60",
	  "this host is pinged: one report a minute of stack, switch and upcalls" },
	{ 0 },
};

static const struct nt_legacy system_legacy[] = {
	{ "system_network_icmp_rtt.py", "--all --stacks", NULL,
	  "every ping is shown, or with --latency-ms those that took so long, with kernel stacks" },
	{ "icmp_rtt_latency.py", "--all --stacks", NULL,
	  "every ping is shown, or with --latency-ms those that took so long, with kernel stacks" },
	{ 0 },
};

static const struct rtt_kind system_kind = {
	.story = { &system_tx, &system_rx },
	.stage = { { system_tx4, system_tx6 }, { system_rx4, system_rx6 } },
	.label = "phy",
};

static int system_prepare(struct nt_run *run, struct nt_err *err)
{
	return rtt_prepare_kind(run, &system_kind, err);
}

const struct nt_tool nt_tool_rtt_system = {
	.words = "rtt system",
	.family = "rtt",
	.summary = "split a ping's round trip through Open vSwitch into stack, switch and wire",
	.side = "host",
	.needs = NT_NEEDS_TRACE NT_NEEDS_MODULES NT_NEEDS_SYMBOLS,
	.opts = system_opts,
	.cfg_size = sizeof(struct rtt_cfg),
	.legacy = system_legacy,
	.examples = system_examples,
	.object = &nt_obj_rtt_system,
	.hooks = system_hooks,
	.state_size = sizeof(struct rtt_state),
	.kcfg_size = sizeof(struct rtt_kcfg),
	.prepare = system_prepare,
	.plan = rtt_plan,
	.sizes = rtt_sizes,
	.banner = rtt_banner,
	.on_event = nt_stories_event,
	.on_tick = rtt_tick,
	.report = nt_stories_report,
	.done = rtt_done,
};
