// SPDX-License-Identifier: GPL-2.0-or-later
#include "distance.h"

#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the usual table, one for the swap. */
unsigned nt_edit_distance_n(const char *a, size_t an, const char *b, size_t bn)
{
	unsigned rows[3][NT_DISTANCE_MAX + 1] = { { 0 } };
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *t;

	if (an > NT_DISTANCE_MAX || bn > NT_DISTANCE_MAX)
		return (unsigned)(an > bn ? an : bn);
	for (size_t j = 0; j <= bn; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= an; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			unsigned change = a[i - 1] != b[j - 1];

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[bn];
}

unsigned nt_edit_distance(const char *a, const char *b)
{
	return nt_edit_distance_n(a, strlen(a), b, strlen(b));
}
