// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "distance.h"

static void test_words(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned edits;
	} cases[] = {
		{ "", "", 0 },          { "eth0", "eth0", 0 },      { "", "eth0", 4 },
		{ "eth0", "eth1", 1 },  { "eht0", "eth0", 1 },      { "et0", "eth0", 1 },
		{ "eth00", "eth0", 1 }, { "kitten", "sitting", 3 }, { "ab", "ba", 1 },
		{ "ca", "abc", 3 },     { "abcd", "wxyz", 4 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(nt_edit_distance(cases[i].a, cases[i].b), cases[i].edits);
		assert_int_equal(nt_edit_distance(cases[i].b, cases[i].a), cases[i].edits);
	}
}

static void test_bounds(void **state)
{
	/* 40 and 41 letters: the last that is compared and the first that is not. */
	static const char most[] = "abcdefghijabcdefghijabcdefghijabcdefghij";
	static const char more[] = "abcdefghijabcdefghijabcdefghijabcdefghijx";

	(void)state;
	assert_int_equal(sizeof(most) - 1, NT_DISTANCE_MAX);
	assert_int_equal(nt_edit_distance(most, most), 0);
	assert_int_equal(nt_edit_distance(most, ""), 40);
	assert_int_equal(nt_edit_distance(more, most), 41);
	assert_int_equal(nt_edit_distance(more, more), 41);
	assert_int_equal(nt_edit_distance("", more), 41);
	assert_int_equal(nt_edit_distance_n("ethX", 3, "ethY", 3), 0);
	assert_int_equal(nt_edit_distance_n("ethX", 4, "ethY", 4), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
