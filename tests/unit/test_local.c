// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of two addresses is this host's: messages of the kernel, and what rtt makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "addr_parse.h"
#include "rtt_tool.h"

/* --- messages --- */

struct message {
	uint8_t b[128];
	size_t n;
};

static void begin(struct message *m, uint8_t family)
{
	struct ifaddrmsg h = { .ifa_family = family, .ifa_index = 2 };

	memset(m, 0, sizeof(*m));
	memcpy(m->b, &h, sizeof(h));
	m->n = sizeof(h);
}

static void attr(struct message *m, uint16_t type, int family, const char *text)
{
	struct nlattr a = { .nla_type = type };
	uint8_t addr[16];
	size_t size = family == AF_INET ? 4 : 16;

	assert_int_equal(inet_pton(family, text, addr), 1);
	a.nla_len = (uint16_t)(sizeof(a) + size);
	memcpy(m->b + m->n, &a, sizeof(a));
	memcpy(m->b + m->n + sizeof(a), addr, size);
	m->n += sizeof(a) + size;
}

static bool parse(const struct message *m, struct nt_local_addr *out)
{
	return nt_addr_parse((struct nt_nl_data){ m->b, m->n }, out);
}

static void test_message(void **state)
{
	struct nt_local_addr a;
	struct message m;

	(void)state;
	begin(&m, AF_INET);
	attr(&m, IFA_ADDRESS, AF_INET, "10.0.0.1");
	assert_true(parse(&m, &a));
	assert_int_equal(a.family, 4);
	assert_int_equal(a.addr[0], inet_addr("10.0.0.1"));
	/* The peer of a point-to-point link, before and behind our own. */
	attr(&m, IFA_LOCAL, AF_INET, "10.0.0.2");
	assert_true(parse(&m, &a));
	assert_int_equal(a.addr[0], inet_addr("10.0.0.2"));
	begin(&m, AF_INET);
	attr(&m, IFA_LOCAL, AF_INET, "10.0.0.2");
	attr(&m, IFA_ADDRESS, AF_INET, "10.0.0.1");
	assert_true(parse(&m, &a));
	assert_int_equal(a.addr[0], inet_addr("10.0.0.2"));
	begin(&m, AF_INET6);
	attr(&m, IFA_ADDRESS, AF_INET6, "fd00::1");
	assert_true(parse(&m, &a));
	assert_int_equal(a.family, 6);
	assert_int_equal(a.addr[3], htonl(1));
}

static void test_damaged(void **state)
{
	struct nt_local_addr a;
	struct message m;

	(void)state;
	begin(&m, AF_INET);
	assert_false(parse(&m, &a)); /* without an address */
	attr(&m, IFA_ADDRESS, AF_INET6, "fd00::1");
	assert_false(parse(&m, &a)); /* of the wrong length */
	begin(&m, AF_BRIDGE);
	assert_false(parse(&m, &a));
	m.n = 4;
	assert_false(parse(&m, &a));
}

/* --- sides --- */

static struct nt_local_addr here[12];
static struct nt_addr_list list = { 0, here };

static void add_here(const char *text)
{
	struct nt_local_addr *a = &here[list.n++];

	memset(a, 0, sizeof(*a));
	a->family = strchr(text, ':') ? 6 : 4;
	assert_int_equal(inet_pton(a->family == 6 ? AF_INET6 : AF_INET, text, a->addr), 1);
}

static int setup(void **state)
{
	(void)state;
	list.n = 0;
	add_here("127.0.0.1");
	add_here("10.1.0.1");
	add_here("10.1.0.1"); /* on another device too */
	add_here("10.2.0.1");
	add_here("fd00::1");
	return 0;
}

static int sides(const char *src, const char *dst, uint32_t dir, struct rtt_sides *s,
		 struct nt_err *err)
{
	struct rtt_cfg c = { .direction = dir };

	memset(err, 0, sizeof(*err));
	assert_int_equal(nt_parse_addrs(src, &c.flow.src, NULL), 0);
	assert_int_equal(nt_parse_addrs(dst, &c.flow.dst, NULL), 0);
	return rtt_sides_find(&list, &c, s, err);
}

static void assert_one(const struct nt_addrs *s, const char *text)
{
	assert_int_equal(s->n, 1);
	assert_int_equal(s->family, 4);
	assert_int_equal(s->a[0].addr[0], inet_addr(text));
}

static void test_sides(void **state)
{
	struct rtt_sides s;
	struct nt_err err;

	(void)state;
	assert_int_equal(sides("10.1.0.1", "192.0.2.1", RTT_TX, &s, &err), 0);
	assert_one(&s.src, "10.1.0.1");
	assert_one(&s.dst, "192.0.2.1");
	assert_int_equal(s.swapped, 0);
	/* Both conventions of what is pinged. */
	assert_int_equal(sides("192.0.2.1", "10.1.0.1", RTT_RX, &s, &err), 0);
	assert_one(&s.src, "192.0.2.1");
	assert_one(&s.dst, "10.1.0.1");
	assert_int_equal(s.swapped, 0);
	assert_int_equal(sides("10.1.0.1", "192.0.2.1", RTT_RX, &s, &err), 0);
	assert_one(&s.src, "192.0.2.1");
	assert_one(&s.dst, "10.1.0.1");
	assert_int_equal(s.swapped, 1);
	assert_int_equal(sides("fd00::1", "fd00:9::1", RTT_TX, &s, &err), 0);
	assert_int_equal(s.src.family, 6);
}

static void test_prefix(void **state)
{
	struct rtt_sides s;
	struct nt_err err;

	(void)state;
	/* Only what is this host's of it, each once. */
	assert_int_equal(sides("10.0.0.0/8", "192.0.2.1", RTT_TX, &s, &err), 0);
	assert_int_equal(s.src.n, 2);
	assert_int_equal(s.src.a[0].mask[0], 0xffffffff);
	assert_int_equal(s.src.a[1].addr[0], inet_addr("10.2.0.1"));
	/* One of ours besides another's counts as ours. */
	assert_int_equal(sides("192.0.2.0/24", "10.9.9.9,10.2.0.1", RTT_RX, &s, &err), 0);
	assert_one(&s.dst, "10.2.0.1");
	while (list.n < 12) {
		char text[16] = "10.3.0.0";

		text[7] = (char)('0' + list.n - 4);
		add_here(text);
	}
	assert_true(sides("10.0.0.0/8", "192.0.2.1", RTT_TX, &s, &err) < 0);
	assert_int_equal(err.exit_code, NT_EXIT_USAGE);
}

static void test_refused(void **state)
{
	static const struct {
		const char *src, *dst, *says;
		uint32_t dir;
	} v[] = {
		{ "192.0.2.1", "10.1.0.1", "--direction rx", RTT_TX },
		{ "192.0.2.1", "192.0.2.2", "neither", RTT_TX },
		{ "192.0.2.1", "192.0.2.2", "neither", RTT_RX },
		{ "10.1.0.1", "10.2.0.1", "both", RTT_TX },
		{ "10.1.0.1", "127.0.0.0/8", "both", RTT_RX },
	};
	struct rtt_sides s;
	struct nt_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_true(sides(v[i].src, v[i].dst, v[i].dir, &s, &err) < 0);
		assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
		assert_non_null(strstr(err.text, v[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test_setup(test_sides, setup),
		cmocka_unit_test_setup(test_prefix, setup),
		cmocka_unit_test_setup(test_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
