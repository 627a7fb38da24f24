// SPDX-License-Identifier: GPL-2.0-or-later
/* drop summary --reason: what is asked for, and what is derived from a function. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drop_tool.h"

static void parse_list(void **state)
{
	struct drop_asked a;
	struct nt_err err = { 0 };

	(void)state;
	assert_int_equal(drop_asked_parse(NULL, &a, &err), 0);
	assert_int_equal(a.n, 0);
	assert_int_equal(drop_asked_parse("NO_SOCKET,udp_csum", &a, &err), 0);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.name[0], "NO_SOCKET");
	assert_string_equal(a.name[1], "udp_csum");
}

static void parse_bad(void **state)
{
	static const char *const bad[] = {
		"",
		",",
		"A,",
		",A",
		"A,,B",
		"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	struct drop_asked a;
	struct nt_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_not_equal(drop_asked_parse(bad[i], &a, &err), 0);
		assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	}
}

static bool derived(const char *asked, const char *function)
{
	struct drop_asked a;

	assert_int_equal(drop_asked_parse(asked, &a, NULL), 0);
	return drop_asked_derived(&a, function);
}

static void by_function(void **state)
{
	(void)state;
	assert_true(derived("NO_SOCKET", "__udp4_lib_rcv"));
	assert_true(derived("udp_csum", "__udp4_lib_rcv"));
	assert_true(derived("NO_SOCKET/UDP_CSUM", "__udp4_lib_rcv"));
	assert_true(derived("SKB_DROP_REASON_NO_SOCKET", "tcp_v4_rcv"));
	assert_true(derived("OTHERHOST,NETFILTER_DROP", "nf_hook_slow"));
	assert_false(derived("NO_SOCK", "__udp4_lib_rcv"));
	assert_false(derived("SOCKET", "__udp4_lib_rcv"));
	assert_false(derived("NETFILTER_DROP", "__udp4_lib_rcv"));
	assert_false(derived("NO_SOCKET", "no_such_function"));
	assert_false(derived("NO_SOCKET", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_list),
		cmocka_unit_test(parse_bad),
		cmocka_unit_test(by_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
