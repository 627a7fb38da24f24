// SPDX-License-Identifier: GPL-2.0-or-later
/* What the writer writes is read back by a strict checker. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json_check.h"
#include "latency.h"
#include "out.h"
#include "tmp_file.h"

static struct nt_out *open_json(bool json)
{
	struct nt_out_opts opts = { .path = "out", .json = json };
	struct nt_out *out = NULL;
	struct nt_err err;

	assert_int_equal(nt_out_open(&opts, &out, &err), 0);
	return out;
}

/* Close, check the grammar, compare with want unless that is NULL. */
static void expect(struct nt_out *out, const char *want)
{
	size_t n = 0;
	char *got;

	assert_int_equal(nt_out_close(out), 0);
	got = tmp_read("out", &n);
	assert_non_null(got);
	if (want)
		assert_string_equal(got, want);
	if (!json_lines_ok(got, n))
		fail_msg("not JSON: %.300s", got);
	free(got);
}

/* The checker itself must be able to say no. */
static void test_checker(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"{\"a\":1,}\n",
		"{\"a\" 1}\n",
		"{\"a\":01}\n",
		"{\"a\":nan}\n",
		"{\"a\":\"\x01\"}\n",
		"{\"a\":\"\xff\"}\n",
		"{\"a\":\"\xed\xa0\x80\"}\n",
		"{\"a\":\"\xc0\x80\"}\n",
		"{\"a\":\"\\x\"}\n",
		"{\"a\":1.}\n",
		"{,}\n",
		"[]\n",
		"{\"a\":[1 2]}\n",
		"{\"a\":\"\xe2\x80\"}\n",
		"{\"a\":{}\n",
		"{}\n{",
		"{\"a\":\"\n",
	};
	static const char good[] = "{\"a\":[1,-0.5e+3,true,null,{\"\":\"\\u00e9\xc3\xa9\"}]}\n{}\n";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (json_lines_ok(bad[i], strlen(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	}
	assert_true(json_lines_ok(good, sizeof(good) - 1));
}

static void test_values(void **state)
{
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);

	(void)state;
	nt_json_str(j, "s", "x");
	nt_json_str(j, "none", NULL);
	nt_json_strn(j, "n", "abcdef", 3);
	nt_json_u64(j, "u", UINT64_MAX);
	nt_json_i64(j, "i", INT64_MIN);
	nt_json_i64(j, "k", 7);
	nt_json_bool(j, "t", true);
	nt_json_bool(j, "f", false);
	nt_json_null(j, "z");
	nt_json_us(j, "us", 1234567);
	nt_json_us(j, "us0", 9);
	nt_json_us(j, "usmax", UINT64_MAX);
	nt_json_end_line(j);
	expect(out, "{\"s\":\"x\",\"none\":null,\"n\":\"abc\",\"u\":18446744073709551615,"
		    "\"i\":-9223372036854775808,\"k\":7,\"t\":true,\"f\":false,\"z\":null,"
		    "\"us\":1234.567,\"us0\":0.009,\"usmax\":18446744073709551.615}\n");
}

static void test_doubles(void **state)
{
	static const double v[] = { 0,       -0.0,           1.5,  -1.0005, 0.0004,
				    -0.0004, 999999999.9996, 1e15, -1e300 };
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);
	size_t i;

	(void)state;
	nt_json_arr(j, "f");
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		nt_json_f(j, NULL, v[i]);
	nt_json_f(j, NULL, NAN);
	nt_json_f(j, NULL, INFINITY);
	nt_json_f(j, NULL, -INFINITY);
	nt_json_end(j);
	nt_json_end_line(j);
	expect(out, "{\"f\":[0.000,0.000,1.500,-1.001,0.000,0.000,1000000000.000,1000000000000000,"
		    "-1.0000000000000001e+300,null,null,null]}\n");
}

static void test_nesting(void **state)
{
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);

	(void)state;
	nt_json_obj(j, "a");
	nt_json_arr(j, "b");
	nt_json_obj(j, NULL);
	nt_json_end(j);
	nt_json_u64(j, NULL, 1);
	nt_json_arr(j, NULL);
	nt_json_end(j);
	nt_json_end(j);
	nt_json_u64(j, "c", 2);
	nt_json_end(j);
	nt_json_u64(j, "d", 3);
	nt_json_end_line(j);
	nt_json_end_line(nt_json_line(out));
	expect(out, "{\"a\":{\"b\":[{},1,[]],\"c\":2},\"d\":3}\n{}\n");
}

/* What a caller may do wrong is still JSON. */
static void test_misuse(void **state)
{
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);

	(void)state;
	nt_json_u64(j, NULL, 1); /* no key */
	nt_json_end(j);          /* more ends than openings */
	nt_json_end(j);
	nt_json_arr(j, "a");
	nt_json_u64(j, "key", 2); /* a key in an array */
	nt_json_obj(j, NULL);     /* left open */
	j = nt_json_line(out);
	nt_json_u64(j, "b", 3);
	nt_json_end_line(j);
	nt_json_u64(j, "late", 4); /* no line is open */
	nt_json_obj(j, "late");
	nt_json_end(j);
	nt_json_end_line(j);
	expect(out, "{\"\":1,\"a\":[2,{}]}\n{\"b\":3}\n");
}

static void test_depth(void **state)
{
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		if (i % 2)
			nt_json_arr(j, "x");
		else
			nt_json_obj(j, "x");
		nt_json_u64(j, "v", (uint64_t)i);
	}
	for (i = 0; i < 20; i++)
		nt_json_end(j);
	nt_json_u64(j, "after", 1);
	nt_json_end_line(j);
	expect(out,
	       "{\"x\":{\"v\":0,\"x\":[1,{\"v\":2,\"x\":[3,{\"v\":4,\"x\":[5,{\"v\":6,\"x\":[7,"
	       "{\"v\":8,\"x\":[9,{\"v\":10,\"x\":[11,{\"v\":12,\"x\":[13,{\"v\":14,\"x\":null}"
	       "]}]}]}]}]}]}]},\"after\":1}\n");
}

static void test_strings(void **state)
{
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);

	(void)state;
	nt_json_str(j, "a", "q\" b\\ /\b\f\n\r\t\x01\x1f\x7f");
	nt_json_strn(j, "nul", "a\0b", 3);
	nt_json_str(j, "utf8", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\xa8\xf4\x8f\xbf\xbf");
	nt_json_str(
		j, "bad",
		"\xff|\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\x80|\xe0\x9f\xbf|\xf0\x8f\xbf\xbf");
	nt_json_str(j, "cut", "\xe2\x82");
	nt_json_strn(j, "cut2", "\xc3\xa9", 1);
	nt_json_u64(j, "k\"\xff", 1);
	nt_json_end_line(j);
#define U "\\ufffd"
	expect(out,
	       "{\"a\":\"q\\\" b\\\\ /\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\",\"nul\":\"a\\u0000b\","
	       "\"utf8\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\xa8\xf4\x8f\xbf\xbf\","
	       "\"bad\":\"" U "|" U U "|" U U U "|" U U U U "|" U "|" U U U "|" U U U U "\","
	       "\"cut\":\"" U U "\",\"cut2\":\"" U "\",\"k\\\"" U "\":1}\n");
#undef U
}

/* Random bytes as keys and values, random nesting, lines longer than the buffer. */
static void test_random(void **state)
{
	struct nt_out *out = open_json(true);
	uint32_t x = 12345, line, i, n, k;
	struct nt_json *j;
	char s[32];

	(void)state;
	for (line = 0; line < 300; line++) {
		j = nt_json_line(out);
		for (i = 0; i < (line == 7 ? 60000U : 50U); i++) {
			x = x * 1664525 + 1013904223;
			n = (x >> 24) % sizeof(s);
			for (k = 0; k < n; k++) {
				x = x * 1664525 + 1013904223;
				s[k] = (char)(x >> 24);
			}
			s[n ? n - 1 : 0] = '\0';
			switch ((x >> 16) % 6) {
			case 0:
				nt_json_obj(j, s);
				break;
			case 1:
				nt_json_arr(j, s);
				break;
			case 2:
				nt_json_end(j);
				break;
			case 3:
				nt_json_u64(j, s, x);
				break;
			default:
				nt_json_strn(j, s, s, n);
			}
		}
		nt_json_end_line(j);
	}
	expect(out, NULL);
}

/* A line that memory does not hold is given up and reported, the next is whole. */
static void test_too_long(void **state)
{
	struct nt_out *out = open_json(true);
	size_t n = 20 << 20, got_n;
	char *big = malloc(n), *got;
	struct nt_json *j;

	(void)state;
	assert_non_null(big);
	memset(big, '\n', n);
	j = nt_json_line(out);
	nt_json_strn(j, "s", big, n);
	nt_json_u64(j, "after", 1);
	nt_json_end_line(j);
	free(big);
	assert_int_equal(nt_out_error(out), ENOMEM);
	j = nt_json_line(out);
	nt_json_u64(j, "a", 1);
	nt_json_end_line(j);
	assert_int_equal(nt_out_close(out), -ENOMEM);
	got = tmp_read("out", &got_n);
	assert_string_equal(got, "{\"a\":1}\n");
	free(got);
}

static void test_text_mode(void **state)
{
	struct nt_out *out = open_json(false);
	struct nt_json *j = nt_json_line(out);
	char *got;

	(void)state;
	nt_json_str(j, "a", "b");
	nt_json_obj(j, "o");
	nt_json_end(j);
	nt_json_end_line(j);
	nt_out_text(out, "text\n");
	assert_int_equal(nt_out_close(out), 0);
	got = tmp_read("out", NULL);
	assert_string_equal(got, "text\n");
	free(got);
}

static void test_latency(void **state)
{
	struct nt_hist h = { 0 }, empty = { 0 };
	struct nt_out *out = open_json(true);
	struct nt_json *j = nt_json_line(out);

	(void)state;
	nt_hist_add(&h, 1500);
	nt_hist_add(&h, 1500);
	nt_json_obj(j, "latency");
	nt_latency_json(j, "A_B", &h);
	nt_latency_json(j, "C", &empty);
	nt_json_end_line(j);
	expect(out, "{\"latency\":{\"A_B\":{\"count\":2,\"min_us\":1.500,\"avg_us\":1.500,"
		    "\"p50_us\":1.500,\"p90_us\":1.500,\"p95_us\":1.500,\"p99_us\":1.500,"
		    "\"p999_us\":1.500,\"max_us\":1.500,\"buckets\":[[1.472,2]]},"
		    "\"C\":{\"count\":0,\"min_us\":null,\"avg_us\":null,\"p50_us\":null,"
		    "\"p90_us\":null,\"p95_us\":null,\"p99_us\":null,\"p999_us\":null,"
		    "\"max_us\":null,\"buckets\":[]}}}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checker),  cmocka_unit_test(test_values),
		cmocka_unit_test(test_doubles),  cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_misuse),   cmocka_unit_test(test_depth),
		cmocka_unit_test(test_strings),  cmocka_unit_test(test_random),
		cmocka_unit_test(test_too_long), cmocka_unit_test(test_text_mode),
		cmocka_unit_test(test_latency),
	};

	return cmocka_run_group_tests(tests, tmp_setup, tmp_teardown);
}
