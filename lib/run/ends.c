// SPDX-License-Identifier: GPL-2.0-or-later
#include "ends.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int nt_ready_check(uint32_t fd, struct nt_err *err)
{
	if (fd == UINT32_MAX || (fd <= INT_MAX && fcntl((int)fd, F_GETFD) >= 0))
		return 0;
	return nt_errf(err, NT_EXIT_USAGE, EBADF,
		       "--ready-fd %u is not open here: give the number of an open descriptor", fd);
}

/* Of less it would be the reports that are seen. */
#define INTERVAL_MIN_MS 10

int nt_interval_check(uint64_t ns, struct nt_err *err)
{
	if (!ns || ns >= INTERVAL_MIN_MS * 1000000ULL)
		return 0;
	return nt_errf(err, NT_EXIT_USAGE, ERANGE,
		       "--interval is too short: at least %dms, or 0 for none", INTERVAL_MIN_MS);
}

void nt_ready_tell(uint32_t fd)
{
	ssize_t r;

	if (fd == UINT32_MAX)
		return;
	r = write((int)fd, "R", 1);
	(void)r; /* nobody listens any more: no reason to stop */
	/* Who waits for its end sees one; standard output goes on. */
	if (fd > STDERR_FILENO)
		close((int)fd);
}

int nt_output_end(const char *words, struct nt_out *out, int code)
{
	int r = nt_out_close(out);

	if (r == 0)
		return code;
	if (r == -ECANCELED)
		fprintf(stderr,
			"nettrace %s: output is not complete: nobody took it after the signal to stop\n",
			words);
	else if (r != -EPIPE)
		fprintf(stderr, "nettrace %s: output is not complete: %s%s\n", words, strerror(-r),
			r == -ENOSPC ? "; make room or write elsewhere" : "");
	return NT_EXIT_RUNTIME;
}
