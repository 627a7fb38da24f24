/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A string that grows. */
#ifndef NT_BUF_H
#define NT_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Zero-initialise. When memory runs out the text stays as it was, failed is
 * set and later additions do nothing, so that it is enough to ask once.
 */
struct nt_buf {
	char *s; /* with its NUL; NULL while empty: use nt_buf_str() */
	size_t n, room;
	bool failed;
};

void nt_buf_add(struct nt_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void nt_buf_vadd(struct nt_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void nt_buf_addn(struct nt_buf *b, const char *s, size_t n);
void nt_buf_adds(struct nt_buf *b, const char *s);
void nt_buf_addc(struct nt_buf *b, char c);
/* n times c. */
void nt_buf_fill(struct nt_buf *b, char c, size_t n);
/* The text, never NULL. Valid until the next addition. */
const char *nt_buf_str(const struct nt_buf *b);
/* Empty it, keep the memory. */
void nt_buf_reset(struct nt_buf *b);
void nt_buf_free(struct nt_buf *b);

#endif
