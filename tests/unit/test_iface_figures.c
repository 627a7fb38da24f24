// SPDX-License-Identifier: GPL-2.0-or-later
/* From readings of counters to growth and rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "iface_tool.h"

static struct iface_reading reading(uint64_t at_ns, uint64_t packets, uint64_t bytes)
{
	struct iface_reading r = { .at_ns = at_ns, .ifindex = 3 };

	r.v[IFACE_F_rx_packets] = packets;
	r.v[IFACE_F_rx_bytes] = bytes;
	r.v[IFACE_F_tx_packets] = 7;
	return r;
}

static void test_growth(void **state)
{
	struct iface_reading a = reading(1000, 5, 500), b = reading(2500001000, 25, 2500);
	struct iface_growth g;

	(void)state;
	assert_false(iface_grow(&a, &b, &g));
	assert_int_equal(g.ns, 2500000000);
	assert_int_equal(g.v[IFACE_F_rx_packets], 20);
	assert_int_equal(g.v[IFACE_F_rx_bytes], 2000);
	assert_int_equal(g.v[IFACE_F_tx_packets], 0);
	assert_true(iface_rate(20, g.ns) == 8.0);
	assert_true(iface_rate(20, 0) == 0.0);
	/* A clock that stands still or goes back is no time. */
	assert_false(iface_grow(&b, &b, &g));
	assert_int_equal(g.ns, 0);
}

static void test_wrap(void **state)
{
	struct iface_reading a = reading(0, 100, UINT32_MAX - 99), b = reading(10, 110, 400);
	struct iface_growth g;

	(void)state;
	assert_false(iface_grow(&a, &b, &g));
	assert_int_equal(g.v[IFACE_F_rx_bytes], 500);
	assert_int_equal(g.v[IFACE_F_rx_packets], 10);
	/* Of 64 bits it is none. */
	a.v[IFACE_F_rx_bytes] = UINT32_MAX + 100ULL;
	assert_true(iface_grow(&a, &b, &g));
	assert_int_equal(g.v[IFACE_F_rx_bytes], 0);
	assert_int_equal(g.v[IFACE_F_rx_packets], 10);
}

static void test_reset(void **state)
{
	struct iface_reading a = reading(0, 4000000000, 4200000000), b = reading(10, 3, 180);
	struct iface_growth g;

	(void)state;
	/* Each alone could be a wrap; both at once are not. */
	assert_true(iface_grow(&a, &b, &g));
	for (uint32_t i = 0; i < IFACE_FIELDS; i++)
		assert_int_equal(g.v[i], 0);
	/* A queue that was taken away takes its part of the sum along. */
	a = reading(0, 1000000000000, 5);
	b = reading(10, 999999999000, 5);
	assert_true(iface_grow(&a, &b, &g));
	assert_int_equal(g.v[IFACE_F_rx_packets], 0);
}

static void test_figure(void **state)
{
	static const struct {
		double n;
		const char *text;
	} v[] = {
		{ 0, "0" },          { 1001, "1001" },      { 64.5, "64.5" },   { 9999, "9999" },
		{ 10000, "10.0K" },  { 99950, "100.0K" },   { 123456, "123K" }, { 999499, "999K" },
		{ 999500, "1.00M" }, { 25100000, "25.1M" }, { 1e12, "1.00T" },  { 1e19, "10000P" },
	};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_string_equal(iface_figure(v[i].n, buf), v[i].text);
	assert_string_equal(iface_whole(2.6, buf), "3");
	assert_string_equal(iface_whole(3.65e19, buf), "36500P"); /* no 64 bits hold it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_figure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
