/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the path tools share on the user side: settings, report, story. */
#ifndef NT_PATH_TOOL_H
#define NT_PATH_TOOL_H

#include "path.h"
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

struct path_state {
	struct nt_trips trips;
};

extern const struct nt_opt path_opts_ifaces[]; /* --rx-iface, --tx-iface */
extern const struct nt_opt path_opts_shared[]; /* --timeout-ms ... --max-sessions */

/* Print one packet's story (text and JSON) and count it as shown. */
void path_story(struct nt_run *run, const struct nt_story *story);

int path_prepare(struct nt_run *run, struct nt_err *err);
int path_sizes(struct nt_run *run, struct bpf_object *obj);
void path_tick(struct nt_run *run, uint64_t now_ns);
void path_event(struct nt_run *run, const void *rec, size_t size);
int path_report(struct nt_run *run, bool final);
void path_done(struct nt_run *run);

#endif
