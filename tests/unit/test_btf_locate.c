// SPDX-License-Identifier: GPL-2.0-or-later
/* Which type information is taken, in which order, and what is said if none is. */
#include "locate.h"
#include "cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <cmocka.h>

static char dir[] = "/tmp/nt-locate-XXXXXX";
static char given[64], other[64];
/* Folder btf beside this test, and the file for this kernel in it. */
static char folder[PATH_MAX], file[PATH_MAX];

static void touch(const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fclose(f);
}

static bool kernel_has_btf(void)
{
	return access(NT_BTF_KERNEL, R_OK) == 0;
}

static void find_beside(void)
{
	struct utsname u;
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 8);

	assert_true(n > 0);
	folder[n] = '\0';
	*strrchr(folder, '/') = '\0';
	strncat(folder, "/btf", sizeof(folder) - strlen(folder) - 1);
	uname(&u);
	assert_true(snprintf(file, sizeof(file), "%s/%s.btf", folder, u.release) <
		    (int)sizeof(file));
}

static void test_option_wins(void **state)
{
	struct nt_btf_source s;
	struct nt_err err = { .text = "" };

	(void)state;
	setenv("NETTRACE_BTF", other, 1);
	assert_int_equal(nt_btf_locate(given, false, &s, &err), 0);
	assert_string_equal(s.path, given);
	assert_false(s.kernel_own);
}

static void test_option_missing(void **state)
{
	struct nt_btf_source s;
	struct nt_err err = { .text = "" };

	(void)state;
	setenv("NETTRACE_BTF", other, 1);
	assert_int_equal(nt_btf_locate("/nonexistent/x.btf", false, &s, &err), -ENOENT);
	assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
	assert_non_null(strstr(err.text, "/nonexistent/x.btf: No such file"));
}

static void test_kernel_before_environment(void **state)
{
	struct nt_btf_source s;
	struct nt_err err;

	(void)state;
	if (!kernel_has_btf())
		skip();
	setenv("NETTRACE_BTF", other, 1);
	assert_int_equal(nt_btf_locate(NULL, false, &s, &err), 0);
	assert_true(s.kernel_own);
	assert_string_equal(s.path, NT_BTF_KERNEL);
}

static void test_environment(void **state)
{
	struct nt_btf_source s;
	struct nt_err err;

	(void)state;
	setenv("NETTRACE_BTF", other, 1);
	assert_int_equal(nt_btf_locate(NULL, true, &s, &err), 0);
	assert_string_equal(s.path, other);
	assert_false(s.kernel_own);
}

static void test_beside_binary(void **state)
{
	struct nt_btf_source s;
	struct nt_err err;
	bool made;
	int r;

	(void)state;
	find_beside();
	unsetenv("NETTRACE_BTF");
	made = mkdir(folder, 0755) == 0;
	touch(file);
	r = nt_btf_locate(NULL, true, &s, &err);
	unlink(file);
	if (made)
		rmdir(folder);
	assert_int_equal(r, 0);
	assert_string_equal(strrchr(s.path, '/'), strrchr(file, '/'));
}

static void test_none(void **state)
{
	char want[1024];
	struct nt_btf_source s;
	struct nt_err err = { .text = "" };
	struct utsname u;

	(void)state;
	find_beside();
	uname(&u);
	setenv("NETTRACE_BTF", "/nonexistent/env.btf", 1);
	assert_int_equal(nt_btf_locate(NULL, true, &s, &err), -ENOENT);
	assert_int_equal(err.exit_code, NT_EXIT_IMPOSSIBLE);
	snprintf(want, sizeof(want),
		 "no kernel type information for %s: looked in /nonexistent/env.btf, "
		 "/usr/lib/nettrace/btf/%s.btf, ",
		 u.release, u.release);
	assert_memory_equal(err.text, want, strlen(want));
	assert_non_null(
		strstr(err.text, "; make one with 'nettrace btf build' or give --btf FILE"));
}

static int make_files(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(given, sizeof(given), "%s/given.btf", dir);
	snprintf(other, sizeof(other), "%s/other.btf", dir);
	touch(given);
	touch(other);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	unlink(given);
	unlink(other);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_option_wins),
		cmocka_unit_test(test_option_missing),
		cmocka_unit_test(test_kernel_before_environment),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_beside_binary),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
