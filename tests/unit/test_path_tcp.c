// SPDX-License-Identifier: GPL-2.0-or-later
/* TCP headers, what tells packets apart, and what a receiver says arrived twice; compiled natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "path/tcp.h"
#define NT_STAGES TCP_STAGES
#define NT_SLOT_OWN struct tcp_own
#include "session.bpf.h"
#include "path/tcp_segment.bpf.h"

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	(void)ctx;
	(void)slot;
	(void)c;
}

static void test_before(void **state)
{
	(void)state;
	assert_true(tcp_before(1, 2));
	assert_false(tcp_before(2, 2));
	assert_true(tcp_before(0xfffffff0, 5)); /* round the end */
	assert_false(tcp_before(5, 0xfffffff0));
}

static struct tcp_plain plain(uint16_t tot_len, uint8_t words, uint8_t flags)
{
	struct tcp_plain t = { .h.ip.tot_len = bpf_htons(tot_len), .h.ip.id = bpf_htons(7) };

	t.h.l4.port.seq = bpf_htonl(1000);
	t.more.ack = bpf_htonl(77);
	t.more.offset = (uint8_t)(words << 4);
	t.more.flags = flags;
	return t;
}

static void test_lengths(void **state)
{
	struct tcp_plain t = plain(20 + 32 + 1448, 8, TCP_ACK);
	struct tcp_seg s;

	(void)state;
	tcp_plain_seg(&s, &t);
	assert_int_equal(s.hdr_len, 32);
	assert_int_equal(s.payload, 1448);
	assert_int_equal(s.len, 1448);
	assert_int_equal(s.seq, 1000);
	assert_int_equal(s.ack, 77);
	assert_int_equal(s.distinct, bpf_htons(7));
	t = plain(40, 5, TCP_SYN);
	tcp_plain_seg(&s, &t);
	assert_int_equal(s.payload, 0);
	assert_int_equal(s.len, 1);
	t = plain(41, 5, TCP_ACK | TCP_FIN);
	tcp_plain_seg(&s, &t);
	assert_int_equal(s.len, 2);
	t = plain(40, 15, TCP_ACK); /* a header that is longer than the packet */
	tcp_plain_seg(&s, &t);
	assert_int_equal(s.payload, 0);
	assert_int_equal(s.len, 0);
}

static void test_tags(void **state)
{
	struct tcp_seg a = { .seq = 1000, .ack = 77, .len = 10, .distinct = 7 }, b = a;
	uint64_t flow = tcp_flow_hash4(1, 2, 3), tag = tcp_packet_tag(flow, TCP_FWD, &a);

	(void)state;
	b.ack = 78; /* sent again with a later acknowledgement by a device that cuts: the same */
	assert_true(tcp_packet_tag(flow, TCP_FWD, &b) == tag);
	assert_true(tcp_packet_tag(flow, TCP_REP, &a) != tag);
	assert_true(tcp_packet_tag(tcp_flow_hash4(1, 2, 4), TCP_FWD, &a) != tag);
	b = a;
	b.distinct = 8; /* sent again */
	assert_true(tcp_packet_tag(flow, TCP_FWD, &b) != tag);
	b = a;
	b.seq++;
	assert_true(tcp_packet_tag(flow, TCP_FWD, &b) != tag);
	a.len = b.len = 0; /* bare ones are told apart by what they acknowledge */
	b = a;
	b.ack++;
	assert_true(tcp_packet_tag(flow, TCP_FWD, &a) != tcp_packet_tag(flow, TCP_FWD, &b));
	assert_true(tcp_sent_tag(flow, TCP_FWD, 1000) != tcp_sent_tag(flow, TCP_REP, 1000));
}

/* Options as Linux sends them: with time stamps or without, n blocks. */
static uint32_t options(uint8_t *o, bool stamps, uint32_t n, const uint32_t *edges)
{
	static const uint8_t head[] = { 1, 1, 8, 10 };
	uint32_t at = 0, i;

	memset(o, 0, 40);
	if (stamps) {
		memcpy(o, head, sizeof(head));
		at = 12;
	}
	o[at] = o[at + 1] = 1;
	o[at + 2] = 5;
	o[at + 3] = (uint8_t)(2 + 8 * n);
	for (i = 0; i < 2 * n; i++) {
		uint32_t v = bpf_htonl(edges[i]);

		memcpy(o + at + 4 + 4 * (size_t)i, &v, sizeof(v));
	}
	return at + 4 + 8 * n;
}

static void test_arrived_twice(void **state)
{
	uint8_t o[40] __attribute__((aligned(8)));
	struct tcp_block b = { 0 };
	int stamps;

	(void)state;
	for (stamps = 0; stamps < 2; stamps++) {
		const uint32_t below[] = { 100, 200 }, above[] = { 500, 600 };
		const uint32_t within[] = { 500, 600, 400, 900 }, beside[] = { 500, 600, 800, 900 };
		uint32_t n = options(o, stamps, 1, below);

		assert_true(tcp_arrived_twice(o, n, 200, &b));
		assert_int_equal(b.from, 100);
		assert_int_equal(b.to, 200);
		assert_false(
			tcp_arrived_twice(o, n, 150, &b)); /* its end is above: what is missing */
		n = options(o, stamps, 1, above);
		assert_false(tcp_arrived_twice(o, n, 200, &b));
		n = options(o, stamps, 2, within);
		assert_true(tcp_arrived_twice(o, n, 200, &b));
		assert_int_equal(b.from, 500);
		assert_false(tcp_arrived_twice(o, n - 1, 200, &b)); /* cut */
		n = options(o, stamps, 2, beside);
		assert_false(tcp_arrived_twice(o, n, 200, &b));
	}
	memset(o, 1, sizeof(o)); /* nothing but filling */
	assert_false(tcp_arrived_twice(o, 40, 200, &b));
	assert_false(tcp_arrived_twice(o, 0, 200, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_arrived_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
