/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output: text or JSON lines to stdout, a file, or both with --log-file.
 * EPIPE and ENOSPC are remembered, not fatal here: the run loop asks.
 */
#ifndef NT_OUT_H
#define NT_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "err.h"

struct nt_out;

struct nt_out_opts {
	const char *path;     /* NULL: stdout */
	const char *log_path; /* copy, or NULL */
	uint64_t max_size;    /* rotate path to path.1 beyond this many bytes, 0: never */
	int stop_fd;          /* see below; 0 or -1: none */
	bool json;
	bool ascii;
};

/*
 * A pipe or terminal that nobody reads holds up the program. When stop_fd (a
 * signalfd) is readable, it gets two seconds to take something, then it has
 * failed with ECANCELED. stop_fd must stay open as long as the output, and
 * readable.
 *
 * Owned by the caller, nt_out_close() frees. Error text names the file. Files
 * are emptied. With max_size the path must be a regular file and no link,
 * because rotation renames it; lines are never cut.
 */
int nt_out_open(const struct nt_out_opts *opts, struct nt_out **out, struct nt_err *err);
/* Flush and close; returns 0 or the first write error as -errno. */
int nt_out_close(struct nt_out *out);
/*
 * Reopen the files (SIGHUP), without emptying them: if nobody moved one away it
 * goes on. Does nothing on stdout. 0 or -errno, then the old file stays in use.
 */
int nt_out_reopen(struct nt_out *out);
bool nt_out_json(const struct nt_out *out);
bool nt_out_ascii(const struct nt_out *out);
/*
 * The first error so far as positive errno, 0 if none. A file that failed gets
 * nothing more; the other one (file, log) goes on.
 */
int nt_out_error(const struct nt_out *out);
/* Push buffered bytes to the file. Returns nt_out_error(). */
int nt_out_flush(struct nt_out *out);

/* Text. Nothing is written in JSON mode. */
void nt_out_text(struct nt_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One rule of n characters c and a newline. */
void nt_out_rule(struct nt_out *out, char c, int n);

/*
 * JSON: one object a line, built in memory, written whole by nt_json_end_line().
 * key is NULL inside arrays. Strings are escaped; bytes that are not UTF-8 are
 * written as \ufffd. Nothing is written in text mode, so callers may call
 * unconditionally. Doubles have 3 decimals; NaN and infinity become null.
 * What would not be JSON is mended: a missing key is "", what is deeper than 16
 * levels is null, a line left open is closed when the next one begins.
 */
struct nt_json *nt_json_line(struct nt_out *out); /* the line's writer, object opened */
/* The same with what every line begins with: "type", "time" and "command". */
struct nt_json *nt_json_line_of(struct nt_out *out, const char *type, uint64_t wall_ns,
				const char *command);
void nt_json_end_line(struct nt_json *j);
void nt_json_obj(struct nt_json *j, const char *key);
void nt_json_arr(struct nt_json *j, const char *key);
void nt_json_end(struct nt_json *j); /* closes the innermost object or array */
void nt_json_str(struct nt_json *j, const char *key, const char *s); /* NULL: null */
void nt_json_strn(struct nt_json *j, const char *key, const char *s, size_t n);
void nt_json_u64(struct nt_json *j, const char *key, uint64_t v);
void nt_json_i64(struct nt_json *j, const char *key, int64_t v);
void nt_json_bool(struct nt_json *j, const char *key, bool v);
void nt_json_null(struct nt_json *j, const char *key);
void nt_json_us(struct nt_json *j, const char *key, uint64_t ns); /* ns as us, 3 decimals */
void nt_json_f(struct nt_json *j, const char *key, double v);

#endif
