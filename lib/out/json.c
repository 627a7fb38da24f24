// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The writer of one JSON line. It cannot write anything that is not JSON: what
 * would be (a missing key, too deep a nesting, a line left open) becomes an
 * empty key, null, or a line that is closed.
 */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "fmt.h"

#define JSON_DEPTH 16              /* the line's own object included */
#define JSON_FIRST 4096            /* bytes to begin with */
#define JSON_LINE_MAX (64UL << 20) /* no line is longer */
#define JSON_ESCAPE 6              /* bytes that one byte of a string may become */

struct nt_json {
	struct nt_out *out;
	char *buf;
	size_t len, cap;
	unsigned int depth; /* 0: no line is open */
	unsigned int skip;  /* objects open below the depth bound */
	bool array[JSON_DEPTH];
	bool comma[JSON_DEPTH];
	bool failed; /* no memory for this line */
};

struct nt_json *nt_json_new(struct nt_out *out)
{
	struct nt_json *j = calloc(1, sizeof(*j));

	if (j)
		j->out = out;
	return j;
}

void nt_json_free(struct nt_json *j)
{
	if (!j)
		return;
	free(j->buf);
	free(j);
}

/* Room for n more bytes; false when the line is given up. */
static bool room(struct nt_json *j, size_t n)
{
	size_t cap = j->cap ? j->cap : JSON_FIRST;
	char *p;

	if (j->failed)
		return false;
	if (n <= j->cap - j->len)
		return true;
	while (cap < JSON_LINE_MAX && n > cap - j->len)
		cap *= 2;
	p = n <= cap - j->len ? realloc(j->buf, cap) : NULL;
	if (!p) {
		j->failed = true;
		return false;
	}
	j->buf = p;
	j->cap = cap;
	return true;
}

/* Bytes of the UTF-8 character at s of n bytes, 0 if it is none (RFC 3629). */
static size_t utf8_len(const unsigned char *s, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len, i;

	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	if (s[0] == 0xe0)
		lo = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		hi = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		lo = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		hi = 0x8f; /* above U+10FFFF */
	if (s[1] < lo || s[1] > hi)
		return 0;
	for (i = 2; i < len; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return len;
}

static char *put_control(char *p, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\b\t\n\f\r\"\\";
	static const char to[] = "btnfr\"\\";
	const char *s = c ? strchr(from, c) : NULL;

	*p++ = '\\';
	if (s) {
		*p++ = to[s - from];
		return p;
	}
	*p++ = 'u';
	*p++ = '0';
	*p++ = '0';
	*p++ = hex[c >> 4];
	*p++ = hex[c & 15];
	return p;
}

/* s in quotes; there is room. Returns the end. */
static char *put_quoted(char *p, const unsigned char *s, size_t n)
{
	size_t i = 0, len;

	*p++ = '"';
	while (i < n) {
		if (s[i] >= 0x80) {
			len = utf8_len(s + i, n - i);
			memcpy(p, len ? (const char *)s + i : "\\ufffd", len ? len : 6);
			p += len ? len : 6;
			i += len ? len : 1;
		} else if (s[i] < 0x20 || s[i] == '"' || s[i] == '\\') {
			p = put_control(p, s[i++]);
		} else {
			*p++ = (char)s[i++];
		}
	}
	*p++ = '"';
	return p;
}

static bool put_string(struct nt_json *j, const char *s, size_t n)
{
	if (n > JSON_LINE_MAX || !room(j, n * JSON_ESCAPE + 4)) {
		j->failed = true;
		return false;
	}
	j->len = (size_t)(put_quoted(j->buf + j->len, (const unsigned char *)s, n) - j->buf);
	return true;
}

static void put_raw(struct nt_json *j, const char *s, size_t n)
{
	if (!room(j, n))
		return;
	memcpy(j->buf + j->len, s, n);
	j->len += n;
}

/* Comma and key; false if the value must not be written. */
static bool begin(struct nt_json *j, const char *key)
{
	unsigned int d = j->depth - 1;

	if (!j->depth || j->skip || !room(j, 1))
		return false;
	if (j->comma[d])
		j->buf[j->len++] = ',';
	j->comma[d] = true;
	if (j->array[d])
		return true;
	if (!key)
		key = "";
	if (!put_string(j, key, strlen(key)) || !room(j, 1))
		return false;
	j->buf[j->len++] = ':';
	return true;
}

static void open_level(struct nt_json *j, const char *key, bool array)
{
	if (j->skip || j->depth == JSON_DEPTH) {
		if (begin(j, key))
			put_raw(j, "null", 4);
		j->skip++;
		return;
	}
	/* A level is opened even if there is no memory for it: the ends match. */
	if (!j->depth)
		return;
	if (begin(j, key))
		put_raw(j, array ? "[" : "{", 1);
	j->array[j->depth] = array;
	j->comma[j->depth] = false;
	j->depth++;
}

static void close_level(struct nt_json *j)
{
	j->depth--;
	put_raw(j, j->array[j->depth] ? "]" : "}", 1);
}

struct nt_json *nt_json_line(struct nt_out *out)
{
	struct nt_json *j = nt_out_writer(out);

	if (!nt_out_json(out))
		return j;
	if (j->depth)
		nt_json_end_line(j);
	j->len = 0;
	j->failed = false;
	j->skip = 0;
	j->depth = 1;
	j->array[0] = false;
	j->comma[0] = false;
	put_raw(j, "{", 1);
	return j;
}

struct nt_json *nt_json_line_of(struct nt_out *out, const char *type, uint64_t wall_ns,
				const char *command)
{
	struct nt_json *j = nt_json_line(out);
	char t[NT_TIME_LEN];

	nt_json_str(j, "type", type);
	nt_json_str(j, "time", nt_fmt_rfc3339(wall_ns, t, sizeof(t)));
	nt_json_str(j, "command", command);
	return j;
}

void nt_json_end_line(struct nt_json *j)
{
	if (!j->depth)
		return;
	while (j->depth)
		close_level(j);
	j->skip = 0;
	put_raw(j, "\n", 1);
	if (j->failed)
		nt_out_fail(j->out, ENOMEM);
	else
		nt_out_put(j->out, j->buf, j->len);
}

void nt_json_obj(struct nt_json *j, const char *key)
{
	open_level(j, key, false);
}

void nt_json_arr(struct nt_json *j, const char *key)
{
	open_level(j, key, true);
}

void nt_json_end(struct nt_json *j)
{
	if (j->skip)
		j->skip--;
	else if (j->depth > 1)
		close_level(j);
}

void nt_json_strn(struct nt_json *j, const char *key, const char *s, size_t n)
{
	if (begin(j, key))
		put_string(j, s, n);
}

void nt_json_str(struct nt_json *j, const char *key, const char *s)
{
	if (s)
		nt_json_strn(j, key, s, strlen(s));
	else
		nt_json_null(j, key);
}

void nt_json_u64(struct nt_json *j, const char *key, uint64_t v)
{
	if (begin(j, key) && room(j, NT_U64_LEN))
		j->len = (size_t)(nt_put_u64(j->buf + j->len, v) - j->buf);
}

void nt_json_i64(struct nt_json *j, const char *key, int64_t v)
{
	char *p;

	if (!begin(j, key) || !room(j, NT_U64_LEN + 1))
		return;
	p = j->buf + j->len;
	if (v < 0)
		*p++ = '-';
	p = nt_put_u64(p, v < 0 ? -(uint64_t)v : (uint64_t)v);
	j->len = (size_t)(p - j->buf);
}

void nt_json_bool(struct nt_json *j, const char *key, bool v)
{
	if (begin(j, key))
		put_raw(j, v ? "true" : "false", v ? 4 : 5);
}

void nt_json_null(struct nt_json *j, const char *key)
{
	if (begin(j, key))
		put_raw(j, "null", 4);
}

void nt_json_us(struct nt_json *j, const char *key, uint64_t ns)
{
	if (begin(j, key) && room(j, NT_U64_LEN + 2))
		j->len = (size_t)(nt_put_milli(j->buf + j->len, ns) - j->buf);
}

void nt_json_f(struct nt_json *j, const char *key, double v)
{
	double size = v < 0 ? -v : v;
	char tmp[40], *p = tmp;
	uint64_t milli;

	if (!begin(j, key))
		return;
	if (!(size <= 1.7e308)) { /* NaN, infinity */
		put_raw(j, "null", 4);
		return;
	}
	if (size >= 1e15) { /* thousandths are beyond a double's precision */
		put_raw(j, tmp, (size_t)snprintf(tmp, sizeof(tmp), "%.17g", v));
		return;
	}
	milli = (uint64_t)(size * 1000 + 0.5);
	if (v < 0 && milli)
		*p++ = '-';
	p = nt_put_milli(p, milli);
	put_raw(j, tmp, (size_t)(p - tmp));
}
