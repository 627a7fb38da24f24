// SPDX-License-Identifier: GPL-2.0-or-later
/* What of a run is on its tape: a run that traces writes it, one that replays reads it. */
#include <errno.h>
#include <string.h>

#include "buf.h"
#include "cleanup.h"
#include "order.h"
#include "procfs.h"
#include "run_internal.h"
#include "tape.h"

int nt_run_taped(struct nt_run *run, enum nt_tape_kind kind, uint32_t id, void *data, size_t size)
{
	uint32_t got = 0;

	if (run->replay)
		return nt_tape_read(run->replay, kind, &got, data, size) == (int)size && got == id ?
			       0 :
			       -EBADMSG;
	if (run->record)
		nt_tape_write(run->record, kind, id, data, size);
	return 0;
}

/* --- the options --- */

struct settings {
	const struct nt_run *run;
	struct nt_buf text;
	struct nt_given told; /* a field with two options is told once */
};

/* Those that the start block shows: what is traced, not how it is shown. */
static int add_setting(const struct nt_opt *o, size_t off, void *arg)
{
	struct settings *s = arg;
	char value[512];

	if (!o->name || (o->flags & (NT_OPT_NOBANNER | NT_OPT_HIDDEN)) ||
	    !nt_opt_given(s->run->given, off) || nt_opt_given(&s->told, off))
		return 0;
	if (s->told.n < NT_ARRAY_SIZE(s->told.off))
		s->told.off[s->told.n++] = off;
	nt_buf_add(&s->text, " --%s", o->name);
	if (o->type == NT_OPT_FLAG)
		return 0;
	nt_opt_format(o, (const char *)s->run->cfg + off, value, sizeof(value));
	nt_buf_add(&s->text, " %s", value);
	return 0;
}

#define SETTINGS_MAX 8192

static int compare_settings(struct nt_run *run, const struct nt_buf *text, struct nt_err *err)
{
	char was[SETTINGS_MAX];
	int n = nt_tape_read(run->replay, NT_TAPE_SETTINGS, NULL, was, sizeof(was));

	if (n <= 0 || !nt_tape_is_text(was, (size_t)n))
		return -EBADMSG;
	if (!strcmp(was, nt_buf_str(text)))
		return 0;
	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "recorded with other options; replay it with those of 'nettrace %s'", was);
}

/*
 * The tape has what the kernel side let through under its options. With others
 * the user side would ask for what is not there.
 */
int nt_taped_settings(struct nt_run *run, struct nt_err *err)
{
	struct settings s = { .run = run };
	int r = 0;

	if (!run->replay && !run->record)
		return 0;
	nt_buf_add(&s.text, "%s", run->command);
	nt_opt_walk(run->tool->opts, 0, add_setting, &s);
	if (s.text.failed)
		r = -ENOMEM;
	else if (s.text.n >= SETTINGS_MAX)
		r = nt_errf(err, NT_EXIT_USAGE, E2BIG,
			    "the options are longer than a recording can hold: give fewer");
	else if (run->replay)
		r = compare_settings(run, &s.text, err);
	else
		nt_tape_write(run->record, NT_TAPE_SETTINGS, 0, s.text.s, s.text.n + 1);
	nt_buf_free(&s.text);
	return r;
}

/* --- devices --- */

struct taped_dev {
	uint32_t ifindex, inum;
	uint32_t role;
	uint32_t want; /* number of its name */
	uint16_t vlan_id;
	uint8_t gone, pad;
	char name[16], kind[16];
};
_Static_assert(sizeof(struct taped_dev) == 52, "no holes");

static void write_devices(struct nt_run *run, uint32_t first)
{
	uint32_t i;

	for (i = first; i < run->ndevs; i++) {
		const struct nt_run_dev *d = &run->dev[i];
		struct taped_dev t = { .ifindex = d->i.ifindex,
				       .inum = d->i.inum,
				       .role = d->role,
				       .want = d->want,
				       .vlan_id = d->i.vlan_id,
				       .gone = d->gone };

		memcpy(t.name, d->i.name, sizeof(t.name));
		memcpy(t.kind, d->i.kind, sizeof(t.kind));
		nt_tape_write(run->record, NT_TAPE_DEVICE, i, &t, sizeof(t));
	}
	nt_tape_write(run->record, NT_TAPE_END, 0, NULL, 0);
}

static int read_device(struct nt_run *run, const struct taped_dev *t)
{
	struct nt_run_dev *d = &run->dev[run->ndevs];

	if (run->ndevs == NT_MAX_IFACES || t->want >= run->nwants ||
	    !memchr(t->name, 0, sizeof(t->name)) || !nt_tape_is_text(t->kind, sizeof(t->kind)))
		return -EBADMSG;
	memset(d, 0, sizeof(*d));
	d->i.ifindex = t->ifindex;
	d->i.inum = t->inum;
	d->i.vlan_id = t->vlan_id;
	memcpy(d->i.name, t->name, sizeof(d->i.name));
	memcpy(d->i.kind, t->kind, sizeof(d->i.kind));
	memcpy(d->asked, run->want[t->want].name, sizeof(d->asked));
	d->label = run->want[t->want].role.label;
	d->role = t->role;
	d->want = t->want;
	d->gone = t->gone;
	run->ndevs++;
	return 0;
}

static int read_devices(struct nt_run *run, uint32_t first)
{
	struct taped_dev t;
	int n, r;

	run->ndevs = first;
	while ((n = nt_tape_read(run->replay, NT_TAPE_DEVICE, NULL, &t, sizeof(t))) >= 0) {
		r = n == (int)sizeof(t) ? read_device(run, &t) : -EBADMSG;
		if (r < 0)
			return r;
	}
	return nt_run_taped(run, NT_TAPE_END, 0, NULL, 0);
}

int nt_taped_devices(struct nt_run *run, uint32_t first)
{
	if (run->replay)
		return read_devices(run, first);
	if (run->record)
		write_devices(run, first);
	return 0;
}

/* --- the beginning --- */

struct taped_start {
	char release[NT_RELEASE_LEN];
	uint8_t lookups_need_cap;
	uint8_t lookups_cap;
	uint8_t pad[5];
	uint64_t now_ns;
	int64_t offset_ns;
};

struct taped_hook {
	int32_t variant; /* -1: none */
	uint32_t off;
	char why[sizeof(((struct nt_choice *)0)->why)];
};

static int taped_hook(struct nt_run *run, uint32_t i)
{
	struct nt_choice *c = &run->plan.c[i];
	struct taped_hook t = { .variant = c->v ? (int32_t)(c->v - c->hook->v) : -1,
				.off = c->off };

	memcpy(t.why, c->why, sizeof(t.why));
	if (nt_run_taped(run, NT_TAPE_HOOK, i, &t, sizeof(t)) < 0)
		return -EBADMSG;
	if (!run->replay)
		return 0;
	if (t.variant < -1 || t.variant >= NT_MAX_VARIANTS ||
	    !nt_tape_is_text(t.why, sizeof(t.why)) ||
	    (t.variant >= 0 && !c->hook->v[t.variant].kind))
		return -EBADMSG;
	c->v = t.variant < 0 ? NULL : &c->hook->v[t.variant];
	c->off = t.off;
	memcpy(c->why, t.why, sizeof(c->why));
	return 0;
}

int nt_taped_start(struct nt_run *run)
{
	struct taped_start t = { .lookups_need_cap = run->lookups_need_cap,
				 .lookups_cap = (uint8_t)run->lookups_cap,
				 .now_ns = run->now_ns,
				 .offset_ns = run->clock.offset_ns };
	uint32_t i;
	int r;

	if (!run->replay)
		nt_kernel_release(t.release);
	r = nt_run_taped(run, NT_TAPE_START, 0, &t, sizeof(t));
	if (!r && !nt_tape_is_text(t.release, sizeof(t.release)))
		r = -EBADMSG;
	memcpy(run->release, t.release, sizeof(run->release));
	run->lookups_need_cap = t.lookups_need_cap;
	run->lookups_cap = t.lookups_cap & 63;
	run->now_ns = t.now_ns;
	run->clock.offset_ns = t.offset_ns;
	for (i = 0; i < run->plan.n && !r; i++)
		r = taped_hook(run, i);
	return r;
}

/* --- rounds --- */

struct taped_time {
	uint64_t now_ns;
	int64_t offset_ns;
};

int nt_taped_time(struct nt_run *run, enum nt_tape_kind kind)
{
	struct taped_time t = { run->now_ns, run->clock.offset_ns };
	int r = nt_run_taped(run, kind, 0, &t, sizeof(t));

	run->now_ns = t.now_ns;
	run->clock.offset_ns = t.offset_ns;
	return r;
}

int nt_taped_round(struct nt_run *run)
{
	struct taped_time t = { run->now_ns, run->clock.offset_ns };
	uint32_t final = 0;

	if (run->record)
		nt_tape_write(run->record, NT_TAPE_ROUND, run->final, &t, sizeof(t));
	if (!run->replay)
		return 0;
	if (nt_tape_read(run->replay, NT_TAPE_ROUND, &final, &t, sizeof(t)) != (int)sizeof(t))
		return -EBADMSG;
	run->final = final;
	run->now_ns = t.now_ns;
	run->clock.offset_ns = t.offset_ns;
	return 0;
}

int nt_taped_events(struct nt_run *run)
{
	NT_FREE char *buf = malloc(NT_TAPE_MAX_ENTRY);
	int n, r, records = 0;

	if (!buf)
		return -ENOMEM;
	while ((n = nt_tape_read(run->replay, NT_TAPE_EVENT, NULL, buf, NT_TAPE_MAX_ENTRY)) >= 0) {
		if ((size_t)n < sizeof(uint64_t))
			return -EBADMSG;
		nt_run_queue(run, buf, (size_t)n);
		records++;
	}
	r = nt_run_taped(run, NT_TAPE_END, 0, NULL, 0);
	return r ?: records;
}
