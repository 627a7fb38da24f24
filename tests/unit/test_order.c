// SPDX-License-Identifier: GPL-2.0-or-later
/* Records in time order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "order.h"

struct rec {
	uint64_t time;
	uint64_t number; /* in the order of adding */
	char rest[240];
};

#define HEAD offsetof(struct rec, rest)

struct seen {
	uint64_t n, last_time, last_number;
	uint64_t total; /* sum of the numbers */
};

/* Different records have different sizes; each byte says whose it is. */
static size_t size_of(uint64_t number)
{
	return HEAD + number % (sizeof(((struct rec *)0)->rest) + 1);
}

static void add(struct nt_order *o, uint64_t time, uint64_t number)
{
	struct rec r = { .time = time, .number = number };

	memset(r.rest, (int)(number & 0xff), sizeof(r.rest));
	assert_int_equal(nt_order_add(o, &r, size_of(number)), 0);
}

static void on_rec(void *arg, const void *rec, size_t size)
{
	const struct rec *r = rec;
	struct seen *s = arg;
	size_t i;

	assert_int_equal((uintptr_t)rec % 8, 0);
	assert_int_equal(size, size_of(r->number));
	for (i = HEAD; i < size; i++)
		assert_int_equal(((const unsigned char *)rec)[i], r->number & 0xff);
	if (s->n) {
		assert_true(r->time >= s->last_time);
		if (r->time == s->last_time)
			assert_true(r->number > s->last_number);
	}
	s->last_time = r->time;
	s->last_number = r->number;
	s->total += r->number;
	s->n++;
}

static void test_sorted(void **state)
{
	static const uint64_t times[] = { 5, 3, 9, 3, 1, UINT64_MAX, 0, 9 };
	struct nt_order *o = nt_order_new();
	struct seen s = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		add(o, times[i], i);
	assert_int_equal(nt_order_held(o), 8);
	nt_order_release(o, 3, on_rec, &s);
	assert_int_equal(s.n, 4); /* 0, 1, 3, 3 */
	assert_int_equal(nt_order_held(o), 4);
	nt_order_release(o, 3, on_rec, &s);
	assert_int_equal(s.n, 4);
	nt_order_release(o, UINT64_MAX, on_rec, &s);
	assert_int_equal(s.n, 8);
	assert_int_equal(nt_order_held(o), 0);
	nt_order_release(o, UINT64_MAX, on_rec, &s);
	assert_int_equal(s.n, 8);
	nt_order_free(o);
	nt_order_free(NULL);
}

static void test_too_short(void **state)
{
	struct nt_order *o = nt_order_new();
	uint64_t t = 1;

	(void)state;
	assert_int_equal(nt_order_add(o, &t, 0), -EINVAL);
	assert_int_equal(nt_order_add(o, &t, 7), -EINVAL);
	assert_int_equal(nt_order_held(o), 0);
	assert_int_equal(nt_order_add(o, &t, 8), 0);
	assert_int_equal(nt_order_held(o), 1);
	nt_order_free(o);
}

/* Of many rounds, each with some late records, none is lost, doubled or changed. */
static void test_many_rounds(void **state)
{
	struct nt_order *o = nt_order_new();
	uint64_t number = 0, sum = 0;
	struct seen s = { 0 };
	unsigned int seed = 1;
	uint64_t round, i;

	(void)state;
	for (round = 1; round <= 500; round++) {
		/* Up to 20 behind the round's time: released 20 later. */
		for (i = 0; i < round % 97; i++) {
			add(o, round * 10 + 20 - (uint64_t)rand_r(&seed) % 20, ++number);
			sum += number;
		}
		nt_order_release(o, round * 10, on_rec, &s);
	}
	nt_order_release(o, UINT64_MAX, on_rec, &s);
	assert_int_equal(s.n, number);
	assert_int_equal(s.total, sum);
	nt_order_free(o);
}

/* Equal times keep their order of arrival, also over a release in between. */
static void test_equal_times(void **state)
{
	struct nt_order *o = nt_order_new();
	struct seen s = { 0 };
	uint64_t i;

	(void)state;
	add(o, 1, 0);
	for (i = 1; i <= 100; i++)
		add(o, 50, i);
	nt_order_release(o, 1, on_rec, &s); /* the others move */
	for (; i <= 200; i++)
		add(o, 50, i);
	add(o, 49, 999);
	nt_order_release(o, 50, on_rec, &s);
	assert_int_equal(s.n, 202);
	nt_order_free(o);
}

/*
 * Without memory to move them, records stay where they are. malloc() refuses more
 * than the address space limit; under the sanitizer that cannot be set.
 */
#if !defined(__SANITIZE_ADDRESS__)
static void test_no_memory(void **state)
{
	struct rlimit was, none = { 0 };
	struct nt_order *o;
	struct seen s = { 0 };
	uint64_t i;

	(void)state;
	if (getenv("LD_PRELOAD"))
		skip(); /* valgrind has an allocator of its own */
	o = nt_order_new();
	for (i = 0; i < 100000; i++)
		add(o, i, i);
	assert_int_equal(getrlimit(RLIMIT_AS, &was), 0);
	none.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
	nt_order_release(o, 9, on_rec, &s);
	assert_int_equal(setrlimit(RLIMIT_AS, &was), 0);
	assert_int_equal(nt_order_held(o), 100000 - 10);
	nt_order_release(o, 50000, on_rec, &s);
	add(o, 60000, 100000);
	nt_order_release(o, UINT64_MAX, on_rec, &s);
	assert_int_equal(s.n, 100001);
	nt_order_free(o);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted),
		cmocka_unit_test(test_too_short),
		cmocka_unit_test(test_many_rounds),
		cmocka_unit_test(test_equal_times),
#if !defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(test_no_memory),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
