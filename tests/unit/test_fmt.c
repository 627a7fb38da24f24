// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "fmt.h"

#define S 1000000000ULL

static int zone(void **state)
{
	(void)state;
	/* Central Europe, spelt out: needs no zone files. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return 0;
}

static void test_time_local(void **state)
{
	char b[NT_TIME_LEN];

	(void)state;
	assert_string_equal(nt_fmt_time_ms(1763631900 * S + 123999999, b, sizeof(b)),
			    "2025-11-20 10:45:00.123");
	assert_string_equal(nt_fmt_time_s(1763631900 * S + 999999999, b, sizeof(b)),
			    "2025-11-20 10:45:00");
	assert_string_equal(nt_fmt_time_ms(0, b, sizeof(b)), "1970-01-01 01:00:00.000");
	/* Both sides of a change to summer time. */
	assert_string_equal(nt_fmt_time_s(1774745999 * S, b, sizeof(b)), "2026-03-29 01:59:59");
	assert_string_equal(nt_fmt_time_s(1774746000 * S, b, sizeof(b)), "2026-03-29 03:00:00");
	/* Truncated with a NUL, and nothing at all in no room. */
	assert_string_equal(nt_fmt_time_s(0, b, 5), "1970");
	strcpy(b, "x");
	assert_ptr_equal(nt_fmt_time_s(0, b, 0), b);
	assert_string_equal(b, "x");
}

static void test_time_rfc3339(void **state)
{
	char b[NT_TIME_LEN];

	(void)state;
	assert_string_equal(nt_fmt_rfc3339(1763631900 * S + 123456789, b, sizeof(b)),
			    "2025-11-20T09:45:00.123456789Z");
	assert_string_equal(nt_fmt_rfc3339(1709164800 * S + 1, b, sizeof(b)),
			    "2024-02-29T00:00:00.000000001Z");
	assert_string_equal(nt_fmt_rfc3339(UINT64_MAX, b, sizeof(b)),
			    "2554-07-21T23:34:33.709551615Z");
}

/* Against strftime, over centuries. */
static void test_time_many(void **state)
{
	char b[NT_TIME_LEN], want[NT_TIME_LEN];
	uint64_t t;
	time_t s;

	(void)state;
	for (t = 0; t < 17000000000ULL; t += 86399 * 37 + 1) {
		s = (time_t)t;
		strftime(want, sizeof(want), "%Y-%m-%d %H:%M:%S", localtime(&s));
		assert_string_equal(nt_fmt_time_s(t * S, b, sizeof(b)), want);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000000Z", gmtime(&s));
		assert_string_equal(nt_fmt_rfc3339(t * S, b, sizeof(b)), want);
	}
}

static void addr4(const char *s, uint32_t a[4])
{
	memset(a, 0, 16);
	assert_int_equal(inet_pton(AF_INET, s, a), 1);
}

static void addr6(const char *s, uint32_t a[4])
{
	assert_int_equal(inet_pton(AF_INET6, s, a), 1);
}

static void test_addr(void **state)
{
	static const char *const v4[] = { "0.0.0.0", "10.0.0.1", "255.255.255.255",
					  "192.168.10.9" };
	static const char *const v6[] = { "::", "::1", "fd00::1", "::ffff:1.2.3.4",
					  "2001:db8:1111:2222:3333:4444:5555:6666" };
	char b[NT_ADDR_LEN];
	uint32_t a[4];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v4) / sizeof(v4[0]); i++) {
		addr4(v4[i], a);
		assert_string_equal(nt_fmt_addr(4, a, b, sizeof(b)), v4[i]);
	}
	for (i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		addr6(v6[i], a);
		assert_string_equal(nt_fmt_addr(6, a, b, sizeof(b)), v6[i]);
	}
	assert_string_equal(nt_fmt_addr(0, a, b, sizeof(b)), "?");
	assert_string_equal(nt_fmt_addr(6, a, b, 6), "2001:");
}

static void test_endpoint(void **state)
{
	char b[NT_ENDPOINT_LEN];
	uint32_t a[4];

	(void)state;
	addr4("10.0.0.1", a);
	assert_string_equal(nt_fmt_endpoint(4, a, 80, b, sizeof(b)), "10.0.0.1:80");
	assert_string_equal(nt_fmt_endpoint(4, a, 0, b, sizeof(b)), "10.0.0.1");
	addr6("fd00::1", a);
	assert_string_equal(nt_fmt_endpoint(6, a, 65535, b, sizeof(b)), "[fd00::1]:65535");
	assert_string_equal(nt_fmt_endpoint(6, a, 0, b, sizeof(b)), "fd00::1");
	/* The longest of all fits. */
	addr6("2001:db8:1111:2222:3333:4444:5555:6666", a);
	assert_string_equal(nt_fmt_endpoint(6, a, 65535, b, sizeof(b)),
			    "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
}

static void test_proto(void **state)
{
	char b[8];

	(void)state;
	assert_string_equal(nt_fmt_proto(6, b, sizeof(b)), "tcp");
	assert_string_equal(nt_fmt_proto(17, b, sizeof(b)), "udp");
	assert_string_equal(nt_fmt_proto(1, b, sizeof(b)), "icmp");
	assert_string_equal(nt_fmt_proto(58, b, sizeof(b)), "icmp6");
	assert_string_equal(nt_fmt_proto(0, b, sizeof(b)), "0");
	assert_string_equal(nt_fmt_proto(255, b, sizeof(b)), "255");
}

static void test_name(void **state)
{
	static const char full[4] = { 'e', 't', 'h', '0' }; /* no NUL within n */
	char b[16];

	(void)state;
	assert_string_equal(nt_fmt_name("eth0", 16, b, sizeof(b)), "eth0");
	assert_string_equal(nt_fmt_name(full, sizeof(full), b, sizeof(b)), "eth0");
	assert_string_equal(nt_fmt_name("a\n\x1b[2J\x7f\xff z", 16, b, sizeof(b)), "a??[2J?? z");
	assert_string_equal(nt_fmt_name("abcdef", 6, b, 4), "abc");
	assert_string_equal(nt_fmt_name("", 0, b, sizeof(b)), "");
}

static void test_icmp_error(void **state)
{
	(void)state;
	assert_string_equal(nt_icmp_error_text(4, 3, 1), "host unreachable");
	assert_string_equal(nt_icmp_error_text(4, 3, 77), "unreachable");
	assert_string_equal(nt_icmp_error_text(4, 11, 0), "TTL exceeded");
	assert_string_equal(nt_icmp_error_text(6, 1, 0), "no route");
	assert_string_equal(nt_icmp_error_text(6, 3, 0), "hop limit exceeded");
	assert_null(nt_icmp_error_text(4, 8, 0));
	assert_null(nt_icmp_error_text(6, 11, 0));
	assert_null(nt_icmp_error_text(0, 3, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_local), cmocka_unit_test(test_time_rfc3339),
		cmocka_unit_test(test_time_many),  cmocka_unit_test(test_addr),
		cmocka_unit_test(test_endpoint),   cmocka_unit_test(test_proto),
		cmocka_unit_test(test_name),       cmocka_unit_test(test_icmp_error),
	};

	return cmocka_run_group_tests(tests, zone, NULL);
}
