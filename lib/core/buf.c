// SPDX-License-Identifier: GPL-2.0-or-later
#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for more bytes and the NUL. */
static bool reserve(struct nt_buf *b, size_t more)
{
	size_t room = b->room ? b->room : 128;
	char *s;

	if (b->failed)
		return false;
	if (more < b->room - b->n)
		return true;
	if (more >= SIZE_MAX / 4 - b->n) {
		b->failed = true;
		return false;
	}
	while (room <= b->n + more)
		room *= 2;
	s = realloc(b->s, room);
	if (!s) {
		b->failed = true;
		return false;
	}
	b->s = s;
	b->room = room;
	return true;
}

void nt_buf_addn(struct nt_buf *b, const char *s, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n)
		memcpy(b->s + b->n, s, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void nt_buf_adds(struct nt_buf *b, const char *s)
{
	nt_buf_addn(b, s, strlen(s));
}

void nt_buf_addc(struct nt_buf *b, char c)
{
	nt_buf_addn(b, &c, 1);
}

void nt_buf_fill(struct nt_buf *b, char c, size_t n)
{
	if (!reserve(b, n))
		return;
	memset(b->s + b->n, c, n);
	b->n += n;
	b->s[b->n] = '\0';
}

void nt_buf_vadd(struct nt_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!reserve(b, n))
		return;
	vsnprintf(b->s + b->n, (size_t)n + 1, fmt, ap);
	b->n += n;
}

void nt_buf_add(struct nt_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nt_buf_vadd(b, fmt, ap);
	va_end(ap);
}

const char *nt_buf_str(const struct nt_buf *b)
{
	return b->s ? b->s : "";
}

void nt_buf_reset(struct nt_buf *b)
{
	b->n = 0;
	if (b->s)
		b->s[0] = '\0';
}

void nt_buf_free(struct nt_buf *b)
{
	free(b->s);
	*b = (struct nt_buf){ 0 };
}
