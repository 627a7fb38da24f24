// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything that changes namespaces or users happens in child processes. What
 * needs privileges is skipped without them, with a message.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "netns.h"

/* In children, where an assertion of cmocka would run on in the copy. */
#define CHECK(x)                                                        \
	do {                                                            \
		if (!(x)) {                                             \
			fprintf(stderr, "line %d: %s\n", __LINE__, #x); \
			_exit(1);                                       \
		}                                                       \
	} while (0)

static uint32_t own_inum(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) ? 0 : (uint32_t)st.st_ino;
}

static void test_current(void **state)
{
	struct nt_netns ns;
	struct nt_err err;

	(void)state;
	assert_int_equal(nt_netns_open(NULL, &ns, &err), 0);
	assert_true(ns.fd >= 0);
	assert_int_equal(fcntl(ns.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(ns.inum, own_inum());
	assert_string_equal(ns.name, "current");
	nt_netns_close(&ns);
	assert_int_equal(ns.fd, -1);
	nt_netns_close(&ns);
}

static void test_by_pid_and_path(void **state)
{
	struct nt_netns ns;
	char pid[16];

	(void)state;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_int_equal(nt_netns_open(pid, &ns, NULL), 0);
	assert_int_equal(ns.inum, own_inum());
	assert_string_equal(ns.name, pid);
	nt_netns_close(&ns);
	assert_int_equal(nt_netns_open("/proc/self/ns/net", &ns, NULL), 0);
	assert_int_equal(ns.inum, own_inum());
	nt_netns_close(&ns);
}

static void refuse(const char *spec, int exit_code, const char *word)
{
	struct nt_err err = { 0 };
	struct nt_netns ns;

	assert_true(nt_netns_open(spec, &ns, &err) < 0);
	assert_int_equal(ns.fd, -1);
	assert_int_equal(err.exit_code, exit_code);
	if (!strstr(err.text, word))
		fail_msg("'%s' does not say '%s'", err.text, word);
}

static void test_refusals(void **state)
{
	char name[5000], fifo[] = "/tmp/nettrace-test-XXXXXX", spec[64];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	refuse("", NT_EXIT_USAGE, "give a name");
	refuse(".", NT_EXIT_USAGE, "'.'");
	refuse("..", NT_EXIT_USAGE, "'..'");
	refuse(name, NT_EXIT_USAGE, "too long");
	refuse("nettrace-absent", NT_EXIT_IMPOSSIBLE, "'nettrace-absent'");
	refuse("4194305", NT_EXIT_IMPOSSIBLE, "no process"); /* above any pid_max */
	refuse("99999999999999999999", NT_EXIT_IMPOSSIBLE, "no process");
	refuse("/dev/null", NT_EXIT_IMPOSSIBLE, "not a network namespace");
	refuse("/proc/self/ns/uts", NT_EXIT_IMPOSSIBLE, "not a network namespace");
	refuse("/dev/null/x", NT_EXIT_IMPOSSIBLE, "does not exist");
	/* A pipe without a writer is refused, not waited for. */
	assert_non_null(mkdtemp(fifo));
	snprintf(spec, sizeof(spec), "%s/fifo", fifo);
	assert_int_equal(mkfifo(spec, 0600), 0);
	refuse(spec, NT_EXIT_IMPOSSIBLE, "not a network namespace");
	unlink(spec);
	rmdir(fifo);
}

/* Runs body in a child; true if it exits with 0, skips if it exits with 77. */
static void in_child(void (*body)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		alarm(20);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("no privilege to make namespaces: not tested\n");
		skip();
	}
	assert_int_equal(status, 0);
}

/* The caller gets a namespace of its own; the one before stays open in *ns. */
static void leave_home(struct nt_netns *ns)
{
	CHECK(!nt_netns_open(NULL, ns, NULL));
	if (unshare(CLONE_NEWNET | CLONE_NEWNS))
		_exit(errno == EPERM ? 77 : 1);
	CHECK(own_inum() != ns->inum);
}

struct seen {
	uint32_t inum;
	int calls;
};

static int look(void *arg)
{
	struct seen *s = arg;

	s->inum = own_inum();
	s->calls++;
	return 42;
}

static void body_run(void)
{
	struct seen s = { 0 };
	struct nt_netns home, here;

	leave_home(&home);
	CHECK(!nt_netns_open(NULL, &here, NULL));
	CHECK(nt_netns_run(&home, look, &s, NULL) == 42);
	CHECK(s.calls == 1 && s.inum == home.inum);
	CHECK(own_inum() == here.inum);
	/* Nothing to switch. */
	CHECK(nt_netns_run(&here, look, &s, NULL) == 42);
	CHECK(s.calls == 2 && s.inum == here.inum);
	nt_netns_close(&home);
	nt_netns_close(&here);
}

static void test_run(void **state)
{
	(void)state;
	in_child(body_run);
}

/* Names, in a /run of its own. */
static void body_names(void)
{
	struct nt_err err = { 0 };
	struct nt_netns home, ns;
	char pid[16], path[64], name[64];

	leave_home(&home);
	CHECK(!mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL));
	CHECK(!mount("tmpfs", "/run", "tmpfs", 0, NULL));
	CHECK(!mkdir("/run/netns", 0755));
	CHECK(nt_netns_open("blue", &ns, &err) == -ENOENT);
	close(open("/run/netns/blue", O_CREAT | O_WRONLY, 0600));
	/* As a deleted one is left behind. */
	CHECK(nt_netns_open("blue", &ns, &err) == -EINVAL);
	CHECK(err.exit_code == NT_EXIT_IMPOSSIBLE && strstr(err.text, "/run/netns/blue"));
	CHECK(!nt_netns_name(own_inum(), name, sizeof(name)));
	CHECK(!mount("/proc/self/ns/net", "/run/netns/blue", "none", MS_BIND, NULL));
	CHECK(nt_netns_name(own_inum(), name, sizeof(name)) && !strcmp(name, "blue"));
	CHECK(!nt_netns_open("blue", &ns, &err));
	CHECK(ns.inum == own_inum() && !strcmp(ns.name, "blue"));
	nt_netns_close(&ns);
	/* A name of digits goes before a process id: the parent is at home. */
	snprintf(pid, sizeof(pid), "%d", (int)getppid());
	CHECK(!nt_netns_open(pid, &ns, &err) && ns.inum == home.inum);
	nt_netns_close(&ns);
	snprintf(path, sizeof(path), "/run/netns/%s", pid);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	CHECK(!mount("/proc/self/ns/net", path, "none", MS_BIND, NULL));
	CHECK(!nt_netns_open(pid, &ns, &err) && ns.inum == own_inum());
	nt_netns_close(&ns);
	nt_netns_close(&home);
}

static void test_names(void **state)
{
	(void)state;
	in_child(body_names);
}

static void body_no_privilege(void)
{
	struct nt_err err = { 0 };
	struct nt_netns home, here, ns;
	struct seen s = { 0 };

	leave_home(&home);
	CHECK(!setgroups(0, NULL) && !setresgid(65534, 65534, 65534));
	CHECK(!setresuid(65534, 65534, 65534));
	CHECK(nt_netns_open("1", &ns, &err) < 0 && ns.fd == -1);
	CHECK(err.exit_code == NT_EXIT_IMPOSSIBLE && strstr(err.text, "CAP_SYS_PTRACE"));
	CHECK(nt_netns_run(&home, look, &s, &err) == -EPERM && !s.calls);
	CHECK(err.exit_code == NT_EXIT_IMPOSSIBLE && strstr(err.text, "CAP_SYS_ADMIN"));
	/* In its own namespace everybody may work. */
	here = (struct nt_netns){ .fd = -1, .inum = own_inum() };
	CHECK(nt_netns_run(&here, look, &s, &err) == 42 && s.calls == 1);
	nt_netns_close(&home);
}

static void test_no_privilege(void **state)
{
	(void)state;
	in_child(body_no_privilege);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_current),  cmocka_unit_test(test_by_pid_and_path),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_run),
		cmocka_unit_test(test_names),    cmocka_unit_test(test_no_privilege),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
