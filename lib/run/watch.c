// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices, the namespace and modules come and go while a tool traces. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run_internal.h"

#define LOOK_NS 1000000000ULL

int nt_watch_open(struct nt_run *run, struct nt_err *err)
{
	run->link_fd = nt_link_watch_open(&run->ns, err);
	if (run->link_fd < 0)
		return run->link_fd;
	run->list_fd = nt_iface_list_open(&run->ns, err);
	return run->list_fd < 0 ? run->list_fd : 0;
}

void nt_watch_close(struct nt_run *run)
{
	if (run->link_fd >= 0)
		close(run->link_fd);
	if (run->list_fd >= 0)
		close(run->list_fd);
	run->link_fd = run->list_fd = -1;
}

/* --- telling --- */

enum what { WHAT_GONE, WHAT_BACK, WHAT_NETNS_GONE, WHAT_HOOK_GONE, WHATS };

/* As it is on a tape. */
struct told {
	uint32_t what;
	uint32_t number; /* ifindex, the namespace's inode, or the hook's place in the plan */
	char name[64];   /* of the device, the namespace, or the hook's module */
};

static void tell_namespace(struct nt_run *run, const struct told *t, const char *when)
{
	struct nt_json *j;
	char name[96];

	nt_out_text(run->out,
		    "[%s] network namespace %s is gone; nothing in it is traced any more\n", when,
		    nt_fmt_name(t->name, sizeof(t->name), name, sizeof(name)));
	j = nt_run_json(run, "event", run->now_ns);
	nt_json_str(j, "status", "NETNS_GONE");
	nt_json_str(j, "netns", t->name);
	nt_json_u64(j, "inum", t->number);
	nt_json_end_line(j);
}

static void tell_device(struct nt_run *run, const struct told *t, const char *when)
{
	const char *text = "is there and traced from now on";
	struct nt_json *j;
	char name[96];

	if (t->what == WHAT_GONE)
		text = run->common->wait ? "is gone; waiting for it to come back" :
					   "is gone; the rest goes on (--wait would wait for it)";
	nt_out_text(run->out, "[%s] interface %s (ifindex=%u) %s\n", when,
		    nt_fmt_name(t->name, sizeof(t->name), name, sizeof(name)), t->number, text);
	j = nt_run_json(run, "event", run->now_ns);
	nt_json_str(j, "status", t->what == WHAT_GONE ? "INTERFACE_GONE" : "INTERFACE_BACK");
	nt_json_str(j, "interface", t->name);
	nt_json_u64(j, "ifindex", t->number);
	nt_json_end_line(j);
}

static void tell_hook(struct nt_run *run, const struct told *t, const char *when)
{
	struct nt_choice *c = &run->plan.c[t->number];
	const struct nt_hook *h = c->hook;
	struct nt_json *j;
	char name[96];

	c->gone_wall_ns = nt_run_wall(run, run->now_ns);
	nt_out_text(run->out, "[%s] hook %s is gone: module %s was unloaded; %s\n", when, h->name,
		    nt_fmt_name(t->name, sizeof(t->name), name, sizeof(name)),
		    h->without ? h->without : "start again when it is back");
	j = nt_run_json(run, "event", run->now_ns);
	nt_json_str(j, "status", "HOOK_GONE");
	nt_json_str(j, "hook", h->name);
	nt_json_str(j, "module", t->name);
	nt_json_end_line(j);
}

void nt_watch_gone_text(struct nt_run *run)
{
	char when[NT_TIME_LEN];
	uint32_t i;

	for (i = 0; i < run->plan.n; i++) {
		const struct nt_choice *c = &run->plan.c[i];

		if (c->gone_wall_ns)
			nt_out_text(run->out, "Hook %s is gone since %s (module %s): %s\n",
				    c->hook->name,
				    nt_fmt_time_ms(c->gone_wall_ns, when, sizeof(when)),
				    c->hook->module,
				    c->hook->without ? c->hook->without : "not counted");
	}
}

/* No key where every hook is still there, as nearly always. */
void nt_watch_gone_json(struct nt_run *run, struct nt_json *j)
{
	char when[NT_TIME_LEN];
	bool any = false;
	uint32_t i;

	for (i = 0; i < run->plan.n; i++) {
		const struct nt_choice *c = &run->plan.c[i];

		if (!c->gone_wall_ns)
			continue;
		if (!any)
			nt_json_arr(j, "hooks_gone");
		any = true;
		nt_json_obj(j, NULL);
		nt_json_str(j, "hook", c->hook->name);
		nt_json_str(j, "module", c->hook->module);
		nt_json_str(j, "since", nt_fmt_rfc3339(c->gone_wall_ns, when, sizeof(when)));
		nt_json_end(j);
	}
	if (any)
		nt_json_end(j);
}

static void tell(struct nt_run *run, const struct told *t)
{
	char when[NT_TIME_LEN];

	if (run->record)
		nt_tape_write(run->record, NT_TAPE_TOLD, 0, t, sizeof(*t));
	nt_fmt_time_ms(nt_run_wall(run, run->now_ns), when, sizeof(when));
	if (t->what == WHAT_NETNS_GONE)
		tell_namespace(run, t, when);
	else if (t->what == WHAT_HOOK_GONE)
		tell_hook(run, t, when);
	else
		tell_device(run, t, when);
}

static void say(struct nt_run *run, const struct nt_run_dev *d, enum what what)
{
	struct told t = { .what = what, .number = d->i.ifindex };

	memcpy(t.name, d->i.name, sizeof(d->i.name));
	tell(run, &t);
}

static void say_namespace_gone(struct nt_run *run)
{
	struct told t = { .what = WHAT_NETNS_GONE, .number = run->ns.inum };

	memcpy(t.name, run->ns.name, sizeof(run->ns.name));
	tell(run, &t);
}

static void say_hook_gone(struct nt_run *run, uint32_t i)
{
	struct told t = { .what = WHAT_HOOK_GONE, .number = i };

	snprintf(t.name, sizeof(t.name), "%s", run->plan.c[i].hook->module);
	tell(run, &t);
}

static bool good(const struct nt_run *run, const struct told *t)
{
	return t->what < WHATS && memchr(t->name, 0, sizeof(t->name)) &&
	       (t->what != WHAT_HOOK_GONE ||
		(t->number < run->plan.n && run->plan.c[t->number].hook->module));
}

int nt_watch_replay(struct nt_run *run)
{
	struct told t;
	int n;

	while ((n = nt_tape_read(run->replay, NT_TAPE_TOLD, NULL, &t, sizeof(t))) >= 0) {
		if (n != (int)sizeof(t) || !good(run, &t))
			return -EBADMSG;
		tell(run, &t);
	}
	return nt_tape_next_is(run->replay, NT_TAPE_DEVICE) ? nt_taped_devices(run, 0) : 0;
}

/* --- devices --- */

static void apply(struct nt_run *run)
{
	run->devs_changed = true;
	nt_run_fail(run, nt_devices_place(run));
	nt_run_fail(run, nt_run_push_settings(run));
}

/* Is the device among the first n, and there? */
static bool among(const struct nt_run_dev *v, uint32_t n, uint32_t ifindex)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!v[i].gone && v[i].i.ifindex == ifindex)
			return true;
	return false;
}

/* A device in two roles is told once. */
static void mark_gone(struct nt_run *run, uint32_t ifindex)
{
	bool told = false;
	uint32_t i;

	for (i = 0; i < run->ndevs; i++) {
		struct nt_run_dev *d = &run->dev[i];

		if (d->gone || d->i.ifindex != ifindex)
			continue;
		d->gone = true;
		if (!told)
			say(run, d, WHAT_GONE);
		told = true;
	}
	if (told) {
		apply(run);
		run->relist |= run->common->wait;
	}
}

static void forget_absent(struct nt_run *run, const struct nt_iface_list *l)
{
	uint32_t i, j;

	for (i = 0; i < run->ndevs; i++) {
		const struct nt_run_dev *d = &run->dev[i];

		for (j = 0; j < l->n && l->v[j].ifindex != d->i.ifindex; j++)
			;
		if (!d->gone && j == l->n)
			mark_gone(run, d->i.ifindex);
	}
}

/*
 * With --wait: what the names stand for now; a bond may have another member. Where that
 * are more than there is room for, they stay as they were: a table without any device
 * would be taken for no filter at all.
 */
static void resolve_again(struct nt_run *run, const struct nt_iface_list *l)
{
	struct nt_run_dev was[NT_MAX_IFACES];
	uint32_t i, n = run->ndevs;
	int r = 0;

	memcpy(was, run->dev, sizeof(was));
	run->ndevs = 0;
	for (i = 0; i < run->nwants && !r; i++)
		r = nt_devices_resolve(run, l, &run->want[i], NULL);
	if (r < 0) {
		memcpy(run->dev, was, sizeof(was));
		run->ndevs = n;
		forget_absent(run, l);
		return;
	}
	for (i = 0; i < n; i++)
		if (!was[i].gone && !among(run->dev, run->ndevs, was[i].i.ifindex) &&
		    !among(was, i, was[i].i.ifindex))
			say(run, &was[i], WHAT_GONE);
	for (i = 0; i < run->ndevs; i++)
		if (!run->dev[i].gone && !among(was, n, run->dev[i].i.ifindex) &&
		    !among(run->dev, i, run->dev[i].i.ifindex))
			say(run, &run->dev[i], WHAT_BACK);
	apply(run);
}

static void list_again(struct nt_run *run)
{
	struct nt_iface_list l;

	if (nt_iface_list_by(run->list_fd, &run->ns, &l, NULL) < 0)
		return; /* they kept changing: in a second again */
	run->relist = false;
	if (run->common->wait)
		resolve_again(run, &l);
	else
		forget_absent(run, &l);
	nt_iface_list_free(&l);
}

/* Is it one that is waited for? Its name is enough to look at once. */
static bool awaited(const struct nt_run *run, const struct nt_link_event *ev)
{
	uint32_t i;

	for (i = 0; run->common->wait && i < run->ndevs; i++)
		if (run->dev[i].gone && !strncmp(run->dev[i].asked, ev->name, sizeof(ev->name)))
			return true;
	return false;
}

/* Can another device become one of those that are asked for: an absent one, or a
 * member of a bond? */
static bool more_to_come(const struct nt_run *run)
{
	uint32_t i;

	for (i = 0; run->common->wait && i < run->ndevs; i++)
		if (run->dev[i].gone || strcmp(run->dev[i].asked, run->dev[i].i.name))
			return true;
	return false;
}

/* --- modules --- */

/*
 * Tracepoints and fentry hold their module; a kprobe does not: when the module
 * goes, the kernel disarms it without a word (kprobes_module_callback), and a
 * module that comes back does not get it back.
 */
static uint64_t module_identity(const struct nt_choice *c)
{
	return c->v && c->hook->module ? nt_module_inode(c->hook->module) : 0;
}

void nt_watch_modules(struct nt_run *run)
{
	uint32_t i;

	for (i = 0; i < run->plan.n; i++)
		run->module[i] = module_identity(&run->plan.c[i]);
}

static void look_at_modules(struct nt_run *run)
{
	uint32_t i;

	for (i = 0; i < run->plan.n; i++) {
		if (!run->module[i] || module_identity(&run->plan.c[i]) == run->module[i])
			continue;
		run->module[i] = 0;
		say_hook_gone(run, i);
	}
}

/* --- the round --- */

/*
 * Our sockets and the open file are references too: as long as they stand, the
 * namespace cannot end. The kernel's numbers are given again to the next one,
 * so its devices are not looked for any more.
 */
static void leave_namespace(struct nt_run *run)
{
	uint32_t i;

	say_namespace_gone(run);
	for (i = 0; i < run->ndevs; i++)
		run->dev[i].gone = true;
	apply(run); /* before it may end: the kernel side knows it by its address */
	nt_watch_close(run);
	nt_netns_close(&run->ns);
}

static void look(struct nt_run *run)
{
	const char *netns = run->common->netns;

	run->next_look_ns = run->now_ns + LOOK_NS;
	if (netns && run->ns.fd >= 0 && nt_netns_gone(&run->ns, netns))
		leave_namespace(run);
	if (run->relist && run->link_fd >= 0)
		list_again(run);
	look_at_modules(run);
}

void nt_watch_poll(struct nt_run *run)
{
	struct nt_link_event ev;
	bool now = false;
	int r = 0;

	while (run->link_fd >= 0 && (r = nt_link_watch_next(run->link_fd, &ev)) > 0) {
		if (ev.gone) {
			mark_gone(run, ev.ifindex);
			continue;
		}
		now |= awaited(run, &ev);
		run->relist |= more_to_come(run);
	}
	if (r < 0)
		run->relist = true; /* the kernel had to leave events out */
	if (now)
		list_again(run);
	if (run->now_ns >= run->next_look_ns)
		look(run);
	if (run->devs_changed)
		nt_taped_devices(run, 0);
	run->devs_changed = false;
}
