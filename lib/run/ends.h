/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a run begins and ends towards who started it: the same for one that traces nothing. */
#ifndef NT_ENDS_H
#define NT_ENDS_H

#include <stdint.h>

#include "err.h"
#include "out.h"

/* --ready-fd; UINT32_MAX: none. Is it open? 0 or -EBADF. */
int nt_ready_check(uint32_t fd, struct nt_err *err);
/* --interval. 0 or -ERANGE. */
int nt_interval_check(uint64_t ns, struct nt_err *err);
/* One byte, and the end. */
void nt_ready_tell(uint32_t fd);
/*
 * Close the output; the exit code of the command, which was code so far. The first write
 * error decides and is told: a closed pipe is silent, a full disk is not.
 */
int nt_output_end(const char *words, struct nt_out *out, int code);

#endif
