/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the path tools share on the user side: settings, report, story. */
#ifndef NT_PATH_TOOL_H
#define NT_PATH_TOOL_H

#include "path.h"
#include "run.h"
#include "sessions.h"

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

struct path_state {
	struct nt_sessions *sessions;
	uint32_t sets;
	uint64_t swept[PATH_STATUSES]; /* drops that user space found, by status */
	uint64_t no_verdict;           /* of them: an interface was away */
	uint64_t in_flight;
	struct nt_counters before; /* at the last report */
	uint64_t swept_before[PATH_STATUSES];
	uint64_t no_verdict_before;
	struct nt_hist hist_before[PATH_SEGMENTS];
};

extern const struct nt_opt path_opts_ifaces[]; /* --rx-iface, --tx-iface */
extern const struct nt_opt path_opts_shared[]; /* --timeout-ms ... --max-sessions */

/* Where a packet was lost that did not end in time: the first gap of the stages until then. */
uint32_t path_gap(const struct nt_story *story, uint64_t timeout_ns);
/* Unfinished while an interface was away: where it was lost is not known. */
bool path_no_verdict(const struct nt_run *run, const struct nt_story *story);
/* Print one packet's story (text and JSON) and count it as shown. */
void path_story(struct nt_run *run, const struct nt_story *story);

int path_prepare(struct nt_run *run, struct nt_err *err);
int path_sizes(struct nt_run *run, struct bpf_object *obj);
void path_tick(struct nt_run *run, uint64_t now_ns);
void path_event(struct nt_run *run, const void *rec, size_t size);
int path_report(struct nt_run *run, bool final);
void path_done(struct nt_run *run);

#endif
