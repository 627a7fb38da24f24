// SPDX-License-Identifier: GPL-2.0-or-later
/* path tcp: which packets of a connection does this host lose or delay, and which are lost behind it? */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "path_tool.h"
#include "tcp.h"

extern const struct nt_object nt_obj_path_tcp;

static const struct nt_opt tcp_opts[] = {
	PATH_OPTS_TIMES,
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	PATH_OPTS_ADDRS("one end of the connections: address, prefix or list",
			"their other end: address, prefix or list"),
	NT_OPTS_PORTS(struct path_cfg, flow),
	PATH_OPTS_IFACES("the side on which the one end is", "the side on which the other end is"),
	{ .type = NT_OPT_GROUP, .group = path_opts_shared },
	NT_OPTS_TRACE(struct path_cfg, common),
	{ 0 },
};

static const struct nt_hook tcp_hooks[] = {
	{ .name = "rx",
	  .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "rx__tp_btf" },
		 { NT_RAW_TP, "netif_receive_skb", "rx__raw_tp" } } },
	{ .name = "tx",
	  .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "tx__tp_btf" },
		 { NT_RAW_TP, "net_dev_start_xmit", "tx__raw_tp" } } },
	{ .name = "get",
	  .needed = true,
	  .v = { { NT_TP_BTF, "netif_receive_skb", "get__tp_btf" },
		 { NT_RAW_TP, "netif_receive_skb", "get__raw_tp" } } },
	{ .name = "put",
	  .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_start_xmit", "put__tp_btf" },
		 { NT_RAW_TP, "net_dev_start_xmit", "put__raw_tp" } } },
	{ .name = "xmit",
	  .needed = true,
	  .v = { { NT_TP_BTF, "net_dev_xmit", "xmit__tp_btf" },
		 { NT_RAW_TP, "net_dev_xmit", "xmit__raw_tp" } } },
	{ 0 },
};

static const struct nt_example tcp_examples[] = {
	{ "path tcp --src-ip 10.0.0.5 --dst-ip 10.0.1.9 --dst-port 443 --rx-iface vnet0 "
	  "--tx-iface ens4",
	  "show the packets of a guest's connections that are lost on this host or behind it" },
	{ "path tcp --src-ip 10.0.0.0/24 --dst-ip 10.0.1.9 --rx-iface eth0 --tx-iface eth1 "
	  "--stats-mode --interval 60",
	  "one report a minute, both directions, with the time until the acknowledgement" },
	{ 0 },
};

static const struct nt_legacy tcp_legacy[] = {
	{ "tcp_path_tracer.py", NULL, "verbose=all v=all", NULL },
	{ "tcp_drop_detector.py", NULL, "verbose=all v=all", NULL },
	{ 0 },
};

static const char *const tcp_stages[] = { "RX", "TX" };
static const char *const tcp_directions[] = { "forward", "reverse" };

static const struct nt_status tcp_statuses[] = {
#define S(id, name, key, word) { name, key, word },
#include "tcp_status.def"
#undef S
};

/* Of no packet there is a time outside: it is the connection's. */
#define NO_STAGE 31
#define DIR(d) (1U << (d))
static const struct nt_span tcp_spans[] = {
	[TCP_SEG_INSIDE + TCP_FWD] = { "FwdInternal", "fwd_internal", TCP_RX, TCP_TX, DIR(TCP_FWD) },
	[TCP_SEG_INSIDE + TCP_REP] = { "RepInternal", "rep_internal", TCP_RX, TCP_TX, DIR(TCP_REP) },
	[TCP_SEG_OUTSIDE + TCP_FWD] = { "FwdExternal", "fwd_external", NO_STAGE, NO_STAGE,
					DIR(TCP_DIRS) },
	[TCP_SEG_OUTSIDE + TCP_REP] = { "RepExternal", "rep_external", NO_STAGE, NO_STAGE,
					DIR(TCP_DIRS) },
};

static const struct nt_extra tcp_extra[] = {
	{ TCP_C_RESENT + TCP_FWD, "fwd_resent", "fwd_resent" },
	{ TCP_C_RESENT + TCP_REP, "rep_resent", "rep_resent" },
	{ TCP_C_NEEDLESS + TCP_FWD, "fwd_needless", "fwd_needless" },
	{ TCP_C_NEEDLESS + TCP_REP, "rep_needless", "rep_needless" },
	{ TCP_C_MERGED, "merged", "merged" },
	{ NT_C_DUPLICATE, "duplicates", "duplicate" },
	{ NT_C_ORPHAN, "untracked", "untracked" },
	{ NT_TRIP_C_XMIT_FAILED, "refused_by_driver", "refused_by_driver" },
	{ 0 },
};

static uint32_t tcp_gap_of(const struct nt_run *run, const struct nt_story *y)
{
	const struct tcp_own *own = y->own;

	(void)run;
	return (own->what == TCP_IS_LOST ? TCP_ST_FWD_EXTERNAL : TCP_ST_FWD_INTERNAL) +
	       (y->s->dir & 1);
}

/* "SYN,ACK" of the flags that have a meaning for the way of a packet. */
static const char *flags_text(uint8_t flags, char *buf, size_t len)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG" };
	size_t at = 0;

	buf[0] = 0;
	for (uint32_t i = 0; i < NT_ARRAY_SIZE(names); i++) {
		int n = 0;

		if (flags >> i & 1 && at < len)
			n = snprintf(buf + at, len - at, "%s%s", at ? "," : "", names[i]);
		at += n > 0 ? (size_t)n : 0;
	}
	return buf;
}

static void tcp_title(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len)
{
	const struct nt_key *k = &y->s->key;
	const char *open = k->family == 6 ? "[" : "", *shut = k->family == 6 ? "]" : "";
	const struct tcp_seg *s = &((const struct tcp_own *)y->own)->seg;
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN], f[32];

	(void)run;
	nt_fmt_addr(k->family, k->saddr, a, sizeof(a));
	nt_fmt_addr(k->family, k->daddr, b, sizeof(b));
	snprintf(buf, len, "TCP %s%s%s:%u -> %s%s%s:%u %s seq=%u len=%u ack=%u [%s]", open, a, shut,
		 ntohs(k->sport), open, b, shut, ntohs(k->dport), y->s->dir & 1 ? "REP" : "FWD",
		 s->seq, s->payload, s->ack, flags_text(s->flags, f, sizeof(f)));
}

static void tcp_note(const struct nt_story *y, uint32_t stage, char *buf, size_t len)
{
	const struct tcp_own *own = y->own;

	buf[0] = 0;
	if (stage == TCP_TX && own->what < TCP_IS_LOST && own->left && own->left < own->seg.len)
		snprintf(buf, len, "  in parts, %u of %u", own->left, own->seg.len);
}

static void tcp_why(const struct nt_run *run, const struct nt_story *y, uint32_t status, char *buf,
		    size_t len)
{
	const struct path_cfg *c = run->cfg;
	const struct tcp_own *own = y->own;

	if (status >= TCP_ST_FWD_EXTERNAL)
		snprintf(buf, len, "left, was not acknowledged, and came again %.3g ms later",
			 own->left / 1e3);
	else if (own->left)
		snprintf(buf, len, "%u of %u bytes left within %g ms", own->left, own->seg.len,
			 c->tell.timeout_ns / 1e6);
	else
		snprintf(buf, len, "no TX within %g ms", c->tell.timeout_ns / 1e6);
}

static void tcp_json(struct nt_json *j, const struct nt_story *y)
{
	const struct tcp_own *own = y->own;
	const struct tcp_seg *s = &own->seg;
	struct nt_key k = y->s->key;
	char f[32];

	k.proto = NT_IPPROTO_TCP;
	k.seq = htonl(s->seq);
	nt_json_flow(j, &k);
	nt_json_str(j, "direction", tcp_directions[y->s->dir & 1]);
	nt_json_u64(j, "seq", s->seq);
	nt_json_u64(j, "ack", s->ack);
	nt_json_str(j, "flags", flags_text(s->flags, f, sizeof(f)));
	if (s->numbered)
		nt_json_u64(j, "ip_id", ntohs((uint16_t)s->distinct));
	else
		nt_json_null(j, "ip_id");
	nt_json_u64(j, "payload", s->payload);
	nt_json_u64(j, "left",
		    y->s->flags & NT_SESS_DONE || own->what == TCP_IS_LOST ? s->len : own->left);
	nt_json_u64(j, "len", y->s->skb_len);
}

static void tcp_side_text(struct nt_run *run, const struct nt_figures *f, uint32_t dir)
{
	uint64_t ends = f->status[TCP_ST_FWD_COMPLETE + dir] +
			f->status[TCP_ST_FWD_INTERNAL + dir] + f->status[TCP_ST_FWD_EXTERNAL + dir];

	nt_out_text(run->out, " %s=%llu complete=%llu internal=%llu external=%llu",
		    dir ? "reverse" : "forward", (unsigned long long)ends,
		    (unsigned long long)f->status[TCP_ST_FWD_COMPLETE + dir],
		    (unsigned long long)f->status[TCP_ST_FWD_INTERNAL + dir],
		    (unsigned long long)f->status[TCP_ST_FWD_EXTERNAL + dir]);
}

static void tcp_ends(struct nt_run *run, const struct nt_figures *f)
{
	nt_out_text(run->out, "packets=%llu ", (unsigned long long)f->total);
	tcp_side_text(run, f, TCP_FWD);
	nt_out_text(run->out, " ");
	tcp_side_text(run, f, TCP_REP);
	nt_out_text(run->out, " ");
}

static void tcp_losses(const struct nt_figures *f, struct nt_losses *l)
{
	nt_loss_add(l, "flow_full", "packets of connections for which there was no room",
		    f->c.c[TCP_C_FLOW_FULL]);
	nt_loss_add(l, "sent_full", "packets that left, and were forgotten early",
		    f->c.c[TCP_C_SENT_FULL]);
	nt_loss_add(l, "merge_rest", "packets that left as one, of which not all were found",
		    f->c.c[TCP_C_MERGE_REST]);
}

static const struct nt_story_kind tcp_kind = {
	.stages = TCP_STAGES,
	.statuses = TCP_STATUSES,
	.spans = TCP_SEGMENTS,
	.completes = TCP_DIRS,
	.slot = NT_WITH_OWN(TCP_STAGES, sizeof(struct tcp_own)),
	.first_status = TCP_C_STATUS,
	.late = NT_TRIP_C_LATE,
	.not_asked = NT_NO_COUNTER,
	.unit = "packets",
	.nothing = "no packet of these addresses and ports came in by these interfaces: is one "
		   "mistyped, or are the sides swapped?",
	.stage = tcp_stages,
	.status = tcp_statuses,
	.span = tcp_spans,
	.extra = tcp_extra,
	.direction = tcp_directions,
	.stage_width = 2,
	.gap = tcp_gap_of,
	.title = tcp_title,
	.note = tcp_note,
	.why = tcp_why,
	.json = tcp_json,
	.ends = tcp_ends,
	.losses = tcp_losses,
};

/* --- what was lost behind this host, and what seemed so --- */

/* A record of TCP_IS_LOST, until its receiver cannot say any more that it had arrived. */
struct held {
	uint64_t until_ns;
	uint64_t by; /* number of the refutation, 0: none */
	char rec[sizeof(struct nt_sess) + (size_t)TCP_STAGES * 12 + sizeof(struct tcp_own)];
};
#define HELD_MAX 4096U

struct tcp_state {
	struct path_state path; /* first */
	uint64_t refuted;       /* so many refutations */
	uint32_t first, n;      /* of those that are held: a ring, oldest first */
	struct held held[HELD_MAX];
};

static struct held *held_at(struct tcp_state *st, uint32_t i)
{
	return &st->held[(st->first + i) % HELD_MAX];
}

static bool story_of(const void *rec, size_t size, struct nt_story *y)
{
	return nt_story_of(rec, size, tcp_kind.slot, y);
}

/* The oldest is what it seemed to be: it had counted as complete when it left. */
static void release(struct nt_run *run)
{
	struct tcp_state *st = run->state;
	const struct path_cfg *c = run->cfg;
	uint64_t *status = st->path.stories.swept.status;
	struct held *h = held_at(st, 0);
	struct nt_story y;

	st->first = (st->first + 1) % HELD_MAX;
	st->n--;
	if (h->by || !story_of(h->rec, sizeof(h->rec), &y))
		return;
	status[TCP_ST_FWD_COMPLETE + (y.s->dir & 1)]--;
	status[TCP_ST_FWD_EXTERNAL + (y.s->dir & 1)]++;
	if (!c->tell.stats_mode)
		nt_stories_event(run, h->rec, sizeof(h->rec));
}

/* Those whose time is over; all: at the end. */
static void release_old(struct nt_run *run, bool all)
{
	struct tcp_state *st = run->state;

	while (st->n && (all || held_at(st, 0)->until_ns < run->now_ns))
		release(run);
}

static void hold(struct nt_run *run, const struct nt_story *y)
{
	struct tcp_state *st = run->state;
	const struct path_cfg *c = run->cfg;
	struct held *h;

	if (st->n == HELD_MAX)
		release(run);
	h = held_at(st, st->n++);
	h->until_ns = y->s->end_ns + c->tell.timeout_ns;
	h->by = 0;
	memcpy(h->rec, y->s, sizeof(h->rec));
}

/* Same connection, and ack goes the other way than the packet with that key. */
static bool other_way(const struct nt_key *ack, const struct nt_key *key)
{
	return ack->family == key->family && ack->sport == key->dport && ack->dport == key->sport &&
	       !memcmp(ack->saddr, key->daddr, sizeof(ack->saddr)) &&
	       !memcmp(ack->daddr, key->saddr, sizeof(ack->daddr));
}

static const struct tcp_seg *seg_of(const struct nt_story *y)
{
	return &((const struct tcp_own *)y->own)->seg;
}

/* Is one that began with the same number, and left later, refuted by this? */
static bool later_one_is(struct tcp_state *st, uint32_t i, const struct nt_story *y)
{
	struct nt_story later;

	while (++i < st->n)
		if (held_at(st, i)->by == st->refuted &&
		    story_of(held_at(st, i)->rec, sizeof(held_at(st, i)->rec), &later) &&
		    seg_of(&later)->seq == seg_of(y)->seq &&
		    !memcmp(later.s->key.saddr, y->s->key.saddr, sizeof(y->s->key.saddr)) &&
		    later.s->key.sport == y->s->key.sport && later.s->key.dport == y->s->key.dport)
			return true;
	return false;
}

/* What arrived twice was there before it came again: of each number that holds of the last one. */
static void refute(struct nt_run *run, const struct nt_story *said)
{
	struct tcp_state *st = run->state;
	const struct tcp_seg *twice = seg_of(said);
	struct nt_story y;
	uint32_t i;

	st->refuted++;
	for (i = st->n; i-- > 0;) {
		struct held *h = held_at(st, i);

		if (h->by || !story_of(h->rec, sizeof(h->rec), &y) ||
		    seg_of(&y)->seq - twice->seq >= twice->len ||
		    !other_way(&said->s->key, &y.s->key) || later_one_is(st, i, &y))
			continue;
		h->by = st->refuted;
	}
}

static void tcp_event(struct nt_run *run, const void *rec, size_t size)
{
	const struct tcp_own *own;
	struct nt_story y;

	if (!story_of(rec, size, &y)) {
		run->order_failed++;
		return;
	}
	own = y.own;
	if (own->what == TCP_IS_REFUTED)
		refute(run, &y);
	else if (own->what == TCP_IS_LOST)
		hold(run, &y);
	else
		nt_stories_event(run, rec, size);
}

static void tcp_tick(struct nt_run *run, uint64_t now_ns)
{
	nt_stories_tick(run, now_ns);
	release_old(run, false);
}

static int tcp_report(struct nt_run *run, bool final)
{
	release_old(run, final);
	return nt_stories_report(run, final);
}

/* The programs of local ends run where there is one, or may come to be (--wait). */
static bool local_end(const struct nt_run *run)
{
	uint32_t i;

	for (i = 0; i < run->ndevs; i++)
		if (run->dev[i].gone || (run->dev[i].role & NT_ROLE_EITHER))
			return true;
	return false;
}

static int tcp_prepare(struct nt_run *run, struct nt_err *err)
{
	int r = path_prepare_kind(run, &tcp_kind, err);

	if (!r && !local_end(run)) {
		nt_plan_off(&run->plan, "get");
		nt_plan_off(&run->plan, "put");
	}
	return r;
}

static int tcp_sizes(struct nt_run *run, struct bpf_object *obj)
{
	int r = nt_stories_sizes(run, obj);

	return r ?: nt_run_map_entries(obj, "tcp_sent", nt_stories(run)->sets * TCP_SENT_SETS);
}

const struct nt_tool nt_tool_path_tcp = {
	.words = "path tcp",
	.family = "path",
	.summary = "find TCP packets that are lost or delayed on this host, or lost behind it",
	.side = "any",
	.needs = NT_NEEDS_TRACE,
	.opts = tcp_opts,
	.cfg_size = sizeof(struct path_cfg),
	.legacy = tcp_legacy,
	.examples = tcp_examples,
	.object = &nt_obj_path_tcp,
	.hooks = tcp_hooks,
	.state_size = sizeof(struct tcp_state),
	.kcfg_size = sizeof(struct path_kcfg),
	.prepare = tcp_prepare,
	.dev_word = path_stage_table,
	.sizes = tcp_sizes,
	.on_event = tcp_event,
	.on_tick = tcp_tick,
	.report = tcp_report,
	.done = nt_stories_done,
};
