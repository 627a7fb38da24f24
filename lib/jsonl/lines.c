// SPDX-License-Identifier: GPL-2.0-or-later
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Behind what has been given out. */
static void compact(struct nt_lines *l)
{
	if (!l->at)
		return;
	l->n -= l->at;
	memmove(l->s, l->s + l->at, l->n);
	l->at = 0;
}

static int make_room(struct nt_lines *l, size_t n)
{
	size_t room = l->room ? l->room : 4096;
	char *s;

	while (room - l->n < n)
		room *= 2;
	if (room == l->room)
		return 0;
	s = realloc(l->s, room);
	if (!s)
		return -ENOMEM;
	l->s = s;
	l->room = room;
	return 0;
}

int nt_lines_add(struct nt_lines *l, const char *p, size_t n)
{
	int r;

	if (!n)
		return 0;
	compact(l);
	r = make_room(l, n);
	if (r < 0)
		return r;
	memcpy(l->s + l->n, p, n);
	l->n += n;
	return 0;
}

bool nt_lines_next(struct nt_lines *l, const char **line, size_t *n)
{
	size_t left;
	char *end;
	bool skip;

	while (l->at < l->n) {
		left = l->n - l->at;
		end = memchr(l->s + l->at, '\n', left);
		skip = l->skip;
		if (!end && (skip || left > NT_LINE_MAX)) {
			l->too_long += !skip;
			l->skip = true;
			l->at = l->n;
			return false;
		}
		if (!end)
			return false;
		*line = l->s + l->at;
		*n = (size_t)(end - *line);
		l->at += *n + 1;
		l->skip = false;
		if (!skip && *n <= NT_LINE_MAX)
			return true;
		l->too_long += !skip;
	}
	return false;
}

size_t nt_lines_rest(const struct nt_lines *l)
{
	return l->n - l->at;
}

void nt_lines_free(struct nt_lines *l)
{
	free(l->s);
	*l = (struct nt_lines){ 0 };
}
