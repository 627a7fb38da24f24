// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices of a run: resolving names, and the kernel's table. */
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "run_internal.h"

static uint32_t slot_of(uint32_t ifindex, uint32_t mult)
{
	return ((ifindex * mult) >> NT_DEV_SHIFT) & (NT_DEV_SLOTS - 1);
}

/* An entry of the table; equal ones have their role bits in one. */
struct entry {
	uint32_t ifindex, inum, role;
};

static bool place(struct nt_run *run, const struct entry *e, uint32_t mult)
{
	struct nt_dev *s = &run->filter->dev[slot_of(e->ifindex, mult)];

	if (s->ifindex && (s->ifindex != e->ifindex || s->inum != e->inum))
		return false;
	s->ifindex = e->ifindex;
	s->inum = e->inum;
	s->net = NT_NET_UNKNOWN;
	s->role |= e->role;
	if (run->tool->dev_word)
		s->tool = run->tool->dev_word(s->role);
	return true;
}

static bool place_vlan(struct nt_run *run, const struct nt_run_dev *d, uint32_t id, uint32_t mult)
{
	const struct entry e = { NT_VLAN_KEY(d->i.ifindex, id), NT_VLAN_INUM(d->i.inum), d->role };

	return place(run, &e, mult);
}

/* A device, and, if one of its names is a VLAN's, what there is for each (filter.h). */
static bool place_one(struct nt_run *run, const struct nt_run_dev *d, uint32_t mult)
{
	struct entry e = { d->i.ifindex, d->i.inum, d->role };
	bool placed = true;
	uint32_t i;

	for (i = 0; i < run->ndevs; i++) {
		const struct nt_run_dev *v = &run->dev[i];

		if (v->gone || !v->i.vlan_id || v->i.ifindex != d->i.ifindex ||
		    v->i.inum != d->i.inum)
			continue;
		e.role |= NT_ROLE_VLANS;
		/* Asked for as itself, it has the packets of these too. */
		if (!d->i.vlan_id || d->i.vlan_id == v->i.vlan_id)
			placed &= place_vlan(run, d, v->i.vlan_id, mult);
	}
	if ((e.role & NT_ROLE_VLANS) && !d->i.vlan_id)
		placed &= place_vlan(run, d, NT_VLAN_REST, mult);
	return placed && place(run, &e, mult);
}

/*
 * Fill the kernel's device table. A multiplier without collisions for at most
 * 16 devices in 64 slots is found within some dozens of tries (with VLANs for twice
 * as many within some thousands); the kernel then needs one look at one slot. 0, or -ENOSPC.
 */
int nt_devices_place(struct nt_run *run)
{
	struct nt_filter *f = run->filter;
	uint32_t mult = 0x9e3779b1, i, tries;

	for (tries = 0; tries < 100000; tries++, mult = mult * 0x01000193 + 2) {
		memset(f->dev, 0, sizeof(f->dev));
		for (i = 0; i < run->ndevs; i++)
			if (!run->dev[i].gone && !place_one(run, &run->dev[i], mult | 1))
				break;
		if (i == run->ndevs) {
			f->dev_mult = mult | 1;
			f->ndevs = run->ndevs;
			return 0;
		}
	}
	return -ENOSPC;
}

/* A local end: what the host's own stack sends into it enters the path. */
static bool is_local_end(const struct nt_iface *i)
{
	return !strcmp(i->kind, "openvswitch") || !strcmp(i->kind, "bridge");
}

static int add_one(struct nt_run *run, const struct nt_iface *i, const struct nt_run_want *w)
{
	struct nt_run_dev *d = &run->dev[run->ndevs];

	if (run->ndevs == NT_MAX_IFACES)
		return -E2BIG;
	memset(d, 0, sizeof(*d));
	d->i = *i;
	memcpy(d->asked, w->name, sizeof(d->asked));
	d->label = w->role.label;
	d->role = w->role.role | (is_local_end(i) ? NT_ROLE_EITHER : 0);
	d->want = (uint32_t)(w - run->want);
	run->ndevs++;
	return 0;
}

static int add_absent(struct nt_run *run, const struct nt_run_want *w)
{
	struct nt_iface i = { .inum = run->ns.inum };
	int r;

	memcpy(i.name, w->name, sizeof(i.name));
	r = add_one(run, &i, w);
	if (!r)
		run->dev[run->ndevs - 1].gone = true;
	return r;
}

int nt_devices_resolve(struct nt_run *run, const struct nt_iface_list *l,
		       const struct nt_run_want *w, struct nt_err *err)
{
	struct nt_iface dev, list[NT_MAX_IFACES];
	/* What is waited for is no error: its text would be told with a later one. */
	int n, i, r = nt_iface_find(l, w->name, &dev, run->common->wait ? NULL : err);

	if (r < 0)
		return run->common->wait ? add_absent(run, w) : r;
	if (w->role.exact) {
		dev.vlan_id = 0; /* its packets have the tag no more, or not yet */
		return add_one(run, &dev, w);
	}
	n = nt_iface_expand(l, &dev, w->role.rx, list, NT_MAX_IFACES);
	if (n <= 0 && n != -E2BIG)
		return run->common->wait ?
			       add_absent(run, w) :
			       nt_errf(err, NT_EXIT_IMPOSSIBLE, ENODEV,
				       "interface %s: it has no member or lower device to watch",
				       w->name);
	for (i = 0, r = n < 0 ? n : 0; i < n && !r; i++)
		r = add_one(run, &list[i], w);
	return r;
}

static int add_name(struct nt_run *run, const char *name, const struct nt_dev_role_of *role,
		    struct nt_err *err)
{
	struct nt_run_want *w = &run->want[run->nwants];

	if (run->nwants == NT_ARRAY_SIZE(run->want))
		return -E2BIG;
	snprintf(w->name, sizeof(w->name), "%s", name);
	w->role = *role;
	run->nwants++;
	return run->replay ? 0 : nt_devices_resolve(run, &run->ifaces, w, err);
}

int nt_run_add_devices(struct nt_run *run, const struct nt_names *names,
		       const struct nt_dev_role_of *role, struct nt_err *err)
{
	uint32_t first = run->ndevs, i;
	int r = 0;

	for (i = 0; i < names->n && !r; i++)
		r = add_name(run, names->name[i], role, err);
	if (!r)
		r = nt_taped_devices(run, first);
	if (r == -E2BIG)
		return nt_errf(err, NT_EXIT_USAGE, E2BIG,
			       "too many interfaces: at most %d with all members", NT_MAX_IFACES);
	return r;
}

static bool two_vlans(const struct nt_run_dev *a, const struct nt_run_dev *b)
{
	return a->i.vlan_id && b->i.vlan_id && a->i.vlan_id != b->i.vlan_id;
}

/* What follows packets from one side to the other cannot have a device on both. */
int nt_run_check_sides(const struct nt_run *run, struct nt_err *err)
{
	uint32_t i, j;

	for (i = 0; i < run->ndevs; i++)
		for (j = 0; j < i; j++) {
			const struct nt_run_dev *a = &run->dev[j], *b = &run->dev[i];
			bool other = strcmp(b->asked, b->i.name) != 0;

			/* Two VLANs of a trunk are two sides: a router on a stick. */
			if (a->gone || b->gone || a->i.ifindex != b->i.ifindex ||
			    a->label == b->label || two_vlans(a, b))
				continue;
			return nt_errf(err, NT_EXIT_USAGE, EINVAL,
				       "interface %s%s%s is on both sides, %s and %s; give each "
				       "side its own",
				       b->i.name, other ? " for " : "", other ? b->asked : "",
				       a->label, b->label);
		}
	return 0;
}

const char *nt_run_dev_name(const struct nt_run *run, uint32_t ifindex, char *buf, size_t len)
{
	uint32_t i;

	for (i = 0; i < run->ndevs; i++)
		if (run->dev[i].i.ifindex == ifindex)
			return nt_fmt_name(run->dev[i].i.name, sizeof(run->dev[i].i.name), buf,
					   len);
	snprintf(buf, len, "ifindex %u", ifindex);
	return buf;
}

/* The kernel took it away before we hear of it, and has the table after we wrote it. */
#define HEARD_LATE_NS 1000000000ULL
#define WRITTEN_LATE_NS 100000000ULL
/* Absences that follow each other so closely are one. */
#define AWAY_AGAIN_NS (60 * 1000000000ULL)

void nt_devices_look(struct nt_run *run)
{
	bool away = false;
	uint32_t i;

	for (i = 0; i < run->ndevs; i++)
		away |= run->dev[i].gone;
	if (away && run->back_ns != UINT64_MAX) {
		if (!run->back_ns || run->now_ns > run->back_ns + AWAY_AGAIN_NS)
			run->away_ns = run->now_ns - HEARD_LATE_NS;
		run->back_ns = UINT64_MAX;
	} else if (!away && run->back_ns == UINT64_MAX) {
		run->back_ns = run->now_ns + WRITTEN_LATE_NS;
	}
}

bool nt_run_away(const struct nt_run *run, uint64_t from_ns, uint64_t to_ns)
{
	return run->back_ns && from_ns < run->back_ns && to_ns > run->away_ns;
}
