// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's device table: every device in a slot of its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "packet.h"
#include "vlan.bpf.h"
#include "path.h"

struct path_cpu {
	struct path_wait wait;
};
#include "path.bpf.h"
#include "run_internal.h"

static uint32_t kernel_role(const struct nt_filter *f, uint32_t ifindex, uint32_t inum)
{
	/* Namespaces stay where they are. */
	static struct net here = { .ns.inum = 77 }, other = { .ns.inum = 78 };
	struct net_device dev = { .ifindex = (int)ifindex,
				  .nd_net.net = inum == 77 ? &here : &other };

	assert_int_equal(dev.nd_net.net->ns.inum, inum);
	return nt_dev_role(f, &dev, ifindex, true);
}

static void set_dev(struct nt_run *run, uint32_t i, uint32_t ifindex, uint32_t role)
{
	run->dev[i] = (struct nt_run_dev){ .i = { .ifindex = ifindex, .inum = 77 }, .role = role };
}

/* The kernel side finds each, in its role, and nothing else. */
static void check(struct nt_run *run)
{
	uint32_t i, slots = 0, there = 0;

	assert_int_equal(nt_devices_place(run), 0);
	for (i = 0; i < run->ndevs; i++) {
		const struct nt_run_dev *d = &run->dev[i];

		assert_int_equal(kernel_role(run->filter, d->i.ifindex, 77), d->gone ? 0 : d->role);
		assert_int_equal(kernel_role(run->filter, d->i.ifindex, 78), 0);
		there += !d->gone;
	}
	for (i = 0; i < NT_DEV_SLOTS; i++)
		slots += run->filter->dev[i].ifindex != 0;
	assert_int_equal(slots, there);
	assert_int_equal(run->filter->ndevs, run->ndevs);
	assert_int_equal(run->filter->dev_mult & 1, 1);
}

static struct nt_filter filter;
static struct nt_run the_run;
static const struct nt_tool tool = { .dev_word = path_stage_table };

static int setup(void **state)
{
	memset(&filter, 0, sizeof(filter));
	memset(&the_run, 0, sizeof(the_run));
	the_run.filter = &filter;
	the_run.tool = &tool;
	*state = &the_run;
	return 0;
}

static void test_random(void **state)
{
	struct nt_run *run = *state;
	unsigned int seed = 4711;
	int round;
	uint32_t i, j;

	for (round = 0; round < 1000; round++) {
		uint32_t mask = round % 3 ? 0x7fffffff : round % 2 ? 0xffff : 0xff;

		run->ndevs = NT_MAX_IFACES;
		for (i = 0; i < NT_MAX_IFACES; i++) {
			set_dev(run, i, ((uint32_t)rand_r(&seed) & mask) + 1, 1 + i % 7);
			for (j = 0; j < i; j++)
				if (run->dev[j].i.ifindex == run->dev[i].i.ifindex)
					break;
			i -= j < i; /* each once: again */
		}
		check(run);
	}
}

/* As they are on hosts: one after the other, or a fixed step apart. */
static void test_regular(void **state)
{
	struct nt_run *run = *state;
	uint32_t step, i;

	for (step = 1; step <= 4096; step++) {
		run->ndevs = NT_MAX_IFACES;
		for (i = 0; i < NT_MAX_IFACES; i++)
			set_dev(run, i, 2 + i * step, 1 + i % 7);
		check(run);
	}
}

/* One device on both sides has both roles in one slot. */
static void test_two_roles(void **state)
{
	struct nt_run *run = *state;

	run->ndevs = 2;
	set_dev(run, 0, 5, NT_ROLE_A);
	set_dev(run, 1, 5, NT_ROLE_B | NT_ROLE_EITHER);
	assert_int_equal(nt_devices_place(run), 0);
	assert_int_equal(kernel_role(&filter, 5, 77), NT_ROLE_A | NT_ROLE_B | NT_ROLE_EITHER);
}

static uint32_t stage(uint32_t role, uint32_t enter, uint32_t request, uint32_t dir)
{
	return path_stage_table(role) >> (enter * 16 + request * 8 + dir * 4) & 0xf;
}

/* Who asks is behind A in direction 0, behind B in direction 1. */
static void test_stages(void **state)
{
	uint32_t dir, role, enter, request, i, none = 0;
	const uint32_t either = NT_ROLE_EITHER;

	(void)state;
	for (dir = 0; dir < 2; dir++) {
		uint32_t near = dir ? NT_ROLE_B : NT_ROLE_A, far = dir ? NT_ROLE_A : NT_ROLE_B;

		assert_int_equal(stage(near, 1, 1, dir), PATH_REQ_RX);
		assert_int_equal(stage(far, 0, 1, dir), PATH_REQ_TX);
		assert_int_equal(stage(far, 1, 0, dir), PATH_REP_RX);
		assert_int_equal(stage(near, 0, 0, dir), PATH_REP_TX);
		/* A local end: also at the other instant. */
		assert_int_equal(stage(near | either, 0, 1, dir), PATH_REQ_RX);
		assert_int_equal(stage(far | either, 1, 1, dir), PATH_REQ_TX);
		assert_int_equal(stage(far | either, 0, 0, dir), PATH_REP_RX);
		assert_int_equal(stage(near | either, 1, 0, dir), PATH_REP_TX);
	}
	for (role = NT_ROLE_A; role <= NT_ROLE_B; role++)
		for (i = 0; i < 8; i++) {
			enter = i & 1;
			request = i >> 1 & 1;
			dir = i >> 2;
			none += stage(role, enter, request, dir) == PATH_NOT_HERE;
		}
	assert_int_equal(none, 2 * 4); /* each side: half of the instants */
	/* Both sides are one device: arrivals and departures. */
	assert_int_equal(stage(NT_ROLE_A | NT_ROLE_B, 1, 1, 0), PATH_REQ_RX);
	assert_int_equal(stage(NT_ROLE_A | NT_ROLE_B, 0, 1, 0), PATH_REQ_TX);
}

/* The kernel's table has the tool's word with the role. */
static void test_tool_word(void **state)
{
	struct nt_run *run = *state;
	uint32_t i, found = 0;

	run->ndevs = 1;
	set_dev(run, 0, 9, NT_ROLE_B);
	assert_int_equal(nt_devices_place(run), 0);
	for (i = 0; i < NT_DEV_SLOTS; i++)
		if (filter.dev[i].ifindex == 9)
			found += filter.dev[i].tool == path_stage_table(NT_ROLE_B);
	assert_int_equal(found, 1);
}

/* What is gone is not matched any more, and there is still a device filter. */
static void test_gone(void **state)
{
	struct nt_run *run = *state;

	run->ndevs = 2;
	set_dev(run, 0, 5, NT_ROLE_A);
	set_dev(run, 1, 6, NT_ROLE_B);
	check(run);
	run->dev[0].gone = true;
	check(run);
	run->dev[1].gone = true;
	check(run);
	run->dev[0].gone = false;
	run->dev[0].i.ifindex = 9; /* it came back with another index */
	check(run);
}

/* The role of a packet with a tag beside it (0: none) or in it, as the kernel finds it. */
static uint32_t vlan_role(uint32_t ifindex, uint16_t beside, uint16_t within)
{
	static struct net net = { .ns.inum = 77 };
	struct net_device dev = { .ifindex = (int)ifindex, .nd_net.net = &net };
	const struct nt_dev *d;
	struct packet p;
	struct frame f;

	put_ether(&p, within, 0, 0x0800);
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	/* Received: data is behind the EtherType, at the tag. */
	if (within)
		p.l3 -= 4;
	frame_init(&f, &p, NT_AT_DATA, p.n - p.l3);
	f.skb.vlan_tci = beside;
	f.skb.vlan_proto = beside ? htons(0x8100) : 0;
	assert_int_equal(nt_dev_role(&filter, &dev, ifindex, true) & NT_ROLE_VLANS, NT_ROLE_VLANS);
	d = nt_dev_of_vlan(&filter, &f.skb, &dev, true, NT_AT_DATA);
	frame_done(&f);
	return d ? d->role : 0;
}

static void set_vlan(struct nt_run *run, uint32_t i, uint32_t ifindex, uint32_t role, uint16_t id)
{
	set_dev(run, i, ifindex, role);
	run->dev[i].i.vlan_id = id;
}

/* Of a trunk only the VLANs that are asked for, each in its role. */
static void test_vlans(void **state)
{
	struct nt_run *run = *state;

	run->ndevs = 4;
	set_vlan(run, 0, 5, NT_ROLE_A, 100);
	set_vlan(run, 1, 5, NT_ROLE_B, 200);
	set_vlan(run, 2, 5, NT_ROLE_B, 100);
	set_dev(run, 3, 6, NT_ROLE_B);
	assert_int_equal(nt_devices_place(run), 0);
	assert_int_equal(kernel_role(&filter, 6, 77), NT_ROLE_B);
	assert_int_equal(vlan_role(5, 100, 0), NT_ROLE_A | NT_ROLE_B);
	assert_int_equal(vlan_role(5, 0x2000 | 200, 0), NT_ROLE_B); /* with a priority */
	assert_int_equal(vlan_role(5, 0, 200), NT_ROLE_B);
	assert_int_equal(vlan_role(5, 200, 100), NT_ROLE_B); /* the outer one */
	assert_int_equal(vlan_role(5, 300, 0), 0);
	assert_int_equal(vlan_role(5, 0, 300), 0);
	assert_int_equal(vlan_role(5, 0, 0), 0);
	/* Its key is no device's. */
	assert_int_equal(kernel_role(&filter, NT_VLAN_KEY(5U, 100), 77), 0);
}

/* The trunk itself as well: all packets, those of the VLAN in both roles. */
static void test_vlan_and_trunk(void **state)
{
	struct nt_run *run = *state;

	run->ndevs = 2;
	set_vlan(run, 0, 5, NT_ROLE_A, 100);
	set_dev(run, 1, 5, NT_ROLE_B);
	assert_int_equal(nt_devices_place(run), 0);
	assert_int_equal(vlan_role(5, 100, 0), NT_ROLE_A | NT_ROLE_B);
	assert_int_equal(vlan_role(5, 300, 0), NT_ROLE_B);
	assert_int_equal(vlan_role(5, 0, 0), NT_ROLE_B);
}

/* The most that there can be: each device with a VLAN of its own, or one with all. */
static void test_many_vlans(void **state)
{
	struct nt_run *run = *state;
	uint32_t i, same;

	for (same = 0; same < 2; same++) {
		run->ndevs = NT_MAX_IFACES;
		for (i = 0; i < NT_MAX_IFACES; i++)
			set_vlan(run, i, same ? 5 : 5 + i, NT_ROLE_A, (uint16_t)(1 + 250 * i));
		assert_int_equal(nt_devices_place(run), 0);
		for (i = 0; i < NT_MAX_IFACES; i++)
			assert_int_equal(vlan_role(same ? 5 : 5 + i, (uint16_t)(1 + 250 * i), 0),
					 NT_ROLE_A);
	}
}

static void test_none(void **state)
{
	struct nt_run *run = *state;

	check(run);
	assert_int_equal(filter.ndevs, 0);
}

/* An absent one that is waited for is no error, nor the text of one. */
static void test_waited(void **state)
{
	const struct nt_iface_list nothing = { 0 };
	struct nt_common common = { .wait = true };
	struct nt_run *run = *state;
	struct nt_err err = { 0 };

	run->common = &common;
	strcpy(run->want[0].name, "later0");
	run->want[0].role.role = NT_ROLE_A;
	assert_int_equal(nt_devices_resolve(run, &nothing, &run->want[0], &err), 0);
	assert_string_equal(err.text, "");
	assert_int_equal(run->ndevs, 1);
	assert_true(run->dev[0].gone);
	check(run);
	common.wait = false;
	assert_int_equal(nt_devices_resolve(run, &nothing, &run->want[0], &err), -ENODEV);
	assert_non_null(strstr(err.text, "later0"));
	assert_int_equal(run->ndevs, 1);
}

/* --- what was seen is only looked at later --- */

static struct path_kcfg kcfg;

static bool may_be(struct path_hit *h, struct net_device *dev)
{
	*h = (struct path_hit){ .cfg = &kcfg };
	return path_dev_may_be(h, dev);
}

/* The same memory becomes one device after the other. */
static void test_seen(void **state)
{
	struct net here = { .ns.inum = 77 }, other = { .ns.inum = 78 };
	struct net_device dev = { .ifindex = 5, .nd_net.net = &here };
	struct path_hit h;

	(void)state;
	set_dev(&the_run, 0, 5, NT_ROLE_A);
	the_run.ndevs = 1;
	assert_int_equal(nt_devices_place(&the_run), 0);
	kcfg.f = filter;
	shim_forget_memory();
	shim_memory(&here, sizeof(here));
	shim_memory(&other, sizeof(other));
	shim_memory(&dev, sizeof(dev));
	/* Anew: looked at, and only then remembered. */
	dev.ifindex = 6;
	assert_false(may_be(&h, &dev));
	dev.ifindex = 5;
	dev.nd_net.net = &other;
	assert_false(may_be(&h, &dev));
	dev.nd_net.net = &here;
	assert_true(may_be(&h, &dev));
	assert_non_null(h.d);
	assert_true(path_dev(&h, &dev));
	/* From then on without a look, which path_dev() has. */
	shim_forget_memory();
	assert_true(may_be(&h, &dev));
	assert_null(h.d);
	assert_int_equal(shim.wild, 0);
	shim_memory(&here, sizeof(here));
	shim_memory(&other, sizeof(other));
	shim_memory(&dev, sizeof(dev));
	assert_true(path_dev(&h, &dev));
	assert_int_equal(h.ifindex, 5);
	assert_int_equal(h.d->role, NT_ROLE_A);
	/* Another one that lies there, or the same in another namespace, is not that. */
	dev.ifindex = 6;
	assert_true(may_be(&h, &dev));
	assert_false(path_dev(&h, &dev));
	dev.ifindex = 5;
	dev.nd_net.net = &other;
	assert_true(may_be(&h, &dev));
	assert_false(path_dev(&h, &dev));
	assert_int_equal(shim.wild, 0);
	/* The table anew, as user space writes it: nothing is remembered. */
	kcfg.f = filter;
	assert_false(may_be(&h, &dev));
}

/* Sixteen devices, a page each: nearly all have a place of their own among those seen. */
static void test_seen_apart(void **state)
{
	const uint32_t stride = 4096 / sizeof(struct net_device);
	struct net_device *page = calloc(16 * stride, sizeof(*page));
	uint32_t i, kept = 0;

	(void)state;
	assert_non_null(page);
	memset(&kcfg, 0, sizeof(kcfg));
	for (i = 0; i < 16; i++)
		nt_dev_remember(&kcfg.f, &page[i * stride], false, true);
	for (i = 0; i < 16; i++)
		kept += nt_dev_seen(&kcfg.f, &page[i * stride], false, true);
	assert_true(kept >= 12);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_random, setup),
		cmocka_unit_test_setup(test_regular, setup),
		cmocka_unit_test_setup(test_two_roles, setup),
		cmocka_unit_test_setup(test_stages, setup),
		cmocka_unit_test_setup(test_tool_word, setup),
		cmocka_unit_test_setup(test_gone, setup),
		cmocka_unit_test_setup(test_vlans, setup),
		cmocka_unit_test_setup(test_vlan_and_trunk, setup),
		cmocka_unit_test_setup(test_many_vlans, setup),
		cmocka_unit_test_setup(test_none, setup),
		cmocka_unit_test_setup(test_waited, setup),
		cmocka_unit_test_setup(test_seen, setup),
		cmocka_unit_test(test_seen_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
