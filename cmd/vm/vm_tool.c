// SPDX-License-Identifier: GPL-2.0-or-later
/* The vm tools: settings, devices, sweeping. */
#include "vm_tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* What is asked for, as the VM sends it. */
static struct nt_flow flow_of(const struct vm_cfg *c)
{
	struct nt_flow flow = c->flow;

	if (c->vm_ip.n)
		flow.src = c->vm_ip;
	return flow;
}

static int check(const struct vm_cfg *c, struct nt_err *err)
{
	const struct nt_flow flow = flow_of(c);

	if (c->vm_ip.n && (c->flow.src.n || c->flow.dst.n))
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "--vm-ip is the source one way and the destination the other; "
			       "give either it or --src-ip and --dst-ip");
	/* The packets of others have nothing to be known by at the next stage (VM_WANT). */
	if (c->flow.proto & NT_PROTO_OTHER)
		return nt_errf(
			err, NT_EXIT_USAGE, EINVAL,
			"--protocol %u: only packets of tcp, udp, icmp and icmp6 are followed",
			c->flow.proto >> 8);
	return nt_flow_check(&flow, err);
}

/* Packets that took so long are shown: without a threshold of the user's the late ones. */
static uint64_t show_from(const struct nt_run *run, const struct vm_cfg *c)
{
	bool all = nt_opt_given(run->given, offsetof(struct vm_cfg, all));
	bool threshold = nt_opt_given(run->given, offsetof(struct vm_cfg, threshold_ns));

	if (c->all && (all || !threshold))
		return 0;
	return threshold && c->threshold_ns < c->timeout_ns ? c->threshold_ns : c->timeout_ns;
}

static void fill_settings(struct nt_run *run, const struct vm_cfg *c, uint32_t sets)
{
	struct vm_kcfg *k = run->kcfg;
	struct nt_flow flow = flow_of(c);

	if (!flow.proto)
		flow.proto = NT_PROTO_ICMP | NT_PROTO_TCP | NT_PROTO_UDP | NT_PROTO_ICMP6;
	k->vm_addr = c->vm_ip.n > 0;
	nt_run_set_flow(run, &flow);
	if (getrandom(&k->f.seed, sizeof(k->f.seed), 0) < 0)
		k->f.seed = nt_clock_mono_ns();
	k->s.timeout_ns = c->timeout_ns;
	/* User space sweeps every second: leave it the time to do so. */
	k->s.reclaim_ns = c->timeout_ns + 3000000000ULL;
	k->s.threshold_ns = show_from(run, c);
	k->s.set_mask = sets - 1;
	k->s.emit = 1;
	k->dirs = vm_dirs(run);
}

int vm_prepare(struct nt_run *run, struct nt_err *err)
{
	struct vm_cfg *c = run->cfg;
	struct vm_state *st = run->state;
	const struct nt_dev_role_of vm = { .label = "vm", .role = VM_ROLE_VNET, .rx = true };
	const struct nt_dev_role_of phy = { .label = "phy", .role = VM_ROLE_PHY, .rx = true };
	int r = check(c, err);

	if (!r)
		r = nt_run_add_devices(run, &c->vnet, &vm, err);
	if (!r)
		r = nt_run_add_devices(run, &c->phy, &phy, err);
	if (!r)
		r = nt_run_check_sides(run, err);
	if (r < 0)
		return r;
	st->sets = nt_sessions_sets(c->max_sessions);
	fill_settings(run, c, st->sets);
	return 0;
}

/* Hooks of stages that this call does not show cost nothing. */
void vm_plan(struct nt_run *run)
{
	static const char *const not_legacy[] = { "ovs", "extract", "enq", "deq" };
	const struct vm_cfg *c = run->cfg;
	uint32_t i;

	if (!c->enable_ct) {
		nt_plan_off(&run->plan, "ct");
		nt_plan_off(&run->plan, "ct_out");
	}
	if (!run->legacy || !(vm_dirs(run) & (1U << VM_TO)))
		nt_plan_off(&run->plan, "tun");
	for (i = 0; run->legacy && i < sizeof(not_legacy) / sizeof(not_legacy[0]); i++)
		nt_plan_off(&run->plan, not_legacy[i]);
}

int vm_sizes(struct nt_run *run, struct bpf_object *obj)
{
	struct vm_state *st = run->state;

	return nt_sessions_sizes(run, obj, st->sets);
}

void vm_banner(struct nt_run *run, struct nt_json *j)
{
	const struct vm_cfg *c = run->cfg;
	uint32_t dir, dirs = vm_dirs(run);
	char text[320];

	if (j)
		nt_json_arr(j, "directions");
	for (dir = 0; dir < VM_DIRS; dir++) {
		if (!(dirs & (1U << dir)))
			continue;
		vm_dir_text(run, dir, text, sizeof(text));
		if (j)
			nt_json_str(j, NULL, vm_dir_key(dir));
		nt_out_text(run->out, "  %-18s %s\n", "path", text);
	}
	if (j)
		nt_json_end(j);
	if (!c->vm_ip.n && !c->flow.src.n && !c->flow.dst.n && (dirs & (1U << VM_TO)))
		nt_out_text(run->out,
			    "  %-18s every packet that arrives on the uplinks, those for others "
			    "too; --vm-ip leaves them out\n",
			    "followed");
	nt_out_text(run->out, "  %-18s %s\n", "conntrack", c->enable_ct ? "ENABLED" : "DISABLED");
}

/* Unfinished after the timeout. */
static void on_swept(struct nt_run *run, const struct nt_story *story)
{
	struct vm_state *st = run->state;

	if (story->s->flags & NT_SESS_IN_FLIGHT) {
		st->in_flight++;
		return;
	}
	st->swept++;
	nt_run_queue(run, story->s, nt_story_size(VM_STAGES));
}

void vm_tick(struct nt_run *run, uint64_t now_ns)
{
	const struct vm_cfg *c = run->cfg;
	struct vm_state *st = run->state;
	int r = 0;

	(void)now_ns;
	if (!st->sessions)
		r = nt_sessions_open(run, st->sets, VM_STAGES, &st->sessions);
	if (!r)
		r = nt_sessions_sweep(run, st->sessions, c->timeout_ns, on_swept);
	nt_run_fail(run, r);
}

void vm_event(struct nt_run *run, const void *rec, size_t size)
{
	struct nt_story y;

	if (!nt_story_of(rec, size, VM_STAGES, &y) || y.s->dir >= VM_DIRS) {
		run->order_failed++;
		return;
	}
	vm_count_steps(run, &y);
	vm_story(run, &y);
	nt_run_shown(run);
}

void vm_done(struct nt_run *run)
{
	struct vm_state *st = run->state;
	struct vm_pair **p;
	size_t i;

	if (!st)
		return;
	nt_sessions_close(st->sessions);
	p = &st->pair[0][0][0];
	for (i = 0; i < sizeof(st->pair) / sizeof(*p); i++)
		free(p[i]);
}
