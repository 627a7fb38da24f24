// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rows, from the kernel's map into a table.
 *
 * The map holds two generations. To read one, the programs are told to fill the
 * other; when all that were under way have ended, nothing can change the old one
 * any more: it is read and emptied, and no drop is lost or counted twice. So the
 * map only ever holds what one interval brings, however long the run is.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drop_summary.h"
#include "tape.h"

struct taped_row {
	struct drop_key key;
	struct drop_val val;
};

static uint32_t hash_of(const struct drop_key *k)
{
	const unsigned char *p = (const unsigned char *)k;
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < sizeof(*k); i += 8) {
		uint64_t w;

		memcpy(&w, p + i, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 32);
}

static void index_row(struct drop_table *t, uint32_t i)
{
	uint32_t s = hash_of(&t->v[i].key) & (t->slots - 1);

	while (t->slot[s])
		s = (s + 1) & (t->slots - 1);
	t->slot[s] = i + 1;
}

static int grow(struct drop_table *t)
{
	uint32_t room = t->room ? t->room * 2 : 256, i;
	struct drop_row *v = realloc(t->v, room * sizeof(*v));
	uint32_t *slot;

	if (!v)
		return -ENOMEM;
	t->v = v;
	slot = calloc((size_t)room * 2, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(t->slot);
	t->slot = slot;
	t->slots = room * 2;
	t->room = room;
	for (i = 0; i < t->n; i++)
		index_row(t, i);
	return 0;
}

/* The row of a key, made if it is not there; NULL: no memory. */
static struct drop_row *row_of(struct drop_table *t, const struct drop_key *key)
{
	uint32_t s;

	if (t->n == t->room && grow(t) < 0)
		return NULL;
	for (s = hash_of(key) & (t->slots - 1); t->slot[s]; s = (s + 1) & (t->slots - 1))
		if (!memcmp(&t->v[t->slot[s] - 1].key, key, sizeof(*key)))
			return &t->v[t->slot[s] - 1];
	memset(&t->v[t->n], 0, sizeof(t->v[0]));
	t->v[t->n].key = *key;
	t->slot[s] = ++t->n;
	return &t->v[t->n - 1];
}

void drop_rows_free(struct drop_table *t)
{
	free(t->v);
	free(t->slot);
	memset(t, 0, sizeof(*t));
}

static int by_total(const void *a, const void *b)
{
	uint64_t x = ((const struct drop_row *)a)->total, y = ((const struct drop_row *)b)->total;

	return (x < y) - (x > y);
}

/*
 * Before an interval: its figures begin at 0, and when there are more rows than
 * were asked for, the smaller half is given up into one sum.
 */
static void begin_interval(struct nt_run *run)
{
	const struct drop_cfg *c = run->cfg;
	struct drop_state *st = run->state;
	struct drop_table *t = &st->table;
	uint32_t i, keep = c->max_entries / 2;

	if (t->n > c->max_entries) {
		qsort(t->v, t->n, sizeof(t->v[0]), by_total);
		for (i = keep; i < t->n; i++) {
			st->folded += t->v[i].total;
			st->folded_bytes += t->v[i].total_bytes;
		}
		t->n = keep;
		memset(t->slot, 0, t->slots * sizeof(*t->slot));
		for (i = 0; i < t->n; i++)
			index_row(t, i);
	}
	for (i = 0; i < t->n; i++)
		t->v[i].count = t->v[i].bytes = 0;
}

static int add_row(struct nt_run *run, const struct taped_row *k)
{
	struct drop_state *st = run->state;
	struct drop_key key = k->key;
	struct drop_row *row;

	key.gen = 0;
	row = row_of(&st->table, &key);
	if (!row)
		return -ENOMEM;
	if (!row->total) {
		row->first_ns = k->val.first_ns;
		memcpy(row->dev, k->val.dev, sizeof(row->dev));
	}
	row->count += k->val.count;
	row->bytes += k->val.bytes;
	row->total += k->val.count;
	row->total_bytes += k->val.bytes;
	row->last_ns = k->val.last_ns;
	return 0;
}

static int read_tape(struct nt_run *run)
{
	struct taped_row k;
	int r;

	while ((r = nt_tape_read(run->replay, NT_TAPE_ROW, NULL, &k, sizeof(k))) ==
	       (int)sizeof(k)) {
		r = add_row(run, &k);
		if (r < 0)
			return r;
	}
	if (r >= 0)
		return -EBADMSG;
	r = nt_tape_read(run->replay, NT_TAPE_END, NULL, &k, sizeof(k));
	return r < 0 ? -EBADMSG : 0;
}

/* Walk the map, take and delete the rows of a generation. */
static int take_rows(struct nt_run *run, int fd, uint8_t gen)
{
	struct taped_row k;
	struct drop_key next;
	bool more = !bpf_map_get_next_key(fd, NULL, &next);
	int r = 0;

	while (more && !r) {
		k.key = next;
		/* Before the deletion, which would send the walk to the beginning. */
		more = !bpf_map_get_next_key(fd, &k.key, &next);
		if (k.key.gen != gen || bpf_map_lookup_elem(fd, &k.key, &k.val))
			continue;
		r = add_row(run, &k);
		if (!r && bpf_map_delete_elem(fd, &k.key))
			r = -errno;
		if (!r && run->record)
			nt_tape_write(run->record, NT_TAPE_ROW, 0, &k, sizeof(k));
	}
	return r;
}

int drop_rows_read(struct nt_run *run)
{
	struct drop_kcfg *k = run->kcfg;
	uint8_t gen = (uint8_t)k->gen;
	int fd, r;

	begin_interval(run);
	if (run->replay)
		return read_tape(run);
	fd = nt_run_map_fd(run, "drop_rows");
	if (fd < 0)
		return fd;
	k->gen ^= 1;
	r = nt_run_push_settings(run);
	if (r < 0)
		return r;
	nt_run_settle();
	r = take_rows(run, fd, gen);
	if (!r && run->record)
		nt_tape_write(run->record, NT_TAPE_END, 0, NULL, 0);
	return r;
}
