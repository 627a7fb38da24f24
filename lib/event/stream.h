/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records from the kernel, by ring buffer or perf buffer. */
#ifndef NT_STREAM_H
#define NT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct nt_stream;

typedef void (*nt_record_fn)(void *arg, const void *rec, size_t size);

struct nt_stream_opts {
	int map_fd;
	bool ring;       /* a ring buffer, else a perf event array */
	nt_record_fn fn; /* called by nt_stream_drain() for each record */
	void *arg;
};

/* The reader comes by the clock; nothing wakes it. */
int nt_stream_open(const struct nt_stream_opts *o, struct nt_stream **out, struct nt_err *err);
void nt_stream_close(struct nt_stream *s);
/*
 * What is there now, up to a batch of about NT_STREAM_BATCH records: who writes faster
 * than we read must not keep us here. Number of records or -errno.
 */
#define NT_STREAM_BATCH 4096
int nt_stream_drain(struct nt_stream *s);

#endif
