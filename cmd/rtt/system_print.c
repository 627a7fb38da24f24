// SPDX-License-Identifier: GPL-2.0-or-later
/* rtt system: its stages and times in words, and what is printed of a ping. */
#include <stdio.h>

#include "system_tool.h"

/* --- words --- */

/* In the order of the slot: those of a round trip, then the steps of request and reply. */
#define STAGES(dir_family, req_first, req_last, rep_first, rep_last) \
	const char *const system_##dir_family[SYS_STAGES] = {        \
		"P1:" req_first,                                     \
		"P1:" req_last,                                      \
		"P2:" rep_first,                                     \
		"P2:" rep_last,                                      \
		"P1:ovs_vport_receive",                              \
		"P1:ovs_dp_process_packet",                          \
		"P1:ovs_dp_upcall",                                  \
		"P1:ovs_flow_key_extract_userspace",                 \
		"P1:ovs_vport_send",                                 \
		"P2:ovs_vport_receive",                              \
		"P2:ovs_dp_process_packet",                          \
		"P2:ovs_dp_upcall",                                  \
		"P2:ovs_flow_key_extract_userspace",                 \
		"P2:ovs_vport_send",                                 \
	}
STAGES(tx4, "ip_output", "net_dev_start_xmit", "netif_receive_skb", "icmp_rcv");
STAGES(tx6, "ip6_output", "net_dev_start_xmit", "netif_receive_skb", "icmpv6_rcv");
STAGES(rx4, "netif_receive_skb", "icmp_rcv", "ip_output", "net_dev_start_xmit");
STAGES(rx6, "netif_receive_skb", "icmpv6_rcv", "ip6_output", "net_dev_start_xmit");
#define BARE 3 /* length of "P1:" */

/* As a packet comes by. */
#define PATH_ORDER(path)                                                                       \
	SYS_AT_FIRST(path), SYS_AT(path, SYS_VPORT), SYS_AT(path, SYS_PROCESS),                \
		SYS_AT(path, SYS_UPCALL), SYS_AT(path, SYS_USERSPACE), SYS_AT(path, SYS_SEND), \
		SYS_AT_LAST(path)
const uint8_t system_order[SYS_STAGES] = { PATH_ORDER(0), PATH_ORDER(1) };

#define TRIP(between)                                                              \
	{ "Path 1", "path1", NT_TRIP_REQ_FIRST, NT_TRIP_REQ_LAST, 0 },             \
		{ between, "inter_path", NT_TRIP_REQ_LAST, NT_TRIP_REP_FIRST, 0 }, \
		{ "Path 2", "path2", NT_TRIP_REP_FIRST, NT_TRIP_REP_LAST, 0 },     \
	{                                                                          \
		"Total RTT", "total_rtt", NT_TRIP_REQ_FIRST, NT_TRIP_REP_LAST, 0   \
	}
static const struct nt_span tx_spans[SYS_SPANS] = {
	TRIP("WIRE_TIME"),
#define S(id, name, key, from, to) { "P1 " name, "p1_" key, SYS_AT_##from(0), SYS_AT_##to(0), 0 },
#include "system_out.def"
#undef S
#define S(id, name, key, from, to) { "P2 " name, "p2_" key, SYS_AT_##from(1), SYS_AT_##to(1), 0 },
#include "system_in.def"
#undef S
};
static const struct nt_span rx_spans[SYS_SPANS] = {
	TRIP("Inter-Path"),
#define S(id, name, key, from, to) { "P1 " name, "p1_" key, SYS_AT_##from(0), SYS_AT_##to(0), 0 },
#include "system_in.def"
#undef S
#define S(id, name, key, from, to) { "P2 " name, "p2_" key, SYS_AT_##from(1), SYS_AT_##to(1), 0 },
#include "system_out.def"
#undef S
};

static const struct nt_extra extra[] = {
	{ NT_C_DUPLICATE, "duplicates", "duplicate" },
	{ NT_C_ORPHAN, "untracked", "untracked" },
	{ NT_TRIP_C_ICMP_ERROR, "icmp_errors", "icmp_errors" },
	{ SYS_C_UPCALL, "", "upcalls_p1" },
	{ SYS_C_UPCALL + 1, "", "upcalls_p2" },
	{ 0 },
};

/* --- one ping --- */

static void title(const struct nt_run *run, const struct nt_story *y, char *buf, size_t len)
{
	char who[200];
	uint64_t ns;

	rtt_title(run, y, who, sizeof(who));
	if (nt_story_span_ns(nt_stories(run)->kind, y, NT_TRIP_SEG_TOTAL, &ns))
		snprintf(buf, len, "%s TOTAL_RTT=%.1fus", who, ns / 1e3);
	else
		snprintf(buf, len, "%s", who);
}

static void line(struct nt_run *run, const char *name, const char *what, const char *time,
		 const char *note)
{
	nt_out_text(run->out, "  %-10s %-48s %11s%s\n", name, what, time, note);
}

/* A line of two stages. */
struct row {
	const char *name;
	uint32_t from, to;
	const char *note;
};

static void row(struct nt_run *run, const struct nt_story *y, const struct row *r)
{
	const char *const *stage = nt_stories(run)->stage;
	const uint32_t both = 1U << r->from | 1U << r->to;
	char what[96], time[32] = "-";

	snprintf(what, sizeof(what), "%s -> %s", stage[r->from] + BARE, stage[r->to] + BARE);
	if ((y->s->seen & both) == both)
		snprintf(time, sizeof(time), "%.1fus", (y->ts[r->to] - y->ts[r->from]) / 1e3);
	line(run, r->name, what, time, r->note);
}

/* In the switch: one line, and where it went to user space, a line for each step. */
static void ovs(struct nt_run *run, const struct nt_story *y, uint32_t path, uint32_t from)
{
	const uint32_t up = SYS_AT_UPCALL(path), down = SYS_AT_USERSPACE(path),
		       send = SYS_AT_SEND(path);
	const bool upcall = y->s->seen & (1U << up), back = y->s->seen & (1U << down);
	const char *const none = y->s->seen & (1U << send) ? "   (no upcall)" : "";

	row(run, y,
	    &(struct row){ path ? "P2 ovs" : "P1 ovs", from, send, upcall ? "   (upcall)" : none });
	if (!upcall)
		return;
	row(run, y, &(struct row){ "   miss", from, up, "" });
	row(run, y, &(struct row){ "   upcall", up, back ? down : send, "" });
	if (back)
		row(run, y, &(struct row){ "   execute", down, send, "" });
}

static void out_of_here(struct nt_run *run, const struct nt_story *y, uint32_t path)
{
	const uint32_t vport = SYS_AT_VPORT(path), send = SYS_AT_SEND(path);

	row(run, y, &(struct row){ path ? "P2 stack" : "P1 stack", SYS_AT_FIRST(path), vport, "" });
	ovs(run, y, path, vport);
	row(run, y, &(struct row){ path ? "P2 device" : "P1 device", send, SYS_AT_LAST(path), "" });
}

static void into_here(struct nt_run *run, const struct nt_story *y, uint32_t path)
{
	const uint32_t send = SYS_AT_SEND(path);

	ovs(run, y, path, SYS_AT_FIRST(path));
	row(run, y, &(struct row){ path ? "P2 stack" : "P1 stack", send, SYS_AT_LAST(path), "" });
}

static void body(struct nt_run *run, const struct nt_story *y)
{
	const bool tx = y->s->dir == RTT_TX;
	char time[32] = "-";
	uint64_t ns;

	if (tx)
		out_of_here(run, y, 0);
	else
		into_here(run, y, 0);
	if (nt_story_span_ns(nt_stories(run)->kind, y, NT_TRIP_SEG_BETWEEN, &ns))
		snprintf(time, sizeof(time), "%.1fus", ns / 1e3);
	line(run, tx ? "WIRE_TIME" : "TURN", "(Inter-Path)", time, "");
	if (tx)
		into_here(run, y, 1);
	else
		out_of_here(run, y, 1);
}

/* --- the figures --- */

static void ends(struct nt_run *run, const struct nt_figures *f)
{
	rtt_ends(run, f);
	nt_out_text(run->out, " upcalls(P1/P2)=%llu/%llu", (unsigned long long)f->c.c[SYS_C_UPCALL],
		    (unsigned long long)f->c.c[SYS_C_UPCALL + 1]);
}

#define KIND(spans_of)                                                                             \
	{                                                                                          \
		.stages = SYS_STAGES, .statuses = NT_TRIP_STATUSES, .spans = SYS_SPANS,            \
		.completes = 1, .slot = RTT_SLOT(SYS_STAGES), .first_status = NT_TRIP_C_STATUS,    \
		.late = NT_TRIP_C_LATE, .not_asked = NT_NO_COUNTER, .lost = "lost",                \
		.nothing = "no ping of these addresses on an uplink of the switch: is an "         \
			   "address mistyped, or the direction the other one?",                    \
		.order = system_order, .status = rtt_statuses, .span = (spans_of), .extra = extra, \
		.direction = rtt_directions, .gap = nt_story_trip_gap, .title = title,             \
		.body = body, .more = rtt_stacks_tell, .why = rtt_why, .ends = ends,               \
	}
const struct nt_story_kind system_tx = KIND(tx_spans);
const struct nt_story_kind system_rx = KIND(rx_spans);
