// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "clock.h"

#define MS 1000000ULL

static uint64_t now(clockid_t id)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(id, &ts), 0);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void test_mono(void **state)
{
	uint64_t before = now(CLOCK_MONOTONIC), t = nt_clock_mono_ns();

	(void)state;
	assert_in_range(t, before, now(CLOCK_MONOTONIC));
}

/* A wall time that is computed lies between two that are read, give or take
 * what the tightest of five readings may be off on a busy machine. */
static void test_wall(void **state)
{
	struct nt_clock c = { .offset_ns = -1 };
	uint64_t before, wall;

	(void)state;
	nt_clock_sync(&c);
	before = now(CLOCK_REALTIME);
	wall = nt_clock_wall_ns(&c, nt_clock_mono_ns());
	assert_in_range(wall, before - MS, now(CLOCK_REALTIME) + MS);
}

static void test_offset(void **state)
{
	struct nt_clock c = { .offset_ns = 1000 };

	(void)state;
	assert_int_equal(nt_clock_wall_ns(&c, 5), 1005);
	/* The wall clock of a machine without a battery may be behind. */
	c.offset_ns = -1000;
	assert_int_equal(nt_clock_wall_ns(&c, 5000), 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mono),
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
