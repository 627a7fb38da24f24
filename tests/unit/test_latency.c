// SPDX-License-Identifier: GPL-2.0-or-later
/* The text forms, letter by letter: users' scripts read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "latency.h"
#include "tmp_file.h"

static struct nt_out *open_text(bool json, bool ascii)
{
	struct nt_out_opts opts = { .path = "out", .json = json, .ascii = ascii };
	struct nt_out *out = NULL;

	assert_int_equal(nt_out_open(&opts, &out, NULL), 0);
	return out;
}

static void expect(struct nt_out *out, const char *want)
{
	char *got;

	assert_int_equal(nt_out_close(out), 0);
	got = tmp_read("out", NULL);
	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void add(struct nt_hist *h, uint64_t value, int n)
{
	while (n--)
		nt_hist_add(h, value);
}

static void test_table(void **state)
{
	struct nt_hist h = { 0 }, empty = { 0 }, big = { 0 };
	struct nt_out *out = open_text(false, true);

	(void)state;
	add(&h, 1000, 500);
	add(&h, 2000, 400);
	add(&h, 30040, 50);
	add(&h, 40060, 40);
	add(&h, 10000049, 9);
	add(&h, 10000050, 1);
	nt_hist_add(&big, UINT64_MAX);
	/* P95 is the middle of 29.696 .. 30.208, P99.9 is held below the maximum. */
	nt_latency_head(out, 28, "Segment");
	nt_latency_row(out, 28, "A -> B", &h);
	nt_latency_row(out, 28, "B -> C", &empty);
	nt_latency_row(out, 28, "a segment whose name is too long for it", &big);
	nt_latency_head(out, 40, NULL);
	nt_latency_row(out, 40, "a segment whose name is as long as that", &empty);
	expect(out,
	       "Segment (us)                     count       min       avg       P50"
	       "       P90       P95       P99     P99.9       max\n"
	       "A -> B                            1000       1.0     104.4       1.0"
	       "       2.0      30.0      40.4   10000.1   10000.1\n"
	       "B -> C                               0         -         -         -"
	       "         -         -         -         -         -\n"
	       "a segment whose name is too long for it         1 18446744073709551.6"
	       " 18446744073709551.6 18446744073709551.6 18446744073709551.6"
	       " 18446744073709551.6 18446744073709551.6 18446744073709551.6"
	       " 18446744073709551.6\n"
	       "Latency (us)                                 count       min       avg       P50"
	       "       P90       P95       P99     P99.9       max\n"
	       "a segment whose name is as long as that          0         -         -         -"
	       "         -         -         -         -         -\n");
}

static void test_log2(void **state)
{
	struct nt_hist h = { 0 };
	struct nt_out *out = open_text(false, true);

	(void)state;
	add(&h, 500, 3);
	add(&h, 5000, 40);
	add(&h, 10000, 1);
	add(&h, 100000, 20);
	nt_latency_log2(out, "A -> B", &h);
	expect(out,
	       "A -> B\n"
	       "     us                  : count     distribution\n"
	       "         0 -> 1          : 3        |***                                     |\n"
	       "         2 -> 3          : 0        |                                        |\n"
	       "         4 -> 7          : 40       |****************************************|\n"
	       "         8 -> 15         : 1        |*                                       |\n"
	       "        16 -> 31         : 0        |                                        |\n"
	       "        32 -> 63         : 0        |                                        |\n"
	       "        64 -> 127        : 20       |********************                    |\n");
}

/* Nothing of nothing; no title; a count that times 40 does not fit 64 bits. */
static void test_log2_edges(void **state)
{
	struct nt_hist h = { 0 };
	struct nt_out *out = open_text(false, true);

	(void)state;
	nt_latency_log2(out, NULL, &h);
	h.bucket[0] = UINT64_MAX;
	h.bucket[nt_hist_index(3000)] = UINT64_MAX / 2;
	nt_latency_log2(out, NULL, &h);
	expect(out, "     us                  : count     distribution\n"
		    "         0 -> 1          : 18446744073709551615 |"
		    "****************************************|\n"
		    "         2 -> 3          : 9223372036854775807 |"
		    "*******************                     |\n");
}

/* Without --ascii: blocks, of a small share an eighth; every bar is 40 columns. */
static void test_log2_blocks(void **state)
{
	struct nt_hist h = { 0 };
	struct nt_out *out = open_text(false, false);

	(void)state;
	add(&h, 500, 3);
	add(&h, 2500, 320);
	add(&h, 5000, 1);
	add(&h, 10000, 15);
	add(&h, 40000, 160);
	nt_latency_log2(out, "A -> B", &h);
	expect(out,
	       "A -> B\n"
	       "     us                  : count     distribution\n"
	       "         0 -> 1          : 3        |▍                                       |\n"
	       "         2 -> 3          : 320      |████████████████████████████████████████|\n"
	       "         4 -> 7          : 1        |▏                                       |\n"
	       "         8 -> 15         : 15       |█▉                                      |\n"
	       "        16 -> 31         : 0        |                                        |\n"
	       "        32 -> 63         : 160      |████████████████████                    |\n");
}

static void test_silent_in_json(void **state)
{
	struct nt_hist h = { 0 };
	struct nt_out *out = open_text(true, true);

	(void)state;
	add(&h, 500, 3);
	nt_latency_head(out, 28, "x");
	nt_latency_row(out, 28, "x", &h);
	nt_latency_log2(out, "x", &h);
	expect(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),          cmocka_unit_test(test_log2),
		cmocka_unit_test(test_log2_edges),     cmocka_unit_test(test_log2_blocks),
		cmocka_unit_test(test_silent_in_json),
	};

	return cmocka_run_group_tests(tests, tmp_setup, tmp_teardown);
}
