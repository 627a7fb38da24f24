// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "caps.h"
#include "child.h"
#include "kallsyms.h"
#include "ksym.h"
#include "tmp_file.h"

/*
 * vmlinux ascends; the modules come in the order of their list and lie below,
 * and the second one lies between two parts of the first.
 */
static const char table[] = "0000000000000000 A fixed_percpu_data\n"
			    "ffffffff81000000 T _stext\n"
			    "ffffffff81000000 T startup\n"
			    "ffffffff81000100 t alpha\n"
			    "ffffffff810001f0 t __pfx_beta\n"
			    "ffffffff81000200 W beta\n"
			    "ffffffff81000300 t beta.cold\n"
			    "ffffffff810003f8 t __cfi_gamma\n"
			    "ffffffff81000400 t gamma.isra.0\n"
			    "ffffffff81000500 t gamma.constprop.0\n"
			    "ffffffff81000600 w delta\n"
			    "ffffffff81000700 t delta\n"
			    "ffffffff81000800 D alpha_data\n"
			    "ffffffff81000900 t ip\n"
			    "ffffffff81000a00 r epsilon\n"
			    "ffffffff81000b00 t _etext\n"
			    "ffffffffc0002000 t mod_b_one\t[mod_b]\n"
			    "ffffffffc0002100 t mod_b_two.part.0\t[mod_b]\n"
			    "ffffffffc0001000 t mod_a_one\t[mod_a]\n"
			    "ffffffffc0001100 T alpha\t[mod_a]\n"
			    "ffffffffc0003000 t mod_a_init\t[mod_a]\n"
			    "ffffffffc0004000 t bpf_prog_6deef7357e7b4530\t[bpf]\n";

static void put(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void put_table(const char *path)
{
	put(path, table, sizeof(table) - 1);
}

static void test_find(void **state)
{
	struct nt_ksym_want w[] = {
		{ .name = "alpha" },        { .name = "beta" },    { .name = "gamma" },
		{ .name = "delta" },        { .name = "epsilon" }, { .name = "ip" },
		{ .name = "mod_b_two" },    { .name = "absent" },  { .name = "mod_a_init" },
		{ .name = "gamma.isra.0" }, { .name = "alp" },     { .name = "alpha_data" },
		{ .name = "beta" },         { .name = "" },
	};
	uint32_t n = sizeof(w) / sizeof(w[0]);

	(void)state;
	put_table("symbols");
	/* What the caller left in there does not count. */
	w[7].found = 3;
	w[7].suffixed = true;
	strcpy(w[0].module, "old");
	assert_int_equal(nt_ksym_find_in("symbols", w, n, NULL), 0);
	/* Twice in the table, the first one is told of. */
	assert_int_equal(w[0].found, 2);
	assert_true(w[0].addr == 0xffffffff81000100);
	assert_string_equal(w[0].module, "");
	assert_false(w[0].suffixed);
	assert_int_equal(w[1].found, 1);
	assert_true(w[1].addr == 0xffffffff81000200);
	assert_true(w[1].suffixed);
	assert_string_equal(w[1].suffix, ".cold");
	/* Only clones. */
	assert_int_equal(w[2].found, 0);
	assert_true(w[2].addr == 0);
	assert_true(w[2].suffixed);
	assert_string_equal(w[2].suffix, ".isra.0");
	assert_int_equal(w[3].found, 2);
	assert_true(w[3].addr == 0xffffffff81000600);
	/* Data is not text. */
	assert_int_equal(w[4].found, 0);
	assert_int_equal(w[11].found, 0);
	/* Shorter than the filter looks at. */
	assert_int_equal(w[5].found, 1);
	assert_true(w[6].suffixed);
	assert_string_equal(w[6].suffix, ".part.0");
	assert_int_equal(w[6].found, 0);
	assert_int_equal(w[7].found, 0);
	assert_false(w[7].suffixed);
	assert_int_equal(w[8].found, 1);
	assert_string_equal(w[8].module, "mod_a");
	/* A clone by its whole name, a beginning, the same name asked twice. */
	assert_int_equal(w[9].found, 1);
	assert_true(w[9].addr == 0xffffffff81000400);
	assert_int_equal(w[10].found, 0);
	assert_false(w[10].suffixed);
	assert_int_equal(w[12].found, 1);
	assert_int_equal(w[13].found, 0);
}

static void part_is(const struct nt_ksym_part *p, uint64_t start, uint64_t end)
{
	assert_true(p->start == start);
	assert_true(p->end == end);
}

static void test_parts(void **state)
{
	struct nt_ksym_part part[6][2];
	struct nt_ksym_want w[] = {
		{ .name = "beta", .parts = part[0], .max_parts = 2 },
		{ .name = "gamma", .parts = part[1], .max_parts = 1 },
		{ .name = "mod_b_two", .parts = part[2], .max_parts = 2 },
		{ .name = "mod_a_one", .parts = part[3], .max_parts = 2 },
		{ .name = "absent", .parts = part[4], .max_parts = 2, .n_parts = 7 },
		{ .name = "alpha" },
		{ .name = "mod_a_init", .parts = part[5], .max_parts = 2 },
	};
	static const char hidden[] = "0000000000000000 t alpha\n0000000000000000 t beta\n";

	(void)state;
	put_table("symbols");
	assert_int_equal(nt_ksym_find_in("symbols", w, 7, NULL), 0);
	/* With what the compiler split off; padding before a function is not of the one before. */
	assert_int_equal(w[0].n_parts, 2);
	part_is(&part[0][0], 0xffffffff81000200, 0xffffffff81000300);
	part_is(&part[0][1], 0xffffffff81000300, 0xffffffff810003f8);
	/* Clones, as far as there is room. */
	assert_int_equal(w[1].n_parts, 1);
	part_is(&part[1][0], 0xffffffff81000400, 0xffffffff81000500);
	/* Its end comes later in the list, behind symbols that lie below it. */
	assert_int_equal(w[2].n_parts, 1);
	part_is(&part[2][0], 0xffffffffc0002100, 0xffffffffc0003000);
	part_is(&part[3][0], 0xffffffffc0001000, 0xffffffffc0001100);
	assert_int_equal(w[4].n_parts, 0);
	assert_int_equal(w[5].n_parts, 0);
	part_is(&part[5][0], 0xffffffffc0003000, 0xffffffffc0004000);
	/* kptr_restrict: no addresses, no parts. */
	put("hidden", hidden, sizeof(hidden) - 1);
	assert_int_equal(nt_ksym_find_in("hidden", w, 1, NULL), 0);
	assert_int_equal(w[0].found, 1);
	assert_int_equal(w[0].n_parts, 0);
}

static void test_find_damaged(void **state)
{
	static const char odd[] = "\n\nT\n 1 2\nffffffff81000000\nffffffff81000000 T\n"
				  "ffffffff81000000 T \nffffffff81000000 Talpha\n"
				  "ffffffff81000000 txdelta\n"
				  "81000010 t alpha\t[\nffffffff81000020 t beta\t\n"
				  "ffffffff81000030 t gamma\t[]\nffffffff81000040 t delta";
	struct nt_ksym_want w[] = {
		{ .name = "alpha" }, { .name = "beta" }, { .name = "gamma" }, { .name = "delta" }
	};
	char long_module[] = "ffffffff81000000 t alpha\t[mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"
			     "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm]\n";
	struct nt_err err = { 0 };
	char *huge;

	(void)state;
	put("odd", odd, sizeof(odd) - 1);
	assert_int_equal(nt_ksym_find_in("odd", w, 4, NULL), 0);
	/* 8 digits, as on 32-bit kernels. */
	assert_int_equal(w[0].found, 1);
	assert_true(w[0].addr == 0x81000010);
	assert_string_equal(w[0].module, "");
	assert_int_equal(w[1].found, 1);
	assert_string_equal(w[1].module, "");
	assert_int_equal(w[2].found, 1);
	assert_string_equal(w[2].module, "");
	/* The last line has no end. */
	assert_int_equal(w[3].found, 1);
	put("long", long_module, sizeof(long_module) - 1);
	assert_int_equal(nt_ksym_find_in("long", w, 1, NULL), 0);
	assert_int_equal(strlen(w[0].module), sizeof(w[0].module) - 1);
	put("empty", "", 0);
	assert_int_equal(nt_ksym_find_in("empty", w, 4, NULL), 0);
	assert_int_equal(w[3].found, 0);
	assert_int_equal(nt_ksym_find_in("empty", w, 0, NULL), 0);
	/* No line's end in all of the buffer. */
	huge = malloc(1 << 20);
	assert_non_null(huge);
	memset(huge, 'x', 1 << 20);
	put("huge", huge, 1 << 20);
	free(huge);
	assert_int_equal(nt_ksym_find_in("huge", w, 1, &err), -EBADMSG);
	assert_int_equal(nt_ksym_find_in("absent", w, 1, &err), -ENOENT);
	assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_non_null(strstr(err.text, "'absent'"));
}

/* A table of many chunks, with every line's length, finds all that is in it. */
static void test_find_across_chunks(void **state)
{
	enum { LINES = 20000 };
	struct nt_ksym_want *w = calloc(LINES, sizeof(*w));
	char(*names)[40] = calloc(LINES, sizeof(*names));
	FILE *f = fopen("many", "we");
	uint32_t i;

	(void)state;
	assert_true(w && names && f);
	for (i = 0; i < LINES; i++) {
		snprintf(names[i], sizeof(names[i]), "f%u%.*s", i, (int)(i % 30),
			 "_abcdefghijklmnopqrstuvwxyzabcdefghij");
		w[i].name = names[i];
		fprintf(f, "%016llx t %s%s\n", 0xffffffff80000000ULL + i * 16ULL, names[i],
			i % 7 ? "" : "\t[mod]");
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(nt_ksym_find_in("many", w, LINES, NULL), 0);
	for (i = 0; i < LINES; i++) {
		assert_int_equal(w[i].found, 1);
		assert_true(w[i].addr == 0xffffffff80000000 + i * 16ULL);
		assert_string_equal(w[i].module, i % 7 ? "" : "mod");
	}
	free(names);
	free(w);
}

static void expect(const struct nt_ksyms *s, uint64_t addr, const char *text)
{
	char buf[256];

	assert_string_equal(nt_ksyms_format(s, addr, buf, sizeof(buf)), text);
}

static void test_resolve(void **state)
{
	static const struct {
		uint64_t addr;
		const char *text;
	} cases[] = {
		{ 0xffffffff81000000, "_stext+0x0" }, /* of two names the first */
		{ 0xffffffff81000001, "_stext+0x1" },
		{ 0xffffffff810000ff, "_stext+0xff" },
		{ 0xffffffff81000100, "alpha+0x0" },
		{ 0xffffffff810001f8, "alpha+0xf8" }, /* padding is the function's before */
		{ 0xffffffff81000200, "beta+0x0" },
		{ 0xffffffff81000310, "beta.cold+0x10" },
		{ 0xffffffff81000320, "beta.cold+0x20" }, /* one symbol for two */
		{ 0xffffffff81000404, "gamma.isra.0+0x4" },
		{ 0xffffffff81000805, "delta+0x105" }, /* data does not count */
		{ 0xffffffff81000b01, "_etext+0x1" },
		{ 0xffffffffc0001001, "mod_a_one+0x1 [mod_a]" },
		{ 0xffffffffc0001110, "alpha+0x10 [mod_a]" },
		{ 0xffffffffc0001ff0, "alpha+0xef0 [mod_a]" },
		{ 0xffffffffc0002000, "mod_b_one+0x0 [mod_b]" },
		{ 0xffffffffc0002104, "mod_b_two.part.0+0x4 [mod_b]" },
		{ 0xffffffffc0003004, "mod_a_init+0x4 [mod_a]" },
		{ 0xffffffffc0004fff, "bpf_prog_6deef7357e7b4530+0xfff [bpf]" },
		/* Nowhere: below all text, between, far behind. */
		{ 0xffffffffc0103fff, "bpf_prog_6deef7357e7b4530+0xfffff [bpf]" },
		{ 0xffffffffc0104000, "0xffffffffc0104000" },
		{ 0, "0x0" },
		{ 0x1234, "0x1234" },
		{ 0xffffffff80ffffff, "0xffffffff80ffffff" },
		{ 0xffffffffa0000000, "0xffffffffa0000000" },
		{ 0xffffffffffffffff, "0xffffffffffffffff" },
	};
	const uint32_t n = sizeof(cases) / sizeof(cases[0]);
	uint64_t addrs[2 * 64];
	struct nt_ksyms *s;
	struct nt_ksym k;
	uint32_t i;

	(void)state;
	put_table("symbols");
	s = nt_ksyms_new_in("symbols");
	assert_non_null(s);
	assert_false(nt_ksyms_get(s, cases[0].addr, &k));
	expect(s, cases[0].addr, "0xffffffff81000000");
	/* In any order, and more than once. */
	for (i = 0; i < n; i++) {
		addrs[i] = cases[(i * 7) % n].addr;
		addrs[n + i] = cases[i].addr;
	}
	assert_int_equal(nt_ksyms_resolve(s, addrs, 2 * n), 0);
	for (i = 0; i < n; i++)
		expect(s, cases[i].addr, cases[i].text);
	assert_true(nt_ksyms_get(s, 0xffffffffc0002104, &k));
	assert_string_equal(k.name, "mod_b_two.part.0");
	assert_string_equal(k.module, "mod_b");
	assert_true(k.start == 0xffffffffc0002100);
	/* Looked up, but nothing there. */
	assert_true(nt_ksyms_get(s, 0x1234, &k));
	assert_null(k.name);
	nt_ksyms_free(s);
}

/* One address at a time gives what all together give; each exact one too. */
static void test_resolve_one_by_one(void **state)
{
	static const uint64_t addrs[] = { 0xffffffffc0004001, 0xffffffff81000101,
					  0xffffffffc0002001, 0xffffffff81000601,
					  0xffffffffc0001001 };
	static const char *const text[] = { "bpf_prog_6deef7357e7b4530+0x1 [bpf]", "alpha+0x1",
					    "mod_b_one+0x1 [mod_b]", "delta+0x1",
					    "mod_a_one+0x1 [mod_a]" };
	struct nt_ksyms *s;
	struct nt_ksym first, again;
	uint32_t i;

	(void)state;
	put_table("symbols");
	s = nt_ksyms_new_in("symbols");
	assert_non_null(s);
	assert_int_equal(nt_ksyms_resolve(s, addrs, 1), 0);
	assert_true(nt_ksyms_get(s, addrs[0], &first));
	for (i = 0; i < 5; i++)
		assert_int_equal(nt_ksyms_resolve(s, &addrs[i], 1), 0);
	for (i = 0; i < 5; i++)
		expect(s, addrs[i], text[i]);
	/* Names stay where they are while others come. */
	assert_true(nt_ksyms_get(s, addrs[0], &again));
	assert_ptr_equal(first.name, again.name);
	/* Nothing new: the table is not read, as it would have to fail now. */
	assert_int_equal(truncate("symbols", 0), 0);
	assert_int_equal(nt_ksyms_resolve(s, addrs, 5), 0);
	assert_int_equal(nt_ksyms_resolve(s, addrs, 0), 0);
	expect(s, addrs[2], text[2]);
	nt_ksyms_free(s);
}

static void test_hidden(void **state)
{
	static const char hidden[] = "0000000000000000 T _stext\n0000000000000000 t alpha\n"
				     "0000000000000000 t mod\t[mod]\n";
	const uint64_t addr = 0xffffffff81000001;
	struct nt_ksym_want w = { .name = "alpha" };
	struct nt_ksyms *s;

	(void)state;
	put("hidden", hidden, sizeof(hidden) - 1);
	s = nt_ksyms_new_in("hidden");
	assert_non_null(s);
	assert_int_equal(nt_ksyms_resolve(s, &addr, 1), -EPERM);
	assert_int_equal(nt_ksyms_resolve(s, &addr, 1), -EPERM);
	expect(s, addr, "0xffffffff81000001");
	nt_ksyms_free(s);
	assert_int_equal(nt_ksym_find_in("hidden", &w, 1, NULL), 0);
	assert_int_equal(w.found, 1);
	assert_true(w.addr == 0);
	s = nt_ksyms_new_in("absent");
	assert_non_null(s);
	assert_int_equal(nt_ksyms_resolve(s, &addr, 1), -ENOENT);
	nt_ksyms_free(s);
	nt_ksyms_free(NULL);
}

/* The cache is bounded: addresses beyond are hex, those before stay. */
static void test_bounds(void **state)
{
	enum { MANY = 40000 };
	uint64_t *addrs = calloc(MANY, sizeof(*addrs));
	struct nt_ksyms *s;
	uint32_t i;

	(void)state;
	assert_non_null(addrs);
	put_table("symbols");
	s = nt_ksyms_new_in("symbols");
	assert_non_null(s);
	for (i = 0; i < MANY; i++)
		addrs[i] = 0xffffffff81000000 + i;
	assert_int_equal(nt_ksyms_resolve(s, addrs, 30000), 0);
	assert_int_equal(nt_ksyms_resolve(s, addrs, MANY), -ENOSPC);
	expect(s, addrs[0x101], "alpha+0x1");
	expect(s, addrs[29999], "_etext+0x6a2f");
	expect(s, addrs[30000], "0xffffffff81007530");
	nt_ksyms_free(s);
	free(addrs);
}

/* A table in random order against the plain search of all of it. */
static void test_against_plain_search(void **state)
{
	enum { SYMS = 3000, ADDRS = 500 };
	uint64_t *start = calloc(SYMS, sizeof(*start)), addrs[ADDRS];
	struct nt_ksyms *s;
	struct nt_ksym k;
	uint32_t i, j, seed = 1;
	FILE *f = fopen("random", "we");

	(void)state;
	assert_true(start && f);
	for (i = 0; i < SYMS; i++) {
		seed = seed * 1103515245 + 12345;
		start[i] = 0xffffffff80000000 + (seed >> 8) % 4000 * 256ULL;
		fprintf(f, "%016" PRIx64 " t f%u\n", start[i], i);
	}
	assert_int_equal(fclose(f), 0);
	for (i = 0; i < ADDRS; i++) {
		seed = seed * 1103515245 + 12345;
		addrs[i] = 0xffffffff80000000 + (seed >> 8) % (4000 * 256);
	}
	s = nt_ksyms_new_in("random");
	assert_non_null(s);
	assert_int_equal(nt_ksyms_resolve(s, addrs, ADDRS), 0);
	for (i = 0; i < ADDRS; i++) {
		uint32_t best = SYMS;
		char name[16];

		for (j = 0; j < SYMS; j++)
			if (start[j] <= addrs[i] && (best == SYMS || start[j] > start[best]))
				best = j;
		assert_true(nt_ksyms_get(s, addrs[i], &k));
		if (best == SYMS) {
			assert_null(k.name);
			continue;
		}
		snprintf(name, sizeof(name), "f%u", best);
		assert_non_null(k.name);
		assert_string_equal(k.name, name);
		assert_true(k.start == start[best]);
	}
	nt_ksyms_free(s);
	free(start);
}

/* This machine's kernel: there and back again, also after all rights are gone. */
static void kernel_itself(void)
{
	struct nt_ksym_want w[] = { { .name = "icmp_rcv" }, { .name = "nettrace_absent" } };
	struct nt_ksyms *s = nt_ksyms_new();
	uint64_t inside;
	char buf[128];
	int r;

	CHECK(s);
	if (nt_ksym_find(w, 2, NULL) || !w[0].addr)
		_exit(CHILD_SKIP);
	CHECK(w[0].found == 1 && w[1].found == 0);
	CHECK(!nt_caps_drop(0));
	inside = w[0].addr + 5;
	r = nt_ksyms_resolve(s, &inside, 1);
	CHECK(r == 0);
	CHECK(!strcmp(nt_ksyms_format(s, inside, buf, sizeof(buf)), "icmp_rcv+0x5"));
	nt_ksyms_free(s);
}

static void test_kernel(void **state)
{
	(void)state;
	in_child(kernel_itself);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_find_damaged),
		cmocka_unit_test(test_find_across_chunks),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_resolve_one_by_one),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_against_plain_search),
		cmocka_unit_test(test_kernel),
	};

	return cmocka_run_group_tests(tests, tmp_setup, tmp_teardown);
}
