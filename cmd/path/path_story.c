// SPDX-License-Identifier: GPL-2.0-or-later
/* The path tools: one packet's story. */
#include <string.h>

#include "path_tool.h"

/* Status of a story; of a late one what it counted as at its timeout. */
static uint32_t status_of(const struct nt_run *run, const struct nt_story *y)
{
	const struct path_kind *k = path_kind(run);

	if (!(y->s->flags & NT_SESS_DONE))
		return k->gap(run, y);
	return y->s->flags & NT_SESS_LATE ? k->late_gap(run, y) : 0;
}

static bool span_ns(const struct path_kind *k, const struct nt_story *y, uint32_t i, uint64_t *ns)
{
	uint32_t both = (1U << k->span[i].from) | (1U << k->span[i].to);

	if ((y->s->seen & both) != both)
		return false;
	*ns = y->ts[k->span[i].to] - y->ts[k->span[i].from];
	return true;
}

static void story_title(struct nt_run *run, const struct nt_story *y)
{
	char t[NT_TIME_LEN], what[192];

	path_kind(run)->title(y, what, sizeof(what));
	nt_out_text(run->out, "[%s] %s\n",
		    nt_fmt_time_ms(nt_run_wall(run, y->s->first_ns), t, sizeof(t)), what);
}

static void story_stages(struct nt_run *run, const struct nt_story *y)
{
	const struct path_kind *k = path_kind(run);
	uint64_t last = y->ts[0];
	char dev[32], note[96] = "";
	uint32_t i;

	for (i = 0; i < k->stages; i++) {
		nt_out_text(run->out, "  [%u] %-*s ", i, k->stage_width, k->stage[i]);
		if (!(y->s->seen & (1U << i))) {
			nt_out_text(run->out, "MISSING\n");
			continue;
		}
		if (k->note)
			k->note(y, i, note, sizeof(note));
		nt_run_dev_name(run, y->dev[i], dev, sizeof(dev));
		if (i == 0)
			nt_out_text(run->out, "%s%s\n", dev, note);
		else
			nt_out_text(run->out, "%-10s +%.1fus%s\n", dev, (y->ts[i] - last) / 1e3,
				    note);
		last = y->ts[i];
	}
}

static void story_latency(struct nt_run *run, const struct nt_story *y)
{
	const struct path_kind *k = path_kind(run);
	uint64_t ns;
	uint32_t i;

	nt_out_text(run->out, "  Latency(us):");
	for (i = 0; i < k->spans; i++) {
		if (span_ns(k, y, i, &ns))
			nt_out_text(run->out, " %s=%.1f", k->span[i].name, ns / 1e3);
		else
			nt_out_text(run->out, " %s=-", k->span[i].name);
	}
	nt_out_text(run->out, "\n");
}

static void story_status(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	const struct path_kind *k = path_kind(run);
	const struct path_cfg *c = run->cfg;
	char errors[160] = "", why[160] = "";

	k->errors(y, errors, sizeof(errors));
	if (path_no_verdict(run, y)) {
		nt_out_text(run->out,
			    "  STATUS: " NT_TRIP_NO_VERDICT " (an interface was away)%s\n", errors);
	} else if (y->s->flags & NT_SESS_LATE) {
		nt_out_text(run->out,
			    "  STATUS: %s, LATE (complete after %.1f ms, timeout %g ms)%s\n",
			    k->status[status].name, (y->s->end_ns - y->s->first_ns) / 1e6,
			    c->timeout_ns / 1e6, errors);
	} else if (!status) {
		nt_out_text(run->out, "  STATUS: %s\n", k->status[status].name);
	} else {
		k->why(run, y, status, why, sizeof(why));
		nt_out_text(run->out, "  STATUS: %s (%s)%s\n", k->status[status].name, why, errors);
	}
}

static void json_stages(struct nt_run *run, struct nt_json *j, const struct nt_story *y)
{
	const struct path_kind *k = path_kind(run);
	char buf[32];
	uint32_t i;

	nt_json_arr(j, "stages");
	for (i = 0; i < k->stages; i++) {
		if (!(y->s->seen & (1U << i)))
			continue;
		nt_json_obj(j, NULL);
		nt_json_str(j, "stage", k->stage[i]);
		nt_json_str(j, "interface", nt_run_dev_name(run, y->dev[i], buf, sizeof(buf)));
		nt_json_us(j, "at_us", y->ts[i] - y->s->first_ns);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void story_json(struct nt_run *run, const struct nt_story *y, uint32_t status)
{
	struct nt_json *j = nt_run_json(run, "event", y->s->first_ns);
	const struct path_kind *k = path_kind(run);
	uint64_t ns;
	uint32_t i;

	nt_json_str(j, "status",
		    path_no_verdict(run, y) ? NT_TRIP_NO_VERDICT : k->status[status].name);
	nt_json_bool(j, "late", y->s->flags & NT_SESS_LATE);
	k->json(j, y);
	json_stages(run, j, y);
	nt_json_obj(j, "segments_us");
	for (i = 0; i < k->spans; i++) {
		if (span_ns(k, y, i, &ns))
			nt_json_us(j, k->span[i].key, ns);
		else
			nt_json_null(j, k->span[i].key);
	}
	nt_json_end(j);
	if (k->json_errors)
		k->json_errors(j, y);
	if (y->s->flags & NT_SESS_XMIT_FAILED)
		nt_json_i64(j, "rc", y->s->rc);
	nt_json_end_line(j);
}

void path_story(struct nt_run *run, const struct nt_story *y)
{
	uint32_t status = status_of(run, y);

	if (run->common->json) {
		story_json(run, y, status);
	} else {
		story_title(run, y);
		story_stages(run, y);
		if (y->s->flags & NT_SESS_DONE)
			story_latency(run, y);
		story_status(run, y, status);
	}
	nt_run_shown(run);
}

void path_event(struct nt_run *run, const void *rec, size_t size)
{
	struct nt_story y;

	if (nt_story_of(rec, size, path_kind(run)->slot, &y))
		path_story(run, &y);
	else
		run->order_failed++;
}
