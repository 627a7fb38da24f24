// SPDX-License-Identifier: GPL-2.0-or-later
/* path icmp: on which side of this host is a ping lost or late? */
#include <arpa/inet.h>
#include <stdio.h>

#include "path_tool.h"

extern const struct nt_object nt_obj_path_icmp;

static const struct nt_opt icmp_opts[] = {
	PATH_OPTS_TIMES,
	PATH_OPTS_ADDRS("sender of the echo request: address, prefix or list",
			"target of the echo request: address, prefix or list"),
	PATH_OPTS_IFACES("where the request arrives and the reply leaves",
			 "where the request leaves and the reply arrives"),
	{ .type = NT_OPT_GROUP, .group = path_opts_shared },
	NT_OPTS_TRACE(struct path_cfg, common),
	{ 0 },
};

static const struct nt_hook icmp_hooks[] = {
	{ .name = "rx",
	  .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "rx__tp_btf" },
		 { NT_RAW_TP, "netif_receive_skb", "rx__raw_tp" } } },
	{ .name = "tx",
	  .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "tx__tp_btf" },
		 { NT_RAW_TP, "net_dev_start_xmit", "tx__raw_tp" } } },
	{ .name = "xmit",
	  .needed = true,
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

static const char *const icmp_stages[] = {
#define S(id, name) name,
#include "path_stages.def"
#undef S
};

static const struct nt_status icmp_statuses[] = {
#define S(id, name, key, word) { name, key, word },
#include "path_status.def"
#undef S
};

static const struct nt_span icmp_spans[] = {
#define S(id, name, key, from, to) { name, key, from, to, 0 },
#include "path_segments.def"
#undef S
};

static const struct nt_extra icmp_extra[] = {
	{ NT_C_DUPLICATE, "duplicates", "duplicate" },
	{ NT_C_ORPHAN, "untracked", "untracked" },
	{ NT_TRIP_C_ICMP_ERROR, "icmp_errors", "icmp_errors" },
	{ NT_TRIP_C_XMIT_FAILED, "refused_by_driver", "refused_by_driver" },
	{ 0 },
};

static const char *const icmp_directions[] = { "forward", "reverse" };

static void icmp_title(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len)
{
	const struct nt_key *k = &y->s->key;
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN];

	(void)run;
	snprintf(buf, len, "%s %s -> %s id=%u seq=%u", k->family == 6 ? "ICMPv6" : "ICMP",
		 nt_fmt_addr(k->family, k->saddr, a, sizeof(a)),
		 nt_fmt_addr(k->family, k->daddr, b, sizeof(b)), ntohs(k->sport), ntohs(k->dport));
}

static void icmp_why(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
		     size_t len)
{
	static const char *const missing[] = { "", "REQ_TX", "REP_RX", "REP_TX" };
	const struct path_cfg *c = run->cfg;

	(void)y;
	snprintf(buf, len, "no %s within %g ms", missing[status], c->tell.timeout_ns / 1e6);
}

static const struct nt_story_kind icmp_kind = {
	.stages = PATH_STAGES,
	.statuses = PATH_STATUSES,
	.spans = PATH_SEGMENTS,
	.completes = 1,
	.slot = PATH_STAGES,
	.first_status = NT_TRIP_C_STATUS,
	.late = NT_TRIP_C_LATE,
	.not_asked = NT_NO_COUNTER,
	.unit = "flows",
	.nothing = "no ping of these addresses came in by these interfaces: is one mistyped, or "
		   "are the sides swapped?",
	.stage = icmp_stages,
	.status = icmp_statuses,
	.span = icmp_spans,
	.extra = icmp_extra,
	.direction = icmp_directions,
	.stage_width = 6,
	.gap = nt_story_trip_gap,
	.title = icmp_title,
	.why = icmp_why,
};

static int icmp_prepare(struct nt_run *run, struct nt_err *err)
{
	return path_prepare_kind(run, &icmp_kind, err);
}

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
	.prepare = icmp_prepare,
	.dev_word = path_stage_table,
	.sizes = nt_stories_sizes,
	.on_event = nt_stories_event,
	.on_tick = nt_stories_tick,
	.report = nt_stories_report,
	.done = nt_stories_done,
};
