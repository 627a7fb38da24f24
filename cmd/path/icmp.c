// SPDX-License-Identifier: GPL-2.0-or-later
/* path icmp: on which side of this host is a ping lost or late? */
#include "path_tool.h"

#include <errno.h>

extern const struct nt_object nt_obj_path_icmp;

#define O(field) offsetof(struct path_cfg, field)

static const struct nt_opt icmp_opts[] = {
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "10", .unit = "s", .metavar = "SEC",
	  .help = "time between reports; without --stats-mode only when given" },
	{ .name = "duration", .letter = 'd', .type = NT_OPT_DURATION, .off = O(common.duration_ns),
	  .metavar = "SEC", .help = "stop after this time, 0: run until Ctrl-C" },
	{ .name = "src-ip", .letter = 0, .type = NT_OPT_ADDRS, .off = O(flow.src),
	  .aliases = "src,ip-src,laddr,local-ip", .flags = NT_OPT_REQUIRED, .metavar = "ADDR[,ADDR]",
	  .help = "sender of the echo request: address, prefix or list" },
	{ .name = "dst-ip", .letter = 0, .type = NT_OPT_ADDRS, .off = O(flow.dst),
	  .aliases = "dst,ip-dst,raddr,remote-ip", .flags = NT_OPT_REQUIRED, .metavar = "ADDR[,ADDR]",
	  .help = "target of the echo request: address, prefix or list" },
	{ .type = NT_OPT_GROUP, .group = path_opts_ifaces },
	{ .type = NT_OPT_GROUP, .group = path_opts_shared },
	NT_OPTS_TRACE(struct path_cfg, common),
	{ 0 },
};

static const struct nt_hook icmp_hooks[] = {
	{ .name = "rx", .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "rx__tp_btf" },
		 { NT_RAW_TP, "netif_receive_skb", "rx__raw_tp" } } },
	{ .name = "tx", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "tx__tp_btf" },
		 { NT_RAW_TP, "net_dev_start_xmit", "tx__raw_tp" } } },
	{ .name = "xmit", .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_xmit", "xmit__tp_btf" },
		 { NT_RAW_TP, "net_dev_xmit", "xmit__raw_tp" } } },
	{ 0 },
};

static const struct nt_example icmp_examples[] = {
	{ "path icmp --src-ip 10.0.0.5 --dst-ip 10.0.1.9 --rx-iface vnet0 --tx-iface ens4",
	  "show the pings of a guest that are lost or late, and on which side" },
	{ "path icmp --src-ip 10.0.0.0/24 --dst-ip 10.0.1.9 --rx-iface eth0 --tx-iface eth1 "
	  "--stats-mode --interval 60",
	  "one report a minute, cheap enough for days" },
	{ 0 },
};

static const struct nt_legacy icmp_legacy[] = {
	{ "icmp_path_tracer.py", NULL, "verbose=all v=all", NULL },
	{ "icmp_drop_detector.py", NULL, "verbose=all v=all", NULL },
	{ 0 },
};

const struct nt_tool nt_tool_path_icmp = {
	.words = "path icmp",
	.family = "path",
	.summary = "find where a forwarded ping is lost or delayed",
	.side = "any",
	.needs = NT_NEEDS_TRACE,
	.opts = icmp_opts,
	.cfg_size = sizeof(struct path_cfg),
	.legacy = icmp_legacy,
	.examples = icmp_examples,
	.object = &nt_obj_path_icmp,
	.hooks = icmp_hooks,
	.state_size = sizeof(struct path_state),
	.kcfg_size = sizeof(struct path_kcfg),
	.prepare = path_prepare,
	.dev_word = path_stage_table,
	.sizes = path_sizes,
	.on_event = path_event,
	.on_tick = path_tick,
	.report = path_report,
	.done = path_done,
};
