/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Decimal digits without stdio: every figure of every line goes through here. */
#ifndef NT_DIGITS_H
#define NT_DIGITS_H

#include <stdint.h>
#include <string.h>

#define NT_U64_LEN 20 /* digits of the largest one */

/* Exactly width digits of v, leading zeros; higher digits are cut. No NUL. */
static inline char *nt_put_digits(char *p, uint64_t v, unsigned int width)
{
	unsigned int i = width;

	while (i--) {
		p[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return p + width;
}

/* v in decimal, at most NT_U64_LEN bytes, no NUL. Returns the end. */
static inline char *nt_put_u64(char *p, uint64_t v)
{
	char tmp[NT_U64_LEN];
	unsigned int i = sizeof(tmp);

	do {
		tmp[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(p, tmp + i, sizeof(tmp) - i);
	return p + (sizeof(tmp) - i);
}

/* v thousandths as "1.234": at most NT_U64_LEN + 2 bytes, no NUL. */
static inline char *nt_put_milli(char *p, uint64_t v)
{
	p = nt_put_u64(p, v / 1000);
	*p++ = '.';
	return nt_put_digits(p, v % 1000, 3);
}

#endif
