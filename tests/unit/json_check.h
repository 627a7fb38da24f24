/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A strict RFC 8259 checker of one value: grammar, UTF-8, nothing else. */
#ifndef NT_JSON_CHECK_H
#define NT_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct json_at {
	const unsigned char *p, *end;
	int depth;
};

static inline bool json_take(struct json_at *a, char c)
{
	if (a->p == a->end || *a->p != (unsigned char)c)
		return false;
	a->p++;
	return true;
}

static inline bool json_word(struct json_at *a, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(a->end - a->p) < n || memcmp(a->p, w, n))
		return false;
	a->p += n;
	return true;
}

static inline size_t json_digits(struct json_at *a)
{
	const unsigned char *from = a->p;

	while (a->p < a->end && *a->p >= '0' && *a->p <= '9')
		a->p++;
	return (size_t)(a->p - from);
}

static inline bool json_number(struct json_at *a)
{
	const unsigned char *from;
	size_t n;

	json_take(a, '-');
	from = a->p;
	n = json_digits(a);
	if (!n || (n > 1 && *from == '0'))
		return false;
	if (json_take(a, '.') && !json_digits(a))
		return false;
	if (json_take(a, 'e') || json_take(a, 'E')) {
		if (!json_take(a, '+'))
			json_take(a, '-');
		return json_digits(a) > 0;
	}
	return true;
}

/* Decodes and compares ranges, unlike the writer, which compares bytes. */
static inline bool json_utf8(struct json_at *a)
{
	unsigned int c = *a->p++, n, min;

	if (c < 0x80)
		return true;
	n = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	min = n == 3 ? 0x10000 : n == 2 ? 0x800 : 0x80;
	if (c < 0xc0 || c > 0xf7)
		return false;
	c &= 0x3fU >> n;
	while (n--) {
		if (a->p == a->end || (*a->p & 0xc0) != 0x80)
			return false;
		c = c << 6 | (*a->p++ & 0x3f);
	}
	return c >= min && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static inline bool json_escape(struct json_at *a)
{
	int i;

	if (a->p == a->end)
		return false;
	if (*a->p != 'u')
		return *a->p && strchr("\"\\/bfnrt", *a->p++);
	a->p++;
	for (i = 0; i < 4; i++, a->p++) {
		if (a->p == a->end || !*a->p || !strchr("0123456789abcdefABCDEF", *a->p))
			return false;
	}
	return true;
}

static inline bool json_string(struct json_at *a)
{
	if (!json_take(a, '"'))
		return false;
	while (a->p < a->end && *a->p != '"') {
		if (*a->p < 0x20)
			return false;
		if (json_take(a, '\\') ? !json_escape(a) : !json_utf8(a))
			return false;
	}
	return json_take(a, '"');
}

static inline bool json_value(struct json_at *a);

static inline bool json_items(struct json_at *a, char close, bool keys)
{
	if (json_take(a, close))
		return true;
	do {
		if (keys && (!json_string(a) || !json_take(a, ':')))
			return false;
		if (!json_value(a))
			return false;
	} while (json_take(a, ','));
	return json_take(a, close);
}

static inline bool json_value(struct json_at *a)
{
	bool ok;

	if (a->p == a->end || ++a->depth > 100)
		return false;
	switch (*a->p) {
	case '{':
		a->p++;
		ok = json_items(a, '}', true);
		break;
	case '[':
		a->p++;
		ok = json_items(a, ']', false);
		break;
	case '"':
		ok = json_string(a);
		break;
	default:
		ok = json_word(a, "true") || json_word(a, "false") || json_word(a, "null") ||
		     json_number(a);
	}
	a->depth--;
	return ok;
}

/* Is every line of the n bytes one JSON object, and the last one whole? */
static inline bool json_lines_ok(const char *s, size_t n)
{
	struct json_at a = { .p = (const unsigned char *)s, .end = (const unsigned char *)s + n };

	while (a.p < a.end) {
		if (*a.p != '{' || !json_value(&a) || !json_take(&a, '\n'))
			return false;
	}
	return n > 0;
}

#endif
