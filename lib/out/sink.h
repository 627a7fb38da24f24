/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside lib/out: one file that output goes to, with rotation and its first error. */
#ifndef NT_SINK_H
#define NT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct nt_sink {
	int fd;            /* -1: no sink */
	bool own;          /* fd is the sink's to close */
	bool slow;         /* a write may wait for a reader: asked first, in small pieces */
	int stop_fd;       /* readable: the program is asked to end; -1: never */
	int error;         /* first error, positive; nothing is written after it */
	char *path;        /* owned; NULL: stdout */
	uint64_t max_size; /* rotate beyond; 0: never */
	uint64_t written;  /* bytes in the file */
	bool mid_line;     /* the last byte in the file is not a newline */
};

/* path NULL: stdout. An existing file is emptied. */
int nt_sink_open(struct nt_sink *s, const char *path, uint64_t max_size, struct nt_err *err);
/* How long a reader may take nothing after stop_fd became readable, in ms. */
#define NT_SINK_PATIENCE 2000
/* After the first error: does nothing. */
void nt_sink_write(struct nt_sink *s, const char *p, size_t n);
/* Open the path anew; the old file stays in use if that fails. 0 or -errno. */
int nt_sink_reopen(struct nt_sink *s);
/* Are both the same regular file? */
bool nt_sink_same(const struct nt_sink *a, const struct nt_sink *b);
void nt_sink_close(struct nt_sink *s);

#endif
