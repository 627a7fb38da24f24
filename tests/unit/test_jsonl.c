// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "histogram.h"
#include "latency.h"
#include "lines.h"
#include "value.h"

static void add(struct nt_lines *l, const char *s)
{
	assert_int_equal(nt_lines_add(l, s, strlen(s)), 0);
}

static void expect_line(struct nt_lines *l, const char *wanted)
{
	const char *s = NULL;
	size_t n = 0;

	assert_int_equal(nt_lines_next(l, &s, &n), wanted != NULL);
	if (!wanted)
		return;
	assert_int_equal(n, strlen(wanted));
	assert_memory_equal(s, wanted, n);
}

static void test_lines(void **state)
{
	struct nt_lines l = { 0 };

	(void)state;
	expect_line(&l, NULL);
	add(&l, "one\ntw");
	expect_line(&l, "one");
	expect_line(&l, NULL);
	assert_int_equal(nt_lines_rest(&l), 2);
	add(&l, "o\n\nthree");
	expect_line(&l, "two");
	expect_line(&l, "");
	expect_line(&l, NULL);
	assert_int_equal(nt_lines_rest(&l), 5);
	nt_lines_free(&l);
}

/* The longest that is taken; one more is dropped whole, in pieces or at once. */
static void test_long_lines(void **state)
{
	static char longest[NT_LINE_MAX + 1];
	struct nt_lines l = { 0 };

	(void)state;
	memset(longest, 'x', NT_LINE_MAX);
	add(&l, longest);
	expect_line(&l, NULL);
	add(&l, "\n");
	expect_line(&l, longest);
	add(&l, longest);
	add(&l, "y\nnext\n");
	expect_line(&l, "next");
	assert_int_equal(l.too_long, 1);
	add(&l, longest);
	add(&l, "y");
	expect_line(&l, NULL);
	assert_int_equal(nt_lines_rest(&l), 0);
	add(&l, "z");
	expect_line(&l, NULL);
	add(&l, "z\nafter\n");
	expect_line(&l, "after");
	assert_int_equal(l.too_long, 2);
	nt_lines_free(&l);
}

static struct nt_value *parse(const char *s)
{
	return nt_value_parse(s, strlen(s));
}

static void test_values(void **state)
{
	struct nt_value *v = parse(
		"{\"s\":\"t\",\"n\":7,\"neg\":-1,\"f\":1.5,\"b\":true,\"o\":{\"us\":10.061},"
		"\"t\":\"2025-11-20T09:45:00.123456789Z\",\"bad\":\"2025-13-20T09:45:00.123456789Z\"}");
	uint64_t n = 0;

	(void)state;
	assert_non_null(v);
	assert_string_equal(nt_value_str(v, "s"), "t");
	assert_null(nt_value_str(v, "n"));
	assert_null(nt_value_str(NULL, "n"));
	assert_true(nt_value_u64(v, "n", 7, &n));
	assert_int_equal(n, 7);
	assert_false(nt_value_u64(v, "n", 6, &n));
	assert_false(nt_value_u64(v, "neg", 6, &n));
	assert_false(nt_value_u64(v, "f", 6, &n));
	assert_false(nt_value_u64(v, "absent", 6, &n));
	assert_true(nt_value_true(v, "b"));
	assert_false(nt_value_true(v, "n"));
	assert_true(nt_value_us(nt_value_obj(v, "o"), "us", &n));
	assert_int_equal(n, 10061);
	assert_null(nt_value_obj(v, "n"));
	assert_true(nt_value_time(v, "t", &n));
	assert_true(n == 1763631900123456789ULL);
	assert_false(nt_value_time(v, "bad", &n));
	assert_false(nt_value_time(v, "s", &n));
	nt_value_free(v);
	assert_null(parse("[1]"));
	assert_null(parse("{\"a\":1,\"a\":2}"));
	assert_null(parse("{\"a\":1} x"));
	assert_null(parse(""));
}

/* What nt_latency_json() writes comes back with the same figures. */
static void test_hist(void **state)
{
	struct nt_hist h = { 0 }, back;
	struct nt_latency a, b;
	struct nt_value *v = parse(
		"{\"l\":{\"count\":3,\"min_us\":1.001,\"avg_us\":4.000,\"max_us\":9.999,"
		"\"buckets\":[[0.992,2],[9.984,1]]},\"bad\":{\"count\":4,\"min_us\":1,\"avg_us\":1,"
		"\"max_us\":1,\"buckets\":[[0.992,2]]},\"none\":{\"count\":0,\"buckets\":[]}}");

	(void)state;
	nt_hist_add(&h, 1001);
	nt_hist_add(&h, 1000 + 1);
	nt_hist_add(&h, 9999);
	assert_true(nt_value_hist(v, "l", &back));
	nt_hist_latency(&h, &a);
	nt_hist_latency(&back, &b);
	assert_int_equal(b.count, 3);
	assert_int_equal(b.min, 1001);
	assert_int_equal(b.avg, 4000);
	assert_int_equal(b.p50, a.p50);
	assert_int_equal(b.max, 9999);
	assert_false(nt_value_hist(v, "bad", &back));
	assert_true(nt_value_hist(v, "none", &back));
	assert_int_equal(back.count, 0);
	assert_false(nt_value_hist(v, "absent", &back));
	nt_value_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_hist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
