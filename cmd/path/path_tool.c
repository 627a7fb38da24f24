// SPDX-License-Identifier: GPL-2.0-or-later
/* The path tools: settings, devices. */
#include "path_tool.h"

#include <string.h>

#define O(field) offsetof(struct path_cfg, field)

const struct nt_opt path_opts_shared[] = {
	{ .name = "timeout-ms",
	  .type = NT_OPT_DURATION,
	  .off = O(tell.timeout_ns),
	  .def = "1000",
	  .unit = "ms",
	  .min = "1",
	  .max = "600000",
	  .aliases = "loss-timeout",
	  .metavar = "MS",
	  .help = "a packet counts as lost after this time" },
	{ .name = "latency-us",
	  .type = NT_OPT_DURATION,
	  .off = O(tell.threshold_ns),
	  .unit = "us",
	  .aliases = "threshold,threshold-us,latency-threshold",
	  .metavar = "US",
	  .help = "also show packets that took this long or longer in all" },
	{ .name = "latency-ms",
	  .type = NT_OPT_DURATION,
	  .off = O(tell.threshold_ns),
	  .unit = "ms",
	  .metavar = "MS",
	  .help = "the same in milliseconds" },
	{ .name = "all",
	  .letter = 'a',
	  .type = NT_OPT_FLAG,
	  .off = O(tell.all),
	  .help = "show every packet, not only the lost and the late" },
	{ .name = "stats-mode",
	  .letter = 's',
	  .type = NT_OPT_FLAG,
	  .off = O(tell.stats_mode),
	  .help = "show no packets, only the periodic report and the summary" },
	NT_OPTS_BARS(struct path_cfg, common),
	{ .name = "max-sessions",
	  .type = NT_OPT_U32,
	  .off = O(tell.max_sessions),
	  .def = "8192",
	  .min = "64",
	  .max = "4194304",
	  .metavar = "N",
	  .flags = NT_OPT_NOBANNER,
	  .help = "packets that can be under way at once" },
	{ 0 },
};

/* Does a driver on the way report drops to the stack? Physical drivers only say
 * "busy", after which the packet comes again; veth says nothing. */
static bool has_telling_driver(const struct nt_run *run)
{
	uint32_t i;

	for (i = 0; i < run->ndevs; i++) {
		const char *kind = run->dev[i].i.kind; /* not known while absent */

		if (run->dev[i].gone || (kind[0] && strcmp(kind, "veth")))
			return true;
	}
	return false;
}

static void fill_settings(struct nt_run *run, const struct path_cfg *c)
{
	struct path_kcfg *k = run->kcfg;

	nt_run_set_flow(run, &c->flow);
	nt_stories_settings(run, &k->s);
	k->confirm = has_telling_driver(run);
	k->ports = c->flow.sport.n || c->flow.dport.n;
}

int path_prepare_kind(struct nt_run *run, const struct nt_story_kind *kind, struct nt_err *err)
{
	const struct nt_dev_role_of rx = { "rx", NT_ROLE_A, true, false };
	const struct nt_dev_role_of tx = { "tx", NT_ROLE_B, false, false };
	struct path_cfg *c = run->cfg;
	int r = nt_stories_prepare(run, kind, &c->tell, err);

	r = r ?: nt_flow_check(&c->flow, err);
	r = r ?: nt_run_add_devices(run, &c->rx, &rx, err);
	r = r ?: nt_run_add_devices(run, &c->tx, &tx, err);
	r = r ?: nt_run_check_sides(run, err);
	if (r < 0)
		return r;
	fill_settings(run, c);
	if (!((struct path_kcfg *)run->kcfg)->confirm)
		nt_plan_off(&run->plan, "xmit");
	return 0;
}
