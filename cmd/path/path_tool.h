/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the path tools share on the user side: settings. */
#ifndef NT_PATH_TOOL_H
#define NT_PATH_TOOL_H

#include "path.h"
#include "stories.h"

struct path_cfg {
	struct nt_common common; /* first */
	struct nt_flow flow;
	struct nt_names rx, tx;
	struct nt_story_cfg tell;
};

struct path_state {
	struct nt_stories stories; /* first */
};

extern const struct nt_opt path_opts_shared[]; /* --timeout-ms ... --max-sessions */

/* Rows of --rx-iface and --tx-iface; their help is the tool's. */
#define PATH_OPTS_IFACES(rx_help, tx_help)                                                       \
	{ .name = "rx-iface",                                                                    \
	  .type = NT_OPT_IFACES,                                                                 \
	  .off = offsetof(struct path_cfg, rx),                                                  \
	  .flags = NT_OPT_REQUIRED,                                                              \
	  .aliases = "vm-interface",                                                             \
	  .metavar = "IF[,IF]",                                                                  \
	  .help = (rx_help) },                                                                   \
	{                                                                                        \
		.name = "tx-iface", .type = NT_OPT_IFACES, .off = offsetof(struct path_cfg, tx), \
		.flags = NT_OPT_REQUIRED, .aliases = "phy-interface,phy-iface1",                 \
		.metavar = "IF[,IF]", .help = (tx_help)                                          \
	}
/* Two rows that have letters here. */
#define PATH_OPTS_TIMES                                                                 \
	{ .name = "interval",                                                           \
	  .letter = 'i',                                                                \
	  .type = NT_OPT_DURATION,                                                      \
	  .off = offsetof(struct path_cfg, common.interval_ns),                         \
	  .def = "10",                                                                  \
	  .unit = "s",                                                                  \
	  .metavar = "SEC",                                                             \
	  .help = "time between reports; without --stats-mode only when given" },       \
	{                                                                               \
		.name = "duration", .letter = 'd', .type = NT_OPT_DURATION,             \
		.off = offsetof(struct path_cfg, common.duration_ns), .metavar = "SEC", \
		.help = "stop after this time, 0: run until Ctrl-C"                     \
	}
/* The addresses, without which no path tool begins. */
#define PATH_OPTS_ADDRS(src_help, dst_help)                                        \
	{ .name = "src-ip",                                                        \
	  .type = NT_OPT_ADDRS,                                                    \
	  .off = offsetof(struct path_cfg, flow.src),                              \
	  .aliases = "src,ip-src,laddr,local-ip",                                  \
	  .flags = NT_OPT_REQUIRED,                                                \
	  .metavar = "ADDR[,ADDR]",                                                \
	  .help = (src_help) },                                                    \
	{                                                                          \
		.name = "dst-ip", .type = NT_OPT_ADDRS,                            \
		.off = offsetof(struct path_cfg, flow.dst),                        \
		.aliases = "dst,ip-dst,raddr,remote-ip", .flags = NT_OPT_REQUIRED, \
		.metavar = "ADDR[,ADDR]", .help = (dst_help)                       \
	}

/* A tool's prepare() hands its kind to this one. */
int path_prepare_kind(struct nt_run *run, const struct nt_story_kind *kind, struct nt_err *err);

#endif
