// SPDX-License-Identifier: GPL-2.0-or-later
/* drop summary: the interval's report and the run's summary, as text and JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "drop_figures.h"

#define FRAMES_SHORT 5 /* of a stack, in an interval's report */
#define FAR_ABOVE 64   /* rows: a stack further up is told again */

/* What rows are told apart by: the word of --group-by, and what one is called. */
static const struct {
	const char *key, *many;
} groups[] = {
	[DROP_GROUP_ALL] = { "all", "stack+flow combinations" },
	[DROP_GROUP_STACK] = { "stack", "stacks" },
	[DROP_GROUP_FLOW] = { "fivetuple", "flows" },
	[DROP_GROUP_REASON] = { "reason", "reasons" },
	[DROP_GROUP_DEVICE] = { "device", "devices" },
	[DROP_GROUP_PLACE] = { "location", "locations" },
};

/* --- parts of a row --- */

static void flow_text(struct nt_run *run, const struct drop_key *k)
{
	char a[NT_ENDPOINT_LEN], b[NT_ENDPOINT_LEN], proto[16], vlan[24] = "";
	const char *name;
	const char *extra = k->flags & DROP_ROW_FRAG  ? ", later fragments" :
			    k->flags & DROP_ROW_NO_L4 ? ", header not readable" :
							"";

	if (k->vlan)
		snprintf(vlan, sizeof(vlan), " vlan %u", k->vlan - 1U);
	if (!k->family && !k->eth) {
		nt_out_text(run->out, "   Flow: not parsed%s\n", vlan);
		return;
	}
	if (!k->family) {
		name = drop_ethertype_name(k->eth);
		nt_out_text(run->out, "   Flow: EtherType 0x%04x%s%s%s%s\n", k->eth,
			    name ? " (" : "", name ? name : "", name ? ")" : "", vlan);
		return;
	}
	nt_out_text(run->out, "   Flow: %s -> %s (%s%s)%s\n",
		    nt_fmt_endpoint(k->family, k->saddr, ntohs(k->sport), a, sizeof(a)),
		    nt_fmt_endpoint(k->family, k->daddr, ntohs(k->dport), b, sizeof(b)),
		    drop_proto_upper(k->proto, proto, sizeof(proto)), extra, vlan);
}

/* Told once: rank is that of a row above with the same one, or 0. */
static void stack_text(struct nt_run *run, const struct drop_stack *s, uint32_t show, uint32_t rank)
{
	struct drop_place p;
	uint32_t i;

	if (rank) {
		nt_out_text(run->out, "   Stack trace: as #%u\n", rank);
		return;
	}
	nt_out_text(run->out, "   Stack trace: (%u frames%s)\n", s->n, s->cut ? ", cut here" : "");
	for (i = 0; i < s->n && i < show; i++) {
		drop_place_of(run, s->ip[i], &p);
		nt_out_text(run->out, "     %s\n", p.text);
	}
	if (i < s->n)
		nt_out_text(run->out, "     ... (%u more frames)\n", s->n - i);
	else if (s->cut)
		nt_out_text(run->out, "     ... (longer than --stack-depth)\n");
}

/* --- a row --- */

struct view {
	struct nt_run *run;
	const struct drop_figures *f;
	const struct drop_row *row;
	uint32_t rank;
	struct drop_place place;
	struct drop_stack stack;
	bool has_stack;
	const char *reason, *hint;
	char reason_buf[64];
};

static void view_of(struct view *v, const struct drop_row *row, uint32_t rank)
{
	const struct drop_cfg *c = v->run->cfg;
	struct drop_spot spot = { row->key.place, row->key.stack };
	uint32_t by = v->f->by;

	v->row = row;
	v->rank = rank;
	memset(&v->place, 0, sizeof(v->place));
	if (row->key.place)
		drop_place_of(v->run, row->key.place, &v->place);
	v->has_stack = drop_stack_get(v->run, &spot, c->depth, &v->stack);
	v->reason = NULL;
	if (by & DROP_BY_REASON)
		v->reason = drop_reason_text(v->run, row->key.flags, row->key.reason, v->reason_buf,
					     sizeof(v->reason_buf));
	v->hint = v->reason ? NULL : drop_hint(v->place.function);
}

/* Of a device of another namespace: " netns: blue", or its number. */
static const char *netns_text(const struct nt_run *run, const struct drop_key *k, char *buf,
			      size_t len)
{
	char name[128];
	const char *ns = drop_netns_text(run, k->ifindex ? k->inum : 0, name, sizeof(name));

	buf[0] = 0;
	if (ns)
		snprintf(buf, len, " netns: %s", ns);
	return buf;
}

/* [device: vnet3], and where it came in by if that is another one. */
static void devices_text(const struct view *v)
{
	const struct drop_key *k = &v->row->key;
	char dev[32], in[32], ns[160];

	if (!(v->f->by & DROP_BY_DEVICE))
		return;
	nt_out_text(v->run->out, " [device: %s%s",
		    drop_device_text(k->ifindex, v->row->dev, dev, sizeof(dev)),
		    netns_text(v->run, k, ns, sizeof(ns)));
	if (k->iif)
		nt_out_text(v->run->out, " in: %s",
			    drop_iif_text(v->run, k->inum, k->iif, in, sizeof(in)));
	nt_out_text(v->run->out, "]");
}

/* A row not far above that has the same stack, from the same place on; 0: none. */
static uint32_t rank_of_same_stack(const struct view *v)
{
	const struct drop_key *k = &v->row->key;
	uint32_t i = v->rank > FAR_ABOVE ? v->rank - FAR_ABOVE : 1;

	for (; i < v->rank; i++) {
		const struct drop_key *above = &v->f->row[i - 1]->key;

		if (above->stack == k->stack && above->place == k->place)
			return i;
	}
	return 0;
}

static void row_text(const struct view *v, uint32_t frames)
{
	const struct drop_figures *f = v->f;
	struct nt_out *out = v->run->out;
	uint64_t n = drop_row_count(f, v->row);

	nt_out_text(out, "#%u Count: %" PRIu64 " calls (%.1f%%)", v->rank, n,
		    drop_percent(n, f->matching));
	if (f->total_shown && !f->final)
		nt_out_text(out, " (+%" PRIu64 " in last %.0fs)", v->row->count,
			    (double)f->interval_ns / 1e9);
	devices_text(v);
	if (v->has_stack)
		nt_out_text(out, " [stack_id: %u]", v->stack.id);
	if (f->by & DROP_BY_REASON) {
		nt_out_text(out, " reason: %s", v->reason ? v->reason : "-");
		if (v->hint)
			nt_out_text(out, "  ~%s", v->hint);
	}
	if ((f->by & DROP_BY_PLACE) && v->place.text[0] && f->group != DROP_GROUP_REASON)
		nt_out_text(out, "  at: %s", v->place.text);
	if (drop_informational(v->reason, v->place.function))
		nt_out_text(out, "  (i)");
	nt_out_text(out, "\n");
	if (f->by & DROP_BY_FLOW)
		flow_text(v->run, &v->row->key);
	if (v->has_stack)
		stack_text(v->run, &v->stack, frames, rank_of_same_stack(v));
	else if (v->row->key.flags & DROP_ROW_NO_STACK)
		nt_out_text(out, "   Stack trace: not stored\n");
}

static void row_json_place(const struct view *v, struct nt_json *j)
{
	const struct drop_figures *f = v->f;
	bool known = v->place.function[0];

	if (f->by & DROP_BY_REASON) {
		nt_json_str(j, "reason", v->reason);
		nt_json_str(j, "hint", v->hint);
	}
	if ((f->by & DROP_BY_PLACE) && f->group != DROP_GROUP_REASON) {
		nt_json_str(j, "where", v->place.text);
		nt_json_str(j, "function", known ? v->place.function : NULL);
		nt_json_str(j, "module", v->place.module[0] ? v->place.module : NULL);
		nt_json_u64(j, "offset", v->place.offset);
	}
	nt_json_bool(j, "informational", drop_informational(v->reason, v->place.function));
}

static void row_json_device(const struct view *v, struct nt_json *j)
{
	const struct drop_key *k = &v->row->key;
	char buf[32], dev[32];

	if (!(v->f->by & DROP_BY_DEVICE))
		return;
	drop_device_text(k->ifindex, v->row->dev, dev, sizeof(dev));
	nt_json_str(j, "device", k->ifindex ? dev : NULL);
	if (k->ifindex) {
		nt_json_u64(j, "ifindex", k->ifindex);
		nt_json_u64(j, "netns", k->inum);
	}
	nt_json_str(j, "in_device",
		    k->iif ? drop_iif_text(v->run, k->inum, k->iif, buf, sizeof(buf)) : NULL);
}

static void row_json_flow(const struct drop_key *k, struct nt_json *j)
{
	char buf[NT_ADDR_LEN];

	nt_json_obj(j, "flow");
	if (k->family) {
		nt_json_u64(j, "family", k->family);
		nt_json_str(j, "protocol", nt_fmt_proto(k->proto, buf, sizeof(buf)));
		nt_json_str(j, "src", nt_fmt_addr(k->family, k->saddr, buf, sizeof(buf)));
		nt_json_str(j, "dst", nt_fmt_addr(k->family, k->daddr, buf, sizeof(buf)));
		if (k->sport || k->dport) {
			nt_json_u64(j, "sport", ntohs(k->sport));
			nt_json_u64(j, "dport", ntohs(k->dport));
		}
		nt_json_bool(j, "later_fragments", k->flags & DROP_ROW_FRAG);
	} else if (k->eth) {
		snprintf(buf, sizeof(buf), "0x%04x", k->eth);
		nt_json_str(j, "ethertype", buf);
	}
	if (k->vlan)
		nt_json_u64(j, "vlan", k->vlan - 1U);
	nt_json_end(j);
}

static void row_json(const struct view *v, struct nt_json *j)
{
	uint64_t n = drop_row_count(v->f, v->row);
	char t[NT_TIME_LEN];

	nt_json_obj(j, NULL);
	nt_json_u64(j, "rank", v->rank);
	nt_json_u64(j, "count", n);
	nt_json_f(j, "share", drop_percent(n, v->f->matching) / 100);
	nt_json_u64(j, "bytes", drop_row_bytes(v->f, v->row));
	if (v->f->total_shown && !v->f->final)
		nt_json_u64(j, "interval_count", v->row->count);
	row_json_place(v, j);
	row_json_device(v, j);
	if (v->f->by & DROP_BY_FLOW)
		row_json_flow(&v->row->key, j);
	nt_json_str(j, "first",
		    nt_fmt_rfc3339(nt_run_wall(v->run, v->row->first_ns), t, sizeof(t)));
	nt_json_str(j, "last", nt_fmt_rfc3339(nt_run_wall(v->run, v->row->last_ns), t, sizeof(t)));
	if (v->has_stack)
		drop_stack_json(v->run, j, &v->stack);
	nt_json_end(j);
}

/* --- all rows --- */

#define DEVICES_SHOWN 64

struct device_sum {
	const struct drop_row *row;
	uint64_t count;
};

/* --preset bt: sums by device. Returns how many. */
static uint32_t device_sums(struct nt_run *run, const struct drop_figures *f,
			    struct device_sum v[DEVICES_SHOWN])
{
	const struct drop_cfg *c = run->cfg;
	uint32_t i, d, n = 0;

	if (c->preset != DROP_PRESET_BT || !(f->by & DROP_BY_DEVICE))
		return 0;
	for (i = 0; i < f->n; i++) {
		const struct drop_key *k = &f->row[i]->key;

		for (d = 0; d < n; d++)
			if (v[d].row->key.ifindex == k->ifindex && v[d].row->key.inum == k->inum)
				break;
		if (d == DEVICES_SHOWN)
			continue;
		if (d == n)
			v[n++] = (struct device_sum){ f->row[i], 0 };
		v[d].count += drop_row_count(f, f->row[i]);
	}
	return n;
}

static void devices_sum_text(struct nt_run *run, const struct drop_figures *f)
{
	struct device_sum v[DEVICES_SHOWN];
	uint32_t i, n = device_sums(run, f, v);
	char buf[32], ns[160];

	if (n)
		nt_out_text(run->out, "Device totals:\n");
	for (i = 0; i < n; i++)
		nt_out_text(run->out, "  %s%s: %" PRIu64 " (%.1f%%)\n",
			    drop_device_text(v[i].row->key.ifindex, v[i].row->dev, buf,
					     sizeof(buf)),
			    netns_text(run, &v[i].row->key, ns, sizeof(ns)), v[i].count,
			    drop_percent(v[i].count, f->matching));
}

static void devices_sum_json(struct nt_run *run, const struct drop_figures *f, struct nt_json *j)
{
	const struct drop_cfg *c = run->cfg;
	struct device_sum v[DEVICES_SHOWN];
	uint32_t i, n = device_sums(run, f, v);
	char buf[32];

	if (c->preset != DROP_PRESET_BT)
		return;
	nt_json_arr(j, "devices");
	for (i = 0; i < n; i++) {
		const struct drop_row *row = v[i].row;

		drop_device_text(row->key.ifindex, row->dev, buf, sizeof(buf));
		nt_json_obj(j, NULL);
		nt_json_str(j, "device", row->key.ifindex ? buf : NULL);
		nt_json_u64(j, "netns", v[i].row->key.inum);
		nt_json_u64(j, "count", v[i].count);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void hidden_text(struct nt_run *run, const struct drop_figures *f)
{
	drop_hidden_text(run->out, f->hidden);
	if (f->other_reasons)
		nt_out_text(run->out, "  filtered out: %" PRIu64 " for other reasons\n",
			    f->other_reasons);
	if (f->undecided)
		nt_out_text(run->out,
			    "  %" PRIu64
			    " later fragments have no ports to compare and are shown\n",
			    f->undecided);
}

/* Drops without a row, and why they have none. */
static void other_text(struct nt_run *run, const struct drop_figures *f)
{
	const struct {
		uint64_t n;
		const char *why;
	} parts[] = {
		{ f->no_room, "the table had no room (--max-entries) or no memory" },
		{ f->too_deep, "in interrupts too deep to tell apart" },
		{ f->given_up, "of rows given up for larger ones (--max-entries)" },
	};
	const char *sep = ": ";
	size_t i;

	if (!f->other)
		return;
	nt_out_text(run->out, "Other: %" PRIu64 " calls (%.1f%%) without a row", f->other,
		    drop_percent(f->other, f->matching));
	for (i = 0; i < NT_ARRAY_SIZE(parts); i++) {
		if (!parts[i].n)
			continue;
		nt_out_text(run->out, "%s%" PRIu64 " %s", sep, parts[i].n, parts[i].why);
		sep = ", ";
	}
	nt_out_text(run->out, "\n");
}

static void rows_text(struct nt_run *run, const struct drop_figures *f)
{
	struct view v = { .run = run, .f = f };
	bool informational = false;
	uint32_t i;

	for (i = 0; i < f->show; i++) {
		view_of(&v, f->row[i], i + 1);
		row_text(&v, f->final ? NT_STACK_DEPTH_MAX : FRAMES_SHORT);
		informational |= drop_informational(v.reason, v.place.function);
	}
	other_text(run, f);
	if (informational)
		nt_out_text(run->out, "(i) usually no fault\n");
}

static void figures_text(struct nt_run *run, const struct drop_figures *f)
{
	nt_out_text(run->out,
		    "Total frees: %" PRIu64 "  matching: %" PRIu64 "  benign (hidden): %" PRIu64
		    "  filtered out: %" PRIu64 "  lost events: %" PRIu64 "  lost stacks: %" PRIu64
		    "\n",
		    f->total, f->matching, f->all_hidden, f->filtered, f->lost, f->lost_stacks);
	hidden_text(run, f);
}

/* Where the drops of all rows are, when not all rows are shown. */
static void places_line(struct nt_run *run, const struct drop_figures *f)
{
	uint32_t i;

	for (i = 0; i < f->n_places && f->n > f->show; i++)
		nt_out_text(run->out, "%s%s %" PRIu64 " (%.1f%%)",
			    i ? ", " : "Locations: ", f->place[i].name, f->place[i].count,
			    drop_percent(f->place[i].count, f->matching));
	if (i)
		nt_out_text(run->out, "\n");
}

static void report_text(struct nt_run *run, const struct drop_figures *f)
{
	const char *word = groups[f->group].many;
	char t[NT_TIME_LEN];

	nt_out_text(run->out, "[%s] === Drop Stack Statistics (Interval: %.1fs) ===\n",
		    nt_fmt_time_s(nt_run_wall(run, run->now_ns), t, sizeof(t)),
		    (double)f->interval_ns / 1e9);
	figures_text(run, f);
	places_line(run, f);
	if (f->n)
		nt_out_text(run->out, "Found %u unique %s, showing top %u:\n", f->n, word, f->show);
	rows_text(run, f);
	devices_sum_text(run, f);
	nt_loss_text(run->out, &f->losses);
	nt_out_text(run->out, "\n");
}

static void summary_text(struct nt_run *run, const struct drop_figures *f)
{
	uint32_t i;

	nt_out_text(run->out, "=== Final Summary ===\n");
	nt_out_text(run->out, "Total monitoring time: %.1f seconds\n",
		    (double)f->interval_ns / 1e9);
	nt_out_text(run->out, "Total intervals: %u\n", f->reports);
	figures_text(run, f);
	nt_out_text(run->out, "Overall filtered drops: %" PRIu64 "\n", f->matching);
	nt_out_text(run->out, "Average drops per interval: %.1f\n",
		    f->reports ? (double)f->matching / f->reports : (double)f->matching);
	if (f->n_places)
		nt_out_text(run->out, "\nMost frequent drop locations:\n");
	for (i = 0; i < f->n_places; i++)
		nt_out_text(run->out, "%u. %s: %" PRIu64 " occurrences (%.1f%%)\n", i + 1,
			    f->place[i].name, f->place[i].count,
			    drop_percent(f->place[i].count, f->matching));
	if (f->n)
		nt_out_text(run->out, "\nFound %u unique %s, showing top %u:\n", f->n,
			    groups[f->group].many, f->show);
	rows_text(run, f);
	devices_sum_text(run, f);
	nt_loss_text(run->out, &f->losses);
	nt_run_overhead(run, NULL);
}

static void counts_json(struct nt_json *j, const struct drop_figures *f)
{
	nt_json_obj(j, "counts");
	nt_json_u64(j, "total", f->total);
	nt_json_u64(j, "matching", f->matching);
	nt_json_u64(j, "hidden", f->all_hidden);
	nt_json_u64(j, "filtered", f->filtered);
	nt_json_u64(j, "other_reasons", f->other_reasons);
	nt_json_u64(j, "in_rows", f->in_rows);
	nt_json_u64(j, "other", f->other);
	nt_json_u64(j, "undecided_fragments", f->undecided);
	nt_json_u64(j, "rows", f->n);
	nt_json_end(j);
	drop_hidden_json(j, f->hidden);
}

static void figures_json(struct nt_run *run, const struct drop_figures *f)
{
	struct nt_json *j = nt_run_json(run, f->final ? "summary" : "report", run->now_ns);
	struct view v = { .run = run, .f = f };
	uint32_t i;

	nt_json_us(j, "period_us", f->interval_ns);
	nt_json_str(j, "group_by", groups[f->group].key);
	nt_json_bool(j, "cumulative", f->total_shown);
	counts_json(j, f);
	nt_json_obj(j, "latency"); /* nothing here takes time */
	nt_json_end(j);
	nt_json_arr(j, "rows");
	for (i = 0; i < f->show; i++) {
		view_of(&v, f->row[i], i + 1);
		row_json(&v, j);
	}
	nt_json_end(j);
	if (f->final)
		nt_json_u64(j, "intervals", f->reports);
	nt_json_arr(j, "locations");
	for (i = 0; i < f->n_places; i++) {
		nt_json_obj(j, NULL);
		nt_json_str(j, "function", f->place[i].name);
		nt_json_u64(j, "count", f->place[i].count);
		nt_json_end(j);
	}
	nt_json_end(j);
	devices_sum_json(run, f, j);
	nt_loss_json(j, &f->losses);
	if (f->final)
		nt_run_overhead(run, j);
	nt_json_end_line(j);
}

static int show(struct nt_run *run, bool final)
{
	struct drop_figures f;
	int r = drop_figures_make(run, final, &f);

	if (r == 0 && run->common->json)
		figures_json(run, &f);
	else if (r == 0 && final)
		summary_text(run, &f);
	else if (r == 0)
		report_text(run, &f);
	drop_figures_free(&f);
	return r;
}

/*
 * At the end the interval that is under way is reported first, unless it has
 * only just begun and nothing has come.
 */
int drop_report(struct nt_run *run, bool final)
{
	struct drop_state *st = run->state;
	int r = drop_rows_read(run);

	if (!r)
		r = drop_figures_count(run, final);
	if (!r && run->common->interval_ns && (!final || st->seen || !st->reports)) {
		st->reports++;
		r = show(run, false);
	}
	if (!r && final)
		r = show(run, true);
	return r;
}
