/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that every command has, and the shared flow filter group. */
#ifndef NT_COMMON_OPTS_H
#define NT_COMMON_OPTS_H

#include "opt.h"
#include "types.h"

/* First member of every tool's settings. */
struct nt_common {
	bool help;
	bool json;
	bool overhead;
	bool verbose;
	bool quiet;
	bool ascii;
	bool wait;            /* wait for absent interfaces */
	const char *output;   /* file, or NULL: stdout */
	uint64_t output_size; /* rotate beyond, 0: never */
	uint64_t interval_ns; /* 0: only the summary at the end */
	uint64_t duration_ns; /* 0: until a signal */
	uint64_t count;       /* stop after N events, 0: unlimited */
	const char *netns;    /* NAME, PID or PATH */
	const char *btf;
	const char *log_file; /* copy of the output */
	const char *record;   /* write a tape of what the kernel gave */
	const char *replay;   /* read a tape instead of the kernel */
	uint32_t ready_fd;    /* UINT32_MAX: none */
};

/* Heading of the rows of struct nt_common: the man page of nettrace has them. */
#define NT_HEADING_COMMON "Common options"

/*
 * Rows of struct nt_common for traced tools; a tool puts
 * NT_OPTS_TRACE(struct path_cfg, common) last in its table (--help shows the
 * rows in order). A tool may repeat a row (same field) before the group to give
 * it a letter or another default: the first row of a name wins, and answers to
 * the aliases and letters of the one that it covers.
 */
extern const struct nt_opt nt_opts_trace[];
/* Rows for commands that run for a while and trace nothing. */
extern const struct nt_opt nt_opts_active[];
/* Rows for plain commands: --help, --json, --output. */
extern const struct nt_opt nt_opts_plain[];

#define NT_OPTS_TRACE(T, member)                                                         \
	{                                                                                \
		.type = NT_OPT_GROUP, .off = offsetof(T, member), .group = nt_opts_trace \
	}
#define NT_OPTS_ACTIVE(T, member)                                                         \
	{                                                                                 \
		.type = NT_OPT_GROUP, .off = offsetof(T, member), .group = nt_opts_active \
	}
#define NT_OPTS_PLAIN(T, member)                                                         \
	{                                                                                \
		.type = NT_OPT_GROUP, .off = offsetof(T, member), .group = nt_opts_plain \
	}

/* Two rows of tools that draw the distribution of a latency. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a member's name */
#define NT_OPTS_BARS(T, member)                                                                   \
	{ .name = "verbose",                                                                      \
	  .letter = 'v',                                                                          \
	  .type = NT_OPT_FLAG,                                                                    \
	  .off = offsetof(T, member.verbose),                                                     \
	  .flags = NT_OPT_NOBANNER,                                                               \
	  .help = "say more: the probe of each hook, the distribution of latencies in reports" }, \
	{                                                                                         \
		.name = "ascii", .type = NT_OPT_FLAG, .off = offsetof(T, member.ascii),           \
		.flags = NT_OPT_NOBANNER,                                                         \
		.help = "draw bars with ASCII characters, as in a locale without UTF-8"           \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

/* The flow filter as the user gave it. */
struct nt_flow {
	struct nt_addrs src, dst;
	struct nt_ports sport, dport;
	uint32_t proto; /* NT_PROTO_* bit set, 0: any */
};

extern const struct nt_opt nt_opts_addrs[]; /* --src-ip, --dst-ip */
extern const struct nt_opt nt_opts_ports[]; /* --src-port, --dst-port */
extern const struct nt_opt nt_opts_proto[]; /* --protocol */

#define NT_OPTS_ADDRS(T, member)                                                         \
	{                                                                                \
		.type = NT_OPT_GROUP, .off = offsetof(T, member), .group = nt_opts_addrs \
	}
#define NT_OPTS_PORTS(T, member)                                                         \
	{                                                                                \
		.type = NT_OPT_GROUP, .off = offsetof(T, member), .group = nt_opts_ports \
	}
#define NT_OPTS_PROTO(T, member)                                                         \
	{                                                                                \
		.type = NT_OPT_GROUP, .off = offsetof(T, member), .group = nt_opts_proto \
	}

/*
 * Cross-checks of a flow: families mixed between source and destination, ports
 * with a protocol that has none, icmp alone with IPv6 addresses or icmp6 alone
 * with IPv4 ones. 0 or -EINVAL (exit code 2).
 */
int nt_flow_check(const struct nt_flow *f, struct nt_err *err);

#endif
