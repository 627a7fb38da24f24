/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For what changes the process for good (namespaces, users, capabilities): it
 * happens in a child. After cmocka.h and what that needs.
 */
#ifndef NT_CHILD_H
#define NT_CHILD_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child, where an assertion of cmocka would run on in the copy. */
#define CHECK(x)                                                        \
	do {                                                            \
		if (!(x)) {                                             \
			fprintf(stderr, "line %d: %s\n", __LINE__, #x); \
			_exit(1);                                       \
		}                                                       \
	} while (0)
/* What the child says when this machine does not let it try. */
#define CHILD_SKIP 77

/* Runs body in a child, which has to come to its end; skips after CHILD_SKIP. */
static inline void in_child(void (*body)(void))
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
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIP) {
		print_message("not possible on this machine: not tested\n");
		skip();
	}
	assert_int_equal(status, 0);
}

#endif
