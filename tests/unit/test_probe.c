// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probe.h"
#include "probe_pace.h"

/* --- pacing --- */

static void test_pace(void **state)
{
	struct probe_pace p = { .start_ns = 5 * NS_PER_S, .rate = 1000 };

	(void)state;
	assert_int_equal(probe_pace_due(&p, 4 * NS_PER_S), 0);
	assert_int_equal(probe_pace_due(&p, 5 * NS_PER_S), 1);
	p.used++;
	assert_int_equal(probe_pace_due(&p, 5 * NS_PER_S), 0);
	assert_int_equal(probe_pace_next(&p), 5 * NS_PER_S + NS_PER_MS);
	assert_int_equal(probe_pace_due(&p, probe_pace_next(&p) - 1), 0);
	assert_int_equal(probe_pace_due(&p, probe_pace_next(&p)), 1);
	/* Late by less than a burst: all of it. */
	assert_int_equal(probe_pace_due(&p, 5 * NS_PER_S + 10 * NS_PER_MS), 10);
	p.used += 10;
	assert_int_equal(p.late, 0);
	/* Late by a second: a burst, the rest is given up, and then it is in time again. */
	assert_int_equal(probe_pace_due(&p, 6 * NS_PER_S + 10 * NS_PER_MS), 100);
	p.used += 100;
	assert_int_equal(p.late, 900);
	assert_int_equal(probe_pace_due(&p, 6 * NS_PER_S + 10 * NS_PER_MS), 0);
	assert_int_equal(p.used, 1011);
	/* Of many probes a burst is shorter, of few never less than a handful. */
	p = (struct probe_pace){ .rate = 1000000 };
	assert_int_equal(probe_pace_due(&p, NS_PER_S), 20000);
	p = (struct probe_pace){ .rate = 10 };
	assert_int_equal(probe_pace_due(&p, 100 * NS_PER_S), 8);
	/* Whole slots: no rounding adds up. */
	p = (struct probe_pace){ .rate = 3, .used = 3000000 };
	assert_int_equal(probe_pace_next(&p), 1000000 * NS_PER_S);
	p.rate = 0;
	assert_true(probe_pace_due(&p, 0) > 0);
}

/* --- the verdict --- */

struct judged {
	struct probe_sent s;
	struct probe_arrived a;
	struct probe_verdict v;
};

static struct judged ends(uint64_t sent, uint64_t received)
{
	struct judged j = { .s.sent = sent, .a.received = received };

	/* Everything came to the device, unless the test says otherwise. */
	j.a.c.v[PROBE_RX_PACKETS] = sent + 5;
	j.a.c.v[PROBE_CONTROL_IN] = 5;
	return j;
}

static void expect(struct judged *j, const char *name, enum probe_where w, uint64_t part,
		   uint64_t unexplained)
{
	uint64_t sum;
	uint32_t i;

	probe_judge(&j->s, &j->a, &j->v);
	assert_string_equal(j->v.name, name);
	assert_int_equal(j->v.part[w], part);
	assert_int_equal(j->v.unexplained, unexplained);
	for (sum = j->v.unexplained, i = 0; i < PROBE_WHERES; i++)
		sum += j->v.part[i];
	assert_int_equal(sum, j->v.lost);
}

static void test_no_drop(void **state)
{
	struct judged j = ends(1000, 1000);

	(void)state;
	/* Whatever counters move. */
	j.a.c.v[PROBE_RX_DROPPED] = j.s.c.v[PROBE_QDISC_DROP] = 500;
	expect(&j, "NO_DROP", PROBE_SENDER_QDISC, 0, 0);
	assert_int_equal(j.v.lost, 0);
}

static void test_places(void **state)
{
	static const struct {
		bool receiver;
		enum probe_counter c;
		enum probe_where w;
		const char *name;
	} cases[] = {
		{ false, PROBE_QDISC_DROP, PROBE_SENDER_QDISC, "SENDER_QDISC_DROP" },
		{ false, PROBE_TX_DROPPED, PROBE_SENDER_DEVICE, "SENDER_DEVICE_DROP" },
		{ false, PROBE_TX_CARRIER, PROBE_SENDER_DEVICE, "SENDER_DEVICE_DROP" },
		{ true, PROBE_RX_MISSED, PROBE_RECEIVER_NIC, "RECEIVER_NIC_DROP" },
		{ true, PROBE_RX_CRC, PROBE_RECEIVER_NIC, "RECEIVER_NIC_DROP" },
		{ true, PROBE_SOFTNET_DROP, PROBE_RECEIVER_SOFTNET, "RECEIVER_SOFTNET_DROP" },
		{ true, PROBE_RX_DROPPED, PROBE_RECEIVER_STACK, "RECEIVER_STACK_DROP" },
		{ true, PROBE_UDP_CSUM, PROBE_RECEIVER_CHECKSUM, "RECEIVER_CHECKSUM_DROP" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct judged j = ends(1000, 850);
		struct probe_counters *c = cases[i].receiver ? &j.a.c : &j.s.c;

		c->v[cases[i].c] = 150;
		expect(&j, cases[i].name, cases[i].w, 150, 0);
		/* Other traffic moved it, too: no more than was lost. */
		c->v[cases[i].c] = 100000;
		expect(&j, cases[i].name, cases[i].w, 150, 0);
		/* It explains a part. */
		c->v[cases[i].c] = 40;
		expect(&j, "NOT_COUNTED_DROP", cases[i].w, 40, 110);
	}
}

static void test_socket(void **state)
{
	struct judged j = ends(1000, 850);

	(void)state;
	/* The namespace's other sockets overflow, too: our own counts. */
	j.a.c.v[PROBE_UDP_RCVBUF] = 5000;
	expect(&j, "NOT_COUNTED_DROP", PROBE_RECEIVER_SOCKET, 0, 150);
	j.a.c.v[PROBE_SOCKET_DROP] = 150;
	expect(&j, "RECEIVER_SOCKET_DROP", PROBE_RECEIVER_SOCKET, 150, 0);
	/* It is the surest: others explain what it leaves. */
	j.a.c.v[PROBE_SOCKET_DROP] = 100;
	j.s.c.v[PROBE_QDISC_DROP] = 70;
	expect(&j, "RECEIVER_SOCKET_DROP", PROBE_RECEIVER_SOCKET, 100, 0);
	assert_int_equal(j.v.part[PROBE_SENDER_QDISC], 50);
}

static void test_softnet_once(void **state)
{
	struct judged j = ends(1000, 800);

	(void)state;
	/* A full backlog is in rx_dropped as well: 120 drops, not 240. */
	j.a.c.v[PROBE_SOFTNET_DROP] = j.a.c.v[PROBE_RX_DROPPED] = 120;
	expect(&j, "RECEIVER_SOFTNET_DROP", PROBE_RECEIVER_SOFTNET, 120, 80);
	assert_int_equal(j.v.part[PROBE_RECEIVER_STACK], 0);
}

static void test_stamps(void **state)
{
	struct judged j = ends(1000, 900);

	(void)state;
	/* The driver has confirmed all but 30: the queues dropped 30 probes at most. */
	j.s.c.v[PROBE_QDISC_DROP] = 100;
	j.s.all_stamped = true;
	j.s.stamped = 970;
	expect(&j, "NOT_COUNTED_DROP", PROBE_SENDER_QDISC, 30, 70);
	/* A driver that gives no times confirms nothing. */
	j.s.stamped = 0;
	expect(&j, "SENDER_QDISC_DROP", PROBE_SENDER_QDISC, 100, 0);
}

static void test_transit(void **state)
{
	struct judged j = ends(1000, 900);

	(void)state;
	/* 903 packets in all, 3 of the control connection. */
	j.a.c.v[PROBE_RX_PACKETS] = 903;
	j.a.c.v[PROBE_CONTROL_IN] = 3;
	expect(&j, "IN_TRANSIT_DROP", PROBE_TRANSIT, 100, 0);
	/* Others' packets came as well: for these it is not known. */
	j.a.c.v[PROBE_RX_PACKETS] = 933;
	expect(&j, "IN_TRANSIT_DROP", PROBE_TRANSIT, 70, 30);
	/* What a queue dropped did not come either, and is no loss in transit. */
	j.a.c.v[PROBE_RX_PACKETS] = 903;
	j.s.c.v[PROBE_QDISC_DROP] = 60;
	expect(&j, "SENDER_QDISC_DROP", PROBE_TRANSIT, 40, 0);
	/* Without counters nothing is proven. */
	j.a.c.unread = true;
	expect(&j, "SENDER_QDISC_DROP", PROBE_TRANSIT, 0, 40);
}

/* --- messages --- */

static struct probe_frame cut(const uint8_t *buf, size_t n)
{
	struct probe_frame f = { 0 };

	assert_true(n > 0);
	assert_int_equal(probe_frame_cut(buf, n, &f), n);
	return f;
}

static void test_datagram(void **state)
{
	struct probe_datagram d = { { 1, 2 }, 3, 4 }, got;
	struct probe_id other = { 1, 3 };
	uint8_t buf[PROBE_HEAD];
	size_t i;

	(void)state;
	probe_datagram_put(&d, buf);
	assert_true(probe_datagram_get(buf, sizeof(buf), &d.id, &got));
	assert_int_equal(got.seq, 3);
	assert_int_equal(got.wall_ns, 4);
	assert_false(probe_datagram_get(buf, sizeof(buf), &other, &got));
	for (i = 0; i < sizeof(buf); i++)
		assert_false(probe_datagram_get(buf, i, &d.id, &got));
	d.seq = UINT64_MAX;
	probe_datagram_put(&d, buf);
	assert_false(probe_datagram_get(buf, sizeof(buf), &d.id, &got));
}

static struct probe_arrived sample(void)
{
	struct probe_arrived a = { .received = 10, .duplicate = 1, .longest_gap = 2 };
	uint64_t v;

	for (v = 1; v < 1ULL << 40; v = v * 3 / 2 + 1)
		nt_hist_add(&a.jitter, v);
	a.c.v[PROBE_RX_MISSED] = 77;
	a.c.reset = true;
	return a;
}

static void test_messages(void **state)
{
	static uint8_t buf[PROBE_FRAME_MAX];
	struct probe_hello h = { 1000, 64, "r0" }, h2;
	struct probe_ready r = { false, { 5, 6 }, "a-name-16-chars." }, r2;
	struct probe_sent s = { .sent = 9, .elapsed_ns = 8, .stamped = 7 }, s2;
	struct probe_arrived a = sample(), a2;
	struct probe_frame f;
	uint64_t n;

	(void)state;
	f = cut(buf, probe_put_hello(buf, &h));
	assert_true(f.type == PROBE_HELLO && probe_get_hello(&f, &h2));
	assert_string_equal(h2.iface, "r0");
	assert_false(probe_get_ready(&f, &r2));
	f = cut(buf, probe_put_ready(buf, &r));
	assert_true(f.type == PROBE_READY && probe_get_ready(&f, &r2));
	assert_string_equal(r2.iface, r.iface);
	assert_int_equal(r2.id.token, 6);
	f = cut(buf, probe_put_count(buf, PROBE_STOP, 42));
	assert_true(f.type == PROBE_STOP && probe_get_count(&f, &n) && n == 42);
	f = cut(buf, probe_put_final(buf, &s));
	assert_true(probe_get_final(&f, &s2) && s2.sent == 9 && s2.stamped == 7);
	f = cut(buf, probe_put_result(buf, &a));
	assert_true(probe_get_result(&f, &a2));
	assert_memory_equal(&a2.jitter, &a.jitter, sizeof(a.jitter));
	assert_int_equal(a2.c.v[PROBE_RX_MISSED], 77);
	assert_true(a2.c.reset && !a2.c.unread);
	/* A size that no probe has. */
	h.size = 39;
	f = cut(buf, probe_put_hello(buf, &h));
	assert_false(probe_get_hello(&f, &h2));
}

/* A full histogram fits: every bucket in use. */
static void test_largest(void **state)
{
	static uint8_t buf[PROBE_FRAME_MAX];
	struct probe_arrived a = { 0 }, got;
	struct probe_frame f;
	uint32_t i;

	(void)state;
	for (i = 0; i < NT_HIST_BUCKETS; i++)
		nt_hist_add(&a.jitter, nt_hist_bucket_low(i));
	f = cut(buf, probe_put_result(buf, &a));
	assert_true(probe_get_result(&f, &got));
	assert_int_equal(got.jitter.count, NT_HIST_BUCKETS);
}

static void test_strangers(void **state)
{
	static const char *const first[] = { "GET / HTTP/1.0\r\n", "SSH-2.0-x\n", "N", "NT",
					     "NTPx" };
	static uint8_t buf[PROBE_FRAME_MAX];
	struct probe_arrived a = sample(), got;
	struct probe_frame f;
	size_t n, i;
	int r;

	(void)state;
	for (i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		r = probe_frame_cut((const uint8_t *)first[i], strlen(first[i]), &f);
		assert_int_equal(r,
				 !strcmp(first[i], "N") || !strcmp(first[i], "NT") ? 0 : -EPROTO);
	}
	n = probe_put_result(buf, &a);
	/* Not whole yet. */
	for (i = 0; i < n; i++)
		assert_int_equal(probe_frame_cut(buf, i, &f), 0);
	/* Cut short, with a length that says so. */
	f = cut(buf, n);
	for (i = 0; i < f.n; i++) {
		struct probe_frame less = { f.type, f.p, i };

		assert_false(probe_get_result(&less, &got));
	}
	buf[5]++;
	assert_int_equal(probe_frame_cut(buf, n, &f), -EPROTONOSUPPORT);
	buf[5]--;
	buf[8] = 0xff; /* a length beyond all bounds */
	assert_int_equal(probe_frame_cut(buf, n, &f), -EPROTO);
}

/* Any bytes: what is taken for good must be printable without a fault. */
static void test_damage(void **state)
{
	static uint8_t good[PROBE_FRAME_MAX], buf[PROBE_FRAME_MAX];
	struct probe_arrived a = sample(), got;
	uint64_t x = 88172645463325252ULL;
	size_t n = probe_put_result(good, &a), i;
	struct nt_latency l;
	struct probe_frame f;
	uint32_t taken = 0;

	(void)state;
	for (i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(buf, good, n);
		buf[PROBE_FRAME_HEAD + x % (n - PROBE_FRAME_HEAD)] ^= (uint8_t)(x >> 32) | 1;
		f = cut(buf, n);
		if (!probe_get_result(&f, &got))
			continue;
		taken++;
		nt_hist_latency(&got.jitter, &l);
		assert_true(l.min <= l.avg && l.avg <= l.max && l.p50 <= l.p999);
	}
	assert_true(taken > 0 && taken < 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pace),      cmocka_unit_test(test_no_drop),
		cmocka_unit_test(test_places),    cmocka_unit_test(test_socket),
		cmocka_unit_test(test_stamps),    cmocka_unit_test(test_softnet_once),
		cmocka_unit_test(test_transit),   cmocka_unit_test(test_datagram),
		cmocka_unit_test(test_messages),  cmocka_unit_test(test_largest),
		cmocka_unit_test(test_strangers), cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
