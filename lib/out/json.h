/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside lib/out: what the JSON writer and the output know of each other. */
#ifndef NT_JSON_H
#define NT_JSON_H

#include "out.h"

/* NULL when out of memory. The writer belongs to the output. */
struct nt_json *nt_json_new(struct nt_out *out);
void nt_json_free(struct nt_json *j);
/* The one writer of an output. */
struct nt_json *nt_out_writer(struct nt_out *out);

/* Append to the output's buffer, flushing when it is full. */
void nt_out_put(struct nt_out *out, const char *p, size_t n);
/* Record an error that is not a file's. */
void nt_out_fail(struct nt_out *out, int errnum);

#endif
