// SPDX-License-Identifier: GPL-2.0-or-later
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sink.h"

#define OUT_BUF (256U << 10)

struct nt_out {
	struct nt_sink file, log;
	struct nt_json *writer;
	size_t len; /* bytes in buf */
	int error;  /* of our own: no memory */
	bool json, ascii;
	char buf[OUT_BUF];
};

static int out_open_files(struct nt_out *out, const struct nt_out_opts *opts, struct nt_err *err)
{
	int stop_fd = opts->stop_fd > 0 ? opts->stop_fd : -1;
	int r = nt_sink_open(&out->file, opts->path, opts->max_size, err);

	out->file.stop_fd = stop_fd;
	if (r || !opts->log_path)
		return r;
	r = nt_sink_open(&out->log, opts->log_path, 0, err);
	out->log.stop_fd = stop_fd;
	if (!r && nt_sink_same(&out->file, &out->log))
		r = nt_errf(err, NT_EXIT_USAGE, EINVAL,
			    "'%s' is both output and log file: leave one out", opts->log_path);
	return r;
}

int nt_out_open(const struct nt_out_opts *opts, struct nt_out **ret, struct nt_err *err)
{
	struct nt_out *out = malloc(sizeof(*out));
	int r;

	if (!out)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	memset(out, 0, offsetof(struct nt_out, buf)); /* not the pages of the buffer */
	out->file.fd = -1;
	out->log.fd = -1;
	out->json = opts->json;
	out->ascii = opts->ascii;
	out->writer = nt_json_new(out);
	if (out->writer)
		r = out_open_files(out, opts, err);
	else
		r = nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	if (r) {
		nt_out_close(out);
		return r;
	}
	*ret = out;
	return 0;
}

int nt_out_close(struct nt_out *out)
{
	int r;

	if (!out)
		return 0;
	nt_out_flush(out);
	nt_sink_close(&out->file);
	nt_sink_close(&out->log);
	r = -nt_out_error(out);
	nt_json_free(out->writer);
	free(out);
	return r;
}

int nt_out_reopen(struct nt_out *out)
{
	int r, log;

	nt_out_flush(out);
	r = nt_sink_reopen(&out->file);
	log = nt_sink_reopen(&out->log);
	return r ? r : log;
}

bool nt_out_json(const struct nt_out *out)
{
	return out->json;
}

bool nt_out_ascii(const struct nt_out *out)
{
	return out->ascii;
}

struct nt_json *nt_out_writer(struct nt_out *out)
{
	return out->writer;
}

int nt_out_error(const struct nt_out *out)
{
	if (out->file.error)
		return out->file.error;
	return out->log.error ? out->log.error : out->error;
}

void nt_out_fail(struct nt_out *out, int errnum)
{
	if (!out->error)
		out->error = errnum;
}

static void out_write(struct nt_out *out, const char *p, size_t n)
{
	/* Each goes on when the other has failed: a closed pipe is no reason
	 * to lose the log. */
	nt_sink_write(&out->file, p, n);
	nt_sink_write(&out->log, p, n);
}

int nt_out_flush(struct nt_out *out)
{
	out_write(out, out->buf, out->len);
	out->len = 0;
	return nt_out_error(out);
}

void nt_out_put(struct nt_out *out, const char *p, size_t n)
{
	if (n > OUT_BUF - out->len)
		nt_out_flush(out);
	if (n > OUT_BUF) {
		out_write(out, p, n);
		return;
	}
	memcpy(out->buf + out->len, p, n);
	out->len += n;
}

/* Text that is longer than what is free in the buffer. */
static void out_text_slow(struct nt_out *out, const char *fmt, va_list ap)
{
	char *s;
	int n = vasprintf(&s, fmt, ap);

	if (n < 0) {
		nt_out_fail(out, ENOMEM);
		return;
	}
	nt_out_put(out, s, (size_t)n);
	free(s);
}

void nt_out_text(struct nt_out *out, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (out->json)
		return;
	va_start(ap, fmt);
	n = vsnprintf(out->buf + out->len, OUT_BUF - out->len, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < OUT_BUF - out->len) {
		out->len += (size_t)n;
		return;
	}
	va_start(ap, fmt);
	out_text_slow(out, fmt, ap);
	va_end(ap);
}

void nt_out_rule(struct nt_out *out, char c, int n)
{
	if (out->json)
		return;
	while (n-- > 0)
		nt_out_put(out, &c, 1);
	nt_out_put(out, "\n", 1);
}
