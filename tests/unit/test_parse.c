// SPDX-License-Identifier: GPL-2.0-or-later
/* The packet parser of the BPF side, compiled natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "packet.h"
#include "seal.h"

static unsigned int plain; /* packets that the quick look took */

/* The quick look takes a packet or leaves it; what it takes is what the parser says. */
static void check_plain(struct sk_buff *skb, enum nt_parse_at at, int r, const struct nt_key *k)
{
	struct nt_plain4 h, h2;
	struct nt_key quick;
	bool taken = nt_read_plain4(skb, true, at, &h);

	assert_int_equal(nt_read_plain4(skb, false, at, &h2), taken);
	if (!taken)
		return;
	plain++;
	assert_int_equal(r, NT_PARSE_OK);
	assert_memory_equal(&h.ip, &h2.ip, sizeof(h.ip) + sizeof(h.l4));
	nt_plain4_key(&quick, &h);
	assert_memory_equal(&quick, k, sizeof(quick));
	assert_int_equal(nt_plain4_pair(&h), nt_pair4(k->saddr[0], k->daddr[0]));
}

/* Both readers must agree; nothing outside the linear part may be touched. */
static int parse_part(const struct packet *p, enum nt_parse_at at, size_t linear, struct nt_key *k,
		      uint32_t want)
{
	struct nt_key k2;
	struct nt_l3 l = { 0 }, l2 = { 0 };
	struct frame f;
	int r, r2;

	frame_init(&f, p, at, linear);
	r = nt_find_l3(&f.skb, true, at, &l);
	if (r == NT_PARSE_OK)
		r = nt_parse_l3(k, &l, want);
	r2 = nt_find_l3(&f.skb, false, at, &l2);
	if (r2 == NT_PARSE_OK)
		r2 = nt_parse_l3(&k2, &l2, want);
	assert_int_equal(r, r2);
	if (r == NT_PARSE_OK)
		assert_memory_equal(k, &k2, sizeof(k2));
	if (!want)
		check_plain(&f.skb, at, r, k);
	assert_int_equal(shim.wild, 0);
	frame_done(&f);
	return r;
}

static size_t whole(const struct packet *p, enum nt_parse_at at)
{
	return at == NT_AT_MAC ? p->n : p->n - p->l3;
}

static int parse(const struct packet *p, enum nt_parse_at at, struct nt_key *k)
{
	return parse_part(p, at, whole(p, at), k, 0);
}

/*
 * Whatever the length of the linear part: below need bytes of L3 the packet is
 * unread, from there on it is the same packet.
 */
static void check_lengths(const struct packet *p, enum nt_parse_at at, size_t need)
{
	struct nt_key all, k;
	size_t i;

	if (at == NT_AT_MAC)
		need += p->l3;
	assert_int_equal(parse(p, at, &all), NT_PARSE_OK);
	for (i = 0; i <= whole(p, at); i++) {
		int r = parse_part(p, at, i, &k, 0);

		assert_int_equal(r, i < need ? NT_PARSE_UNREAD : NT_PARSE_OK);
		if (r == NT_PARSE_OK)
			assert_memory_equal(&k, &all, sizeof(k));
	}
}

static void check_all_instants(const struct packet *p, size_t need)
{
	check_lengths(p, NT_AT_DATA, need);
	check_lengths(p, NT_AT_NET, need);
	check_lengths(p, NT_AT_MAC, need);
}

/* --- IPv4 --- */

static void check_v4(const struct nt_key *k, uint8_t proto)
{
	static const uint32_t none[3];

	assert_int_equal(k->family, 4);
	assert_int_equal(k->proto, proto);
	assert_int_equal(k->saddr[0], htonl(SRC4));
	assert_int_equal(k->daddr[0], htonl(DST4));
	assert_memory_equal(&k->saddr[1], none, sizeof(none));
	assert_memory_equal(&k->daddr[1], none, sizeof(none));
	assert_int_equal(k->len, 0x1234);
	assert_int_equal(k->ip_id, htons(0xbeef));
}

static void test_ipv4_echo(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0, 0, 0x0800);
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	put_zeros(&p, 20);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v4(&k, 1);
	assert_int_equal(k.type, 8);
	assert_int_equal(k.sport, htons(0x0102));
	assert_int_equal(k.dport, htons(0x0304));
	assert_int_equal(k.l4_off, 20);
	assert_int_equal(k.flags, 0);
	assert_int_equal(k.vlan, 0);
	check_all_instants(&p, 28);
}

/* Which packets are plain, and from what length of the linear part on. */
static void test_plain(void **state)
{
	static const struct {
		uint8_t proto;
		unsigned int words, vlans;
		uint16_t frag;
		bool plain;
	} t[] = {
		{ 1, 0, 0, 0, true },        { 6, 0, 0, 0, true },
		{ 17, 0, 0, 0x4000, true },  { 47, 0, 0, 0, true },
		{ 1, 1, 0, 0, false },       { 1, 0, 1, 0, false },
		{ 17, 0, 0, 0x2000, false }, { 17, 0, 0, 0x0001, false },
	};
	struct packet p;
	struct nt_key k;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		put_ether(&p, t[i].vlans ? 100 : 0, 0, 0x0800);
		put_ipv4(&p, t[i].proto, t[i].words, t[i].frag);
		put_ports(&p, 0x01020304);
		put_zeros(&p, 12);
		plain = 0;
		parse(&p, NT_AT_DATA, &k);
		parse(&p, NT_AT_NET, &k);
		assert_int_equal(plain, t[i].plain ? 2 : 0);
		parse(&p, NT_AT_MAC, &k);
		assert_int_equal(plain, t[i].plain ? 2 : 0);
		plain = 0;
		parse_part(&p, NT_AT_DATA, 27, &k, 0);
		assert_int_equal(plain, 0);
		parse_part(&p, NT_AT_DATA, 28, &k, 0);
		assert_int_equal(plain, t[i].plain);
	}
}

static void test_ipv4_options(void **state)
{
	unsigned int words;
	struct packet p;
	struct nt_key k;

	(void)state;
	for (words = 1; words <= 10; words++) {
		put_ether(&p, 0, 0, 0x0800);
		put_ipv4(&p, 6, words, 0);
		put_ports(&p, 0x01020304);
		put_zeros(&p, 4);
		assert_int_equal(parse(&p, NT_AT_DATA, &k), NT_PARSE_OK);
		check_v4(&k, 6);
		assert_int_equal(k.sport, htons(1024));
		assert_int_equal(k.dport, htons(443));
		assert_int_equal(k.seq, htonl(0x01020304));
		assert_int_equal(k.l4_off, 20 + 4 * words);
		check_all_instants(&p, 28 + 4 * words);
	}
}

static void test_ipv4_protocols(void **state)
{
	static const uint8_t with_ports[] = { 6, 17, 132 },
			     without[] = { 2, 4, 47, 50, 89, 0, 255 };
	struct packet p;
	struct nt_key k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(with_ports); i++) {
		put_ether(&p, 0, 0, 0x0800);
		put_ipv4(&p, with_ports[i], 0, 0);
		put_ports(&p, 7);
		assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
		check_v4(&k, with_ports[i]);
		assert_int_equal(k.sport, htons(1024));
		assert_int_equal(k.seq, with_ports[i] == 6 ? htonl(7) : 0);
		check_all_instants(&p, 28);
	}
	/* Nothing behind the IP header is wanted of these: it may be missing. */
	for (i = 0; i < sizeof(without); i++) {
		put_ether(&p, 0, 0, 0x0800);
		put_ipv4(&p, without[i], 0, 0);
		put_ports(&p, 7);
		assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
		check_v4(&k, without[i]);
		assert_int_equal(k.sport | k.dport | k.seq, 0);
		check_all_instants(&p, 20);
	}
}

static void test_icmp_not_echo(void **state)
{
	static const uint8_t types[] = { 3, 5, 11, 12, 13 };
	struct packet p;
	struct nt_key k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types); i++) {
		put_ether(&p, 0, 0, 0x0800);
		put_ipv4(&p, 1, 0, 0);
		put_echo(&p, types[i]);
		p.b[p.n - 7] = 4; /* code */
		assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
		assert_int_equal(k.type, types[i]);
		assert_int_equal(k.code, 4);
		assert_int_equal(k.sport | k.dport, 0);
	}
}

static void test_ipv4_fragments(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0, 0, 0x0800);
	put_ipv4(&p, 17, 0, 0x2000); /* the first, more follow */
	put_ports(&p, 0);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.flags, NT_KEY_FRAG | NT_KEY_MORE_FRAGS);
	assert_int_equal(k.sport, htons(1024));
	check_all_instants(&p, 28);

	put_ether(&p, 0, 0, 0x0800);
	put_ipv4(&p, 17, 0, 0x2000 | 185);
	put_ports(&p, 0); /* looks like ports, is payload */
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.flags, NT_KEY_FRAG | NT_KEY_MORE_FRAGS | NT_KEY_LATER_FRAG);
	assert_int_equal(k.frag_off, 1480);
	assert_int_equal(k.sport | k.dport, 0);
	check_all_instants(&p, 20);

	put_ether(&p, 0, 0, 0x0800);
	put_ipv4(&p, 1, 0, 0x1fff); /* the last, one byte, as far out as can be */
	put8(&p, 8);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.flags, NT_KEY_FRAG | NT_KEY_LATER_FRAG);
	assert_int_equal(k.frag_off, 65528);
	check_all_instants(&p, 20);

	put_ether(&p, 0, 0, 0x0800);
	put_ipv4(&p, 1, 0, 0x4000); /* "don't fragment" is no fragment */
	put_echo(&p, 0);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.flags, 0);
}

/* --- IPv6 --- */

static void check_v6(const struct nt_key *k, uint8_t proto)
{
	const uint32_t src[4] = { htonl(0xfd770001), 0, 0, htonl(1) };
	const uint32_t dst[4] = { htonl(0xfd770002), 0, 0, htonl(1) };

	assert_int_equal(k->family, 6);
	assert_int_equal(k->proto, proto);
	assert_memory_equal(k->saddr, src, sizeof(src));
	assert_memory_equal(k->daddr, dst, sizeof(dst));
	assert_int_equal(k->len, 0x4321);
}

static void test_ipv6(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 58);
	put_echo(&p, 129);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 58);
	assert_int_equal(k.type, 129);
	assert_int_equal(k.sport, htons(0x0102));
	assert_int_equal(k.dport, htons(0x0304));
	assert_int_equal(k.l4_off, 40);
	assert_int_equal(k.ip_id, 0);
	check_all_instants(&p, 48);

	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 6);
	put_ports(&p, 99);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 6);
	assert_int_equal(k.dport, htons(443));
	assert_int_equal(k.seq, htonl(99));
	check_all_instants(&p, 48);

	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 59); /* no next header */
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 59);
	check_all_instants(&p, 40);
}

static void test_ipv6_extensions(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 0);
	put_ext(&p, 43, 1); /* hop by hop, 16 bytes */
	put_ext(&p, 60, 2); /* routing, 24 bytes */
	put_ext(&p, 51, 0); /* destination options, 8 bytes */
	put_ah(&p, 17, 4);  /* authentication: (4 + 2) * 4 bytes */
	put_ports(&p, 0);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 17);
	assert_int_equal(k.sport, htons(1024));
	assert_int_equal(k.l4_off, 40 + 16 + 24 + 8 + 24);
	check_all_instants(&p, 40 + 16 + 24 + 8 + 24 + 8);

	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 0);
	put_ext(&p, 59, 0); /* and nothing behind it */
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 59);
	check_all_instants(&p, 48);
}

static void test_ipv6_long_extension(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 60);
	put_ext(&p, 6, 30); /* 248 bytes: the offset no longer fits into the key */
	put_ports(&p, 5);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 6);
	assert_int_equal(k.l4_off, 0);
	assert_int_equal(k.seq, htonl(5));
	check_all_instants(&p, 40 + 248 + 8);
}

static void test_ipv6_fragments(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 44);
	put_frag6(&p, 58, 0, true);
	put_echo(&p, 128);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v6(&k, 58);
	assert_int_equal(k.flags, NT_KEY_FRAG | NT_KEY_MORE_FRAGS);
	assert_int_equal(k.ip_id, htonl(0xcafe0001));
	assert_int_equal(k.dport, htons(0x0304));
	check_all_instants(&p, 56);

	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 44);
	put_frag6(&p, 58, 1448, true);
	put_echo(&p, 128);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.flags, NT_KEY_FRAG | NT_KEY_MORE_FRAGS | NT_KEY_LATER_FRAG);
	assert_int_equal(k.frag_off, 1448);
	assert_int_equal(k.sport | k.dport | k.type, 0);
	check_all_instants(&p, 48);

	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, 44);
	put_frag6(&p, 58, 65528, false); /* the last, no payload in sight */
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.flags, NT_KEY_FRAG | NT_KEY_LATER_FRAG);
	assert_int_equal(k.frag_off, 65528);
	check_all_instants(&p, 48);
}

/* As many as are walked, then one more: counted as unread, not as "no IP". */
static void test_ipv6_too_many(void **state)
{
	struct packet p;
	struct nt_key k;
	int n, i;

	(void)state;
	for (n = NT_IPV6_HEADERS; n <= NT_IPV6_HEADERS + 1; n++) {
		put_ether(&p, 0, 0, 0x86dd);
		put_ipv6(&p, 60);
		for (i = 1; i < n; i++)
			put_ext(&p, 60, 0);
		put_ext(&p, 17, 0);
		put_ports(&p, 0);
		put_zeros(&p, 32);
		assert_int_equal(parse(&p, NT_AT_NET, &k),
				 n > NT_IPV6_HEADERS ? NT_PARSE_UNREAD : NT_PARSE_OK);
	}
}

/* --- VLAN --- */

static void test_vlan(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0x6000 | 77, 0, 0x0800); /* with a priority */
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	check_v4(&k, 1);
	assert_int_equal(k.vlan, 78);
	check_lengths(&p, NT_AT_NET, 28);
	check_lengths(&p, NT_AT_MAC, 28);

	put_ether(&p, 100, 200, 0x86dd);
	put_ipv6(&p, 58);
	put_echo(&p, 128);
	assert_int_equal(parse(&p, NT_AT_MAC, &k), NT_PARSE_OK);
	check_v6(&k, 58);
	assert_int_equal(k.vlan, 101);
	check_lengths(&p, NT_AT_NET, 48);
	check_lengths(&p, NT_AT_MAC, 48);
}

/* At the receive instant data is behind the Ethernet header: at the tag. */
static void test_vlan_received(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 77, 88, 0x0800);
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	p.l3 = 14;
	assert_int_equal(parse(&p, NT_AT_DATA, &k), NT_PARSE_OK);
	check_v4(&k, 1);
	assert_int_equal(k.vlan, 78);
	check_lengths(&p, NT_AT_DATA, 8 + 28);
}

static void test_vlan_zero(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 0x8000, 0, 0x0800); /* priority only: id 0 is told from no tag */
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OK);
	assert_int_equal(k.vlan, 1);
}

static void test_three_tags(void **state)
{
	struct packet p;
	struct nt_key k;

	(void)state;
	put_ether(&p, 1, 2, 0x8100);
	put16(&p, 3);
	put16(&p, 0x0800);
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	assert_int_equal(parse(&p, NT_AT_MAC, &k), NT_PARSE_OTHER);
}

/* --- lies --- */

static void test_not_ip(void **state)
{
	static const uint16_t types[] = { 0x0806, 0x88cc, 0x8847, 0x0000, 0xffff };
	struct packet p;
	struct nt_key k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		put_ether(&p, 0, 0, types[i]);
		put_ipv4(&p, 1, 0, 0);
		put_echo(&p, 8);
		assert_int_equal(parse(&p, NT_AT_DATA, &k), NT_PARSE_OTHER);
		assert_int_equal(parse(&p, NT_AT_NET, &k), NT_PARSE_OTHER);
		assert_int_equal(parse(&p, NT_AT_MAC, &k), NT_PARSE_OTHER);
	}
}

static void test_version_lies(void **state)
{
	struct packet p;
	struct nt_key k;
	unsigned int v;

	(void)state;
	for (v = 0; v < 256; v++) {
		put_ether(&p, 0, 0, 0x0800);
		put_ipv4(&p, 47, 0, 0);
		put_zeros(&p, 60);
		p.b[p.l3] = (uint8_t)v;
		assert_int_equal(parse(&p, NT_AT_NET, &k),
				 v >> 4 == 4 && (v & 15) >= 5 ? NT_PARSE_OK : NT_PARSE_OTHER);
		put_ether(&p, 0, 0, 0x86dd);
		put_ipv6(&p, 59);
		p.b[p.l3] = (uint8_t)v;
		assert_int_equal(parse(&p, NT_AT_NET, &k),
				 v >> 4 == 6 ? NT_PARSE_OK : NT_PARSE_OTHER);
	}
}

/* The offsets of an skb are the kernel's, but it may not have set them yet. */
static void test_wild_offsets(void **state)
{
	static const uint16_t offsets[] = { 0, 1, 31, 60, 74, 75, 200, 0x7fff, 0xffff };
	struct packet p;
	struct frame f;
	struct nt_key k;
	struct nt_l3 l;
	size_t i;

	(void)state;
	put_ether(&p, 0, 0, 0x0800);
	put_ipv4(&p, 1, 0, 0);
	put_echo(&p, 8);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		frame_init(&f, &p, NT_AT_NET, whole(&p, NT_AT_NET));
		f.skb.network_header = offsets[i];
		if (nt_find_l3(&f.skb, true, NT_AT_NET, &l) == NT_PARSE_OK)
			assert_int_not_equal(nt_parse_l3(&k, &l, 0), NT_PARSE_OK);
		assert_int_equal(shim.wild, 0);
		frame_done(&f);
	}
}

/* Result and match of an IPv6 packet from fd77:1::1 under a filter for another source,
 * or for that one. */
static int early6(uint8_t nexthdr, uint8_t type, bool ours, uint32_t *match)
{
	struct nt_filter flt = { .family = 6, .src = { .n = 1 } };
	struct packet p;
	struct nt_key k;
	struct nt_l3 l;
	struct frame f;
	int r;

	memset(flt.src.a[0].mask, 0xff, sizeof(flt.src.a[0].mask));
	flt.src.a[0].addr[0] = htonl(ours ? 0xfd770001 : 0xfd770009);
	flt.src.a[0].addr[3] = htonl(1);
	nt_filter_seal(&flt);
	put_ether(&p, 0, 0, 0x86dd);
	put_ipv6(&p, nexthdr);
	put_echo(&p, type);
	frame_init(&f, &p, NT_AT_NET, p.n - p.l3);
	assert_int_equal(nt_find_l3(&f.skb, true, NT_AT_NET, &l), NT_PARSE_OK);
	l.f = &flt;
	r = nt_parse_l3(&k, &l, NT_WANT_ICMP);
	*match = l.match;
	frame_done(&f);
	return r;
}

/* An error passes, because the addresses that count are those that it quotes. */
static void test_early6(void **state)
{
	uint32_t type, match;

	(void)state;
	for (type = 0; type < 256; type++) {
		assert_int_equal(early6(58, (uint8_t)type, false, &match),
				 type < 128 ? NT_PARSE_OK : NT_PARSE_OTHER);
		assert_int_equal(match, 0);
		assert_int_equal(early6(58, (uint8_t)type, true, &match), NT_PARSE_OK);
		assert_int_equal(match, NT_FWD);
	}
	assert_int_equal(early6(6, 1, false, &match), NT_PARSE_OTHER);
	assert_int_equal(early6(17, 1, false, &match), NT_PARSE_OTHER);
}

static void test_wanted(void **state)
{
	static const struct {
		uint8_t proto;
		uint32_t want;
		int result;
	} v[] = {
		{ 1, NT_WANT_ICMP, NT_PARSE_OK },
		{ 58, NT_WANT_ICMP, NT_PARSE_OK },
		{ 6, NT_WANT_ICMP, NT_PARSE_OTHER },
		{ 6, NT_WANT_TCP, NT_PARSE_OK },
		{ 17, NT_WANT_TCP, NT_PARSE_OTHER },
		{ 17, NT_WANT_UDP, NT_PARSE_OK },
		{ 17, NT_WANT_TCP | NT_WANT_UDP, NT_PARSE_OK },
		{ 47, NT_WANT_TCP | NT_WANT_UDP | NT_WANT_ICMP, NT_PARSE_OTHER },
	};
	struct packet p;
	struct nt_key k;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		put_ether(&p, 0, 0, 0x0800);
		put_ipv4(&p, v[i].proto, 0, 0);
		put_ports(&p, 0);
		assert_int_equal(parse_part(&p, NT_AT_NET, 28, &k, v[i].want), v[i].result);
		put_ether(&p, 0, 0, 0x86dd);
		put_ipv6(&p, v[i].proto);
		put_ports(&p, 0);
		assert_int_equal(parse_part(&p, NT_AT_NET, 48, &k, v[i].want), v[i].result);
		put_ether(&p, 0, 0, 0x86dd);
		put_ipv6(&p, 44);
		put_frag6(&p, v[i].proto, 0, true);
		put_ports(&p, 0);
		assert_int_equal(parse_part(&p, NT_AT_NET, 56, &k, v[i].want), v[i].result);
		put_ether(&p, 0, 0, 0x86dd);
		put_ipv6(&p, 44);
		put_frag6(&p, v[i].proto, 8, true);
		assert_int_equal(parse_part(&p, NT_AT_NET, 48, &k, v[i].want), v[i].result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4_echo),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_ipv4_options),
		cmocka_unit_test(test_ipv4_protocols),
		cmocka_unit_test(test_icmp_not_echo),
		cmocka_unit_test(test_ipv4_fragments),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_ipv6_extensions),
		cmocka_unit_test(test_ipv6_long_extension),
		cmocka_unit_test(test_ipv6_fragments),
		cmocka_unit_test(test_ipv6_too_many),
		cmocka_unit_test(test_vlan),
		cmocka_unit_test(test_early6),
		cmocka_unit_test(test_vlan_received),
		cmocka_unit_test(test_vlan_zero),
		cmocka_unit_test(test_three_tags),
		cmocka_unit_test(test_not_ip),
		cmocka_unit_test(test_version_lies),
		cmocka_unit_test(test_wild_offsets),
		cmocka_unit_test(test_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
