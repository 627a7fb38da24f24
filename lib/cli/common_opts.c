// SPDX-License-Identifier: GPL-2.0-or-later
#include "common_opts.h"

#include "packet.h"

#include <errno.h>
#include <stddef.h>

#define C(field) offsetof(struct nt_common, field)
#define F(field) offsetof(struct nt_flow, field)

/* Of the tools' letters, these four are the only ones that mean the same everywhere. */
#define HELP_ROW                                                                    \
	{                                                                           \
		.name = "help", .letter = 'h', .type = NT_OPT_FLAG, .off = C(help), \
		.flags = NT_OPT_NOBANNER, .help = "show this help"                  \
	}
#define JSON_ROW                                                                               \
	{                                                                                      \
		.name = "json", .type = NT_OPT_FLAG, .off = C(json), .flags = NT_OPT_NOBANNER, \
		.help = "write JSON, one object a line"                                        \
	}
#define OUTPUT_ROW                                                                        \
	{                                                                                 \
		.name = "output", .letter = 'o', .type = NT_OPT_STRING, .off = C(output), \
		.metavar = "FILE", .flags = NT_OPT_NOBANNER,                              \
		.help = "write to FILE instead of standard output"                        \
	}

/* Of every run that lasts. */
#define INTERVAL_ROW                                                                      \
	{                                                                                 \
		.name = "interval", .aliases = "stats-interval", .type = NT_OPT_DURATION, \
		.off = C(interval_ns),                                                    \
		.help = "time between reports, 0: only the summary at the end"            \
	}
#define OUTPUT_SIZE_ROW                                                                   \
	{                                                                                 \
		.name = "output-size", .type = NT_OPT_SIZE, .off = C(output_size),        \
		.flags = NT_OPT_NOBANNER,                                                 \
		.help = "beyond this size rename FILE to FILE.1 and start anew, 0: never" \
	}
#define LOG_FILE_ROW                                                                              \
	{                                                                                         \
		.name = "log-file", .type = NT_OPT_STRING, .off = C(log_file), .metavar = "FILE", \
		.flags = NT_OPT_NOBANNER, .help = "copy the output to FILE"                       \
	}
#define QUIET_ROW                                                                     \
	{                                                                             \
		.name = "quiet", .letter = 'q', .type = NT_OPT_FLAG, .off = C(quiet), \
		.flags = NT_OPT_NOBANNER, .help = "leave out the start block"         \
	}
#define NETNS_ROW                                                                                \
	{                                                                                        \
		.name = "netns", .type = NT_OPT_STRING, .off = C(netns), .metavar = "NETNS",     \
		.help = "look for interfaces in this network namespace: a name, a PID or a path" \
	}
#define READY_FD_ROW                                                                             \
	{                                                                                        \
		.name = "ready-fd", .type = NT_OPT_U32, .off = C(ready_fd), .def = "4294967295", \
		.metavar = "FD", .flags = NT_OPT_NOBANNER | NT_OPT_NODEFAULT,                    \
		.help = "write one byte to this file descriptor when tracing has begun"          \
	}

const struct nt_opt nt_opts_trace[] = {
	{ .type = NT_OPT_HEADING, .help = NT_HEADING_COMMON },
	HELP_ROW,
	INTERVAL_ROW,
	{ .name = "duration", .type = NT_OPT_DURATION, .off = C(duration_ns),
	  .help = "stop after this time, 0: run until Ctrl-C" },
	{ .name = "count", .type = NT_OPT_U64, .off = C(count),
	  .help = "stop after N events, 0: never" },
	JSON_ROW,
	OUTPUT_ROW,
	OUTPUT_SIZE_ROW,
	LOG_FILE_ROW,
	{ .name = "verbose", .letter = 'v', .type = NT_OPT_FLAG, .off = C(verbose),
	  .flags = NT_OPT_NOBANNER, .help = "say more: the probe of each hook" },
	QUIET_ROW,
	NETNS_ROW,
	{ .name = "wait", .type = NT_OPT_FLAG, .off = C(wait),
	  .help = "start although an interface is absent, take it when it appears" },
	{ .name = "overhead", .type = NT_OPT_FLAG, .off = C(overhead), .flags = NT_OPT_NOBANNER,
	  .help = "report what the tracing itself costs" },
	{ .name = "btf", .type = NT_OPT_STRING, .off = C(btf), .metavar = "FILE",
	  .flags = NT_OPT_NOBANNER, .help = "read kernel type information from FILE" },
	{ .name = "record", .type = NT_OPT_STRING, .off = C(record), .metavar = "FILE",
	  .flags = NT_OPT_NOBANNER, .help = "keep what the kernel delivered in FILE" },
	{ .name = "replay", .type = NT_OPT_STRING, .off = C(replay), .metavar = "FILE",
	  .flags = NT_OPT_NOBANNER, .help = "read what --record kept, trace nothing" },
	READY_FD_ROW,
	{ 0 },
};

const struct nt_opt nt_opts_active[] = {
	{ .type = NT_OPT_HEADING, .help = NT_HEADING_COMMON },
	HELP_ROW,
	INTERVAL_ROW,
	JSON_ROW,
	OUTPUT_ROW,
	OUTPUT_SIZE_ROW,
	LOG_FILE_ROW,
	QUIET_ROW,
	NETNS_ROW,
	READY_FD_ROW,
	{ 0 },
};

const struct nt_opt nt_opts_plain[] = {
	{ .type = NT_OPT_HEADING, .help = NT_HEADING_COMMON },
	HELP_ROW,
	JSON_ROW,
	OUTPUT_ROW,
	{ 0 },
};

/* Spellings of the old programs: spec of the shared options, table A1. */
const struct nt_opt nt_opts_addrs[] = {
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	{ .name = "src-ip", .aliases = "src,ip-src,laddr,local-ip", .type = NT_OPT_ADDRS,
	  .off = F(src), .help = "source address, prefix, or comma list of them" },
	{ .name = "dst-ip", .aliases = "dst,ip-dst,raddr,remote-ip", .type = NT_OPT_ADDRS,
	  .off = F(dst), .help = "destination address, prefix, or comma list of them" },
	{ 0 },
};

const struct nt_opt nt_opts_ports[] = {
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	{ .name = "src-port", .aliases = "l4-src-port,lport,local-port", .type = NT_OPT_PORTS,
	  .off = F(sport), .help = "source port or comma list, 0: any" },
	{ .name = "dst-port", .aliases = "l4-dst-port,rport,remote-port", .type = NT_OPT_PORTS,
	  .off = F(dport), .help = "destination port or comma list, 0: any" },
	{ 0 },
};

const struct nt_opt nt_opts_proto[] = {
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	{ .name = "protocol", .aliases = "proto,l4-protocol,ip-proto", .type = NT_OPT_PROTO,
	  .off = F(proto), .def = "all",
	  .help = "tcp, udp, icmp, icmp6, all, or a number; comma list" },
	{ 0 },
};

/* Does the set hold a protocol whose ports nobody reads (parse.bpf.h)? */
static bool has_portless(uint32_t set)
{
	if (set & (NT_PROTO_ICMP | NT_PROTO_ICMP6))
		return true;
	return (set & NT_PROTO_OTHER) && set >> 8 != NT_IPPROTO_SCTP;
}

int nt_flow_check(const struct nt_flow *f, struct nt_err *err)
{
	uint32_t family = f->src.n ? f->src.family : f->dst.n ? f->dst.family : 0;

	if (f->src.n && f->dst.n && f->src.family != f->dst.family)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--src-ip is IPv%u and --dst-ip is IPv%u; give one family",
			       f->src.family, f->dst.family);
	if ((f->sport.n || f->dport.n) && has_portless(f->proto))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "%s with a --protocol that has none (tcp, udp and 132, SCTP, have "
			       "ports); leave one of them out",
			       f->sport.n ? "--src-port" : "--dst-port");
	if (family == 6 && f->proto == NT_PROTO_ICMP)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--protocol icmp is IPv4, the addresses are IPv6; use icmp6");
	if (family == 4 && f->proto == NT_PROTO_ICMP6)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--protocol icmp6 is IPv6, the addresses are IPv4; use icmp");
	return 0;
}
