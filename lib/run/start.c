// SPDX-License-Identifier: GPL-2.0-or-later
/* The start block: what is traced, with which settings, by which probes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "ends.h"
#include "run_internal.h"

struct setting {
	struct nt_run *run;
	struct nt_json *j;
	struct nt_given told; /* a field with two options (in us, in ms) is told once */
};

/* A default that other options switched off: an interval in a tool that prints none. */
static bool is_zero(const void *cfg, size_t off, const struct nt_opt *o)
{
	const char *p = (const char *)cfg + off;
	size_t i, n = nt_opt_size(o->type);

	for (i = 0; i < n && !p[i]; i++)
		;
	return i == n;
}

/* A setting is told when it was given, or when it has a default that matters. */
static int one_setting(const struct nt_opt *o, size_t off, void *arg)
{
	struct setting *s = arg;
	char value[512], key[64];
	size_t i;

	if (!o->name || (o->flags & (NT_OPT_NOBANNER | NT_OPT_HIDDEN)))
		return 0;
	if (!nt_opt_given(s->run->given, off) && (!o->def || is_zero(s->run->cfg, off, o)))
		return 0;
	nt_opt_format(o, (const char *)s->run->cfg + off, value, sizeof(value));
	if (!value[0] || nt_opt_given(&s->told, off))
		return 0;
	if (s->told.n < NT_ARRAY_SIZE(s->told.off))
		s->told.off[s->told.n++] = off;
	if (!s->j) {
		nt_out_text(s->run->out, "  %-18s %s\n", o->name, value);
		return 0;
	}
	snprintf(key, sizeof(key), "%s", o->name);
	for (i = 0; key[i]; i++)
		if (key[i] == '-')
			key[i] = '_';
	nt_json_str(s->j, key, value);
	return 0;
}

static void devices_text(struct nt_run *run)
{
	char name[32], vlan[16];
	uint32_t i;

	for (i = 0; i < run->ndevs; i++) {
		const struct nt_run_dev *d = &run->dev[i];

		vlan[0] = 0;
		if (d->i.vlan_id)
			snprintf(vlan, sizeof(vlan), ", VLAN %u", d->i.vlan_id);
		nt_out_text(run->out, "  %-18s %s (ifindex=%u%s%s%s)%s%s%s\n", d->label,
			    nt_fmt_name(d->i.name, sizeof(d->i.name), name, sizeof(name)),
			    d->i.ifindex, d->i.kind[0] ? ", " : "", d->i.kind, vlan,
			    strcmp(d->asked, d->i.name) ? " for " : "",
			    strcmp(d->asked, d->i.name) ? d->asked : "",
			    d->gone ? ", not there yet" : "");
	}
}

static void devices_json(struct nt_run *run, struct nt_json *j)
{
	uint32_t i;

	nt_json_arr(j, "devices");
	for (i = 0; i < run->ndevs; i++) {
		nt_json_obj(j, NULL);
		nt_json_str(j, "name", run->dev[i].i.name);
		nt_json_u64(j, "ifindex", run->dev[i].i.ifindex);
		nt_json_u64(j, "netns", run->dev[i].i.inum);
		nt_json_str(j, "role", run->dev[i].label);
		if (run->dev[i].i.vlan_id)
			nt_json_u64(j, "vlan", run->dev[i].i.vlan_id);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void probe_name(const struct nt_choice *c, char *buf, size_t len)
{
	if (c->v)
		snprintf(buf, len, "%s:%s", nt_kind_name(c->v->kind), c->v->symbol);
	else
		buf[0] = 0;
}

static void hooks_json(struct nt_run *run, struct nt_json *j)
{
	char probe[128];
	uint32_t i;

	nt_json_arr(j, "hooks");
	for (i = 0; i < run->plan.n; i++) {
		const struct nt_choice *c = &run->plan.c[i];

		if (c->off)
			continue;
		probe_name(c, probe, sizeof(probe));
		nt_json_obj(j, NULL);
		nt_json_str(j, "name", c->hook->name);
		nt_json_str(j, "probe", probe[0] ? probe : NULL);
		nt_json_str(j, "why", c->why[0] ? c->why : NULL);
		nt_json_end(j);
	}
	nt_json_end(j);
}

/* Why a hook is missing: with --verbose of every variant, else what was in the way of
 * the first: "kind:symbol: reason; ...". */
static void missing_text(struct nt_run *run, const struct nt_choice *c)
{
	const char *why = c->why, *reason = strstr(why, ": ");
	int len = (int)strlen(why);

	if (!run->common->verbose && reason) {
		why = reason + 2;
		len = (int)strcspn(why, ";");
	}
	nt_out_text(run->out, "  hook %-13s missing: %s (%.*s)\n", c->hook->name,
		    c->hook->without ? c->hook->without : "not shown", len, why);
}

/* Missing optional hooks are always told, the chosen probes with --verbose. */
static void hooks_text(struct nt_run *run)
{
	char probe[128];
	uint32_t i;

	for (i = 0; i < run->plan.n; i++) {
		const struct nt_choice *c = &run->plan.c[i];

		if (c->off)
			continue;
		probe_name(c, probe, sizeof(probe));
		if (!c->v)
			missing_text(run, c);
		else if (run->common->verbose)
			nt_out_text(run->out, "  hook %-13s %s%s%s%s\n", c->hook->name, probe,
				    c->why[0] ? " (" : "", c->why, c->why[0] ? ")" : "");
	}
}

/* What of the losses this kernel cannot tell. */
static void unknown_losses(struct nt_run *run, struct nt_json *j)
{
	static const struct {
		uint32_t bit;
		const char *key;
	} v[] = { { NT_MISS_RECURSION, "recursion" }, { NT_MISS_PROBE, "probe_misses" } };
	uint32_t i;

	if (!(run->misses.known & NT_MISS_ASKED))
		return;
	if (j)
		nt_json_arr(j, "not_counted");
	for (i = 0; i < NT_ARRAY_SIZE(v); i++) {
		if (run->misses.known & v[i].bit)
			continue;
		if (j)
			nt_json_str(j, NULL, v[i].key);
		else
			nt_out_text(run->out, "  %-18s not counted on this kernel\n", v[i].key);
	}
	if (j)
		nt_json_end(j);
}

static void start_json(struct nt_run *run)
{
	struct nt_json *j = nt_run_json(run, "start", run->now_ns);
	struct setting s = { .run = run, .j = j };

	nt_json_str(j, "version", NT_VERSION);
	nt_json_str(j, "kernel", run->release[0] ? run->release : NULL);
	nt_json_obj(j, "filters");
	nt_opt_walk(run->tool->opts, 0, one_setting, &s);
	nt_json_end(j);
	devices_json(run, j);
	hooks_json(run, j);
	unknown_losses(run, j);
	if (run->tool->banner)
		run->tool->banner(run, j);
	nt_json_end_line(j);
}

void nt_start_block(struct nt_run *run)
{
	struct setting s = { .run = run };

	if (run->common->quiet)
		return;
	if (run->common->json) {
		start_json(run);
		return;
	}
	nt_out_text(run->out, "=== nettrace %s: %s ===\n", run->tool->words, run->tool->summary);
	nt_opt_walk(run->tool->opts, 0, one_setting, &s);
	devices_text(run);
	hooks_text(run);
	unknown_losses(run, NULL);
	if (run->lookups_need_cap)
		nt_out_text(run->out, "  %s is kept: this kernel wants it to read the figures\n",
			    nt_caps_name((int)run->lookups_cap));
	if (run->tool->banner)
		run->tool->banner(run, NULL);
}

/* One line and one byte, at the same instant. */
void nt_start_ready(struct nt_run *run)
{
	if (!run->common->quiet)
		nt_out_text(run->out, "ready; hit Ctrl-C to end\n");
	nt_out_flush(run->out);
	nt_ready_tell(run->common->ready_fd);
}
