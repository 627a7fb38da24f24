// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "caps.h"
#include "child.h"

#define BIT(cap) (1ULL << (cap))

/* "CapEff" and the like, as the kernel itself shows them. */
static uint64_t status_set(const char *name)
{
	unsigned long long v = 0;
	char line[256], *end;
	FILE *f = fopen("/proc/self/status", "re");
	size_t n = strlen(name);
	int found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, n) != 0 || line[n] != ':')
			continue;
		v = strtoull(line + n + 1, &end, 16);
		found = *end == '\n';
	}
	if (f)
		fclose(f);
	CHECK(found);
	return v;
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(nt_caps_name(CAP_CHOWN), "CAP_CHOWN");
	assert_string_equal(nt_caps_name(CAP_SETPCAP), "CAP_SETPCAP");
	assert_string_equal(nt_caps_name(CAP_NET_ADMIN), "CAP_NET_ADMIN");
	assert_string_equal(nt_caps_name(CAP_SYS_ADMIN), "CAP_SYS_ADMIN");
	assert_string_equal(nt_caps_name(CAP_SYS_RESOURCE), "CAP_SYS_RESOURCE");
	assert_string_equal(nt_caps_name(CAP_SYSLOG), "CAP_SYSLOG");
	assert_string_equal(nt_caps_name(CAP_PERFMON), "CAP_PERFMON");
	assert_string_equal(nt_caps_name(CAP_BPF), "CAP_BPF");
	assert_string_equal(nt_caps_name(CAP_CHECKPOINT_RESTORE), "CAP_CHECKPOINT_RESTORE");
	assert_string_equal(nt_caps_name(-1), "CAP_?");
	assert_string_equal(nt_caps_name(41), "CAP_?");
}

static void test_have(void **state)
{
	uint64_t effective = status_set("CapEff");
	int cap;

	(void)state;
	for (cap = 0; cap < 64; cap++)
		assert_int_equal(nt_caps_have(cap), effective >> cap & 1);
	assert_false(nt_caps_have(-1));
	assert_false(nt_caps_have(64));
	assert_false(nt_caps_have(1000));
}

static void test_bpf_bit(void **state)
{
	(void)state;
	/* No kernel without CAP_BPF has it in a set. */
	assert_true(nt_caps_bpf_bit() ==
		    BIT(status_set("CapEff") & BIT(CAP_BPF) ? CAP_BPF : CAP_SYS_ADMIN));
}

/* Who has only the older one must not be told to keep the other. */
static void without_cap_bpf(void)
{
	if (!nt_caps_have(CAP_SYS_ADMIN) || !nt_caps_have(CAP_BPF))
		_exit(CHILD_SKIP);
	CHECK(nt_caps_bpf_bit() == BIT(CAP_BPF));
	CHECK(nt_caps_drop(BIT(CAP_SYS_ADMIN)) == 0);
	CHECK(nt_caps_bpf_bit() == BIT(CAP_SYS_ADMIN));
}

static void test_bpf_bit_without(void **state)
{
	(void)state;
	in_child(without_cap_bpf);
}

/* Only what is named is left, and cannot be had back. */
static void drop_but(uint64_t keep)
{
	uint64_t left;

	if (!nt_caps_have(CAP_SETPCAP) || !nt_caps_have(CAP_BPF))
		_exit(CHILD_SKIP);
	left = status_set("CapPrm") & keep;
	CHECK(nt_caps_drop(keep) == 0);
	CHECK(status_set("CapEff") == left);
	CHECK(status_set("CapPrm") == left);
	CHECK((status_set("CapBnd") & ~keep) == 0);
	CHECK((status_set("CapInh") & ~keep) == 0);
	CHECK(status_set("CapAmb") == 0);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	/* A second time there is nothing to do, and no right to do it. */
	CHECK(nt_caps_drop(keep) == 0);
	CHECK(status_set("CapEff") == left);
}

static void drop_all(void)
{
	drop_but(0);
}

static void drop_most(void)
{
	drop_but(BIT(CAP_BPF) | BIT(CAP_SYSLOG));
	CHECK(nt_caps_have(CAP_BPF));
	CHECK(!nt_caps_have(CAP_SYS_ADMIN));
	CHECK(!nt_caps_have(CAP_SETPCAP));
}

/* Inheritable and ambient ones would reach programs that are started. */
static void drop_ambient(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	CHECK(!syscall(SYS_capget, &h, d));
	d[0].inheritable = d[0].permitted;
	if (syscall(SYS_capset, &h, d) ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0))
		_exit(CHILD_SKIP);
	CHECK(status_set("CapAmb") == BIT(CAP_NET_RAW));
	/* Not even what is kept for this process itself. */
	drop_but(BIT(CAP_NET_RAW));
}

static void test_drop(void **state)
{
	(void)state;
	in_child(drop_all);
	in_child(drop_most);
	in_child(drop_ambient);
}

/* The check with these left says this; NULL: it is content. */
static void check_with(uint64_t keep, const char *text)
{
	struct nt_err err = { 0 };
	int r;

	if ((status_set("CapEff") & keep) != keep || !nt_caps_have(CAP_BPF))
		_exit(CHILD_SKIP);
	CHECK(nt_caps_drop(keep) == 0);
	r = nt_caps_check_bpf(&err);
	if (!text) {
		CHECK(r == 0);
		CHECK(!err.text[0]);
		return;
	}
	CHECK(r == -EPERM);
	CHECK(err.exit_code == NT_EXIT_IMPOSSIBLE);
	CHECK(strstr(err.text, text));
	CHECK(strstr(err.text, "'setcap cap_bpf,cap_perfmon+ep /"));
	CHECK(strstr(err.text, "needs CAP_BPF and CAP_PERFMON"));
}

static void check_none(void)
{
	check_with(BIT(CAP_NET_ADMIN), "missing both;");
}

static void check_no_perfmon(void)
{
	check_with(BIT(CAP_BPF), "missing CAP_PERFMON;");
}

static void check_no_bpf(void)
{
	check_with(BIT(CAP_PERFMON), "missing CAP_BPF;");
}

static void check_enough(void)
{
	check_with(BIT(CAP_PERFMON) | BIT(CAP_BPF), NULL);
}

static void check_admin(void)
{
	check_with(BIT(CAP_SYS_ADMIN), NULL);
}

/* All capabilities, but of a user namespace where they open nothing. */
static void check_container(void)
{
	struct nt_err err = { 0 };

	if (unshare(CLONE_NEWUSER))
		_exit(CHILD_SKIP);
	CHECK(nt_caps_have(CAP_BPF));
	CHECK(nt_caps_check_bpf(&err) == -EPERM);
	CHECK(err.exit_code == NT_EXIT_IMPOSSIBLE);
	CHECK(strstr(err.text, "user namespace"));
}

static void test_check(void **state)
{
	(void)state;
	in_child(check_none);
	in_child(check_no_perfmon);
	in_child(check_no_bpf);
	in_child(check_enough);
	in_child(check_admin);
	in_child(check_container);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),   cmocka_unit_test(test_have),
		cmocka_unit_test(test_bpf_bit), cmocka_unit_test(test_bpf_bit_without),
		cmocka_unit_test(test_drop),    cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
