// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path merge: finds the packets that are in both recordings. A packet waits in a table for
 * its other half; what the clocks of the hosts differ by is learnt from the pairs, so that
 * of several with one key (numbers come round) the right one is taken, and what waits too
 * long is judged without. Memory is bounded by max_pending.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "path_merge.h"

#define NONE UINT32_MAX
#define BUCKETS_MIN 4096U
/* Of one key, as many are looked at. */
#define LOOK_AT 64
/* The last pairs, of which the offset is the middle one. */
#define SAMPLES 15
/* Known once so many agree. */
#define SETTLED 3
#define AGREE_NS ((int64_t)MERGE_NS_PER_S)
/* What comes so much later than both timeouts is another packet of that key. */
#define SLACK_NS (5 * (int64_t)MERGE_NS_PER_S)

struct entry {
	struct merge_event ev;
	uint32_t next;         /* of its bucket */
	uint32_t older, newer; /* of its side, as they came */
	uint32_t bucket;
	uint8_t side;
};

struct side {
	uint32_t oldest, newest;
	uint64_t start_ns, now_ns; /* times of its events: the first, the latest */
};

struct merge_join {
	const struct merge_recording *rec;
	struct entry *e; /* all that wait */
	uint32_t n, room, max, free;
	uint32_t *bucket; /* a power of two */
	uint32_t buckets;
	uint64_t seed;
	struct side side[2];
	int64_t sample[SAMPLES];
	uint32_t samples; /* all that there ever were */
	int64_t offset_ns;
	bool settled;
	struct merge_joined result;
};

/* --- the table --- */

static uint64_t hash(const struct merge_join *j, const struct merge_key *k)
{
	uint64_t h = j->seed, w;

	_Static_assert(sizeof(*k) == 52, "no holes");
	for (size_t i = 0; i + 4 <= sizeof(*k); i += 4) {
		uint32_t word;

		memcpy(&word, (const char *)k + i, sizeof(word));
		w = h ^ word;
		w *= 0x9e3779b97f4a7c15ULL;
		h = w ^ (w >> 29);
	}
	return h;
}

static void put_in_bucket(struct merge_join *j, uint32_t i)
{
	uint32_t b = (uint32_t)hash(j, &j->e[i].ev.key) & (j->buckets - 1), *at = &j->bucket[b];

	/* Behind the others of its key, which came before. */
	for (int looked = 0; *at != NONE && looked < LOOK_AT; looked++)
		at = &j->e[*at].next;
	j->e[i].next = *at;
	j->e[i].bucket = b;
	*at = i;
}

static int grow(struct merge_join *j)
{
	uint32_t room = j->room ? j->room * 2 : BUCKETS_MIN, i;
	uint32_t *bucket;
	struct entry *e;

	if (room > j->max)
		room = j->max;
	e = realloc(j->e, room * sizeof(*e));
	if (!e)
		return -ENOMEM;
	j->e = e;
	for (i = j->room; i < room; i++) {
		e[i].newer = j->free;
		j->free = i;
	}
	j->room = room;
	while (j->buckets < room)
		j->buckets *= 2;
	bucket = realloc(j->bucket, j->buckets * sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	j->bucket = bucket;
	memset(bucket, 0xff, j->buckets * sizeof(*bucket));
	for (unsigned int s = 0; s < 2; s++)
		for (i = j->side[s].oldest; i != NONE; i = e[i].newer)
			put_in_bucket(j, i);
	return 0;
}

static void take_out(struct merge_join *j, uint32_t i)
{
	struct entry *e = &j->e[i];
	struct side *s = &j->side[e->side];
	uint32_t *at = &j->bucket[e->bucket];

	while (*at != i)
		at = &j->e[*at].next;
	*at = e->next;
	if (e->older == NONE)
		s->oldest = e->newer;
	else
		j->e[e->older].newer = e->newer;
	if (e->newer == NONE)
		s->newest = e->older;
	else
		j->e[e->newer].older = e->older;
	e->newer = j->free;
	j->free = i;
	j->n--;
}

/* --- what the clocks differ by --- */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void learn(struct merge_join *j, int64_t difference)
{
	int64_t sorted[SAMPLES];
	uint32_t n, i, agree = 0;

	j->sample[j->samples++ % SAMPLES] = difference;
	n = j->samples < SAMPLES ? j->samples : SAMPLES;
	memcpy(sorted, j->sample, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_value);
	j->offset_ns = sorted[n / 2];
	for (i = 0; i < n; i++)
		agree += llabs(sorted[i] - j->offset_ns) <= AGREE_NS;
	j->settled = agree >= SETTLED && agree * 4 >= n * 3;
	j->result.offset_ns = j->offset_ns;
}

/* Of a packet of the one side and one of the other: second less first. */
static int64_t difference(const struct merge_event *x, unsigned int side,
			  const struct merge_event *y)
{
	int64_t d = (int64_t)(y->time_ns - x->time_ns);

	return side ? -d : d;
}

static int64_t window(const struct merge_join *j)
{
	return (int64_t)(j->rec[0].timeout_ns + j->rec[1].timeout_ns) + SLACK_NS;
}

/* --- judging --- */

/* Was the other host recording when this packet passed it? Not known: yes. */
static bool is_covered(const struct merge_join *j, const struct merge_event *ev, unsigned int side)
{
	const struct merge_recording *o = &j->rec[!side];
	int64_t at = (int64_t)ev->time_ns + (side ? -j->offset_ns : j->offset_ns);

	if (!j->samples)
		return true;
	if (at < (int64_t)o->start_ns)
		return false;
	return !o->done || at + (int64_t)o->timeout_ns <= (int64_t)o->end_ns;
}

/* Whichever file is A: of a packet in reverse direction A is passed second. */
static void judge(struct merge_join *j, const struct merge_event *of[2])
{
	const struct merge_event *any = of[0] ? of[0] : of[1];
	struct merge_terms t = { .proto = j->rec[0].proto,
				 .covered = (of[0] && of[1]) || is_covered(j, any, !of[0]) };

	for (unsigned int a = 0; a < 2; a++) {
		unsigned int u = a ^ any->key.reverse;

		t.u_all = j->rec[u].all;
		t.d_all = j->rec[!u].all;
		merge_judge(&j->result.tally[a], &t, of[u], of[!u]);
	}
}

static void judge_pair(struct merge_join *j, const struct merge_event *of[2])
{
	int first = merge_first(j->rec[0].proto, of[0], of[1]);

	judge(j, of);
	j->result.pairs++;
	if (first)
		j->result.votes[(first > 0) ^ of[0]->key.reverse]++;
}

static void judge_alone(struct merge_join *j, const struct merge_event *ev, unsigned int side)
{
	const struct merge_event *of[2] = { side ? NULL : ev, side ? ev : NULL };

	judge(j, of);
	if (ev->end == MERGE_COMPLETE && is_covered(j, ev, side))
		j->result.alone[side ^ ev->key.reverse]++;
}

static void settle(struct merge_join *j, uint32_t i)
{
	struct merge_event ev = j->e[i].ev;
	unsigned int side = j->e[i].side;

	take_out(j, i);
	judge_alone(j, &ev, side);
}

/* Those whose other half would have come by now. */
static void settle_old(struct merge_join *j)
{
	for (unsigned int s = 0; s < 2 && j->settled; s++) {
		const struct side *o = &j->side[!s];
		int64_t shift = s ? -j->offset_ns : j->offset_ns;

		while (j->side[s].oldest != NONE) {
			const struct merge_event *ev = &j->e[j->side[s].oldest].ev;

			if ((int64_t)o->now_ns - ((int64_t)ev->time_ns + shift) <= window(j))
				break;
			settle(j, j->side[s].oldest);
		}
	}
}

/* --- a packet comes --- */

static uint32_t find(struct merge_join *j, unsigned int side, const struct merge_event *ev)
{
	uint32_t i = j->bucket[(uint32_t)hash(j, &ev->key) & (j->buckets - 1)], best = NONE;
	int64_t off, best_off = INT64_MAX, seen = 0;

	for (int looked = 0; i != NONE && looked < LOOK_AT; i = j->e[i].next, looked++) {
		const struct entry *e = &j->e[i];

		if (e->side == side || memcmp(&e->ev.key, &ev->key, sizeof(ev->key)) != 0)
			continue;
		if (!j->settled)
			return i; /* the oldest */
		off = difference(ev, side, &e->ev);
		if (best == NONE || llabs(off - j->offset_ns) < best_off) {
			best = i;
			best_off = llabs(off - j->offset_ns);
			seen = off;
		}
	}
	if (best == NONE || best_off <= window(j))
		return best;
	learn(j, seen); /* another one of that key; or a clock was set */
	return NONE;
}

static int keep(struct merge_join *j, unsigned int side, const struct merge_event *ev)
{
	struct side *s = &j->side[side];
	uint32_t i;
	int r;

	if (j->free == NONE && j->room < j->max) {
		r = grow(j);
		if (r < 0)
			return r;
	}
	if (j->free == NONE) {
		take_out(j, s->oldest != NONE ? s->oldest : j->side[!side].oldest);
		j->result.evicted++;
	}
	i = j->free;
	j->free = j->e[i].newer;
	j->e[i] = (struct entry){
		.ev = *ev, .side = (uint8_t)side, .older = s->newest, .newer = NONE
	};
	if (s->newest == NONE)
		s->oldest = i;
	else
		j->e[s->newest].newer = i;
	s->newest = i;
	put_in_bucket(j, i);
	j->n++;
	return 0;
}

/*
 * path tcp tells a packet when it leaves, and once more when it turns out to be lost behind the
 * host: then what waits is that.
 */
static bool turned_out(struct merge_join *j, unsigned int side, const struct merge_event *ev)
{
	uint32_t i = j->bucket[(uint32_t)hash(j, &ev->key) & (j->buckets - 1)];

	if (j->rec[0].proto != MERGE_TCP || ev->end != MERGE_OUTSIDE)
		return false;
	for (int looked = 0; i != NONE && looked < LOOK_AT; i = j->e[i].next, looked++) {
		struct merge_event *e = &j->e[i].ev;

		if (j->e[i].side != side || e->end != MERGE_COMPLETE ||
		    memcmp(&e->key, &ev->key, sizeof(ev->key)) != 0)
			continue;
		*e = *ev;
		return true;
	}
	return false;
}

int merge_join_add(struct merge_join *j, unsigned int side, const struct merge_event *ev)
{
	struct side *s = &j->side[side];
	const struct merge_event *of[2];
	struct merge_event other;
	uint32_t i;

	if (!s->start_ns)
		s->start_ns = ev->time_ns;
	if (ev->time_ns > s->now_ns)
		s->now_ns = ev->time_ns;
	settle_old(j); /* before the look: what is settled has no place any more */
	if (turned_out(j, side, ev))
		return 0;
	i = find(j, side, ev);
	if (i == NONE)
		return keep(j, side, ev);
	other = j->e[i].ev;
	take_out(j, i);
	of[side] = ev;
	of[!side] = &other;
	learn(j, difference(ev, side, &other));
	judge_pair(j, of);
	return 0;
}

unsigned int merge_join_behind(const struct merge_join *j)
{
	const struct merge_recording *r = j->rec;

	if (j->settled)
		return (int64_t)r[0].now_ns + j->offset_ns > (int64_t)r[1].now_ns;
	return r[0].now_ns - r[0].start_ns > r[1].now_ns - r[1].start_ns;
}

void merge_join_end(struct merge_join *j)
{
	for (unsigned int s = 0; s < 2; s++)
		while (j->side[s].oldest != NONE)
			settle(j, j->side[s].oldest);
}

struct merge_join *merge_join_new(const struct merge_recording *rec, uint32_t max_pending)
{
	struct merge_join *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->rec = rec;
	j->max = max_pending;
	j->free = NONE;
	j->buckets = BUCKETS_MIN;
	j->side[0] = j->side[1] = (struct side){ .oldest = NONE, .newest = NONE };
	if (getrandom(&j->seed, sizeof(j->seed), GRND_NONBLOCK) != sizeof(j->seed))
		j->seed = nt_clock_mono_ns();
	if (grow(j) < 0) {
		merge_join_free(j);
		return NULL;
	}
	return j;
}

const struct merge_joined *merge_join_result(const struct merge_join *j)
{
	return &j->result;
}

void merge_join_free(struct merge_join *j)
{
	if (!j)
		return;
	free(j->e);
	free(j->bucket);
	free(j);
}
