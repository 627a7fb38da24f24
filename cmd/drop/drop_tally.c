// SPDX-License-Identifier: GPL-2.0-or-later
/* How often names occurred: reasons, functions, protocols. There are some dozens of each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drop_details.h"

static int grow(struct drop_tallies *t)
{
	uint32_t room = t->room ? t->room * 2 : 16;
	struct drop_tally *v = realloc(t->v, room * sizeof(*v));

	if (!v)
		return -ENOMEM;
	t->v = v;
	t->room = room;
	return 0;
}

int drop_tally_add(struct drop_tallies *t, const char *name)
{
	uint32_t i;

	for (i = 0; i < t->n; i++)
		if (!strncmp(t->v[i].name, name, sizeof(t->v[i].name) - 1))
			break;
	if (i == t->n) {
		if (t->n == t->room && grow(t) < 0)
			return -ENOMEM;
		memset(&t->v[t->n], 0, sizeof(t->v[0]));
		snprintf(t->v[t->n++].name, sizeof(t->v[0].name), "%s", name);
	}
	t->v[i].total++;
	t->v[i].interval++;
	return 0;
}

uint64_t drop_tally_count(const struct drop_tally *t, bool total)
{
	return total ? t->total : t->interval;
}

static int by_count(const void *a, const void *b, void *total)
{
	const struct drop_tally *x = a, *y = b;
	uint64_t n = drop_tally_count(x, *(bool *)total), m = drop_tally_count(y, *(bool *)total);

	if (n != m)
		return n < m ? 1 : -1;
	return strcmp(x->name, y->name);
}

void drop_tally_sort(struct drop_tallies *t, bool total)
{
	if (t->n)
		qsort_r(t->v, t->n, sizeof(t->v[0]), by_count, &total);
}

void drop_tally_reset(struct drop_tallies *t)
{
	uint32_t i;

	for (i = 0; i < t->n; i++)
		t->v[i].interval = 0;
}

void drop_tally_free(struct drop_tallies *t)
{
	free(t->v);
	memset(t, 0, sizeof(*t));
}
