// SPDX-License-Identifier: GPL-2.0-or-later
/* drop summary: where in the kernel are packets dropped, why, of which flows? */
#include <errno.h>
#include <stdlib.h>

#include "drop_summary.h"
#include "procfs.h"

extern const struct nt_object nt_obj_drop_summary;

#define O(field) offsetof(struct drop_cfg, field)

static const struct nt_opt drop_opts[] = {
	{ .type = NT_OPT_HEADING, .help = "Report" },
	{ .name = "interval", .letter = 'i', .type = NT_OPT_DURATION, .off = O(common.interval_ns),
	  .def = "10", .unit = "s", .metavar = "SEC",
	  .help = "time between reports, 0: only the summary at the end" },
	{ .name = "duration", .letter = 'd', .type = NT_OPT_DURATION, .off = O(common.duration_ns),
	  .def = "0", .unit = "s", .metavar = "SEC",
	  .help = "stop after this time, 0: run until Ctrl-C" },
	{ .name = "top", .letter = 't', .type = NT_OPT_U32, .off = O(top), .def = "5", .min = "1",
	  .max = "100000", .metavar = "N",
	  .help = "rows of a report; the summary at the end has twice as many" },
	{ .name = "group-by", .type = NT_OPT_CHOICE, .off = O(group), .def = "all",
	  .choices = "all|stack|fivetuple,flow|reason|device|location",
	  .help = "what makes a row: stack and flow together, or one thing alone" },
	{ .name = "cumulative", .type = NT_OPT_FLAG, .off = O(cumulative),
	  .help = "counts since the start, not of each interval" },
	{ .name = "no-stack-trace", .aliases = "disable-kernel-stacks", .type = NT_OPT_FLAG,
	  .off = O(no_stack), .help = "take no stacks: cheaper, and the place is still told" },
	{ .name = "stack-depth", .type = NT_OPT_U32, .off = O(depth), .def = "16", .min = "1",
	  .max = "127", .metavar = "N", .help = "frames of a stack; a longer one says that it is cut" },
	{ .name = "disable-normal-filter", .type = NT_OPT_FLAG, .off = O(show_normal),
	  .help = "give frees that are normal rows of their own" },
	{ .name = "max-entries", .type = NT_OPT_U32, .off = O(max_entries), .def = "10240",
	  .min = "16", .max = "262144", .metavar = "N", .flags = NT_OPT_NOBANNER,
	  .help = "rows that are told apart in an interval; drops beyond are one row" },
	{ .name = "preset", .type = NT_OPT_CHOICE, .off = O(preset), .def = "none",
	  .choices = "none|stack|bt",
	  .help = "defaults of older programs; stack: by stack, cumulative; bt: and by device, top 3" },
	{ .type = NT_OPT_HEADING, .help = "Filter" },
	{ .name = "interface", .letter = 'n', .aliases = "device,dev,name", .type = NT_OPT_IFACES,
	  .off = O(dev), .metavar = "IF[,IF]",
	  .help = "drops on this device, or of packets that came in by it" },
	NT_OPTS_ADDRS(struct drop_cfg, flow),
	NT_OPTS_PORTS(struct drop_cfg, flow),
	{ .name = "protocol", .letter = 'p', .type = NT_OPT_PROTO, .off = O(flow.proto),
	  .def = "all", .help = "tcp, udp, icmp, icmp6, all, or a number; comma list" },
	NT_OPTS_PROTO(struct drop_cfg, flow),
	{ .name = "reason", .type = NT_OPT_STRING, .off = O(reason), .metavar = "REASON[,REASON]",
	  .help = "only drops of these reasons; before Linux 5.17 by the class of their place" },
	{ .name = "bidir", .type = NT_OPT_FLAG, .off = O(both_ways),
	  .help = "also the packets of the other direction" },
	{ .name = "preset-device", .type = NT_OPT_IFACES, .off = O(word_dev),
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN | NT_OPT_NOBANNER | NT_OPT_EMPTY,
	  .help = "first word with --preset bt, empty: any device" },
	{ .name = "preset-interval", .type = NT_OPT_DURATION, .off = O(word_interval_ns),
	  .unit = "s", .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN | NT_OPT_NOBANNER,
	  .help = "second word with --preset bt" },
	NT_OPTS_TRACE(struct drop_cfg, common),
	{ 0 },
};

static const struct nt_example drop_examples[] = {
	{ "drop summary --interval 60 --top 10",
	  "once a minute the ten places and flows that lose most" },
	{ "drop summary -n br-int --src-ip 10.0.0.0/24 --l4-protocol tcp --group-by fivetuple",
	  "which connections of a network lose packets on a bridge" },
	{ "drop summary --group-by reason --duration 3600 --interval 0",
	  "an hour's drops by reason, in one summary" },
	{ 0 },
};

static const struct nt_legacy drop_legacy[] = {
	{ "kernel_drop_stack_stats_summary_all.py", NULL, NULL, NULL },
	{ "kernel_drop_stats_summary_all.py", NULL, NULL, NULL },
	{ "kernel_drop_stack_stats_summary.py", "--preset stack", NULL,
	  "one row a stack, counted since the start" },
	{ "kernel_drop_stack_stats.bt", "--preset bt", NULL,
	  "also takes [DEVICE [SECONDS]], an empty device is any; one row a stack, the three "
	  "largest, counted since the start" },
	{ 0 },
};

/* What a preset sets, where the user did not. */
static int apply_preset(struct nt_run *run, struct drop_cfg *c, struct nt_err *err)
{
	bool word_dev = nt_opt_given(run->given, O(word_dev));
	bool word_interval = nt_opt_given(run->given, O(word_interval_ns));
	char word[NT_QUOTE_LEN];

	if ((word_dev || word_interval) && c->preset != DROP_PRESET_BT)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "unexpected argument '%s': a device and an interval without option "
			       "names go with --preset bt; use --interface and --interval",
			       nt_quote(c->word_dev.n ? c->word_dev.name[0] : "", word));
	if (c->preset == DROP_PRESET_NONE)
		return 0;
	c->cumulative = true;
	if (!nt_opt_given(run->given, O(group)))
		c->group = DROP_GROUP_STACK;
	if (c->preset != DROP_PRESET_BT)
		return 0;
	if (!nt_opt_given(run->given, O(top)))
		c->top = 3;
	if (c->word_dev.n && !c->dev.n)
		c->dev = c->word_dev;
	if (word_interval && !nt_opt_given(run->given, O(common.interval_ns)))
		c->common.interval_ns = c->word_interval_ns;
	return 0;
}

static uint32_t row_by(const struct drop_cfg *c)
{
	static const uint32_t by[] = {
		[DROP_GROUP_ALL] = DROP_BY_STACK | DROP_BY_PLACE | DROP_BY_REASON | DROP_BY_DEVICE |
				   DROP_BY_FLOW,
		[DROP_GROUP_STACK] = DROP_BY_STACK | DROP_BY_PLACE | DROP_BY_REASON |
				     DROP_BY_DEVICE,
		[DROP_GROUP_FLOW] = DROP_BY_FLOW | DROP_BY_DEVICE,
		[DROP_GROUP_REASON] = DROP_BY_REASON | DROP_BY_PLACE,
		[DROP_GROUP_DEVICE] = DROP_BY_DEVICE,
		[DROP_GROUP_PLACE] = DROP_BY_PLACE,
	};

	return by[c->group] & (c->no_stack ? ~(uint32_t)DROP_BY_STACK : ~0U);
}

static int drop_prepare(struct nt_run *run, struct nt_err *err)
{
	struct drop_cfg *c = run->cfg;
	struct drop_state *st = run->state;
	struct drop_kcfg *k = run->kcfg;
	int r = apply_preset(run, c, err);

	if (!r)
		r = nt_flow_check(&c->flow, err);
	if (!r)
		r = drop_base_begin(run, c->reason, &c->dev, err);
	if (r < 0)
		return r;
	st->by = row_by(c);
	drop_settings_fill(run, &c->flow, st->by, c->depth);
	k->both_ways = c->both_ways;
	k->show_normal = c->show_normal;
	return 0;
}

static int drop_kernel(struct nt_run *run, const struct nt_ksym_want *functions, struct nt_err *err)
{
	const struct drop_cfg *c = run->cfg;
	struct drop_state *st = run->state;
	struct drop_kcfg *k = run->kcfg;
	int r = drop_places_open(run, functions, err);

	r = r ?: drop_asked_resolve(&st->base.asked, st->base.places, k, err);
	if (r)
		return r;
	/* By reason the place is only needed where it has to stand in for one. */
	if (c->group == DROP_GROUP_REASON && drop_places_reasoned(st->base.places))
		st->by &= ~(uint32_t)DROP_BY_PLACE;
	k->by = st->by;
	if (st->base.asked.n && !k->asked)
		k->by |= DROP_BY_PLACE;
	return 0;
}

static int drop_sizes(struct nt_run *run, struct bpf_object *obj)
{
	const struct drop_cfg *c = run->cfg;
	/* Two generations. */
	int r = nt_run_map_entries(obj, "drop_rows", 2 * c->max_entries);

	return r ?: drop_stacks_size(run, obj);
}

/* --count: drops that match, in rows or not. */
static void drop_tick(struct nt_run *run, uint64_t now_ns)
{
	struct nt_counters c;

	(void)now_ns;
	if (!run->common->count || run->final || nt_run_counters(run, &c) < 0)
		return;
	run->stop |= drop_matching(&c) >= run->common->count;
}

static void drop_done(struct nt_run *run)
{
	struct drop_state *st = run->state;

	if (!st)
		return;
	drop_rows_free(&st->table);
	drop_places_free(st->base.places);
}

const struct nt_tool nt_tool_drop_summary = {
	.words = "drop summary",
	.family = "drop",
	.summary = "count where in the kernel packets are dropped, why, and of which flows",
	.side = "any",
	.needs = NT_NEEDS_TRACE NT_NEEDS_SYMBOLS,
	.opts = drop_opts,
	.cfg_size = sizeof(struct drop_cfg),
	.legacy = drop_legacy,
	.examples = drop_examples,
	.object = &nt_obj_drop_summary,
	.hooks = drop_hooks,
	.functions = drop_functions,
	.types = drop_types,
	.state_size = sizeof(struct drop_state),
	.kcfg_size = sizeof(struct drop_kcfg),
	.prepare = drop_prepare,
	.kernel = drop_kernel,
	.sizes = drop_sizes,
	.banner = drop_banner,
	.names = drop_reason_names,
	.on_tick = drop_tick,
	.report = drop_report,
	.done = drop_done,
};
