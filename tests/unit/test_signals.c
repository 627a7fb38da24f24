// SPDX-License-Identifier: GPL-2.0-or-later
/* Which signals end a run, and which opens its output again. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "child.h"
#include "run_internal.h"

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

/* After a signal: does it stop the run, does it open the output again? In a child. */
static void after(int sig, const char *output, bool stops, bool opens)
{
	struct nt_common common = { .output = output };
	struct nt_run *run = calloc(1, sizeof(*run));

	CHECK(run);
	run->common = &common;
	run->stop_fd = run->hup_fd = -1;
	CHECK(nt_signals_open(run, NULL) == 0);
	CHECK(!readable(run->stop_fd) && !readable(run->hup_fd));
	raise(sig);
	CHECK(readable(run->stop_fd) == stops);
	CHECK(readable(run->hup_fd) == opens);
	free(run);
}

static void term(void)
{
	after(SIGTERM, NULL, true, false);
}

static void hup_terminal(void)
{
	after(SIGHUP, NULL, true, false);
}

static void hup_file(void)
{
	after(SIGHUP, "file", false, true);
}

static void hup_nohup(void)
{
	signal(SIGHUP, SIG_IGN);
	after(SIGHUP, NULL, false, false);
}

static void hup_nohup_file(void)
{
	signal(SIGHUP, SIG_IGN);
	after(SIGHUP, "file", false, true);
}

static void test_ends(void **state)
{
	(void)state;
	in_child(term);
	in_child(hup_terminal);
}

static void test_opens(void **state)
{
	(void)state;
	in_child(hup_file);
	in_child(hup_nohup_file);
}

static void test_ignored(void **state)
{
	(void)state;
	in_child(hup_nohup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_opens),
		cmocka_unit_test(test_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
