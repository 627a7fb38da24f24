// SPDX-License-Identifier: GPL-2.0-or-later
/* Histograms against the sorted samples that went into them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "histogram.h"

#define SAMPLES 100000

static uint64_t seed;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t uniform(void)
{
	return rnd() % 5000000;
}

/* Every octave from 1 ns to 17 s equally likely. */
static uint64_t log_uniform(void)
{
	uint64_t top = 1ULL << (rnd() % 34);

	return top + rnd() % top;
}

/* Most at 20 us, a tail of one in 200 at 100 ms. */
static uint64_t two_peaks(void)
{
	return rnd() % 200 ? 20000 + rnd() % 3000 : 100000000 + rnd() % 1000000;
}

/* Values of the linear part. */
static uint64_t tiny(void)
{
	return rnd() % 70;
}

static uint64_t constant(void)
{
	return 123456789;
}

/* The product of two: a long right tail. */
static uint64_t skewed(void)
{
	return (rnd() % 30000) * (rnd() % 30000);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* |got - want| <= per_mille / 1000 of want. */
static void assert_near(uint64_t got, uint64_t want, uint64_t per_mille)
{
	uint64_t diff = got > want ? got - want : want - got;

	if (diff * 1000 > want * per_mille)
		fail_msg("%llu is not within %llu per mille of %llu", (unsigned long long)got,
			 (unsigned long long)per_mille, (unsigned long long)want);
}

static uint64_t sorted_at(const uint64_t *v, size_t n, uint32_t per_mille)
{
	size_t rank = (n * per_mille + 999) / 1000;

	return v[rank ? rank - 1 : 0];
}

static void check_samples(uint64_t (*next)(void))
{
	static const uint32_t pm[] = { 0, 1, 10, 250, 500, 900, 950, 990, 999, 1000 };
	uint64_t *v = malloc(SAMPLES * sizeof(*v)), sum = 0;
	struct nt_hist h = { 0 };
	struct nt_latency l;
	size_t i;

	assert_non_null(v);
	seed = 0x123456789abcdef;
	for (i = 0; i < SAMPLES; i++) {
		v[i] = next();
		sum += v[i];
		nt_hist_add(&h, v[i]);
	}
	qsort(v, SAMPLES, sizeof(*v), by_value);
	for (i = 0; i < sizeof(pm) / sizeof(pm[0]); i++)
		assert_near(nt_hist_quantile(&h, pm[i]), sorted_at(v, SAMPLES, pm[i]), 16);
	nt_hist_latency(&h, &l);
	assert_int_equal(l.count, SAMPLES);
	assert_int_equal(l.min, v[0]);
	assert_int_equal(l.max, v[SAMPLES - 1]);
	assert_int_equal(l.avg, sum / SAMPLES);
	assert_int_equal(l.p50, nt_hist_quantile(&h, 500));
	assert_int_equal(l.p90, nt_hist_quantile(&h, 900));
	assert_int_equal(l.p95, nt_hist_quantile(&h, 950));
	assert_int_equal(l.p99, nt_hist_quantile(&h, 990));
	assert_int_equal(l.p999, nt_hist_quantile(&h, 999));
	free(v);
}

static void test_quantiles(void **state)
{
	(void)state;
	check_samples(uniform);
	check_samples(log_uniform);
	check_samples(two_peaks);
	check_samples(tiny);
	check_samples(constant);
	check_samples(skewed);
}

static void test_few_samples(void **state)
{
	struct nt_hist h = { 0 };

	(void)state;
	assert_int_equal(nt_hist_quantile(&h, 500), 0);
	nt_hist_add(&h, 1000003);
	/* One sample: the clamp makes every quantile exact. */
	assert_int_equal(nt_hist_quantile(&h, 0), 1000003);
	assert_int_equal(nt_hist_quantile(&h, 500), 1000003);
	assert_int_equal(nt_hist_quantile(&h, 1000), 1000003);
	/* Two: the median is the lower one, P90 the upper one. */
	nt_hist_add(&h, 2000003);
	assert_near(nt_hist_quantile(&h, 500), 1000003, 16);
	assert_near(nt_hist_quantile(&h, 501), 2000003, 16);
	assert_near(nt_hist_quantile(&h, 5000), 2000003, 16);
}

static void test_bucket_limits(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < NT_HIST_BUCKETS; i++) {
		assert_int_equal(nt_hist_index(nt_hist_bucket_low(i)), i);
		assert_int_equal(nt_hist_index(nt_hist_bucket_low(i + 1) - 1), i);
	}
	assert_int_equal(nt_hist_bucket_low(NT_HIST_BUCKETS), 1ULL << 36);
	assert_int_equal(nt_hist_bucket_low(UINT32_MAX), 1ULL << 36);
	assert_int_equal(nt_hist_index(UINT64_MAX), NT_HIST_BUCKETS - 1);
}

/* The last bucket has no upper end: the maximum, not its midpoint. */
static void test_beyond_range(void **state)
{
	struct nt_hist h = { 0 };

	(void)state;
	nt_hist_add(&h, 1000);
	nt_hist_add(&h, 1ULL << 40);
	nt_hist_add(&h, 1ULL << 41);
	assert_int_equal(nt_hist_quantile(&h, 999), 1ULL << 41);
	assert_int_equal(h.max, 1ULL << 41);
}

static void test_merge(void **state)
{
	struct nt_hist part[3], whole, merged;
	struct nt_latency a, b;
	uint64_t v;
	int i;

	(void)state;
	memset(part, 0, sizeof(part));
	memset(&whole, 0, sizeof(whole));
	memset(&merged, 0, sizeof(merged));
	seed = 42;
	for (i = 0; i < 30000; i++) {
		v = log_uniform();
		nt_hist_add(&part[i % 2], v); /* the third stays empty */
		nt_hist_add(&whole, v);
	}
	for (i = 0; i < 3; i++)
		nt_hist_merge(&merged, &part[i]);
	assert_memory_equal(&merged, &whole, sizeof(whole));
	nt_hist_latency(&merged, &a);
	nt_hist_latency(&whole, &b);
	assert_memory_equal(&a, &b, sizeof(a));
}

/* A copy taken between the kernel's stores: the figures still agree. */
static void test_merge_torn(void **state)
{
	struct nt_hist from = { 0 }, into = { 0 };

	(void)state;
	nt_hist_add(&from, 500);
	from.bucket[nt_hist_index(1000000)]++;
	from.bucket[nt_hist_index(7)]++;
	nt_hist_merge(&into, &from);
	assert_int_equal(into.count, 3);
	assert_int_equal(~into.min_inv, 7);
	assert_near(into.max, 1000000, 32);
}

static void test_delta(void **state)
{
	struct nt_hist before = { 0 }, now, d, second = { 0 };
	uint64_t lo = UINT64_MAX, hi = 0, v;
	int i;

	(void)state;
	seed = 7;
	nt_hist_add(&before, 10); /* extremes that the interval does not reach */
	nt_hist_add(&before, 20000000000);
	now = before;
	for (i = 0; i < SAMPLES; i++) {
		v = 100 + uniform();
		lo = v < lo ? v : lo;
		hi = v > hi ? v : hi;
		nt_hist_add(&now, v);
		nt_hist_add(&second, v);
	}
	nt_hist_delta(&d, &now, &before);
	assert_int_equal(d.count, SAMPLES);
	assert_int_equal(d.sum, second.sum);
	assert_memory_equal(d.bucket, second.bucket, sizeof(d.bucket));
	assert_near(~d.min_inv, lo, 32);
	assert_near(d.max, hi, 32);
	assert_true(~d.min_inv <= lo && d.max >= hi);

	/* A new extreme of the whole run is the interval's, exactly. */
	nt_hist_add(&now, 3);
	nt_hist_add(&now, 30000000001);
	nt_hist_delta(&d, &now, &before);
	assert_int_equal(~d.min_inv, 3);
	assert_int_equal(d.max, 30000000001);

	/* Nothing new; and a snapshot that went backwards never underflows. */
	nt_hist_delta(&d, &now, &now);
	memset(&second, 0, sizeof(second));
	assert_memory_equal(&d, &second, sizeof(d));
	nt_hist_delta(&d, &before, &now);
	assert_memory_equal(&d, &second, sizeof(d));
}

static void test_log2_unit_1(void **state)
{
	uint64_t rows[NT_LOG2_ROWS], want[NT_LOG2_ROWS] = { 0 };
	struct nt_hist h = { 0 };
	uint32_t used, i, row, top = 0;
	uint64_t v;

	(void)state;
	seed = 99;
	assert_int_equal(nt_hist_log2(&h, 1, rows), 0);
	for (i = 0; i < SAMPLES; i++) {
		v = i < 10 ? i : log_uniform();
		row = v < 2 ? 0 : 63 - (uint32_t)__builtin_clzll(v);
		want[row]++;
		top = row > top ? row : top;
		nt_hist_add(&h, v);
	}
	used = nt_hist_log2(&h, 1, rows);
	assert_int_equal(used, top + 1);
	assert_memory_equal(rows, want, sizeof(rows));
}

/* In us the limits are not bucket limits: a sample may be off by one row, if
 * it is within 1.6 % of the limit; the sum is exact. */
static void test_log2_us(void **state)
{
	uint64_t rows[NT_LOG2_ROWS], sum = 0;
	struct nt_hist h = { 0 };
	uint32_t used, i;

	(void)state;
	seed = 5;
	for (i = 0; i < SAMPLES; i++)
		nt_hist_add(&h, log_uniform());
	used = nt_hist_log2(&h, 1000, rows);
	for (i = 0; i < NT_LOG2_ROWS; i++) {
		sum += rows[i];
		assert_true(i < used || !rows[i]);
	}
	assert_int_equal(sum, h.count);
	assert_true(rows[used - 1] > 0);

	memset(&h, 0, sizeof(h));
	nt_hist_add(&h, 999);        /* 0 us */
	nt_hist_add(&h, 1900);       /* 1 us */
	nt_hist_add(&h, 2100);       /* 2 us */
	nt_hist_add(&h, 5000);       /* 4 -> 7 */
	nt_hist_add(&h, 100000);     /* 64 -> 127 */
	nt_hist_add(&h, UINT64_MAX); /* 67 s and more */
	used = nt_hist_log2(&h, 1000, rows);
	assert_int_equal(used, 27);
	assert_int_equal(rows[0], 2);
	assert_int_equal(rows[1], 1);
	assert_int_equal(rows[2], 1);
	assert_int_equal(rows[6], 1);
	assert_int_equal(rows[26], 1);
	/* A unit of 0 is taken as 1. */
	assert_int_equal(nt_hist_log2(&h, 0, rows), 36);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),     cmocka_unit_test(test_few_samples),
		cmocka_unit_test(test_bucket_limits), cmocka_unit_test(test_beyond_range),
		cmocka_unit_test(test_merge),         cmocka_unit_test(test_merge_torn),
		cmocka_unit_test(test_delta),         cmocka_unit_test(test_log2_unit_1),
		cmocka_unit_test(test_log2_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
