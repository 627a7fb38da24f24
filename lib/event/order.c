// SPDX-License-Identifier: GPL-2.0-or-later
#include "order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t time;
	size_t off;
	size_t size;
};

/*
 * Two arenas take turns: records that stay behind a release are copied into
 * the other one, so that memory is reused and never grows without bound.
 */
struct arena {
	char *data;
	size_t used, room;
};

struct nt_order {
	struct entry *v;
	size_t n, room;
	struct arena now, spare;
	bool sorted;
};

struct nt_order *nt_order_new(void)
{
	struct nt_order *o = calloc(1, sizeof(*o));

	if (o)
		o->sorted = true;
	return o;
}

void nt_order_free(struct nt_order *o)
{
	if (!o)
		return;
	free(o->v);
	free(o->now.data);
	free(o->spare.data);
	free(o);
}

static int grow(void **p, size_t *room, size_t want, size_t unit)
{
	size_t n = *room ? *room : 64;
	void *q;

	if (want <= *room)
		return 0;
	while (n < want)
		n *= 2;
	q = realloc(*p, n * unit);
	if (!q)
		return -ENOMEM;
	*p = q;
	*room = n;
	return 0;
}

/* Records begin where any type may. */
static size_t aligned(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static int arena_add(struct arena *a, const void *rec, size_t size, size_t *off)
{
	if (grow((void **)&a->data, &a->room, a->used + aligned(size), 1) < 0)
		return -ENOMEM;
	memcpy(a->data + a->used, rec, size);
	*off = a->used;
	a->used += aligned(size);
	return 0;
}

int nt_order_add(struct nt_order *o, const void *rec, size_t size)
{
	struct entry e = { .size = size };

	if (size < sizeof(e.time))
		return -EINVAL;
	memcpy(&e.time, rec, sizeof(e.time));
	if (grow((void **)&o->v, &o->room, o->n + 1, sizeof(*o->v)) < 0 ||
	    arena_add(&o->now, rec, size, &e.off) < 0)
		return -ENOMEM;
	if (o->n && e.time < o->v[o->n - 1].time)
		o->sorted = false;
	o->v[o->n++] = e;
	return 0;
}

/* Equal times keep the order of arrival: off grows with it. */
static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->off < y->off ? -1 : x->off > y->off;
}

/* Room in the other arena for all entries from from on. */
static bool spare_room(struct nt_order *o, size_t from)
{
	size_t want = 0, i;

	for (i = from; i < o->n; i++)
		want += aligned(o->v[i].size);
	return grow((void **)&o->spare.data, &o->spare.room, want, 1) == 0;
}

/*
 * Move what is left behind entry from into the other arena. Without memory for
 * that everything stays where it is, until a later time; nothing is lost.
 */
static void compact(struct nt_order *o, size_t from)
{
	struct arena old = o->now;
	size_t i, left = o->n - from;
	bool room = spare_room(o, from);

	memmove(o->v, o->v + from, left * sizeof(*o->v));
	o->n = left;
	if (!room)
		return;
	o->now = o->spare;
	o->now.used = 0;
	o->spare = old;
	for (i = 0; i < left; i++) {
		struct entry *e = &o->v[i];

		memcpy(o->now.data + o->now.used, old.data + e->off, e->size);
		e->off = o->now.used;
		o->now.used += aligned(e->size);
	}
}

void nt_order_release(struct nt_order *o, uint64_t until_ns,
		      void (*fn)(void *arg, const void *rec, size_t size), void *arg)
{
	size_t i;

	if (!o->sorted)
		qsort(o->v, o->n, sizeof(*o->v), by_time);
	o->sorted = true;
	for (i = 0; i < o->n && o->v[i].time <= until_ns; i++)
		fn(arg, o->now.data + o->v[i].off, o->v[i].size);
	if (i == o->n) {
		o->n = 0;
		o->now.used = 0;
	} else if (i) {
		compact(o, i);
	}
}

size_t nt_order_held(const struct nt_order *o)
{
	return o->n;
}
