// SPDX-License-Identifier: GPL-2.0-or-later
/* The rtt tools: settings and devices. */
#include "rtt_tool.h"

#include <errno.h>

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

static void fill_settings(struct nt_run *run, const struct rtt_state *st)
{
	struct nt_flow flow = { .src = st->sides.src, .dst = st->sides.dst };
	struct rtt_kcfg *k = run->kcfg;

	nt_run_set_flow(run, &flow);
	nt_stories_settings(run, &k->s);
	k->s.anew = 1;
	k->ns.inum = run->ns.inum;
	k->ns.net = NT_NET_UNKNOWN;
	k->dir = st->sides.dir;
}

static int add_devices(struct nt_run *run, const struct rtt_cfg *c, const char *label,
		       struct nt_err *err)
{
	const struct nt_dev_role_of role = { label, NT_ROLE_A, true, false };
	int r;

	if (!c->ifaces.n)
		return nt_run_keep_names(run);
	r = nt_run_add_devices(run, &c->ifaces, &role, err);
	return r || !c->more.n ? r : nt_run_add_devices(run, &c->more, &role, err);
}

/* A legacy name may have --stacks by itself. */
static int check_stacks(const struct nt_run *run, const struct rtt_cfg *c, struct nt_err *err)
{
	const bool given = nt_opt_given(run->given, offsetof(struct rtt_cfg, stacks));

	if (c->stacks && given && (c->tell.stats_mode || c->no_stacks))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--stacks is of the pings that are shown: leave out %s",
			       c->no_stacks ? "--disable-kernel-stacks" : "--stats-mode");
	return 0;
}

int rtt_prepare_kind(struct nt_run *run, const struct rtt_kind *kind, struct nt_err *err)
{
	const struct rtt_cfg *c = run->cfg;
	struct rtt_state *st = run->state;
	int r = nt_stories_prepare(run, kind->story[c->direction], &c->tell, err);

	r = r ?: check_stacks(run, c, err);
	r = r ?: nt_flow_check(&c->flow, err);
	r = r ?: find_sides(run, c, &st->sides, err);
	if (!r && (!sane(&st->sides.src) || !sane(&st->sides.dst) || st->sides.dir >= RTT_DIRS))
		r = -EBADMSG;
	r = r ?: add_devices(run, c, kind->label, err);
	if (r < 0)
		return r;
	st->stories.stage = kind->stage[st->sides.dir][st->sides.src.family == 6];
	fill_settings(run, st);
	if (!c->stacks || c->no_stacks || c->tell.stats_mode)
		return 0;
	((struct rtt_kcfg *)run->kcfg)->stacks = 1;
	return rtt_stacks_open(run);
}

int rtt_sizes(struct nt_run *run, struct bpf_object *obj)
{
	int r = nt_stories_sizes(run, obj);

	return r ?: rtt_stacks_sizes(run, obj);
}

void rtt_done(struct nt_run *run)
{
	struct rtt_state *st = run->state;

	if (st)
		rtt_stacks_close(st->stacks);
	nt_stories_done(run);
}

/* The other family's functions cost nothing. */
void rtt_plan(struct nt_run *run)
{
	const struct rtt_state *st = run->state;
	bool v6 = st->sides.src.family == 6;

	nt_plan_off(&run->plan, v6 ? "out4" : "out6");
	nt_plan_off(&run->plan, v6 ? "in4" : "in6");
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
	forget_namespace(run);
	nt_stories_tick(run, now_ns);
}
