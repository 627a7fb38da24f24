// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers, durations and sizes: the whole word, no sign, no rounding to "off". */
#include "opt.h"
#include "parse.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const char *nt_quote(const char *s, char buf[NT_QUOTE_LEN])
{
	size_t n = 0;

	while (n < 60 && s[n]) {
		buf[n] = (unsigned char)s[n] < 0x20 || s[n] == 0x7f ? '?' : s[n];
		n++;
	}
	if (s[n]) {
		/* Do not leave half a UTF-8 character. */
		while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
		memcpy(buf + n, "...", 4);
	} else {
		buf[n] = '\0';
	}
	return buf;
}

int nt_parse_digits(const char **s, uint64_t *out)
{
	const char *p = *s;
	uint64_t v = 0;
	bool over = false;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		over = over || __builtin_mul_overflow(v, 10u, &v) ||
		       __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v);
	}
	*s = p;
	*out = v;
	return over ? -ERANGE : 0;
}

static int number_error(const char *s, uint64_t min, uint64_t max, struct nt_err *err)
{
	char q[NT_QUOTE_LEN];

	nt_quote(s, q);
	if (max != UINT64_MAX)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "'%s' is not a whole number from %" PRIu64 " to %" PRIu64, q, min,
			       max);
	if (min)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "'%s' is not a whole number of at least %" PRIu64, q, min);
	return nt_errf(err, NT_EXIT_USAGE, EINVAL, "'%s' is not a whole number", q);
}

int nt_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out, struct nt_err *err)
{
	const char *p = s;
	uint64_t v = 0;
	int r = nt_parse_digits(&p, &v);

	if (r == -EINVAL || *p)
		return number_error(s, min, max, err);
	if (r || v < min || v > max) {
		number_error(s, min, max, err);
		return -ERANGE;
	}
	*out = v;
	return 0;
}

uint64_t nt_unit_ns(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "s", 1000000000 }, { "ms", 1000000 },    { "us", 1000 },
		      { "ns", 1 },         { "m", 60000000000 }, { "h", 3600000000000 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(unit, units[i].name))
			return units[i].ns;
	}
	return 0;
}

/*
 * Digits after the point as a fraction; those beyond the twelfth cannot reach
 * a nanosecond but for the unit h, and only tell zero from not zero.
 */
static int fraction(const char **s, uint64_t *num, uint64_t *den, bool *rest)
{
	const char *p = *s;

	*num = 0;
	*den = 1;
	*rest = false;
	if (*p != '.')
		return 0;
	p++;
	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (*den < 1000000000000) {
			*num = *num * 10 + (uint64_t)(*p - '0');
			*den *= 10;
		} else if (*p != '0') {
			*rest = true;
		}
	}
	*s = p;
	return 0;
}

int nt_parse_duration(const char *s, const char *unit, uint64_t *ns, struct nt_err *err)
{
	uint64_t whole = 0, num, den, mult;
	const char *p = s;
	char q[NT_QUOTE_LEN];
	unsigned __int128 v;
	bool rest, over;
	int r;

	unit = unit ? unit : "s";
	r = nt_parse_digits(&p, &whole);
	over = r == -ERANGE;
	if (r == -EINVAL || fraction(&p, &num, &den, &rest))
		goto bad;
	mult = nt_unit_ns(*p ? p : unit);
	if (!mult)
		goto bad;
	v = (unsigned __int128)whole * mult + (unsigned __int128)num * mult / den;
	if (over || v > INT64_MAX) {
		nt_errf(err, NT_EXIT_USAGE, ERANGE, "'%s' is too long a time (292 years at most)",
			nt_quote(s, q));
		return -ERANGE;
	}
	/* Too small a time must not turn into 0, which means "off". */
	if (!v && (num || rest)) {
		nt_errf(err, NT_EXIT_USAGE, ERANGE, "'%s' is shorter than 1ns", nt_quote(s, q));
		return -ERANGE;
	}
	*ns = (uint64_t)v;
	return 0;
bad:
	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "'%s' is not a time: a number in %s, or one with ns, us, ms, s, m or h "
		       "behind it",
		       nt_quote(s, q), unit);
}

int nt_parse_size(const char *s, uint64_t *bytes, struct nt_err *err)
{
	static const char suffix[] = "KMGT";
	char q[NT_QUOTE_LEN];
	const char *p = s;
	uint64_t v = 0;
	int r = nt_parse_digits(&p, &v);
	bool over = r == -ERANGE;

	if (r == -EINVAL)
		goto bad;
	if (*p) {
		char up = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
		const char *at = memchr(suffix, up, sizeof(suffix) - 1);

		if (!at || p[1])
			goto bad;
		over = over || __builtin_mul_overflow(v, 1ull << (10 * (at - suffix + 1)), &v);
	}
	if (over) {
		nt_errf(err, NT_EXIT_USAGE, ERANGE, "'%s' is too large a size", nt_quote(s, q));
		return -ERANGE;
	}
	*bytes = v;
	return 0;
bad:
	return nt_errf(err, NT_EXIT_USAGE, EINVAL,
		       "'%s' is not a size: bytes, or a number with K, M, G or T behind it",
		       nt_quote(s, q));
}
