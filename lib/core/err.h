/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: negative errno inside, one sentence outside. */
#ifndef NT_ERR_H
#define NT_ERR_H

/* Exit codes of the program, the same for every command. */
enum nt_exit {
	NT_EXIT_OK = 0,
	NT_EXIT_RUNTIME = 1,    /* something failed while running */
	NT_EXIT_USAGE = 2,      /* the command line is wrong */
	NT_EXIT_IMPOSSIBLE = 3, /* not possible here: hook, BTF, capability, ... */
};

/*
 * What the user is told: one line that says what, why and the remedy.
 * Library functions fill it and return; only the top of the program prints it.
 */
struct nt_err {
	int exit_code;
	char text[1024]; /* a path may be in it */
};

/*
 * Store the exit code and the formatted text (cut at the buffer's size, control
 * characters as '?') in e, which may be NULL. Returns -errnum, so that callers can
 * "return nt_errf(...)"; errnum must be positive.
 */
int nt_errf(struct nt_err *e, enum nt_exit exit_code, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
