// SPDX-License-Identifier: GPL-2.0-or-later
/* drop details: what a record's header bytes are said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <string.h>

#include <cmocka.h>

#include "drop_details.h"

static void set_ends(struct drop_rec *rec)
{
	rec->pkt.family = 4;
	rec->pkt.saddr[0] = htonl(0x0a000001);
	rec->pkt.daddr[0] = htonl(0x0a000002);
	rec->eth = 0x0800;
}

static void says(const struct drop_rec *rec, const char *proto, const char *ends, const char *extra)
{
	char buf[200];

	assert_string_equal(details_proto(rec, buf, sizeof(buf)), proto);
	assert_string_equal(details_ends(rec, buf, sizeof(buf)), ends);
	assert_string_equal(details_extra(rec, buf, sizeof(buf)), extra);
}

static void tcp(void **state)
{
	struct drop_rec rec = { 0 };

	(void)state;
	set_ends(&rec);
	rec.pkt.proto = NT_IPPROTO_TCP;
	rec.pkt.sport = htons(40000);
	rec.pkt.dport = htons(80);
	rec.l4_len = 20;
	rec.l4[13] = 0x12;
	says(&rec, "TCP", "10.0.0.1:40000 -> 10.0.0.2:80", " [SYN,ACK]");
	/* Without its flags nothing is said of them. */
	rec.l4_len = 13;
	says(&rec, "TCP", "10.0.0.1:40000 -> 10.0.0.2:80", "");
	rec.flags = DROP_ROW_NO_L4;
	says(&rec, "TCP", "10.0.0.1:40000 -> 10.0.0.2:80", " [header not readable]");
}

static void fragment(void **state)
{
	struct drop_rec rec = { 0 };

	(void)state;
	set_ends(&rec);
	rec.pkt.proto = NT_IPPROTO_UDP;
	rec.pkt.flags = NT_KEY_FRAG | NT_KEY_LATER_FRAG;
	rec.pkt.frag_off = 1480;
	rec.pkt.sport = htons(7); /* must not be looked at */
	says(&rec, "UDP", "10.0.0.1 -> 10.0.0.2", " [fragment at 1480]");
}

static void icmp(void **state)
{
	struct drop_rec rec = { 0 };

	(void)state;
	set_ends(&rec);
	rec.pkt.proto = NT_IPPROTO_ICMP;
	rec.l4_len = 8;
	rec.pkt.type = 8;
	rec.pkt.sport = htons(77);
	rec.pkt.dport = htons(3);
	says(&rec, "ICMP", "10.0.0.1 -> 10.0.0.2", " [echo request 77/3]");
	rec.pkt.type = 3;
	rec.pkt.code = 1;
	says(&rec, "ICMP", "10.0.0.1 -> 10.0.0.2", " [type 3 code 1]");
}

static void not_ip(void **state)
{
	static const uint8_t arp[] = { 0,  1, 8, 0, 6, 4, 0, 2, 2, 0, 0,  0, 0, 1,
				       10, 0, 0, 9, 2, 0, 0, 0, 0, 2, 10, 0, 0, 8 };
	static const uint8_t ether[] = { 1, 2, 3, 4, 5, 6, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf };
	struct drop_rec rec = { .eth = 0x0806, .l3_len = sizeof(arp) };

	(void)state;
	memcpy(rec.l3, arp, sizeof(arp));
	says(&rec, "ARP", "10.0.0.9 -> 10.0.0.8", " [Reply]");
	/* Cut short: its addresses are not there. */
	rec.l3_len = sizeof(arp) - 1;
	says(&rec, "ARP", "-", "");
	memcpy(rec.l2, ether, sizeof(ether));
	rec.l2_len = 14;
	says(&rec, "ARP", "0a:0b:0c:0d:0e:0f -> 01:02:03:04:05:06", "");
	rec.eth = 0x9898;
	says(&rec, "0x9898", "0a:0b:0c:0d:0e:0f -> 01:02:03:04:05:06", "");
	rec.eth = 0;
	says(&rec, "?", "0a:0b:0c:0d:0e:0f -> 01:02:03:04:05:06", "");
}

static void vlans(void **state)
{
	/* Two tags in the frame, the second cut off by turns. */
	static const uint8_t tags[] = { 0x88, 0xa8, 0xe0, 0x05, 0x81, 0x00, 0x00, 0x64, 0x08, 0 };
	struct drop_rec rec = { 0 };
	char buf[48];

	(void)state;
	assert_string_equal(details_vlans(&rec, buf, sizeof(buf)), "");
	rec.pkt.vlan = 8;
	assert_string_equal(details_vlans(&rec, buf, sizeof(buf)), " vlan 7");
	memcpy(rec.l2 + 12, tags, sizeof(tags));
	rec.l2_len = 22;
	assert_string_equal(details_vlans(&rec, buf, sizeof(buf)), " vlan 5.100");
	rec.l2_len = 19;
	assert_string_equal(details_vlans(&rec, buf, sizeof(buf)), " vlan 5");
	rec.tag_proto = 0x8100;
	rec.tag_tci = 0; /* VLAN 0 is a tag too */
	assert_string_equal(details_vlans(&rec, buf, sizeof(buf)), " vlan 0.5");
}

static void tallies(void **state)
{
	struct drop_tallies t = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		assert_int_equal(drop_tally_add(&t, i % 4 ? "many" : "few"), 0);
	drop_tally_reset(&t);
	assert_int_equal(drop_tally_add(&t, "few"), 0);
	assert_int_equal(t.n, 2);
	drop_tally_sort(&t, true);
	assert_string_equal(t.v[0].name, "many");
	assert_int_equal(drop_tally_count(&t.v[0], true), 30);
	drop_tally_sort(&t, false);
	assert_string_equal(t.v[0].name, "few");
	assert_int_equal(drop_tally_count(&t.v[0], false), 1);
	assert_int_equal(drop_tally_count(&t.v[0], true), 11);
	drop_tally_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp),    cmocka_unit_test(fragment), cmocka_unit_test(icmp),
		cmocka_unit_test(not_ip), cmocka_unit_test(vlans),    cmocka_unit_test(tallies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
