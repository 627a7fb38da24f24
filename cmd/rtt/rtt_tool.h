/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rtt tools share on the user side: settings, sides, what is printed. */
#ifndef NT_RTT_TOOL_H
#define NT_RTT_TOOL_H

#include "addr.h"
#include "rtt.h"
#include "stories.h"

struct rtt_cfg {
	struct nt_common common;      /* first */
	struct nt_flow flow;          /* as given */
	struct nt_names ifaces, more; /* more: of --phy-iface2 */
	struct nt_story_cfg tell;
	uint32_t direction;     /* enum rtt_dir */
	bool stacks, no_stacks; /* no_stacks: of the old programs */
};

/* Options of a struct rtt_cfg; a legacy name may have --stacks by itself. */
#define RTT_OPTS_STACKS                                                                  \
	{ .name = "stacks",                                                              \
	  .type = NT_OPT_FLAG,                                                           \
	  .off = offsetof(struct rtt_cfg, stacks),                                       \
	  .help = "show the kernel stack of each stage of the pings that are shown" },   \
	{                                                                                \
		.name = "disable-kernel-stacks", .letter = 'k', .type = NT_OPT_FLAG,     \
		.off = offsetof(struct rtt_cfg, no_stacks), .aliases = "no-stack-trace", \
		.flags = NT_OPT_HIDDEN | NT_OPT_NOBANNER, .help = "no kernel stacks"     \
	}

/* Who pings whom, by which addresses are this host's. As it is on a tape. */
struct rtt_sides {
	struct nt_addrs src, dst; /* of the request; this host's one by one */
	uint32_t dir;
	uint32_t swapped; /* rx, and --src-ip is this host's */
};

struct rtt_stacks;
struct rtt_state {
	struct nt_stories stories; /* first */
	struct rtt_sides sides;
	struct rtt_stacks *stacks; /* NULL: none are taken */
};

/*
 * In direction tx --src-ip is this host's; in rx either of the two is. 0, or -EINVAL
 * where neither or both are, or it is the wrong one; what to do in err.
 */
int rtt_sides_find(const struct nt_addr_list *local, const struct rtt_cfg *c, struct rtt_sides *out,
		   struct nt_err *err);

/* --- words --- */

extern const char *const rtt_directions[]; /* "tx", "rx" */
extern const struct nt_status rtt_statuses[];
/* "a -> b id= seq= dir= if= pid= comm=" */
void rtt_title(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len);
/* "last seen at ..., no ... within 1000 ms" */
void rtt_why(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
	     size_t len);
/* "sent=.. complete=.. lost=.. (path1=.. inter_path=.. path2=..)" */
void rtt_ends(struct nt_run *run, const struct nt_figures *f);

/* --- kernel stacks --- */

/* For nt_story_kind.slot: each stage also has the number of its stack, 0: none. */
#define RTT_SLOT(stages) NT_WITH_OWN(stages, (stages) * sizeof(uint64_t))

/* 0 or -ENOMEM. */
int rtt_stacks_open(struct nt_run *run);
void rtt_stacks_close(struct rtt_stacks *s);
int rtt_stacks_sizes(const struct nt_run *run, struct bpf_object *obj);
/* "stack of STAGE" and its frames for each stage that was seen; j: an object "stacks". */
void rtt_stacks_tell(struct nt_run *run, struct nt_json *j, const struct nt_story *y);

/* --- callbacks --- */

/* How a tool of the family differs. */
struct rtt_kind {
	const struct nt_story_kind *story[RTT_DIRS];
	/* Names of the stages by direction and family (IPv4, IPv6). */
	const char *const *stage[RTT_DIRS][2];
	const char *label; /* of the devices, in the start block */
};
int rtt_prepare_kind(struct nt_run *run, const struct rtt_kind *kind, struct nt_err *err);
void rtt_plan(struct nt_run *run);
int rtt_sizes(struct nt_run *run, struct bpf_object *obj);
void rtt_done(struct nt_run *run);
void rtt_banner(struct nt_run *run, struct nt_json *j);
void rtt_tick(struct nt_run *run, uint64_t now_ns);

#endif
