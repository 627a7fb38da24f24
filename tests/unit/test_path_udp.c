// SPDX-License-Identifier: GPL-2.0-or-later
/* Groups of datagrams and fragments, and what has no number, compiled natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "path/udp.h"
#define NT_STAGES UDP_STAGES
#define NT_SLOT_OWN struct udp_group
#include "session.bpf.h"
#include "path/udp_content.bpf.h"
#include "path/udp_group.bpf.h"

#define MS 1000000ULL

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	(void)ctx;
	(void)slot;
	(void)c;
}

static const struct nt_sess_cfg cfg = { .timeout_ns = 1000 * MS, .reclaim_ns = 4000 * MS };
static struct nt_counters n;
static struct nt_slot slot;
static struct nt_sess_cfg anew;

/* Fragments of 4008 bytes, by number; 3 is a whole datagram. */
static const struct udp_part part[] = {
	{ .bytes = 1480, .end = 1480, .frag = 1, .first = 1, .sport = 1, .dport = 2 },
	{ .bytes = 1480, .end = 2960, .frag = 1 },
	{ .bytes = 1048, .end = 4008, .frag = 1, .last = 1 },
	{ .frag = 0 },
};

static void begin(uint32_t which)
{
	memset(&n, 0, sizeof(n));
	memset(&slot, 0xa5, sizeof(slot)); /* what another packet left there */
	nt_open(&slot, 7, shim_now);
	slot.own.open = 1;
	slot.own.came = 1;
	if (part[which].frag)
		udp_take(&n, &slot, &part[which]);
}

static int join(uint32_t which)
{
	return udp_join_slot(&cfg, &n, &slot, &part[which], &anew);
}

static bool left(uint32_t which)
{
	return udp_part_left(&slot, &part[which]);
}

static void test_in_order(void **state)
{
	(void)state;
	begin(0);
	assert_int_equal(slot.s.key.dport, 2);
	assert_false(left(0));
	assert_int_equal(udp_gap(&slot.own, 0), UDP_ST_EXTERNAL);
	assert_int_equal(join(1), UDP_JOINED);
	assert_int_equal(udp_gap(&slot.own, 0), UDP_ST_PARTIAL);
	assert_false(left(1));
	assert_int_equal(join(2), UDP_JOINED);
	assert_true(left(2));
	assert_int_equal(slot.own.rx_frags, 3);
	assert_int_equal(slot.own.total, 4008);
	assert_int_equal(n.c[NT_C_STARTED], 0);
}

static void test_any_order(void **state)
{
	static const uint32_t orders[][3] = { { 2, 1, 0 }, { 1, 2, 0 }, { 0, 2, 1 }, { 2, 0, 1 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		const uint32_t *o = orders[i];

		begin(o[0]);
		assert_false(left(o[0]));
		assert_int_equal(join(o[1]), UDP_JOINED);
		assert_false(left(o[1]));
		assert_int_equal(join(o[2]), UDP_JOINED);
		assert_true(left(o[2]));
		/* All come before one leaves. */
		begin(o[0]);
		join(o[1]);
		join(o[2]);
		assert_false(left(o[2]));
		assert_false(left(o[0]));
		assert_true(left(o[1]));
	}
}

/* Put together, or cut, on the way. */
static void test_other_cut(void **state)
{
	static const struct udp_part halves[] = {
		{ .bytes = 2000, .end = 2000, .frag = 1, .first = 1 },
		{ .bytes = 2008, .end = 4008, .frag = 1, .last = 1 },
	};

	(void)state;
	begin(0);
	join(1);
	join(2);
	assert_false(udp_part_left(&slot, &halves[0]));
	assert_true(udp_part_left(&slot, &halves[1]));
	begin(3);
	assert_false(udp_part_left(&slot, &halves[1]));
	assert_int_equal(udp_gap(&slot.own, 1), UDP_ST_PARTIAL);
	assert_true(udp_part_left(&slot, &halves[0]));
}

static void test_unfinished(void **state)
{
	(void)state;
	begin(0);
	join(1);
	join(2);
	assert_int_equal(udp_gap(&slot.own, 1), UDP_ST_INTERNAL);
	left(0);
	left(2);
	assert_int_equal(udp_gap(&slot.own, 1), UDP_ST_PARTIAL);
	assert_true(udp_count_unfinished(&n, &slot.own, 1));
	assert_int_equal(n.c[UDP_C_STATUS + UDP_ST_PARTIAL], 1);

	begin(0); /* the second one never came */
	join(2);
	left(0);
	left(2);
	assert_int_equal(udp_gap(&slot.own, 1), UDP_ST_EXTERNAL);

	begin(2);
	left(2);
	assert_int_equal(udp_gap(&slot.own, 0), UDP_ST_EXTERNAL);
	assert_int_equal(udp_gap(&slot.own, 1), UDP_ST_UNKNOWN_PORT);
	assert_false(udp_count_unfinished(&n, &slot.own, 1));
	assert_int_equal(n.c[UDP_C_STATUS + UDP_ST_UNKNOWN_PORT], 1);
}

static void test_other_port(void **state)
{
	struct udp_part first = part[0];

	(void)state;
	begin(2);
	first.other_port = 1;
	assert_int_equal(udp_join_slot(&cfg, &n, &slot, &first, &anew), UDP_JOINED);
	assert_int_equal(udp_join_slot(&cfg, &n, &slot, &first, &anew), UDP_JOINED); /* a copy */
	assert_int_equal(n.c[UDP_C_OTHER_PORT], 1);
	assert_int_equal(udp_unfinished(&slot.own), 0);
	assert_false(udp_count_unfinished(&n, &slot.own, 1));
	assert_int_equal(join(3), UDP_JOINED); /* a whole one of the same number */
	assert_true(udp_count_unfinished(&n, &slot.own, 1));
	assert_int_equal(n.c[UDP_C_STATUS + UDP_ST_INTERNAL], 1);
}

static void test_alike(void **state)
{
	int i;

	(void)state;
	begin(3);
	for (i = 0; i < 4; i++) {
		shim_now += MS;
		assert_int_equal(join(3), UDP_JOINED);
		assert_int_equal(slot.ts[UDP_RX], shim_now);
	}
	assert_int_equal(slot.own.open, 5);
	assert_int_equal(n.c[NT_C_STARTED], 4);
	assert_int_equal(n.c[UDP_C_ALIKE], 4);
	assert_int_equal(join(0), UDP_JOINED); /* one in fragments besides */
	join(1);
	join(2);
	assert_int_equal(slot.own.open, 6);
	left(0);
	udp_count_unfinished(&n, &slot.own, 0);
	assert_int_equal(n.c[UDP_C_STATUS + UDP_ST_PARTIAL], 1);
	assert_int_equal(n.c[UDP_C_STATUS + UDP_ST_INTERNAL], 5);
	udp_reopen(&slot);
	assert_int_equal(slot.own.rx_frags, 0);
	assert_int_equal(slot.own.open, 6);
}

static void test_again(void **state)
{
	(void)state;
	begin(0);
	join(1);
	join(2);
	left(0);
	shim_now += 10 * MS; /* a copy of the network's */
	assert_int_equal(join(0), UDP_JOINED);
	shim_now += 60 * MS; /* the next one of that number */
	assert_int_equal(join(0), UDP_ANEW);
	assert_int_equal(anew.timeout_ns, 70 * MS - 1);
	assert_int_equal(anew.reclaim_ns, cfg.reclaim_ns);
	shim_now += 1000 * MS;
	assert_int_equal(join(0), UDP_NEW);
	begin(0); /* not all came: what is missing still belongs to it */
	shim_now += 100 * MS;
	assert_int_equal(join(2), UDP_JOINED);
	slot.s.flags |= NT_SESS_DONE; /* of others there are more */
	assert_int_equal(join(1), UDP_JOINED);
	slot.own.open = 0; /* it has just ended */
	assert_int_equal(join(1), UDP_NEW);
}

/* --- content --- */

struct packet {
	uint8_t bytes[64];
	struct skb_shared_info info;
};
static struct packet packet;

/* The same datagram at one instant. */
static uint64_t tag_of(uint8_t summed, uint32_t avail, uint32_t gso, uint16_t len, uint8_t first)
{
	struct nt_key k = { .family = 4, .saddr = { 1 }, .daddr = { 2 } };
	struct udp_content c = { 0 };
	struct nt_l3 l = { .p = packet.bytes, .avail = avail };
	union {
		struct sk_buff skb;
		struct sk_buff___csum csum;
	} u = { 0 };
	int by;

	memset(&packet, 0, sizeof(packet));
	memcpy(packet.bytes + 20, "\x13\x88\x1b\x58", 4);
	packet.bytes[24] = len >> 8;
	packet.bytes[25] = len & 0xff;
	packet.bytes[26] = summed;
	packet.bytes[28] = first;
	packet.info.gso_size = gso;
	packet.info.gso_type = gso ? NT_GSO_UDP_L4 : 0;
	u.skb.head = packet.bytes;
	u.skb.end = offsetof(struct packet, info);
	shim_forget_memory();
	shim_memory(&packet, sizeof(packet));
	by = udp_read_content(&c, &u.skb, &l, 20, true);
	assert_int_equal(shim.wild, 0);
	return by < 0 ? 0 : udp_content_tag(&c, 99, &k, by);
}

static void test_content(void **state)
{
	uint64_t tag = tag_of(7, 64, 0, 36, 1);

	(void)state;
	assert_int_equal(tag_of(7, 64, 0, 36, 1), tag);
	assert_int_not_equal(tag_of(8, 64, 0, 36, 1), tag);
	assert_int_not_equal(tag_of(7, 64, 0, 35, 1), tag);
	assert_int_not_equal(tag_of(7, 64, 0, 36, 2), tag);
	/* Its bytes are not there. */
	assert_int_not_equal(tag_of(7, 40, 0, 36, 1), tag);
	assert_int_equal(tag_of(7, 40, 0, 36, 1), tag_of(7, 40, 0, 36, 2));
	assert_int_equal(tag_of(7, 24, 0, 36, 1), 0);
	/* Shorter than what is looked at, and empty. */
	assert_int_not_equal(tag_of(7, 30, 0, 10, 1), tag_of(7, 30, 0, 10, 2));
	assert_int_not_equal(tag_of(7, 28, 0, 8, 0), 0);
	/* Several in one packet: it is the first one's, whose checksum is not known. */
	assert_int_equal(tag_of(7, 64, 100, 508, 1), tag_of(9, 64, 100, 1008, 1));
	assert_int_equal(tag_of(7, 64, 100, 58, 1), tag_of(9, 64, 100, 58, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),   cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_other_cut),  cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_other_port), cmocka_unit_test(test_alike),
		cmocka_unit_test(test_again),      cmocka_unit_test(test_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
