// SPDX-License-Identifier: GPL-2.0-or-later
#include "err.h"

#include <stdarg.h>
#include <stdio.h>

int nt_errf(struct nt_err *e, enum nt_exit exit_code, int errnum, const char *fmt, ...)
{
	va_list ap;

	if (e) {
		e->exit_code = exit_code;
		va_start(ap, fmt);
		vsnprintf(e->text, sizeof(e->text), fmt, ap);
		va_end(ap);
		/* Names come from users and kernels, the line goes to a terminal. */
		for (char *c = e->text; *c; c++)
			if ((unsigned char)*c < ' ' || *c == 0x7f)
				*c = '?';
	}
	return -errnum;
}
