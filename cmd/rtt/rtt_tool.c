// SPDX-License-Identifier: GPL-2.0-or-later
/* The rtt tools: settings, devices, sweeping. */
#include "rtt_tool.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define TAPED_SIDES 1

/* On a tape, because only the traced host knows its addresses. */
static int find_sides(struct nt_run *run, const struct rtt_cfg *c, struct rtt_sides *s,
		      struct nt_err *err)
{
	struct nt_addr_list l = { .n = 0 };
	int r = 0;

	if (!run->replay) {
		r = nt_addr_list(&run->ns, &l, err);
		r = r ?: rtt_sides_find(&l, c, s, err);
		nt_addr_list_free(&l);
	}
	r = r ?: nt_run_taped(run, NT_TAPE_DATA, TAPED_SIDES, s, sizeof(*s));
	return r;
}

/* Damaged ones must not be looked at beyond their end. */
static bool sane(const struct nt_addrs *s)
{
	return s->n >= 1 && s->n <= NT_MAX_ADDRS && (s->family == 4 || s->family == 6);
}

static void fill_settings(struct nt_run *run, const struct rtt_cfg *c, const struct rtt_state *st)
{
	struct nt_flow flow = { .src = st->sides.src, .dst = st->sides.dst };
	struct rtt_kcfg *k = run->kcfg;
	uint64_t show = c->threshold_ns ? c->threshold_ns : c->all ? 0 : c->timeout_ns;

	nt_run_set_flow(run, &flow);
	if (getrandom(&k->f.seed, sizeof(k->f.seed), 0) < 0)
		k->f.seed = nt_clock_mono_ns();
	nt_trips_settings(&k->s, &st->trips, c->timeout_ns);
	k->s.threshold_ns = show < c->timeout_ns ? show : c->timeout_ns;
	k->s.anew = 1;
	k->ns.inum = run->ns.inum;
	k->ns.net = NT_NET_UNKNOWN;
	k->dir = st->sides.dir;
}

int rtt_prepare(struct nt_run *run, struct nt_err *err)
{
	const struct nt_dev_role_of role = { "interface", NT_ROLE_A, true, false };
	const struct rtt_cfg *c = run->cfg;
	struct rtt_state *st = run->state;
	int r = nt_trips_check(run,
			       c->all && nt_opt_given(run->given, offsetof(struct rtt_cfg, all)),
			       c->stats_mode, err);

	if (!r && c->no_stacks && !run->legacy)
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL,
			    "--disable-kernel-stacks goes with the old program's name: "
			    "rtt kernel takes no stacks; leave it out");
	r = r ?: nt_flow_check(&c->flow, err);
	r = r ?: find_sides(run, c, &st->sides, err);
	if (!r && (!sane(&st->sides.src) || !sane(&st->sides.dst) || st->sides.dir >= RTT_DIRS))
		r = -EBADMSG;
	if (!r && c->ifaces.n)
		r = nt_run_add_devices(run, &c->ifaces, &role, err);
	else if (!r)
		r = nt_run_keep_names(run);
	if (r < 0)
		return r;
	nt_trips_prepare(&st->trips, c->max_sessions, c->stats_mode);
	fill_settings(run, c, st);
	return 0;
}

/* The other family's functions cost nothing. */
void rtt_plan(struct nt_run *run)
{
	const struct rtt_state *st = run->state;
	bool v6 = st->sides.src.family == 6;

	nt_plan_off(&run->plan, v6 ? "out4" : "out6");
	nt_plan_off(&run->plan, v6 ? "in4" : "in6");
}

int rtt_sizes(struct nt_run *run, struct bpf_object *obj)
{
	const struct rtt_state *st = run->state;

	return nt_trips_sizes(run, &st->trips, obj);
}

static void on_swept(struct nt_run *run, const struct nt_story *story)
{
	struct rtt_state *st = run->state;

	nt_trips_swept(run, &st->trips, story);
}

/* The namespace is gone, and with it what the kernel side learned of its place. */
static void forget_namespace(struct nt_run *run)
{
	struct rtt_kcfg *k = run->kcfg;

	if (run->replay || run->ns.fd >= 0 || !k->ns.inum)
		return;
	k->ns.inum = 0;
	nt_run_fail(run, nt_run_push_settings(run));
}

void rtt_tick(struct nt_run *run, uint64_t now_ns)
{
	const struct rtt_cfg *c = run->cfg;
	struct rtt_state *st = run->state;

	(void)now_ns;
	forget_namespace(run);
	nt_trips_tick(run, &st->trips, c->timeout_ns, on_swept);
}

void rtt_done(struct nt_run *run)
{
	struct rtt_state *st = run->state;

	if (st)
		nt_trips_done(&st->trips);
}
