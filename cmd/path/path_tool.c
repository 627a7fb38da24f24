// SPDX-License-Identifier: GPL-2.0-or-later
/* The path tools: settings, devices, sweeping. */
#include "path_tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define O(field) offsetof(struct path_cfg, field)

const struct nt_opt path_opts_ifaces[] = {
	{ .name = "rx-iface", .type = NT_OPT_IFACES, .off = O(rx), .flags = NT_OPT_REQUIRED,
	  .aliases = "vm-interface", .metavar = "IF[,IF]",
	  .help = "where the request arrives and the reply leaves" },
	{ .name = "tx-iface", .type = NT_OPT_IFACES, .off = O(tx), .flags = NT_OPT_REQUIRED,
	  .aliases = "phy-interface,phy-iface1", .metavar = "IF[,IF]",
	  .help = "where the request leaves and the reply arrives" },
	{ 0 },
};

const struct nt_opt path_opts_shared[] = {
	{ .name = "timeout-ms", .type = NT_OPT_DURATION, .off = O(timeout_ns), .def = "1000",
	  .unit = "ms", .min = "1", .max = "600000", .aliases = "loss-timeout", .metavar = "MS",
	  .help = "a packet counts as lost after this time" },
	{ .name = "latency-us", .type = NT_OPT_DURATION, .off = O(threshold_ns), .unit = "us",
	  .aliases = "threshold,threshold-us,latency-threshold", .metavar = "US",
	  .help = "also show packets that took this long or longer in all" },
	{ .name = "latency-ms", .type = NT_OPT_DURATION, .off = O(threshold_ns), .unit = "ms",
	  .metavar = "MS", .help = "the same in milliseconds" },
	{ .name = "all", .letter = 'a', .type = NT_OPT_FLAG, .off = O(all),
	  .help = "show every packet, not only the lost and the late" },
	{ .name = "stats-mode", .letter = 's', .type = NT_OPT_FLAG, .off = O(stats_mode),
	  .help = "show no packets, only the periodic report and the summary" },
	NT_OPTS_BARS(struct path_cfg, common),
	{ .name = "max-sessions", .type = NT_OPT_U32, .off = O(max_sessions), .def = "8192",
	  .min = "64", .max = "4194304", .metavar = "N", .flags = NT_OPT_NOBANNER,
	  .help = "packets that can be under way at once" },
	{ 0 },
};

static int check(struct nt_run *run, struct path_cfg *c, struct nt_err *err)
{
	if (c->all && c->stats_mode)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--all and --stats-mode exclude each other: choose one");
	if (c->stats_mode && c->common.count)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--count counts the packets that are shown, and --stats-mode shows "
			       "none: use --duration");
	if (!c->stats_mode && !nt_opt_given(run->given, O(common.interval_ns)))
		c->common.interval_ns = 0;
	return nt_flow_check(&c->flow, err);
}

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

static void fill_settings(struct nt_run *run, const struct path_cfg *c, uint32_t sets)
{
	struct path_kcfg *k = run->kcfg;
	uint64_t show = c->threshold_ns ? c->threshold_ns : c->timeout_ns;

	nt_run_set_flow(run, &c->flow);
	if (getrandom(&k->f.seed, sizeof(k->f.seed), 0) < 0)
		k->f.seed = nt_clock_mono_ns();
	k->s.timeout_ns = c->timeout_ns;
	/* User space sweeps every second: leave it the time to do so. */
	k->s.reclaim_ns = c->timeout_ns + 3000000000ULL;
	k->s.threshold_ns = c->all ? 0 : show < c->timeout_ns ? show : c->timeout_ns;
	k->s.set_mask = sets - 1;
	k->s.emit = !c->stats_mode;
	k->confirm = has_telling_driver(run);
}

int path_prepare(struct nt_run *run, struct nt_err *err)
{
	struct path_cfg *c = run->cfg;
	struct path_state *st = run->state;
	int r = check(run, c, err);

	if (!r)
		r = nt_run_add_devices(
			run, &c->rx, &(struct nt_dev_role_of){ "rx", NT_ROLE_A, true, false }, err);
	if (!r)
		r = nt_run_add_devices(run, &c->tx,
				       &(struct nt_dev_role_of){ "tx", NT_ROLE_B, false, false },
				       err);
	if (!r)
		r = nt_run_check_sides(run, err);
	if (r < 0)
		return r;
	st->sets = nt_sessions_sets(c->max_sessions);
	fill_settings(run, c, st->sets);
	if (!((struct path_kcfg *)run->kcfg)->confirm)
		nt_plan_off(&run->plan, "xmit");
	return 0;
}

int path_sizes(struct nt_run *run, struct bpf_object *obj)
{
	struct path_state *st = run->state;

	return nt_sessions_sizes(run, obj, st->sets);
}

uint32_t path_gap(const struct nt_story *y, uint64_t timeout_ns)
{
	uint32_t seen = 1, i;

	for (i = 1; i < PATH_STAGES; i++)
		if ((y->s->seen & (1U << i)) && y->ts[i] - y->s->first_ns <= timeout_ns)
			seen |= 1U << i;
	if (!(seen & (1 << PATH_REQ_TX)))
		return PATH_ST_DROP_REQ;
	return seen & (1 << PATH_REP_RX) ? PATH_ST_DROP_REP : PATH_ST_EXTERNAL;
}

bool path_no_verdict(const struct nt_run *run, const struct nt_story *y)
{
	const struct path_cfg *c = run->cfg;

	return !(y->s->flags & NT_SESS_DONE) &&
	       nt_run_away(run, y->s->first_ns, y->s->first_ns + c->timeout_ns);
}

/* Unfinished sessions: lost when older than the timeout. */
static void on_swept(struct nt_run *run, const struct nt_story *story)
{
	const struct path_cfg *c = run->cfg;
	struct path_state *st = run->state;

	if (story->s->flags & NT_SESS_IN_FLIGHT) {
		st->in_flight++;
		return;
	}
	if (path_no_verdict(run, story))
		st->no_verdict++;
	else
		st->swept[path_gap(story, c->timeout_ns)]++;
	if (!c->stats_mode)
		nt_run_queue(run, story->s, nt_story_size(PATH_STAGES));
}

void path_tick(struct nt_run *run, uint64_t now_ns)
{
	const struct path_cfg *c = run->cfg;
	struct path_state *st = run->state;
	int r = 0;

	(void)now_ns;
	if (!st->sessions)
		r = nt_sessions_open(run, st->sets, PATH_STAGES, &st->sessions);
	if (!r)
		r = nt_sessions_sweep(run, st->sessions, c->timeout_ns, on_swept);
	nt_run_fail(run, r);
}

void path_done(struct nt_run *run)
{
	struct path_state *st = run->state;

	if (st)
		nt_sessions_close(st->sessions);
}
