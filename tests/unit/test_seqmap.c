// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "seqmap.h"

static void came(struct nt_seqmap *m, const uint64_t *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		nt_seqmap_add(m, v[i]);
}

#define CAME(m, ...)                                           \
	do {                                                   \
		const uint64_t list[] = { __VA_ARGS__ };       \
		came(m, list, sizeof(list) / sizeof(list[0])); \
	} while (0)

/* received, duplicate, reordered, beyond, longest */
static void check(struct nt_seqmap *m, uint64_t total, const uint64_t want[5])
{
	nt_seqmap_end(m, total);
	assert_int_equal(m->received, want[0]);
	assert_int_equal(m->duplicate, want[1]);
	assert_int_equal(m->reordered, want[2]);
	assert_int_equal(m->beyond, want[3]);
	assert_int_equal(m->longest, want[4]);
	nt_seqmap_free(m);
}

static void test_all(void **state)
{
	struct nt_seqmap m;
	uint64_t i;

	(void)state;
	assert_int_equal(nt_seqmap_init(&m, 128), 0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(nt_seqmap_add(&m, i), NT_SEQ_NEW);
	check(&m, 1000, (uint64_t[]){ 1000, 0, 0, 0, 0 });
	assert_int_equal(nt_seqmap_init(&m, 128), 0);
	check(&m, 0, (uint64_t[]){ 0, 0, 0, 0, 0 });
	assert_int_equal(nt_seqmap_init(&m, 128), 0);
	check(&m, 1000, (uint64_t[]){ 0, 0, 0, 0, 1000 });
}

static void test_kinds(void **state)
{
	struct nt_seqmap m;

	(void)state;
	assert_int_equal(nt_seqmap_init(&m, 4096), 0);
	CAME(&m, 0, 2, 1, 1, 5, 5, 5);
	/* 3, 4, 6, 7, 8 are missing */
	check(&m, 9, (uint64_t[]){ 4, 3, 1, 0, 3 });
	/* A gap is what is missing in the end, however late it was filled. */
	assert_int_equal(nt_seqmap_init(&m, 4096), 0);
	CAME(&m, 0, 100, 50, 99, 98);
	check(&m, 101, (uint64_t[]){ 5, 0, 3, 0, 49 });
	/* Across words and at their edges. */
	assert_int_equal(nt_seqmap_init(&m, 4096), 0);
	CAME(&m, 10, 63, 64, 127, 128, 200);
	check(&m, 201, (uint64_t[]){ 6, 0, 0, 0, 71 });
}

/* Against a plain table, with a window that many numbers leave. */
static void test_window(void **state)
{
	static uint8_t plain[5000];
	uint64_t x = 88172645463325252ULL, i, seq, most = 0, run = 0, n = 0, twice = 0;
	struct nt_seqmap m;

	(void)state;
	assert_int_equal(nt_seqmap_init(&m, 256), 0);
	for (i = 0; i < 20000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		seq = i / 4 + x % 60;
		if (seq >= 5000 || x % 3 == 0)
			continue;
		assert_int_equal(nt_seqmap_add(&m, seq),
				 plain[seq] ? NT_SEQ_DUPLICATE : NT_SEQ_NEW);
		n += !plain[seq];
		twice += plain[seq];
		plain[seq] = 1;
	}
	for (i = 0; i < 5000; i++) {
		run = plain[i] ? 0 : run + 1;
		most = run > most ? run : most;
	}
	assert_int_equal(m.beyond, 0);
	nt_seqmap_end(&m, 5000);
	assert_int_equal(m.received, n);
	assert_int_equal(m.duplicate, twice);
	assert_int_equal(m.longest, most);
	nt_seqmap_free(&m);
}

static void test_leap(void **state)
{
	struct nt_seqmap m;

	(void)state;
	assert_int_equal(nt_seqmap_init(&m, 128), 0);
	CAME(&m, 0, 1000000, 1000001, 3, 1000000);
	check(&m, 1000002, (uint64_t[]){ 3, 1, 0, 1, 999999 });
	assert_int_equal(nt_seqmap_init(&m, 128), 0);
	CAME(&m, INT64_MAX, 5);
	check(&m, (uint64_t)INT64_MAX + 1, (uint64_t[]){ 1, 0, 0, 1, INT64_MAX });
	/* More than came is known to have been sent: what is missing at the end counts. */
	assert_int_equal(nt_seqmap_init(&m, 128), 0);
	CAME(&m, 0, 1, 2);
	check(&m, 100000, (uint64_t[]){ 3, 0, 0, 0, 99997 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_leap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
