/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the path tools share on the user side: settings, report, story. */
#ifndef NT_PATH_TOOL_H
#define NT_PATH_TOOL_H

#include "path.h"
#include "run.h"
#include "sessions.h"
#include "trips.h"

struct path_cfg {
	struct nt_common common; /* first */
	struct nt_flow flow;
	struct nt_names rx, tx;
	uint64_t timeout_ns;
	uint64_t threshold_ns;
	uint32_t max_sessions;
	bool all;
	bool stats_mode;
};

/* A name, its JSON key, and its word in the summary, if there it has one. */
struct path_word {
	const char *name, *key, *word;
};

/* A time between two stages. */
struct path_span {
	const char *name, *key;
	uint32_t from, to;
};

/* A figure beside those of the packets' ends. Words as above. */
struct path_extra {
	uint32_t counter;
	const char *word, *key;
};

#define PATH_MAX_STATUSES 8
#define PATH_MAX_SPANS 4
#define PATH_NO_COUNTER UINT32_MAX

/* What a path tool has that its siblings have not. Status 0 is "complete". */
struct path_kind {
	uint32_t stages, statuses, spans;
	uint32_t slot;         /* stages and what else a slot has: NT_WITH_OWN() */
	uint32_t first_status; /* its counter; the others' follow */
	uint32_t not_asked;    /* counter of what began and then was not asked for */
	const char *unit;      /* "flows": of the summary */
	const char *nothing;   /* what to say at the end where there was none */
	const char *const *stage;
	const struct path_word *status;
	const struct path_span *span;
	const struct path_extra *extra; /* ends with a NULL word */
	int stage_width;

	/* As what an unfinished packet counts, or one that was late at its timeout. */
	uint32_t (*gap)(const struct nt_run *run, const struct nt_story *y);
	uint32_t (*late_gap)(const struct nt_run *run, const struct nt_story *y);
	/* A session that ended unfinished: add its packets by status. false: not to be shown.
	 * NULL: one, of its gap. */
	bool (*unfinished)(const struct nt_run *run, const struct nt_story *y, uint64_t *by_status);
	/* "ICMP a -> b id= seq=" */
	void (*title)(const struct nt_story *y, char *buf, size_t len);
	/* What is said of a stage besides; NULL: nothing. */
	void (*note)(const struct nt_story *y, uint32_t stage, char *buf, size_t len);
	/* Why it has its status, if it is unfinished: "no REQ_TX within 1000 ms". */
	void (*why)(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
		    size_t len);
	/* Behind the status: errors. */
	void (*errors)(const struct nt_story *y, char *buf, size_t len);
	/* Fields of an event: what stands between flow and stages, and at the end. */
	void (*json)(struct nt_json *j, const struct nt_story *y);
	void (*json_errors)(struct nt_json *j, const struct nt_story *y);
};

struct path_state {
	const struct path_kind *kind;
	struct nt_sessions *sessions;
	uint32_t sets;
	uint64_t swept[PATH_MAX_STATUSES]; /* drops that user space found, by status */
	uint64_t no_verdict;               /* of them: an interface was away */
	uint64_t no_verdict_before;
	uint64_t in_flight;
	struct nt_counters before; /* at the last report */
	uint64_t swept_before[PATH_MAX_STATUSES];
	struct nt_hist hist_before[PATH_MAX_SPANS];
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

static inline const struct path_kind *path_kind(const struct nt_run *run)
{
	return ((const struct path_state *)run->state)->kind;
}

/* Unfinished while an interface was away: where it was lost is not known. */
bool path_no_verdict(const struct nt_run *run, const struct nt_story *story);
/* Print one packet's story (text and JSON) and count it as shown. */
void path_story(struct nt_run *run, const struct nt_story *story);

/* A tool's prepare() hands its kind to this one. */
int path_prepare_kind(struct nt_run *run, const struct path_kind *kind, struct nt_err *err);
int path_sizes(struct nt_run *run, struct bpf_object *obj);
void path_tick(struct nt_run *run, uint64_t now_ns);
void path_event(struct nt_run *run, const void *rec, size_t size);
int path_report(struct nt_run *run, bool final);
void path_done(struct nt_run *run);

#endif
