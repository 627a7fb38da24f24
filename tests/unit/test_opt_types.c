// SPDX-License-Identifier: GPL-2.0-or-later
/* Every option type with good and bad values, limits, and text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>

#include "opt.h"
#include "types.h"

#define MS 1000000ull
#define SEC 1000000000ull

static struct nt_err err;

static void numbers(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_int_equal(nt_parse_u64("0", 0, UINT64_MAX, &v, &err), 0);
	assert_int_equal(v, 0);
	assert_int_equal(nt_parse_u64("18446744073709551615", 0, UINT64_MAX, &v, &err), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(nt_parse_u64("007", 0, 9, &v, &err), 0);
	assert_int_equal(v, 7);
	assert_int_equal(nt_parse_u64("18446744073709551616", 0, UINT64_MAX, &v, &err), -ERANGE);
	assert_int_equal(nt_parse_u64("99999999999999999999999", 0, UINT64_MAX, &v, &err), -ERANGE);
	assert_int_equal(nt_parse_u64("10", 0, 9, &v, &err), -ERANGE);
	assert_string_equal(err.text, "'10' is not a whole number from 0 to 9");
	assert_int_equal(nt_parse_u64("1", 2, UINT64_MAX, &v, &err), -ERANGE);
	assert_string_equal(err.text, "'1' is not a whole number of at least 2");
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x10", "1e3", "1.0", "ten" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(nt_parse_u64(bad[i], 0, UINT64_MAX, &v, &err), -EINVAL);
		assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	}
	assert_int_equal(v, 7); /* untouched by errors */
}

static void durations(void **state)
{
	static const struct {
		const char *text, *unit;
		uint64_t ns;
	} good[] = {
		{ "0", "s", 0 },
		{ "1", NULL, SEC },
		{ "5", "ms", 5 * MS },
		{ "0.5", "s", SEC / 2 },
		{ "1.5ms", "s", 1500000 },
		{ "100us", "ms", 100000 },
		{ "7ns", "s", 7 },
		{ "2m", "s", 120 * SEC },
		{ "1h", "ms", 3600 * SEC },
		{ "0.25h", "s", 900 * SEC },
		{ "0.0", "s", 0 },
		{ "0.001", "us", 1 },
		{ "1.000000001", "s", SEC + 1 },
		{ "0.3333333333333333333333", "s", 333333333 },
		{ "9223372036.854775807", "s", INT64_MAX },
		{ "9223372036854775807ns", "s", INT64_MAX },
	};
	static const char *const bad[] = { "",     "s",     ".5",  "5.",   "-1",
					   "+1",   "1 s",   "1S",  "1sec", "1min",
					   "1ms1", "1.2.3", "1e3", "0x1",  "1%" };
	static const char *const over[] = { "9223372036.854775808", "2562048h",
					    "18446744073709551616ns",
					    "99999999999999999999999999h" };
	static const char *const off[] = { "0.0001ns", "0.0000000001", "0.00000000000000000001h" };
	uint64_t ns = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (nt_parse_duration(good[i].text, good[i].unit, &ns, &err))
			fail_msg("%s: %s", good[i].text, err.text);
		assert_true(ns == good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (nt_parse_duration(bad[i], "us", &ns, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(err.text, "a number in us, or"));
	}
	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		assert_int_equal(nt_parse_duration(over[i], "s", &ns, &err), -ERANGE);
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		assert_int_equal(nt_parse_duration(off[i], "s", &ns, &err), -ERANGE);
	assert_non_null(strstr(err.text, "shorter than 1ns"));
}

static void sizes(void **state)
{
	static const char *const bad[] = { "", "K", "1KB", "1.5M", "-1", "1 K", "1P" };
	uint64_t v = 0;

	(void)state;
	assert_int_equal(nt_parse_size("1500", &v, &err), 0);
	assert_int_equal(v, 1500);
	assert_int_equal(nt_parse_size("64k", &v, &err), 0);
	assert_int_equal(v, 65536);
	assert_int_equal(nt_parse_size("2T", &v, &err), 0);
	assert_true(v == 2ull << 40);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(nt_parse_size(bad[i], &v, &err), -EINVAL);
	assert_int_equal(nt_parse_size("16777216T", &v, &err), -ERANGE);
	assert_int_equal(nt_parse_size("18446744073709551616", &v, &err), -ERANGE);
}

static void addresses(void **state)
{
	static const char *const bad[] = {
		"",
		",",
		"10.0.0.1,",
		"10.0.0.1,,10.0.0.2",
		"10.0.0.300",
		"10.0.0",
		"10.0.0.01",
		"0x0a000001",
		"10.0.0.1/33",
		"10.0.0.1/",
		"10.0.0.1/-1",
		"10.0.0.1/8/8",
		"/8",
		"fe80::1%eth0",
		"fd00::/129",
		"[fd00::1]",
		"10.0.0.1;10.0.0.2",
		"any,10.0.0.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999",
		"host",
		"fd00:0000000000000000000000000000000000000000000000000000000000000000000001",
	};
	struct nt_addrs l;

	(void)state;
	assert_int_equal(nt_parse_addrs("10.1.2.3/12", &l, &err), 0);
	assert_true(l.n == 1 && l.family == 4);
	assert_memory_equal(&l.a[0].addr[0], "\x0a\0\0\0", 4);
	assert_memory_equal(&l.a[0].mask[0], "\xff\xf0\0\0", 4);
	assert_true(!l.a[0].addr[1] && !l.a[0].mask[1] && !l.a[0].mask[3]);
	assert_int_equal(nt_parse_addrs(" 10.0.0.1 , 10.0.0.2", &l, &err), 0);
	assert_int_equal(l.n, 2);
	assert_true(l.a[1].mask[0] == UINT32_MAX);
	assert_int_equal(nt_parse_addrs("fd00:1:2:3:4::9/65", &l, &err), 0);
	assert_int_equal(l.family, 6);
	assert_memory_equal(l.a[0].mask, "\xff\xff\xff\xff\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", 16);
	assert_memory_equal(l.a[0].addr, "\xfd\0\0\1\0\2\0\3\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(nt_parse_addrs("0.0.0.0/0", &l, &err), 0);
	assert_true(l.n == 1 && l.family == 4 && l.a[0].mask[0] == 0);
	assert_int_equal(nt_parse_addrs("::/0", &l, &err), 0);
	assert_true(l.n == 1 && l.family == 6 && l.a[0].mask[0] == 0 && l.a[0].mask[3] == 0);
	assert_int_equal(nt_parse_addrs("any", &l, &err), 0);
	assert_int_equal(l.n, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (nt_parse_addrs(bad[i], &l, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(err.exit_code, NT_EXIT_USAGE);
	}
	assert_int_equal(nt_parse_addrs("10.0.0.1,fd00::1", &l, &err), -EINVAL);
	assert_non_null(strstr(err.text, "mixes IPv4 and IPv6"));
	assert_int_equal(
		nt_parse_addrs("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8",
			       &l, &err),
		0);
	assert_int_equal(l.n, NT_MAX_ADDRS);
	assert_int_equal(
		nt_parse_addrs("1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,"
			       "1.1.1.9",
			       &l, &err),
		-EINVAL);
}

static void ports(void **state)
{
	static const char *const bad[] = { "",     "70000", "65536", "-1",   "80,", "80,0",
					   "0,80", "http",  "1-5",   "80.0", "0x50" };
	struct nt_ports l;

	(void)state;
	assert_int_equal(nt_parse_ports("1, 65535", &l, &err), 0);
	assert_true(l.n == 2 && l.p[0] == 1 && l.p[1] == 65535);
	assert_int_equal(nt_parse_ports("0", &l, &err), 0);
	assert_int_equal(l.n, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (nt_parse_ports(bad[i], &l, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_int_equal(nt_parse_ports("70000", &l, &err), -EINVAL);
	assert_string_equal(err.text, "'70000' is not a port: 1-65535");
	assert_int_equal(nt_parse_ports("1,2,3,4,5,6,7,8", &l, &err), 0);
	assert_int_equal(nt_parse_ports("1,2,3,4,5,6,7,8,9", &l, &err), -EINVAL);
}

static void interface_names(void **state)
{
	static const char *const bad[] = {
		"",       ",", "r0,", "r0, ,r1",          "a/b",      "a b",
		"eth0:1", ".", "..",  "sixteen-letters-", "tab\tname"
	};
	struct nt_names l;

	(void)state;
	assert_int_equal(nt_parse_names(" r0 ,r1,r0,\tfifteen-letters", &l, &err), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.name[0], "r0");
	assert_string_equal(l.name[2], "fifteen-letters");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (nt_parse_names(bad[i], &l, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_int_equal(nt_parse_names("0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f", &l, &err), 0);
	assert_int_equal(l.n, NT_MAX_NAMES);
	assert_int_equal(nt_parse_names("0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g", &l, &err), -EINVAL);
	assert_int_equal(nt_parse_names("0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,f", &l, &err), 0);
}

static void protocols(void **state)
{
	static const char *const bad[] = {
		"", "tpc", "TCP", "256", "-1", "tcp,", "all,tcp", "47,50"
	};
	uint32_t set = 9;

	(void)state;
	assert_int_equal(nt_parse_protos("tcp,udp", &set, &err), 0);
	assert_int_equal(set, NT_PROTO_TCP | NT_PROTO_UDP);
	assert_int_equal(nt_parse_protos("1,6,17,58", &set, &err), 0);
	assert_int_equal(set, NT_PROTO_ICMP | NT_PROTO_TCP | NT_PROTO_UDP | NT_PROTO_ICMP6);
	assert_int_equal(nt_parse_protos("all", &set, &err), 0);
	assert_int_equal(set, 0);
	assert_int_equal(nt_parse_protos("icmp,47,47", &set, &err), 0);
	assert_int_equal(set, NT_PROTO_ICMP | NT_PROTO_OTHER | 47 << 8);
	assert_int_equal(nt_parse_protos("0", &set, &err), 0);
	assert_int_equal(set, NT_PROTO_OTHER);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (nt_parse_protos(bad[i], &set, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void choices(void **state)
{
	static const char list[] = "rx,from-vm|tx,to-vm|both";
	uint32_t v = 9;

	(void)state;
	assert_int_equal(nt_parse_choice("from-vm", list, &v, &err), 0);
	assert_int_equal(v, 0);
	assert_int_equal(nt_parse_choice("both", list, &v, &err), 0);
	assert_int_equal(v, 2);
	assert_int_equal(nt_parse_choice("bot", list, &v, &err), -EINVAL);
	assert_string_equal(err.text, "'bot' is not one of rx, tx, both; did you mean 'both'?");
	assert_int_equal(nt_parse_choice("", list, &v, &err), -EINVAL);
	assert_int_equal(nt_parse_choice("rx,from-vm", list, &v, &err), -EINVAL);
}

union field {
	bool flag;
	uint32_t u32;
	uint64_t u64;
	const char *s;
	struct nt_addrs addrs;
	struct nt_ports ports;
	struct nt_names names;
};

static void limits(void **state)
{
	static const struct nt_opt u32 = { .type = NT_OPT_U32 };
	static const struct nt_opt dur = {
		.type = NT_OPT_DURATION, .unit = "ms", .min = "1", .max = "2000"
	};
	static const struct nt_opt size = { .type = NT_OPT_SIZE, .min = "4K" };
	union field f;

	(void)state;
	assert_int_equal(nt_opt_read(&u32, "4294967295", &f, &err), 0);
	assert_int_equal(nt_opt_read(&u32, "4294967296", &f, &err), -ERANGE);
	assert_int_equal(nt_opt_read(&dur, "1", &f, &err), 0);
	assert_int_equal(nt_opt_read(&dur, "2s", &f, &err), 0);
	assert_int_equal(nt_opt_read(&dur, "0.999", &f, &err), -ERANGE);
	assert_string_equal(err.text, "'0.999' is out of range: 1 to 2000ms");
	assert_int_equal(nt_opt_read(&dur, "2000001us", &f, &err), -ERANGE);
	assert_int_equal(nt_opt_read(&size, "4096", &f, &err), 0);
	assert_int_equal(nt_opt_read(&size, "4095", &f, &err), -ERANGE);
}

/* What nt_opt_format() prints, nt_opt_read() takes back. */
static void text_and_back(void **state)
{
	static const struct {
		struct nt_opt o;
		const char *in, *out;
	} t[] = {
		{ { .type = NT_OPT_FLAG }, "yes", "on" },
		{ { .type = NT_OPT_FLAG }, "0", "off" },
		{ { .type = NT_OPT_U32 }, "17", "17" },
		{ { .type = NT_OPT_U64 }, "18446744073709551615", "18446744073709551615" },
		{ { .type = NT_OPT_DURATION }, "10", "10s" },
		{ { .type = NT_OPT_DURATION, .unit = "ms" }, "1s", "1000ms" },
		{ { .type = NT_OPT_DURATION, .unit = "ms" }, "1500us", "1.5ms" },
		{ { .type = NT_OPT_DURATION, .unit = "us" }, "0.001", "0.001us" },
		{ { .type = NT_OPT_DURATION, .unit = "s" }, "1ns", "0.000000001s" },
		{ { .type = NT_OPT_DURATION, .unit = "h" }, "90m", "5400s" },
		{ { .type = NT_OPT_DURATION, .unit = "h" }, "120m", "2h" },
		{ { .type = NT_OPT_DURATION }, "0", "0s" },
		{ { .type = NT_OPT_SIZE }, "1048576", "1M" },
		{ { .type = NT_OPT_SIZE }, "1500", "1500" },
		{ { .type = NT_OPT_SIZE }, "0", "0" },
		{ { .type = NT_OPT_STRING }, "a b", "a b" },
		{ { .type = NT_OPT_CHOICE, .choices = "rx,from-vm|tx" }, "from-vm", "rx" },
		{ { .type = NT_OPT_ADDRS }, "10.1.2.3/8, 10.0.0.1", "10.0.0.0/8,10.0.0.1" },
		{ { .type = NT_OPT_ADDRS }, "FD00:0:0::1,::/0", "fd00::1,::/0" },
		{ { .type = NT_OPT_ADDRS }, "any", "any" },
		{ { .type = NT_OPT_PORTS }, "80, 443", "80,443" },
		{ { .type = NT_OPT_PORTS }, "0", "any" },
		{ { .type = NT_OPT_IFACES }, "r0 , r1", "r0,r1" },
		{ { .type = NT_OPT_PROTO }, "all", "all" },
		{ { .type = NT_OPT_PROTO }, "47,58,icmp,tcp", "tcp,icmp,icmp6,47" },
	};
	union field f, again;
	char buf[128], small[4];
	int n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&f, 0, sizeof(f));
		memset(&again, 0, sizeof(again));
		if (nt_opt_read(&t[i].o, t[i].in, &f, &err))
			fail_msg("%s: %s", t[i].in, err.text);
		n = nt_opt_format(&t[i].o, &f, buf, sizeof(buf));
		assert_string_equal(buf, t[i].out);
		assert_int_equal(n, strlen(t[i].out));
		assert_int_equal(nt_opt_read(&t[i].o, buf, &again, &err), 0);
		if (t[i].o.type != NT_OPT_STRING)
			assert_memory_equal(&f, &again, sizeof(f));
		/* Cut, but whole in its return value. */
		assert_int_equal(nt_opt_format(&t[i].o, &f, small, sizeof(small)), n);
		assert_true(strlen(small) < sizeof(small));
		assert_int_equal(nt_opt_format(&t[i].o, &f, NULL, 0), n);
	}
}

static void suggestions(void **state)
{
	static const char *const words[] = { "path", "drop", "vm", "summary", "src-ip" };

	(void)state;
	assert_string_equal(nt_suggest("pth", words, 5), "path");
	assert_string_equal(nt_suggest("sumamry", words, 5), "summary");
	assert_string_equal(nt_suggest("drpo", words, 5), "drop");
	assert_string_equal(nt_suggest("sum", words, 5), "summary");
	assert_null(nt_suggest("xyz", words, 5));
	assert_null(nt_suggest("", words, 5));
	assert_null(nt_suggest("v", words, 5));
	assert_null(nt_suggest("a-word-that-is-longer-than-any-option-should-be", words, 5));
}

static void quoting(void **state)
{
	char q[NT_QUOTE_LEN], text[200];

	(void)state;
	assert_string_equal(nt_quote("a\x1b[31m\n\x7f", q), "a?[31m??");
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(strlen(nt_quote(text, q)), 63);
	memcpy(text + 59, "\xc3\xa4", 2); /* cut before, not inside */
	nt_quote(text, q);
	assert_string_equal(q + 58, "a...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),     cmocka_unit_test(durations),
		cmocka_unit_test(sizes),       cmocka_unit_test(addresses),
		cmocka_unit_test(ports),       cmocka_unit_test(interface_names),
		cmocka_unit_test(protocols),   cmocka_unit_test(choices),
		cmocka_unit_test(limits),      cmocka_unit_test(text_and_back),
		cmocka_unit_test(suggestions), cmocka_unit_test(quoting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
