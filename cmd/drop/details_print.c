// SPDX-License-Identifier: GPL-2.0-or-later
/* drop details: one drop, as text and JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "drop_details.h"

#define RULE 80

/* "14:50:23.120411", local time. */
static const char *clock_text(const struct details_view *v, char *buf, size_t len)
{
	uint64_t wall = nt_run_wall(v->run, v->rec->time_ns);
	char t[NT_TIME_LEN];

	nt_fmt_time_s(wall, t, sizeof(t));
	snprintf(buf, len, "%.8s.%06" PRIu64, t + sizeof("2025-11-20"), wall % 1000000000 / 1000);
	return buf;
}

/* "b0", "b0@blue" of a device of another namespace, "-@blue" before it has one. */
static const char *device_text(const struct details_view *v, char *buf, size_t len)
{
	char dev[32], name[128];
	const char *ns = drop_netns_text(v->run, v->rec->inum, name, sizeof(name));

	drop_device_text(v->rec->ifindex, v->rec->dev, dev, sizeof(dev));
	snprintf(buf, len, "%s%s%s", dev, ns ? "@" : "", ns ? ns : "");
	return buf;
}

static const char *reason_text(const struct details_view *v, char *buf, size_t len)
{
	if (v->reason)
		return v->reason;
	snprintf(buf, len, "%s%s", v->hint ? "~" : "-", v->hint ? v->hint : "");
	return buf;
}

static const char *comm_text(const struct details_view *v, char *buf, size_t len)
{
	return nt_fmt_name(v->rec->comm, sizeof(v->rec->comm), buf, len);
}

static void stack_text(const struct details_view *v, const char *head)
{
	struct nt_out *out = v->run->out;
	struct drop_place p;
	uint32_t i;

	if (v->rec->flags & DROP_ROW_NO_STACK)
		nt_out_text(out, "%s not stored\n", head);
	if (!v->has_stack)
		return;
	nt_out_text(out, "%s\n", head);
	for (i = 0; i < v->stack.n; i++) {
		drop_place_of(v->run, v->stack.ip[i], &p);
		nt_out_text(out, "    %s\n", p.text);
	}
	if (v->stack.cut)
		nt_out_text(out, "    ... (longer than --stack-depth)\n");
}

/* Class of a normal free, and what is usually no fault. */
static const char *remark(const struct details_view *v, char *buf, size_t len)
{
	buf[0] = 0;
	if (v->rec->cls)
		snprintf(buf, len, "  (normal: %s)", drop_classes[v->rec->cls - 1].text);
	else if (drop_informational(v->reason, v->place.function))
		snprintf(buf, len, "  (i)");
	return buf;
}

void details_heads(struct nt_run *run)
{
	nt_out_text(run->out, "%-15s  %-12s %-5s %-48s %-18s %s\n", "TIME", "INTERFACE", "PROTO",
		    "SRC_IP:PORT -> DST_IP:PORT", "REASON", "LOCATION");
}

static void line_text(const struct details_view *v)
{
	char t[NT_TIME_LEN], dev[176], proto[16], ends[160], extra[64], vlans[48], flow[280],
		reason[80];
	char note[96];

	snprintf(flow, sizeof(flow), "%s%s%s", details_ends(v->rec, ends, sizeof(ends)),
		 details_extra(v->rec, extra, sizeof(extra)),
		 details_vlans(v->rec, vlans, sizeof(vlans)));
	nt_out_text(v->run->out, "%-15s  %-12s %-5s %-48s %-18s %s%s\n",
		    clock_text(v, t, sizeof(t)), device_text(v, dev, sizeof(dev)),
		    details_proto(v->rec, proto, sizeof(proto)), flow,
		    reason_text(v, reason, sizeof(reason)), v->place.text,
		    remark(v, note, sizeof(note)));
	stack_text(v, "  Stack:");
}

static void block_text(const struct details_view *v)
{
	const struct drop_rec *rec = v->rec;
	struct nt_out *out = v->run->out;
	char t[NT_TIME_LEN], buf[176], note[96];

	nt_out_text(out, "[%s] PID: %u TGID: %u COMM: %s CPU: %u\n", clock_text(v, t, sizeof(t)),
		    rec->tid, rec->tgid, comm_text(v, buf, sizeof(buf)), rec->cpu);
	details_headers_text(out, rec);
	nt_out_text(out, "Interface: %s", device_text(v, buf, sizeof(buf)));
	if (rec->iif)
		nt_out_text(out, " in: %s",
			    drop_iif_text(v->run, rec->inum, rec->iif, buf, sizeof(buf)));
	nt_out_text(out, "\nReason: %s\n", reason_text(v, buf, sizeof(buf)));
	nt_out_text(out, "Location: %s%s\n", v->place.text, remark(v, note, sizeof(note)));
	stack_text(v, "Stack trace:");
	nt_out_rule(out, '-', RULE);
}

void details_text(const struct details_view *v)
{
	struct details_state *st = v->run->state;

	if (v->run->common->verbose) {
		block_text(v);
		return;
	}
	if (!st->headed)
		details_heads(v->run);
	st->headed = true;
	line_text(v);
}

static void place_json(const struct details_view *v, struct nt_json *j)
{
	bool known = v->place.function[0];

	nt_json_str(j, "reason", v->reason);
	nt_json_str(j, "hint", v->hint);
	nt_json_str(j, "class", v->rec->cls ? drop_classes[v->rec->cls - 1].key : NULL);
	nt_json_bool(j, "informational", drop_informational(v->reason, v->place.function));
	nt_json_str(j, "where", v->place.text);
	nt_json_str(j, "function", known ? v->place.function : NULL);
	nt_json_str(j, "module", v->place.module[0] ? v->place.module : NULL);
	nt_json_u64(j, "offset", v->place.offset);
}

static void device_json(const struct details_view *v, struct nt_json *j)
{
	const struct drop_rec *rec = v->rec;
	char buf[32];

	drop_device_text(rec->ifindex, rec->dev, buf, sizeof(buf));
	nt_json_str(j, "device", rec->ifindex ? buf : NULL);
	if (rec->ifindex)
		nt_json_u64(j, "ifindex", rec->ifindex);
	if (rec->inum)
		nt_json_u64(j, "netns", rec->inum);
	else
		nt_json_null(j, "netns");
	if (rec->iif)
		drop_iif_text(v->run, rec->inum, rec->iif, buf, sizeof(buf));
	nt_json_str(j, "in_device", rec->iif ? buf : NULL);
}

void details_json(const struct details_view *v)
{
	struct nt_json *j = nt_run_json(v->run, "event", v->rec->time_ns);
	char buf[32];

	device_json(v, j);
	nt_json_u64(j, "cpu", v->rec->cpu);
	nt_json_u64(j, "pid", v->rec->tgid);
	nt_json_u64(j, "tid", v->rec->tid);
	nt_json_str(j, "comm", comm_text(v, buf, sizeof(buf)));
	place_json(v, j);
	details_headers_json(j, v->rec);
	if (v->has_stack)
		drop_stack_json(v->run, j, &v->stack);
	nt_json_end_line(j);
}
