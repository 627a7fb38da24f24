// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <linux/pkt_sched.h>
#include <unistd.h>

#include "netstat.h"
#include "route.h"

static void test_softnet(void **state)
{
	struct nt_softnet s;

	(void)state;
	assert_int_equal(nt_softnet_parse("0000ffff 00000002 00000003 00000000 00000000\n"
					  "00000001 000000a0 00000001 00000000 00000000",
					  &s),
			 0);
	assert_int_equal(s.dropped, 0xa2);
	assert_int_equal(s.squeezed, 4);
	assert_int_equal(nt_softnet_parse("ffffffff ffffffff ffffffff\nffffffff ffffffff 1", &s),
			 0);
	assert_int_equal(s.dropped, 0x1fffffffeULL);
	assert_int_equal(nt_softnet_parse("00000001 00000002", &s), -EINVAL);
	assert_int_equal(nt_softnet_parse("Udp: 1", &s), -EINVAL);
}

static void test_udp(void **state)
{
	struct nt_udp_stat u;

	(void)state;
	assert_int_equal(nt_udp_parse(4,
				      "Tcp: InErrs\nTcp: 7\n"
				      "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors "
				      "SndbufErrors InCsumErrors IgnoredMulti MemErrors\n"
				      "Udp: 1 2 3 4 5 6 7 8 9\n"
				      "UdpLite: InErrors RcvbufErrors\nUdpLite: 77 78",
				      &u),
			 0);
	assert_int_equal(u.in_errors, 3);
	assert_int_equal(u.rcvbuf_errors, 5);
	assert_int_equal(u.sndbuf_errors, 6);
	assert_int_equal(u.csum_errors, 7);
	assert_int_equal(nt_udp_parse(4, "Udp: InErrors RcvbufErrors", &u), -EINVAL);
	assert_int_equal(nt_udp_parse(4, "x\nUdp: InErrors RcvbufErrors\nUdp: 1", &u), -EINVAL);
	assert_int_equal(nt_udp_parse(4, "", &u), -EINVAL);
	assert_int_equal(nt_udp_parse(6,
				      "Ip6InReceives\t1\nUdp6InErrors   \t11\n"
				      "Udp6RcvbufErrors\t12\nUdp6SndbufErrors\t13\n"
				      "UdpLite6InErrors\t99",
				      &u),
			 0);
	assert_int_equal(u.in_errors, 11);
	assert_int_equal(u.rcvbuf_errors, 12);
	assert_int_equal(u.sndbuf_errors, 13);
	assert_int_equal(u.csum_errors, 0);
	assert_int_equal(nt_udp_parse(6, "Udp6InErrors", &u), -EINVAL);
}

static void total(struct nt_qdisc *v, uint32_t n, uint64_t drops, uint64_t backlog)
{
	struct nt_qdisc_sum s;

	nt_qdisc_total(v, n, &s);
	assert_int_equal(s.drops, drops);
	assert_int_equal(s.backlog, backlog);
}

#define Q(h, p, d, b)                                                      \
	{                                                                  \
		.handle = (h), .parent = (p), .drops = (d), .backlog = (b) \
	}

static void test_qdiscs(void **state)
{
	/* tbf counts what its queue drops; what it drops itself, the queue does not. */
	struct nt_qdisc tbf[] = { Q(0x10000, TC_H_ROOT, 12, 3), Q(0x20000, 0x10001, 10, 3) };
	/* The kernel's own mq: the sum of its queues, all of them with the handle 0. */
	struct nt_qdisc mq[] = { Q(0, TC_H_ROOT, 7, 0), Q(0, 1, 3, 0), Q(0, 2, 4, 0),
				 Q(0xffff0000, TC_H_INGRESS, 5, 0) };
	/* A parent that counts nothing, with two levels below it, children first. */
	struct nt_qdisc deep[] = { Q(0x30000, 0x20001, 6, 1), Q(0x20000, 0x10001, 2, 0),
				   Q(0x40000, 0x10002, 9, 5), Q(0x10000, TC_H_ROOT, 0, 0) };
	/* Two that are each other's parent: whatever a kernel says, it ends. */
	struct nt_qdisc ring[] = { Q(0x10000, 0x20001, 1, 1), Q(0x20000, 0x10001, 1, 1) };

	(void)state;
	total(tbf, 2, 12, 3);
	total(mq, 4, 12, 0);
	total(deep, 4, 15, 6);
	total(ring, 2, 0, 0);
	total(NULL, 0, 0, 0);
}

static void test_here(void **state)
{
	static const uint32_t own[4] = { 0x0100007f };
	struct rtnl_link_stats64 a, b;
	struct nt_qdisc_sum q;
	struct nt_softnet s;
	struct nt_route to;
	struct nt_udp_stat u;
	struct nt_netns ns;
	int nl;

	(void)state;
	assert_int_equal(nt_netns_open(NULL, &ns, NULL), 0);
	nl = nt_nl_open(&ns, 0, NULL);
	assert_true(nl >= 0);
	/* lo is always the first. */
	assert_int_equal(nt_netstat_device(nl, 1, &a), 0);
	assert_int_equal(nt_netstat_device(nl, 1, &b), 0);
	assert_true(b.rx_packets >= a.rx_packets);
	assert_int_equal(nt_netstat_device(nl, 0x7ffffff0, &a), -ENODEV);
	assert_int_equal(nt_netstat_qdisc(nl, 1, &q), 0);
	assert_int_equal(nt_netstat_softnet(&s), 0);
	assert_int_equal(nt_netstat_udp(4, &u), 0);
	assert_int_equal(nt_route_to(nl, 4, own, &to), 0);
	assert_true(to.local);
	assert_int_equal(to.ifindex, 1);
	close(nl);
	nt_netns_close(&ns);
}

static void test_stands_on(void **state)
{
	struct nt_iface v[] = {
		{ .ifindex = 1, .name = "eth0", .master = 3 },
		{ .ifindex = 2, .name = "eth1", .master = 3 },
		{ .ifindex = 3, .name = "bond0", .kind = "bond" },
		{ .ifindex = 4, .name = "bond0.7", .kind = "vlan", .link = 3, .master = 5 },
		{ .ifindex = 5, .name = "br0", .kind = "bridge" },
		{ .ifindex = 6, .name = "veth", .kind = "veth", .link = 1 },
		{ .ifindex = 7, .name = "loop", .kind = "vlan", .link = 7 },
	};
	struct nt_iface_list l = { sizeof(v) / sizeof(v[0]), v };

	(void)state;
	assert_true(nt_iface_stands_on(&l, 1, 1));
	assert_true(nt_iface_stands_on(&l, 5, 2));
	assert_true(nt_iface_stands_on(&l, 4, 1));
	assert_false(nt_iface_stands_on(&l, 1, 3));
	assert_false(nt_iface_stands_on(&l, 6, 1));
	assert_false(nt_iface_stands_on(&l, 7, 1));
	assert_false(nt_iface_stands_on(&l, 9, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_softnet),   cmocka_unit_test(test_udp),
		cmocka_unit_test(test_qdiscs),    cmocka_unit_test(test_here),
		cmocka_unit_test(test_stands_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
