/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rtt tools share on the user side: settings, sides, what is printed. */
#ifndef NT_RTT_TOOL_H
#define NT_RTT_TOOL_H

#include "addr.h"
#include "rtt.h"
#include "trips.h"

struct rtt_cfg {
	struct nt_common common; /* first */
	struct nt_flow flow;     /* as given */
	struct nt_names ifaces;
	uint64_t timeout_ns;
	uint64_t threshold_ns;
	uint32_t direction; /* enum rtt_dir */
	uint32_t max_sessions;
	bool all;
	bool stats_mode;
	bool no_stacks; /* of the old program, where it is as it asks in any case */
};

/* Who pings whom, by which addresses are this host's. As it is on a tape. */
struct rtt_sides {
	struct nt_addrs src, dst; /* of the request; this host's one by one */
	uint32_t dir;
	uint32_t swapped; /* rx, and --src-ip is this host's */
};

struct rtt_state {
	struct nt_trips trips;
	struct rtt_sides sides;
};

/*
 * In direction tx --src-ip is this host's; in rx either of the two is. 0, or -EINVAL
 * where neither or both are, or it is the wrong one; what to do in err.
 */
int rtt_sides_find(const struct nt_addr_list *local, const struct rtt_cfg *c, struct rtt_sides *out,
		   struct nt_err *err);

int rtt_prepare(struct nt_run *run, struct nt_err *err);
void rtt_plan(struct nt_run *run);
int rtt_sizes(struct nt_run *run, struct bpf_object *obj);
void rtt_banner(struct nt_run *run, struct nt_json *j);
void rtt_tick(struct nt_run *run, uint64_t now_ns);
void rtt_event(struct nt_run *run, const void *rec, size_t size);
int rtt_report(struct nt_run *run, bool final);
void rtt_done(struct nt_run *run);

#endif
