// SPDX-License-Identifier: GPL-2.0-or-later
/* path udp: which datagrams does this host lose or delay, whole or in fragments? */
#include <arpa/inet.h>
#include <stdio.h>

#include "path_tool.h"
#include "udp.h"

extern const struct nt_object nt_obj_path_udp;

static const struct nt_opt udp_opts[] = {
	PATH_OPTS_TIMES,
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	PATH_OPTS_ADDRS("sender of the datagrams: address, prefix or list",
			"receiver of the datagrams: address, prefix or list"),
	NT_OPTS_PORTS(struct path_cfg, flow),
	PATH_OPTS_IFACES("where the datagrams arrive", "where the datagrams leave"),
	{ .type = NT_OPT_GROUP, .group = path_opts_shared },
	NT_OPTS_TRACE(struct path_cfg, common),
	{ 0 },
};

static const struct nt_hook udp_hooks[] = {
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

static const struct nt_example udp_examples[] = {
	{ "path udp --src-ip 10.0.0.5 --dst-ip 10.0.1.9 --dst-port 4789 --rx-iface vnet0 "
	  "--tx-iface ens4",
	  "show the datagrams of a flow that are lost on this host or late" },
	{ "path udp --src-ip 10.0.0.0/24 --dst-ip 10.0.1.9 --rx-iface eth0 --tx-iface eth1 "
	  "--stats-mode --interval 60",
	  "one report a minute, with fragmented datagrams as such" },
	{ 0 },
};

static const struct nt_legacy udp_legacy[] = {
	{ "udp_path_tracer.py", NULL, "verbose=all v=all", NULL },
	{ "udp_drop_detector.py", NULL, "verbose=all v=all", NULL },
	{ 0 },
};

static const char *const udp_stages[] = { "RX", "TX" };

static const struct nt_status udp_statuses[] = {
#define S(id, name, key, word) { name, key, word },
#include "udp_status.def"
#undef S
};

static const struct nt_span udp_spans[] = { { "Internal", "internal", UDP_RX, UDP_TX, 0 } };

static const struct nt_extra udp_extra[] = {
	{ UDP_C_ALIKE, "alike", "alike" },
	{ NT_C_DUPLICATE, "duplicates", "duplicate" },
	{ NT_C_ORPHAN, "untracked", "untracked" },
	{ UDP_C_OTHER_PORT, "other_port", "other_port" },
	{ NT_TRIP_C_XMIT_FAILED, "refused_by_driver", "refused_by_driver" },
	{ 0 },
};

static bool asks_ports(const struct nt_run *run)
{
	const struct path_cfg *c = run->cfg;

	return c->flow.sport.n || c->flow.dport.n;
}

static uint32_t udp_gap_of(const struct nt_run *run, const struct nt_story *y)
{
	const struct udp_group *g = y->own;

	return g->other_port ? UDP_ST_INTERNAL : udp_gap(g, asks_ports(run));
}

/* When which fragment left is not kept: as the kernel counts it, path_gap_in_time(). */
static uint32_t udp_late_gap(const struct nt_run *run, const struct nt_story *y)
{
	const struct udp_group *g = y->own;

	(void)run;
	return g->tx_frags ? UDP_ST_PARTIAL : UDP_ST_INTERNAL;
}

static bool udp_unfinished_of(const struct nt_run *run, const struct nt_story *y,
			      uint64_t *by_status)
{
	const struct udp_group *g = y->own;
	uint32_t lost = udp_unfinished(g), as = udp_gap_of(run, y);

	if (!lost)
		return false;
	by_status[as]++;
	by_status[UDP_ST_INTERNAL] += lost - 1;
	return lost > 1 || (as != UDP_ST_UNKNOWN_PORT && as != UDP_ST_COMPLETE);
}

/* Bytes of the datagram's payload; false: its last fragment was not seen. */
static bool payload(const struct nt_story *y, uint32_t *bytes)
{
	const struct nt_key *k = &y->s->key;
	const struct udp_group *g = y->own;
	uint32_t all = g->total, headers = k->l4_off;

	if (!(k->flags & NT_KEY_FRAG) && headers)
		all = k->len + (k->family == 6 ? 40U : 0) - headers;
	*bytes = all - 8;
	return all >= 8;
}

static uint32_t ip_id(const struct nt_key *k)
{
	return k->family == 6 ? ntohl(k->ip_id) : ntohs((uint16_t)k->ip_id);
}

/* "a:1 -> b:2", or, as long as no first fragment came, "a -> b". */
static void udp_title(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len)
{
	const struct nt_key *k = &y->s->key;
	const char *open = k->family == 6 ? "[" : "", *shut = k->family == 6 ? "]" : "";
	const struct udp_group *g = y->own;
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN], id[32] = "", bytes[32] = "", n[48] = "";
	uint32_t size;

	(void)run;
	nt_fmt_addr(k->family, k->saddr, a, sizeof(a));
	nt_fmt_addr(k->family, k->daddr, b, sizeof(b));
	if (k->family == 4 || (k->flags & NT_KEY_FRAG))
		snprintf(id, sizeof(id), " ip_id=%u", ip_id(k));
	if (payload(y, &size))
		snprintf(bytes, sizeof(bytes), " len=%u", size);
	if (g->came > 1)
		snprintf(n, sizeof(n), " (%u alike, %u open)", g->came, g->open);
	if (k->sport || k->dport)
		snprintf(buf, len, "UDP %s%s%s:%u -> %s%s%s:%u%s%s%s", open, a, shut,
			 ntohs(k->sport), open, b, shut, ntohs(k->dport), id, bytes, n);
	else
		snprintf(buf, len, "UDP %s -> %s%s%s%s", a, b, id, bytes, n);
}

static const char *ends_seen(uint32_t first, uint32_t last)
{
	static const char *const words[] = { "no first, no last seen", "first seen, no last",
					     "last seen, no first", "first, last seen" };

	return words[(first ? 1 : 0) | (last ? 2 : 0)];
}

static void udp_note(const struct nt_story *y, uint32_t stage, char *buf, size_t len)
{
	const struct udp_group *g = y->own;
	uint32_t n = stage == UDP_RX ? g->rx_frags : g->tx_frags;
	uint32_t bytes = stage == UDP_RX ? g->rx_bytes : g->tx_bytes;
	uint32_t all = stage == UDP_TX && g->rx_frags ? g->rx_bytes : g->total;
	int at;

	buf[0] = 0;
	if (!n)
		return;
	at = snprintf(buf, len, "  %u fragment%s (%s)", n, n == 1 ? "" : "s",
		      stage == UDP_RX ? ends_seen(g->first_rx, g->last_rx) :
					ends_seen(g->first_tx, g->last_tx));
	if (at < 0 || (size_t)at >= len || bytes >= all)
		return;
	if (stage == UDP_TX && g->rx_frags > n)
		snprintf(buf + at, len - at, ", %u missing", g->rx_frags - n);
	else
		snprintf(buf + at, len - at, ", %u bytes missing", all - bytes);
}

static void udp_why(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
		    size_t len)
{
	const struct path_cfg *c = run->cfg;
	const struct udp_group *g = y->own;
	double ms = c->tell.timeout_ns / 1e6;

	if (status == UDP_ST_PARTIAL)
		snprintf(buf, len, "%u of %u bytes left within %g ms", g->tx_bytes,
			 g->rx_frags ? g->rx_bytes : g->total, ms);
	else if (status == UDP_ST_EXTERNAL)
		snprintf(buf, len, "not all of it came within %g ms, what came left", ms);
	else if (udp_unfinished(g) > 1)
		snprintf(buf, len, "%u of %u alike: no TX within %g ms", udp_unfinished(g), g->came,
			 ms);
	else
		snprintf(buf, len, "no TX within %g ms", ms);
}

static void udp_json(struct nt_json *j, const struct nt_story *y)
{
	const struct udp_group *g = y->own;
	struct nt_key k = y->s->key;
	uint32_t size;

	k.flags = 0; /* the group's, not one fragment's */
	k.proto = NT_IPPROTO_UDP;
	nt_json_flow(j, &k);
	if (k.family == 4 || (y->s->key.flags & NT_KEY_FRAG))
		nt_json_u64(j, "ip_id", ip_id(&k));
	else
		nt_json_null(j, "ip_id");
	if (payload(y, &size))
		nt_json_u64(j, "len", size);
	else
		nt_json_null(j, "len");
	nt_json_u64(j, "datagrams", g->came);
	nt_json_u64(j, "open", udp_unfinished(g));
	nt_json_bool(j, "fragmented", g->rx_frags || g->tx_frags);
	nt_json_obj(j, "fragments");
	nt_json_u64(j, "rx", g->rx_frags);
	nt_json_u64(j, "tx", g->tx_frags);
	nt_json_u64(j, "rx_bytes", g->rx_bytes);
	nt_json_u64(j, "tx_bytes", g->tx_bytes);
	nt_json_bool(j, "first_rx", g->first_rx);
	nt_json_bool(j, "last_rx", g->last_rx);
	nt_json_bool(j, "first_tx", g->first_tx);
	nt_json_bool(j, "last_tx", g->last_tx);
	nt_json_end(j);
}

static const struct nt_story_kind udp_kind = {
	.stages = UDP_STAGES,
	.statuses = UDP_STATUSES,
	.spans = UDP_SEGMENTS,
	.completes = 1,
	.slot = NT_WITH_OWN(UDP_STAGES, sizeof(struct udp_group)),
	.first_status = UDP_C_STATUS,
	.late = NT_TRIP_C_LATE,
	.not_asked = UDP_C_OTHER_PORT,
	.unit = "datagrams",
	.nothing = "no datagram of these addresses and ports came in by --rx-iface: is one "
		   "mistyped, or are the sides swapped?",
	.stage = udp_stages,
	.status = udp_statuses,
	.span = udp_spans,
	.extra = udp_extra,
	.stage_width = 2,
	.gap = udp_gap_of,
	.late_gap = udp_late_gap,
	.unfinished = udp_unfinished_of,
	.title = udp_title,
	.note = udp_note,
	.why = udp_why,
	.json = udp_json,
};

static int udp_prepare(struct nt_run *run, struct nt_err *err)
{
	return path_prepare_kind(run, &udp_kind, err);
}

const struct nt_tool nt_tool_path_udp = {
	.words = "path udp",
	.family = "path",
	.summary = "find datagrams and fragments that are lost or delayed on this host",
	.side = "any",
	.needs = NT_NEEDS_TRACE,
	.opts = udp_opts,
	.cfg_size = sizeof(struct path_cfg),
	.legacy = udp_legacy,
	.examples = udp_examples,
	.object = &nt_obj_path_udp,
	.hooks = udp_hooks,
	.state_size = sizeof(struct path_state),
	.kcfg_size = sizeof(struct path_kcfg),
	.prepare = udp_prepare,
	.dev_word = path_stage_table,
	.sizes = nt_stories_sizes,
	.on_event = nt_stories_event,
	.on_tick = nt_stories_tick,
	.report = nt_stories_report,
	.done = nt_stories_done,
};
