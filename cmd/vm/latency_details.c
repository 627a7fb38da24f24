// SPDX-License-Identifier: GPL-2.0-or-later
/* vm latency details: where between vnet and uplink does a packet spend its time? */
#include "vm_tool.h"

extern const struct nt_object nt_obj_vm_latency_details;

#define O(field) offsetof(struct vm_cfg, field)

static const struct nt_opt details_opts[] = {
	{ .name = "vm-interface", .type = NT_OPT_IFACES, .off = O(vnet), .flags = NT_OPT_REQUIRED,
	  .aliases = "device", .metavar = "IF[,IF]", .help = "the VM's vnet or tap on this host" },
	{ .name = "phy-interface", .letter = 'P', .type = NT_OPT_IFACES, .off = O(phy),
	  .flags = NT_OPT_REQUIRED, .aliases = "phy-iface1", .metavar = "IF[,IF]",
	  .help = "the uplinks" },
	{ .name = "direction", .letter = 'r', .type = NT_OPT_CHOICE, .off = O(direction),
	  .choices = VM_DIRECTIONS, .def = "both",
	  .help = "from-vm: the VM sends; to-vm: it receives; rx, tx: the vnet's, under an old "
		  "name the VM's" },
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .metavar = "SEC", .help = "time between reports, 0: only the summary at the end" },
	{ .name = "vm-ip", .type = NT_OPT_ADDRS, .off = O(vm_ip),
	  .help = "the VM's address: source of what it sends, destination of what it receives" },
	/* The letters are those of the program that it replaces. */
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	{ .name = "src-ip", .letter = 's', .type = NT_OPT_ADDRS, .off = O(flow.src),
	  .help = "source address, prefix, or comma list of them" },
	{ .name = "dst-ip", .letter = 'd', .type = NT_OPT_ADDRS, .off = O(flow.dst),
	  .help = "destination address, prefix, or comma list of them" },
	{ .name = "src-port", .letter = 'S', .type = NT_OPT_PORTS, .off = O(flow.sport),
	  .help = "source port or comma list, 0: any" },
	{ .name = "dst-port", .letter = 'D', .type = NT_OPT_PORTS, .off = O(flow.dport),
	  .help = "destination port or comma list, 0: any" },
	{ .name = "protocol", .letter = 'p', .type = NT_OPT_PROTO, .off = O(flow.proto),
	  .def = "all", .help = "tcp, udp, icmp, icmp6, all, or a number; comma list" },
	NT_OPTS_ADDRS(struct vm_cfg, flow),
	NT_OPTS_PORTS(struct vm_cfg, flow),
	NT_OPTS_PROTO(struct vm_cfg, flow),
	{ .type = NT_OPT_HEADING, .help = "Output" },
	{ .name = "latency-us", .type = NT_OPT_DURATION, .off = O(threshold_ns), .unit = "us",
	  .aliases = "threshold,threshold-us,latency-threshold", .metavar = "US",
	  .help = "also show packets that took this long or longer in all; 0: every packet" },
	{ .name = "latency-ms", .type = NT_OPT_DURATION, .off = O(threshold_ns), .unit = "ms",
	  .metavar = "MS", .help = "the same in milliseconds" },
	{ .name = "all", .letter = 'a', .type = NT_OPT_FLAG, .off = O(all),
	  .help = "show every packet, not only the unfinished and the late" },
	{ .name = "enable-ct", .type = NT_OPT_FLAG, .off = O(enable_ct), .flags = NT_OPT_NOBANNER,
	  .help = "also show when conntrack begins and ends" },
	{ .name = "timeout-ms", .type = NT_OPT_DURATION, .off = O(timeout_ns), .def = "1000",
	  .unit = "ms", .min = "1", .max = "600000", .metavar = "MS",
	  .help = "report a packet as unfinished after this time" },
	NT_OPTS_BARS(struct vm_cfg, common),
	{ .name = "max-sessions", .type = NT_OPT_U32, .off = O(max_sessions), .def = "8192",
	  .min = "64", .max = "131072", .metavar = "N", .flags = NT_OPT_NOBANNER,
	  .help = "packets that can be under way at once" },
	NT_OPTS_TRACE(struct vm_cfg, common),
	{ 0 },
};

#define OVS "openvswitch"
#define LOST(stage) .without = "no " stage " stage"

static const struct nt_hook details_hooks[] = {
	{ .name = "first", .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "first__tp_btf" },
		 { NT_RAW_TP, "netif_receive_skb", "first__raw_tp" } } },
	{ .name = "frame_hook", .module = OVS, LOST("NETDEV_FRAME_HOOK"),
	  .v = { { NT_KPROBE, "netdev_frame_hook", "frame_hook__kprobe" } } },
	{ .name = "ovs", .module = OVS, LOST("OVS_RX or OVS_TX"),
	  .v = { { NT_FENTRY, "ovs_vport_receive", "ovs__fentry" },
		 { NT_KPROBE, "ovs_vport_receive", "ovs__kprobe" } } },
	{ .name = "extract", .module = OVS, LOST("FLOW_EXTRACT_END"),
	  .v = { { NT_FENTRY, "ovs_ct_fill_key", "extract__fentry" },
		 { NT_KPROBE, "ovs_ct_fill_key", "extract__kprobe" } } },
	{ .name = "process", .module = OVS, LOST("DP_PROCESS"),
	  .v = { { NT_FENTRY, "ovs_dp_process_packet", "process__fentry" },
		 { NT_KPROBE, "ovs_dp_process_packet", "process__kprobe" } } },
	{ .name = "upcall", .module = OVS, LOST("OVS_UPCALL"),
	  .v = { { NT_TP_BTF, "ovs_dp_upcall", "upcall__tp_btf" },
		 { NT_RAW_TP, "ovs_dp_upcall", "upcall__raw_tp" },
		 { NT_FENTRY, "ovs_dp_upcall", "upcall_fn__fentry" },
		 { NT_KPROBE, "ovs_dp_upcall", "upcall_fn__kprobe" } } },
	{ .name = "userspace", .module = OVS, LOST("OVS_USERSPACE"),
	  .v = { { NT_FENTRY, "ovs_flow_key_extract_userspace", "userspace__fentry" },
		 { NT_KPROBE, "ovs_flow_key_extract_userspace", "userspace__kprobe" } } },
	/* Until 4.19 the skb was its last argument. */
	{ .name = "ct", .module = "nf_conntrack", LOST("CT"),
	  .v = { { NT_FENTRY, "nf_conntrack_in", "ct__fentry", "sk_buff@0" },
		 { NT_KPROBE, "nf_conntrack_in", "ct_old__kprobe", "sk_buff@3" },
		 { NT_KPROBE, "nf_conntrack_in", "ct__kprobe", "sk_buff@0", .assume = true } } },
	{ .name = "ct_out", .module = "nf_conntrack", LOST("CT_OUT"),
	  .v = { { NT_FEXIT, "nf_conntrack_in", "ct_out__fexit" },
		 { NT_KRETPROBE, "nf_conntrack_in", "ct_out__kretprobe" } } },
	{ .name = "send", .module = OVS, LOST("VPORT_SEND"),
	  .v = { { NT_FENTRY, "ovs_vport_send", "send__fentry" },
		 { NT_KPROBE, "ovs_vport_send", "send__kprobe" } } },
	{ .name = "enq", LOST("QDISC_ENQ"),
	  .v = { { NT_TP_BTF, "net_dev_queue", "enq__tp_btf" },
		 { NT_RAW_TP, "net_dev_queue", "enq__raw_tp" } } },
	{ .name = "deq", LOST("QDISC_DEQ"),
	  .v = { { NT_TP_BTF, "qdisc_dequeue", "deq__tp_btf" },
		 { NT_RAW_TP, "qdisc_dequeue", "deq__raw_tp" } } },
	{ .name = "start", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "start__tp_btf" },
		 { NT_RAW_TP, "net_dev_start_xmit", "start__raw_tp" } } },
	{ .name = "tun", .module = "tun", LOST("TUN_NET_XMIT"),
	  .v = { { NT_FENTRY, "tun_net_xmit", "tun__fentry" },
		 { NT_KPROBE, "tun_net_xmit", "tun__kprobe" } } },
	{ .name = "xmit", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_xmit", "xmit__tp_btf" },
		 { NT_RAW_TP, "net_dev_xmit", "xmit__raw_tp" } } },
	{ 0 },
};

static const struct nt_example details_examples[] = {
	{ "vm latency details --vm-interface vnet0 --phy-interface ens4 --vm-ip 10.0.0.5 "
	  "--latency-ms 10",
	  "every packet of a VM that the host held for 10 ms or longer, step by step" },
	{ "vm latency details --vm-interface vnet0 --phy-interface ens4 --direction from-vm "
	  "--vm-ip 10.0.0.5 --protocol icmp --duration 60",
	  "a minute of the pings that a VM sends" },
	{ 0 },
};

static const struct nt_legacy details_legacy[] = {
	{ "vm_network_latency_details.py", "--all", NULL,
	  "--direction rx is what the VM receives (to-vm), tx what it sends (from-vm); every packet is "
	  "shown, or with --latency-us those that took so long; stages have that program's names and "
	  "numbers" },
	{ 0 },
};

const struct nt_tool nt_tool_vm_latency_details = {
	.words = "vm latency details",
	.family = "vm",
	.summary = "follow a VM's packets between vnet and uplink, step by step",
	.side = "host",
	.needs = NT_NEEDS_TRACE NT_NEEDS_MODULES,
	.opts = details_opts,
	.cfg_size = sizeof(struct vm_cfg),
	.legacy = details_legacy,
	.examples = details_examples,
	.object = &nt_obj_vm_latency_details,
	.hooks = details_hooks,
	.state_size = sizeof(struct vm_state),
	.kcfg_size = sizeof(struct vm_kcfg),
	.prepare = vm_prepare,
	.plan = vm_plan,
	.sizes = vm_sizes,
	.banner = vm_banner,
	.on_event = vm_event,
	.on_tick = vm_tick,
	.report = vm_report,
	.done = vm_done,
};
