/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run of a traced tool: the only loop in the program. It owns signals,
 * timers, loading, the start block, reading, reports and the exit code; tools
 * are called back with the run as their context.
 */
#ifndef NT_RUN_H
#define NT_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "clock.h"
#include "common_opts.h"
#include "counters.h"
#include "filter.h"
#include "fmt.h"
#include "histogram.h"
#include "iface.h"
#include "latency.h"
#include "load.h"
#include "netns.h"
#include "out.h"
#include "packet.h"
#include "tape.h"
#include "tool.h"

struct nt_order;
struct nt_stream;

/* A device that is asked for, in one of its roles. */
struct nt_run_dev {
	struct nt_iface i;
	char asked[16];    /* the name that the user gave; a bond expands to others */
	const char *label; /* "rx", "tx", ... */
	uint32_t role;     /* NT_ROLE_* */
	uint32_t want;     /* number of the name in nt_run.want */
	bool gone;         /* deleted while tracing, or not there yet (--wait) */
};

/* What a name stands for: rx: expand a bond or VLAN for receive. exact: the device
 * itself and no other, whatever it is. */
struct nt_dev_role_of {
	const char *label;
	uint32_t role;
	bool rx, exact;
};

/* A name as the user gave it, to be resolved again when devices come and go. */
struct nt_run_want {
	char name[16];
	struct nt_dev_role_of role;
};

/* Hits that the kernel did not pass on to a program; as on the tape. */
#define NT_MISS_RECURSION 1U /* known: this kernel counts them */
#define NT_MISS_PROBE 2U
#define NT_MISS_ASKED 4U /* the kernel was asked; an old recording does not say */
struct nt_misses {
	uint64_t recursion; /* the program was at work on that CPU already */
	uint64_t probe;     /* of kprobes and kretprobes, for want of room or of re-entry */
	uint32_t known;
	uint32_t pad;
};

struct nt_run {
	const struct nt_tool *tool;
	const char *command;            /* as it was called: a legacy name or the words */
	const struct nt_legacy *legacy; /* or NULL */
	void *cfg;                      /* the tool's settings; struct nt_common first */
	struct nt_common *common;
	const struct nt_given *given;
	void *state; /* tool->state_size bytes, zeroed */
	void *kcfg;  /* kernel settings; struct nt_filter first */
	struct nt_filter *filter;
	struct nt_out *out;
	struct nt_clock clock;
	struct nt_netns ns;
	struct nt_iface_list ifaces;
	uint32_t ndevs;
	struct nt_run_dev dev[NT_MAX_IFACES];
	uint32_t nwants;
	struct nt_run_want want[2 * NT_MAX_IFACES];
	struct nt_kernel kernel;
	struct nt_plan plan;
	struct nt_loaded loaded;
	struct nt_stream *stream;
	struct nt_order *order;
	struct nt_tape *record;        /* --record: everything that the kernel gave */
	struct nt_tape *replay;        /* --replay: read from there, no kernel */
	int stop_fd;                   /* readable: a signal asks the run to end; never read */
	int hup_fd;                    /* readable: open the output again; -1: it is no file */
	int stats_fd;                  /* --overhead: while open, programs are timed; -1: not */
	bool programs_timed;           /* by it or for all */
	int link_fd;                   /* events of links, -1: none */
	int list_fd;                   /* to list them again */
	bool devs_changed;             /* in this round: their table goes onto the tape */
	bool relist;                   /* something has changed, or events were lost */
	uint64_t away_ns, back_ns;     /* an interface was away then: nt_run_away() */
	uint64_t module[NT_MAX_HOOKS]; /* of each hook: what its module is known by; 0: none */
	uint64_t next_look_ns;         /* at the namespace, and at what has changed */
	uint64_t start_ns;             /* CLOCK_MONOTONIC of arming */
	uint64_t now_ns;               /* of this round */
	uint64_t next_report_ns;
	uint64_t last_report_ns;
	uint64_t next_tick_ns;
	uint64_t newest_ns;                                   /* time of the newest record */
	uint64_t events;                                      /* shown: counted against --count */
	uint64_t order_failed;                                /* records lost for want of memory */
	uint64_t order_failed_before;                         /* at the last report */
	struct nt_misses misses, misses_start, misses_before; /* now, then, at the last report */
	uint32_t cycle;                                       /* number of the report */
	char release[65];                                     /* of the kernel */
	bool lookups_need_cap; /* lookups_cap is kept for reading the figures */
	uint32_t lookups_cap;
	int failed; /* -errno of a callback that has no result: ends the run */
	bool stop;
	bool final; /* this is the last round: nothing is armed any more */
};

/*
 * Run the tool until a signal, --duration or --count. Returns the exit code.
 * Messages of errors have been printed.
 */
struct nt_run_args {
	const struct nt_tool *tool;
	const char *command;
	const struct nt_legacy *legacy;
	void *cfg;
	const struct nt_given *given;
};
int nt_run_tool(const struct nt_run_args *args);

/* --- for prepare() and plan() --- */

/*
 * Resolve names in the run's namespace, expand bonds and VLANs (if not exact), and add the
 * devices in a role to the run and to the kernel's device table. With --wait an
 * absent name is noted and picked up later.
 */
int nt_run_add_devices(struct nt_run *run, const struct nt_names *names,
		       const struct nt_dev_role_of *role, struct nt_err *err);
/* A device in two roles is an error of the command line; two VLANs of one are two. */
int nt_run_check_sides(const struct nt_run *run, struct nt_err *err);
/* Copy the user's flow filter into the kernel settings. */
void nt_run_set_flow(struct nt_run *run, const struct nt_flow *flow);
/* max_entries of a map, before load. 0 or -errno. */
int nt_run_map_entries(struct bpf_object *obj, const char *map, uint32_t entries);
int nt_run_map_value_size(struct bpf_object *obj, const char *map, uint32_t bytes);
/* Write the kernel settings again (after a device came back). 0 or -errno. */
int nt_run_push_settings(struct nt_run *run);
/* Until every program has ended that may have read the settings before the last
 * push: programs run in RCU read-side sections. */
void nt_run_settle(void);

/* --- reading the kernel side; all of it goes through the tape --- */

/* File descriptor of a map of the tool's, for what the tape gets from the tool; -ENOENT. */
int nt_run_map_fd(const struct nt_run *run, const char *name);

/*
 * size bytes that were read from the kernel: put on the tape if there is one,
 * on replay filled in from there. 0 or -EBADMSG.
 */
int nt_run_taped(struct nt_run *run, enum nt_tape_kind kind, uint32_t id, void *data, size_t size);

/* Sum of the counters of all CPUs since the start. */
int nt_run_counters(struct nt_run *run, struct nt_counters *sum);
/* Histogram number which of all CPUs together, since the start. */
int nt_run_hist(struct nt_run *run, uint32_t which, struct nt_hist *sum);

/* Put a record of the tool's own making among those from the kernel: on_event() gets
 * it in its turn. Its first 8 bytes are its time. */
void nt_run_queue(struct nt_run *run, const void *rec, size_t size);

/* --- output --- */

/* Name of a traced device, or "ifindex N". */
const char *nt_run_dev_name(const struct nt_run *run, uint32_t ifindex, char *buf, size_t len);
/*
 * Was an interface that is traced away at some time between, so that what was not seen may
 * have happened all the same? Of times of some seconds ago at most.
 */
bool nt_run_away(const struct nt_run *run, uint64_t from_ns, uint64_t to_ns);
/* Wall-clock ns of a kernel time. */
uint64_t nt_run_wall(const struct nt_run *run, uint64_t mono_ns);
/* A JSON line of a type with "type", "time" (of mono_ns) and "command" written. */
struct nt_json *nt_run_json(struct nt_run *run, const char *type, uint64_t mono_ns);
/* "flow": {family, protocol, src, dst, sport, dport or id, seq} */
void nt_json_flow(struct nt_json *j, const struct nt_key *key);
/* A place where something can be missed. */
struct nt_loss {
	const char *key;  /* JSON */
	const char *text; /* "events not delivered" */
	uint64_t n;
	bool unknown; /* not counted on this kernel: JSON null */
};
#define NT_MAX_LOSS 24
struct nt_losses {
	uint32_t n;
	struct nt_loss v[NT_MAX_LOSS];
};
/*
 * The runtime's own losses; the tool appends its own. Of the run (whole), or since the
 * last call; c: the counters of that time.
 */
void nt_run_losses(struct nt_run *run, const struct nt_counters *c, bool whole,
		   struct nt_losses *out);
void nt_loss_add(struct nt_losses *l, const char *key, const char *text, uint64_t n);
/* 0 if it is not known. */
uint64_t nt_loss_of(const struct nt_losses *l, const char *key);
/* One that this kernel does not count. */
void nt_loss_unknown(struct nt_losses *l, const char *key, const char *text);
/* Text: one line of what is not zero, or nothing. JSON: the object "loss". */
void nt_loss_text(struct nt_out *out, const struct nt_losses *l);
void nt_loss_json(struct nt_json *j, const struct nt_losses *l);
/* With --overhead: text lines, or the object "overhead" in j. */
void nt_run_overhead(struct nt_run *run, struct nt_json *j);
/* For callbacks without a result: the run ends with this error (-errno). */
void nt_run_fail(struct nt_run *run, int r);
/* Count an event that was shown; the run ends when there are --count of them. */
void nt_run_shown(struct nt_run *run);

#endif
