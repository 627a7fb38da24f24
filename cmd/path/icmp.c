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

static const struct path_word icmp_statuses[] = {
#define S(id, name, key, word) { name, key, word },
#include "path_status.def"
#undef S
};

static const struct path_span icmp_spans[] = {
#define S(id, name, key, from, to) { name, key, from, to },
#include "path_segments.def"
#undef S
};

static const struct path_extra icmp_extra[] = {
	{ NT_C_DUPLICATE, "duplicates", "duplicate" },
	{ NT_C_ORPHAN, "untracked", "untracked" },
	{ NT_TRIP_C_ICMP_ERROR, "icmp_errors", "icmp_errors" },
	{ NT_TRIP_C_XMIT_FAILED, "refused_by_driver", "refused_by_driver" },
	{ 0 },
};

/* Where a ping was lost: the first gap of the stages until its timeout. */
static uint32_t icmp_gap(const struct nt_run *run, const struct nt_story *y)
{
	const struct path_cfg *c = run->cfg;
	uint32_t seen = 1, i;

	for (i = 1; i < PATH_STAGES; i++)
		if ((y->s->seen & (1U << i)) && y->ts[i] - y->s->first_ns <= c->timeout_ns)
			seen |= 1U << i;
	return nt_trip_gap(seen);
}

static void icmp_title(const struct nt_story *y, char *buf, size_t len)
{
	const struct nt_key *k = &y->s->key;
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN];

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
	snprintf(buf, len, "no %s within %g ms", missing[status], c->timeout_ns / 1e6);
}

static const char *icmp_says(const struct nt_sess *s)
{
	return nt_icmp_error_text(s->err_family, s->err_type_code >> 8, s->err_type_code & 0xff);
}

static void icmp_errors(const struct nt_story *y, char *buf, size_t len)
{
	const struct nt_sess *s = y->s;
	const char *says = icmp_says(s);
	char a[NT_ADDR_LEN];

	if (s->flags & NT_SESS_ICMP_ERROR)
		snprintf(buf, len, "; ICMP error %u/%u%s%s%s from %s", s->err_type_code >> 8,
			 s->err_type_code & 0xff, says ? " (" : "", says ? says : "",
			 says ? ")" : "", nt_fmt_addr(s->err_family, s->err_addr, a, sizeof(a)));
	else if (s->flags & NT_SESS_XMIT_FAILED)
		snprintf(buf, len, "; the driver refused it, rc=%d", s->rc);
}

static void icmp_json(struct nt_json *j, const struct nt_story *y)
{
	nt_json_flow(j, &y->s->key);
	nt_json_str(j, "direction", y->s->dir ? "reverse" : "forward");
	nt_json_u64(j, "len", y->s->skb_len);
}

static void icmp_json_errors(struct nt_json *j, const struct nt_story *y)
{
	char buf[NT_ADDR_LEN];

	if (!(y->s->flags & NT_SESS_ICMP_ERROR))
		return;
	nt_json_obj(j, "icmp_error");
	nt_json_u64(j, "type", y->s->err_type_code >> 8);
	nt_json_u64(j, "code", y->s->err_type_code & 0xff);
	nt_json_str(j, "text", icmp_says(y->s));
	nt_json_str(j, "from", nt_fmt_addr(y->s->err_family, y->s->err_addr, buf, sizeof(buf)));
	nt_json_end(j);
}

static const struct path_kind icmp_kind = {
	.stages = PATH_STAGES,
	.statuses = PATH_STATUSES,
	.spans = PATH_SEGMENTS,
	.slot = PATH_STAGES,
	.first_status = NT_TRIP_C_STATUS,
	.not_asked = PATH_NO_COUNTER,
	.unit = "flows",
	.nothing = "no ping of these addresses came in by these interfaces: is one mistyped, or "
		   "are the sides swapped?",
	.stage = icmp_stages,
	.status = icmp_statuses,
	.span = icmp_spans,
	.extra = icmp_extra,
	.stage_width = 6,
	.gap = icmp_gap,
	.late_gap = icmp_gap,
	.title = icmp_title,
	.why = icmp_why,
	.errors = icmp_errors,
	.json = icmp_json,
	.json_errors = icmp_json_errors,
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
	.sizes = path_sizes,
	.on_event = path_event,
	.on_tick = path_tick,
	.report = path_report,
	.done = path_done,
};
