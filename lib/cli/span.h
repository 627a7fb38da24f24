/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of the small lists in option tables and values ("a,b", "x|y"). */
#ifndef NT_SPAN_H
#define NT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct nt_span {
	const char *s;
	size_t n;
};

/*
 * The next piece of the list up to sep; *list moves behind it and becomes NULL
 * after the last one. false when there is none. An empty list has one piece.
 */
static inline bool nt_span_next(const char **list, char sep, struct nt_span *out)
{
	const char *end;

	if (!*list)
		return false;
	end = strchr(*list, sep);
	out->s = *list;
	out->n = end ? (size_t)(end - *list) : strlen(*list);
	*list = end ? end + 1 : NULL;
	return true;
}

/* The same inside a span. */
static inline bool nt_span_cut(struct nt_span *list, char sep, struct nt_span *out)
{
	const char *end;

	if (!list->s)
		return false;
	end = memchr(list->s, sep, list->n);
	out->s = list->s;
	out->n = end ? (size_t)(end - list->s) : list->n;
	if (end) {
		list->n -= out->n + 1;
		list->s = end + 1;
	} else {
		list->s = NULL;
	}
	return true;
}

static inline void nt_span_trim(struct nt_span *p)
{
	while (p->n && (p->s[0] == ' ' || p->s[0] == '\t')) {
		p->s++;
		p->n--;
	}
	while (p->n && (p->s[p->n - 1] == ' ' || p->s[p->n - 1] == '\t'))
		p->n--;
}

static inline bool nt_span_is(struct nt_span p, const char *s)
{
	return strlen(s) == p.n && memcmp(p.s, s, p.n) == 0;
}

static inline bool nt_span_same(struct nt_span a, struct nt_span b)
{
	return a.n == b.n && memcmp(a.s, b.s, a.n) == 0;
}

static inline struct nt_span nt_span_of(const char *s)
{
	return (struct nt_span){ s, strlen(s) };
}

/* Is p a beginning of whole? */
static inline bool nt_span_begins(struct nt_span p, struct nt_span whole)
{
	return p.n <= whole.n && memcmp(p.s, whole.s, p.n) == 0;
}

#endif
