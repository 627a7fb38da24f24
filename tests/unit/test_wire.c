// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "wire.h"

static void test_numbers(void **state)
{
	static const uint8_t want[] = { 0x12, 0x01, 0x02, 0xa1, 0xb2, 0xc3, 0xd4, 'r', '0', 0, 0 };
	uint8_t buf[16];
	struct nt_wire w = { .p = buf, .room = sizeof(buf) };
	char text[5];

	(void)state;
	nt_wire_put(&w, 0x12, 1);
	nt_wire_put(&w, 0x0102, 2);
	nt_wire_put(&w, 0xa1b2c3d4, 4);
	nt_wire_put_text(&w, "r0", 4);
	assert_int_equal(w.n, sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	w = (struct nt_wire){ .p = buf, .room = sizeof(want) };
	assert_int_equal(nt_wire_get(&w, 1), 0x12);
	assert_int_equal(nt_wire_get(&w, 2), 0x0102);
	assert_false(nt_wire_whole(&w));
	assert_int_equal(nt_wire_get(&w, 4), 0xa1b2c3d4);
	nt_wire_get_text(&w, text, 4);
	assert_string_equal(text, "r0");
	assert_true(nt_wire_whole(&w));
}

static void test_ends(void **state)
{
	uint8_t buf[4] = { 1, 2, 3, 4 };
	struct nt_wire w = { .p = buf, .room = sizeof(buf) };
	char text[9] = "unchanged";

	(void)state;
	assert_int_equal(nt_wire_get(&w, 8), 0);
	assert_true(w.failed);
	/* Nothing more comes out of it, whatever would fit. */
	assert_int_equal(nt_wire_get(&w, 1), 0);
	nt_wire_get_text(&w, text, 8);
	assert_string_equal(text, "");
	assert_false(nt_wire_whole(&w));
	w = (struct nt_wire){ .p = buf, .room = sizeof(buf) };
	nt_wire_put(&w, 0, 3);
	nt_wire_put(&w, 0xffff, 2);
	nt_wire_put_text(&w, "x", 1);
	assert_true(w.failed);
	assert_int_equal(w.n, 3);
	assert_int_equal(buf[3], 4);
	/* Text of its full length has no end of its own on the wire. */
	w = (struct nt_wire){ .p = buf, .room = sizeof(buf) };
	nt_wire_put_text(&w, "abcdefgh", 4);
	w = (struct nt_wire){ .p = buf, .room = sizeof(buf) };
	nt_wire_get_text(&w, text, 4);
	assert_string_equal(text, "abcd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
