// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cmocka.h>

#include "procfs.h"
#include "tmp_file.h"

static void write_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void test_release(void **state)
{
	char release[NT_RELEASE_LEN];
	struct utsname u;

	(void)state;
	assert_int_equal(uname(&u), 0);
	nt_kernel_release(release);
	assert_string_equal(release, u.release);
}

static void test_cpus(void **state)
{
	static const struct {
		const char *list;
		int n;
	} cases[] = {
		{ "0", 1 },           { "0-3", 4 },         { "0-3,8", 9 },
		{ "8,0-3", 9 },       { "0-127", 128 },     { "65535", 65536 },
		{ "", -EINVAL },      { "x", -EINVAL },     { "0-", -EINVAL },
		{ "-3", -EINVAL },    { "3-1", -EINVAL },   { "0,", -EINVAL },
		{ ",0", -EINVAL },    { "65536", -EINVAL }, { "0 1", -EINVAL },
		{ "0-1-2", -EINVAL }, { "0-3x", -EINVAL },  { "99999999999999999999", -EINVAL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(nt_cpus_parse(cases[i].list), cases[i].n);
	/* glibc counts cpu0, cpu1 ... in /sys: the same without gaps. */
	assert_true(nt_cpus_possible() >= get_nprocs_conf());
	assert_true(nt_cpus_possible() <= 8192);
}

static void test_text(void **state)
{
	char buf[8];

	(void)state;
	write_file("full", "1234567", 7);
	write_file("over", "12345678", 8);
	write_file("lines", "a b\n \n", 6);
	write_file("none", "", 0);
	write_file("space", " \n", 2);
	assert_int_equal(nt_read_text("full", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "1234567");
	assert_int_equal(nt_read_text("over", buf, sizeof(buf)), -EMSGSIZE);
	assert_int_equal(nt_read_text("lines", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "a b");
	assert_int_equal(nt_read_text("none", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	assert_int_equal(nt_read_text("space", buf, sizeof(buf)), 0);
	assert_int_equal(nt_read_text("absent", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(nt_read_text(".", buf, sizeof(buf)), -EISDIR);
}

static void test_status(void **state)
{
	static const char status[] = "Name:\tVmRSS: 7 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1024 kB\n"
				     "VmLib:\tx\nVmBig: 12 kB";

	(void)state;
	assert_int_equal(nt_status_bytes(status, "VmHWM"), 2048 * 1024);
	assert_int_equal(nt_status_bytes(status, "VmRSS"), 1024 * 1024);
	assert_int_equal(nt_status_bytes(status, "VmBig"), 12 * 1024);
	assert_int_equal(nt_status_bytes(status, "VmLib"), 0);
	assert_int_equal(nt_status_bytes(status, "Vm"), 0);
	assert_int_equal(nt_status_bytes(status, "absent"), 0);
	assert_int_equal(nt_status_bytes("", "VmRSS"), 0);
}

#define MORE (32UL << 20)

static void test_self(void **state)
{
	struct nt_self before, with, after;
	char *p;

	(void)state;
	nt_self_read(&before);
	assert_true(before.rss_bytes > 65536);
	assert_true(before.peak_rss_bytes >= before.rss_bytes);
	p = mmap(NULL, MORE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(p != MAP_FAILED);
	memset(p, 1, MORE);
	nt_self_read(&with);
	munmap(p, MORE);
	nt_self_read(&after);
	assert_true(with.rss_bytes >= before.rss_bytes + MORE * 9 / 10);
	assert_true(after.rss_bytes <= with.rss_bytes - MORE * 9 / 10);
	assert_true(after.peak_rss_bytes >= with.rss_bytes * 9 / 10);
	/* Reading costs something itself: until it shows. */
	do
		nt_self_read(&after);
	while (after.user_us + after.system_us < before.user_us + before.system_us + 20000);
	assert_true(after.user_us >= before.user_us && after.system_us >= before.system_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_cpus),
		cmocka_unit_test_setup_teardown(test_text, tmp_setup, tmp_teardown),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_self),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
