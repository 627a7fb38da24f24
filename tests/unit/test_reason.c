// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "reason_internal.h"

static void expect(const struct nt_reasons *r, uint32_t value, const char *name)
{
	char buf[80];

	assert_string_equal(nt_reason_format(r, value, buf, sizeof(buf)), name);
}

/* The end of the file as kernel 6.1 has it, some names left out. */
static const char format[] =
	"name: kfree_skb\nID: 1319\nformat:\n"
	"\tfield:unsigned short protocol;\toffset:24;\tsize:2;\tsigned:0;\n"
	"\tfield:enum skb_drop_reason reason;\toffset:28;\tsize:4;\tsigned:0;\n\n"
	"print fmt: \"skbaddr=%p protocol=%u location=%p reason: %s\", REC->skbaddr, "
	"REC->protocol, REC->location, __print_symbolic(REC->reason, { 1, \"NOT_SPECIFIED\" }, "
	"{ 2, \"NO_SOCKET\" }, { 28, \"TCP_RESET\" }, { 61, \"PKT_TOO_BIG\" }, "
	"{ 66, \"MAX\" })\n";

static void test_format(void **state)
{
	struct nt_reasons *r = nt_reasons_new();
	uint32_t value = 0;

	(void)state;
	assert_non_null(r);
	assert_false(nt_reasons_known(r));
	assert_int_equal(nt_reasons_add_format(r, format), 4);
	nt_reasons_sort(r);
	assert_true(nt_reasons_known(r));
	assert_string_equal(nt_reason_name(r, 1), "NOT_SPECIFIED");
	assert_string_equal(nt_reason_name(r, 2), "NO_SOCKET");
	assert_string_equal(nt_reason_name(r, 28), "TCP_RESET");
	assert_string_equal(nt_reason_name(r, 61), "PKT_TOO_BIG");
	assert_null(nt_reason_name(r, 0));
	assert_null(nt_reason_name(r, 3));
	assert_null(nt_reason_name(r, 66));
	assert_null(nt_reason_name(r, UINT32_MAX));
	expect(r, 28, "TCP_RESET");
	expect(r, 3, "3");
	expect(r, 65535, "65535");
	expect(r, 0x30001, "0x30001");
	assert_int_equal(nt_reasons_count(r), 4);
	assert_string_equal(nt_reasons_at(r, 3, &value), "PKT_TOO_BIG");
	assert_int_equal(value, 61);
	assert_null(nt_reasons_at(r, 4, &value));
	nt_reasons_free(r);
}

static void test_values(void **state)
{
	struct nt_reasons *r = nt_reasons_new();
	uint32_t v = 0;

	(void)state;
	assert_non_null(r);
	assert_int_equal(nt_reasons_add_format(r, format), 4);
	nt_reasons_sort(r);
	assert_int_equal(nt_reason_value(r, "TCP_RESET", &v), 0);
	assert_int_equal(v, 28);
	assert_int_equal(nt_reason_value(r, "no_socket", &v), 0);
	assert_int_equal(v, 2);
	assert_int_equal(nt_reason_value(r, "SKB_DROP_REASON_PKT_TOO_BIG", &v), 0);
	assert_int_equal(v, 61);
	assert_int_equal(nt_reason_value(r, "77", &v), 0);
	assert_int_equal(v, 77);
	assert_int_equal(nt_reason_value(r, "0x30001", &v), 0);
	assert_int_equal(v, 0x30001);
	v = 5;
	assert_int_equal(nt_reason_value(r, "TCP_RESE", &v), -ENOENT);
	assert_int_equal(nt_reason_value(r, "TCP_RESETS", &v), -ENOENT);
	assert_int_equal(nt_reason_value(r, "", &v), -ENOENT);
	assert_int_equal(nt_reason_value(r, "4294967296", &v), -ENOENT);
	assert_int_equal(nt_reason_value(r, "99999999999999999999", &v), -ENOENT);
	assert_int_equal(nt_reason_value(r, "7x", &v), -ENOENT);
	assert_int_equal(v, 5);
	nt_reasons_free(r);
}

static void test_odd_formats(void **state)
{
	static const struct {
		const char *text;
		int n;
	} cases[] = {
		{ "", 0 },
		{ "print fmt: \"x\", REC->location", 0 }, /* before 5.17 */
		{ "__print_symbolic(REC->reason", 0 },
		{ "__print_symbolic(REC->reason,", 0 },
		{ "__print_symbolic(REC->reason, {", 0 },
		{ "__print_symbolic(REC->reason, { 1", 0 },
		{ "__print_symbolic(REC->reason, { 1, \"A", 0 },
		{ "__print_symbolic(REC->reason, { 1, \"A\"", 1 },
		{ "__print_symbolic(REC->reason, { 1, \"A\" }, { SKB_B, \"B\" })", 1 },
		{ "__print_symbolic(REC->reason, { -1, \"A\" })", 0 },
		{ "__print_symbolic(REC->reason, { 1, \"\" }, { 2, \"B\" })", 1 },
		{ "__print_symbolic(REC->reason, { 4294967296, \"A\" }, { 2, \"B\" })", 1 },
		{ "__print_symbolic(REC->reason, { 1, \"\033[1m\" })", 0 },
		{ "__print_symbolic(REC->reason,{0x2,\"A\"},{3,\"B\"})", 2 },
		{ "__print_symbolic(REC->reason, { 1, \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" }, { 2, \"B\" })",
		  1 },
	};
	struct nt_reasons *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r = nt_reasons_new();
		assert_non_null(r);
		assert_int_equal(nt_reasons_add_format(r, cases[i].text), cases[i].n);
		assert_int_equal(nt_reasons_count(r), cases[i].n);
		nt_reasons_free(r);
	}
}

/* Type information with both enums, as a file of --btf may have them. */
static struct btf *sample(int wide)
{
	struct btf *b = btf__new_empty();
	int bad = 0;

	assert_non_null(b);
	bad |= btf__add_int(b, "int", 4, BTF_INT_SIGNED) < 0;
	bad |= btf__add_enum(b, "skb_drop_reason", 4) < 0;
	bad |= btf__add_enum_value(b, "SKB_NOT_DROPPED_YET", 0) < 0;
	bad |= btf__add_enum_value(b, "SKB_CONSUMED", 1) < 0;
	bad |= btf__add_enum_value(b, "SKB_DROP_REASON_NOT_SPECIFIED", 2) < 0;
	bad |= btf__add_enum_value(b, "SKB_DROP_REASON_NO_SOCKET", 3) < 0;
	bad |= btf__add_enum_value(b, "SKB_DROP_REASON_MAX", 4) < 0;
	bad |= btf__add_enum_value(b, "SKB_DROP_REASON_SUBSYS_MASK", 0xffff0000) < 0;
	bad |= (wide ? btf__add_enum64(b, "ovs_drop_reason", 8, false) :
		       btf__add_enum(b, "ovs_drop_reason", 4)) < 0;
#define OVS(name, value) \
	(bad |=          \
	 (wide ? btf__add_enum64_value(b, name, value) : btf__add_enum_value(b, name, value)) < 0)
	OVS("__OVS_DROP_REASON", 0x20000);
	OVS("OVS_DROP_LAST_ACTION", 0x20001);
	OVS("OVS_DROP_METER", 0x20005);
	OVS("OVS_DROP_MAX", 0x20006);
	OVS("garbage", 0x20007);
	OVS("OVS_DROP_LOW", 5); /* would be a reason of the core */
	if (wide)
		OVS("OVS_DROP_WIDE", 0x100020001);
#undef OVS
	assert_false(bad);
	return b;
}

static void test_enums(void **state)
{
	struct nt_reasons *r;
	struct btf *b;
	uint32_t v = 0;
	int wide;

	(void)state;
	for (wide = 0; wide < 2; wide++) {
		b = sample(wide);
		r = nt_reasons_load(b, NULL);
		/* The names are copies. */
		btf__free(b);
		assert_non_null(r);
		expect(r, 0, "NOT_DROPPED_YET");
		expect(r, 1, "CONSUMED");
		expect(r, 2, "NOT_SPECIFIED");
		expect(r, 3, "NO_SOCKET");
		expect(r, 4, "4");
		expect(r, 5, "5");
		expect(r, 0xffff0000, "0xffff0000");
		expect(r, 0x20000, "0x20000");
		expect(r, 0x20001, "OVS_DROP_LAST_ACTION");
		expect(r, 0x20005, "OVS_DROP_METER");
		expect(r, 0x20006, "0x20006");
		expect(r, 0x20007, "0x20007");
		assert_int_equal(nt_reasons_count(r), 6);
		assert_int_equal(nt_reason_value(r, "OVS_DROP_METER", &v), 0);
		assert_int_equal(v, 0x20005);
		nt_reasons_free(r);
	}
	b = btf__new_empty();
	assert_non_null(b);
	r = nt_reasons_new();
	assert_non_null(r);
	assert_int_equal(nt_reasons_add_core(r, b), 0);
	assert_int_equal(nt_reasons_add_ovs(r, b), 0);
	nt_reasons_free(r);
	nt_reasons_free(NULL);
	btf__free(b);
}

/* This machine's kernel, where it has both sources: they say the same. */
static void test_kernel(void **state)
{
	struct btf *b = btf__load_vmlinux_btf();
	struct nt_reasons *typed, *listed;
	uint32_t i, v, w;
	const char *name;

	(void)state;
	if (libbpf_get_error(b) ||
	    btf__find_by_name_kind(b, "skb_drop_reason", BTF_KIND_ENUM) < 0) {
		print_message("no type information, or no reasons in it: not tested\n");
		btf__free(libbpf_get_error(b) ? NULL : b);
		skip();
	}
	typed = nt_reasons_load(b, NULL);
	listed = nt_reasons_load(NULL, NULL);
	btf__free(b);
	assert_true(typed && listed);
	assert_true(nt_reasons_known(typed));
	assert_int_equal(nt_reason_value(typed, "NO_SOCKET", &v), 0);
	assert_true(v > 0 && v < 100);
	expect(typed, v, "NO_SOCKET");
	assert_int_equal(nt_reason_value(typed, "NETFILTER_DROP", &v), 0);
	for (i = 1; i < nt_reasons_count(typed); i++) {
		assert_non_null(nt_reasons_at(typed, i - 1, &v));
		assert_non_null(nt_reasons_at(typed, i, &w));
		assert_true(v < w);
	}
	/* Empty where tracefs is not mounted. */
	for (i = 0; i < nt_reasons_count(listed); i++) {
		name = nt_reasons_at(listed, i, &v);
		assert_non_null(name);
		expect(typed, v, name);
	}
	nt_reasons_free(typed);
	nt_reasons_free(listed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),      cmocka_unit_test(test_values),
		cmocka_unit_test(test_odd_formats), cmocka_unit_test(test_enums),
		cmocka_unit_test(test_kernel),
	};

	libbpf_set_print(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
