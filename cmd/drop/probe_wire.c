// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What goes over the network, big endian. A probe: magic u32, version u16, 0 u16, session
 * u64, token u64, number u64, time u64, zeroes. A message: magic u32, version u16, type
 * u16, length u32, payload. Nothing that comes in is believed before it is looked at.
 */
#include <errno.h>
#include <string.h>

#include "probe.h"
#include "wire.h"

#define MAGIC_PROBE 0x4e545044U   /* NTPD */
#define MAGIC_CONTROL 0x4e545043U /* NTPC */
#define VERSION 1
#define TEXT 16 /* an interface's name */

/* --- probes --- */

void probe_datagram_put(const struct probe_datagram *d, uint8_t buf[PROBE_HEAD])
{
	struct nt_wire w = { .p = buf, .room = PROBE_HEAD };

	nt_wire_put(&w, MAGIC_PROBE, 4);
	nt_wire_put(&w, VERSION, 2);
	nt_wire_put(&w, 0, 2);
	nt_wire_put(&w, d->id.session, 8);
	nt_wire_put(&w, d->id.token, 8);
	nt_wire_put(&w, d->seq, 8);
	nt_wire_put(&w, d->wall_ns, 8);
}

bool probe_datagram_get(const uint8_t *buf, size_t n, const struct probe_id *id,
			struct probe_datagram *d)
{
	/* The cursor only reads it. */
	struct nt_wire w = { .p = (uint8_t *)buf, .room = n };

	if (nt_wire_get(&w, 4) != MAGIC_PROBE || nt_wire_get(&w, 2) != VERSION)
		return false;
	nt_wire_get(&w, 2);
	d->id.session = nt_wire_get(&w, 8);
	d->id.token = nt_wire_get(&w, 8);
	d->seq = nt_wire_get(&w, 8);
	d->wall_ns = nt_wire_get(&w, 8);
	return !w.failed && d->id.session == id->session && d->id.token == id->token &&
	       d->seq <= INT64_MAX;
}

/* --- messages: writing --- */

static struct nt_wire begin(uint8_t *buf, enum probe_message type)
{
	struct nt_wire w = { .p = buf, .room = PROBE_FRAME_MAX };

	nt_wire_put(&w, MAGIC_CONTROL, 4);
	nt_wire_put(&w, VERSION, 2);
	nt_wire_put(&w, type, 2);
	nt_wire_put(&w, 0, 4);
	return w;
}

/* The length is known at last. */
static size_t end(struct nt_wire *w)
{
	struct nt_wire head = { .p = w->p + 8, .room = 4 };

	nt_wire_put(&head, w->n - PROBE_FRAME_HEAD, 4);
	return w->failed ? 0 : w->n;
}

size_t probe_put_hello(uint8_t *buf, const struct probe_hello *h)
{
	struct nt_wire w = begin(buf, PROBE_HELLO);

	nt_wire_put(&w, h->rate, 4);
	nt_wire_put(&w, h->size, 4);
	nt_wire_put_text(&w, h->iface, TEXT);
	return end(&w);
}

size_t probe_put_ready(uint8_t *buf, const struct probe_ready *r)
{
	struct nt_wire w = begin(buf, PROBE_READY);

	nt_wire_put(&w, r->busy, 1);
	nt_wire_put(&w, r->id.session, 8);
	nt_wire_put(&w, r->id.token, 8);
	nt_wire_put_text(&w, r->iface, TEXT);
	return end(&w);
}

size_t probe_put_count(uint8_t *buf, enum probe_message type, uint64_t n)
{
	struct nt_wire w = begin(buf, type);

	nt_wire_put(&w, n, 8);
	return end(&w);
}

static void put_counters(struct nt_wire *w, const struct probe_counters *c)
{
	uint32_t i;

	nt_wire_put(w, (c->unread ? 1 : 0) | (c->reset ? 2 : 0), 1);
	nt_wire_put(w, PROBE_COUNTERS, 2);
	for (i = 0; i < PROBE_COUNTERS; i++)
		nt_wire_put(w, c->v[i], 8);
}

/* Buckets that are not empty: at most 10 KiB. */
static void put_hist(struct nt_wire *w, const struct nt_hist *h)
{
	uint32_t i, n = 0;

	for (i = 0; i < NT_HIST_BUCKETS; i++)
		n += h->bucket[i] != 0;
	nt_wire_put(w, h->sum, 8);
	nt_wire_put(w, h->max, 8);
	nt_wire_put(w, h->min_inv, 8);
	nt_wire_put(w, n, 2);
	for (i = 0; i < NT_HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		nt_wire_put(w, i, 2);
		nt_wire_put(w, h->bucket[i], 8);
	}
}

size_t probe_put_result(uint8_t *buf, const struct probe_arrived *a)
{
	struct nt_wire w = begin(buf, PROBE_RESULT);

	nt_wire_put(&w, a->received, 8);
	nt_wire_put(&w, a->duplicate, 8);
	nt_wire_put(&w, a->reordered, 8);
	nt_wire_put(&w, a->longest_gap, 8);
	nt_wire_put(&w, a->beyond, 8);
	nt_wire_put(&w, a->foreign, 8);
	nt_wire_put(&w, a->unstamped, 8);
	put_counters(&w, &a->c);
	put_hist(&w, &a->jitter);
	return end(&w);
}

size_t probe_put_final(uint8_t *buf, const struct probe_sent *s)
{
	struct nt_wire w = begin(buf, PROBE_FINAL);

	nt_wire_put(&w, s->sent, 8);
	nt_wire_put(&w, s->errors, 8);
	nt_wire_put(&w, s->elapsed_ns, 8);
	nt_wire_put(&w, s->stamped, 8);
	nt_wire_put(&w, s->all_stamped, 1);
	put_counters(&w, &s->c);
	return end(&w);
}

/* --- messages: reading --- */

int probe_frame_cut(const uint8_t *p, size_t n, struct probe_frame *f)
{
	struct nt_wire w = { .p = (uint8_t *)p, .room = n < 12 ? n : 12 };
	uint64_t magic = nt_wire_get(&w, n < 4 ? n : 4), version, type, len;

	/* A stranger is known by the first byte that is wrong. */
	if (magic != (n < 4 ? (uint64_t)MAGIC_CONTROL >> (8 * (4 - n)) : MAGIC_CONTROL))
		return -EPROTO;
	if (n < PROBE_FRAME_HEAD)
		return 0;
	version = nt_wire_get(&w, 2);
	type = nt_wire_get(&w, 2);
	len = nt_wire_get(&w, 4);
	if (version != VERSION)
		return -EPROTONOSUPPORT;
	if (type < PROBE_HELLO || type >= PROBE_MESSAGES ||
	    len > PROBE_FRAME_MAX - PROBE_FRAME_HEAD)
		return -EPROTO;
	if (n - PROBE_FRAME_HEAD < len)
		return 0;
	*f = (struct probe_frame){ (enum probe_message)type, p + PROBE_FRAME_HEAD, len };
	return (int)(PROBE_FRAME_HEAD + len);
}

static struct nt_wire payload(const struct probe_frame *f)
{
	return (struct nt_wire){ .p = (uint8_t *)f->p, .room = f->n };
}

bool probe_get_hello(const struct probe_frame *f, struct probe_hello *h)
{
	struct nt_wire w = payload(f);

	h->rate = (uint32_t)nt_wire_get(&w, 4);
	h->size = (uint32_t)nt_wire_get(&w, 4);
	nt_wire_get_text(&w, h->iface, TEXT);
	return nt_wire_whole(&w) && h->size >= PROBE_HEAD && h->size <= PROBE_MAX_SIZE;
}

bool probe_get_ready(const struct probe_frame *f, struct probe_ready *r)
{
	struct nt_wire w = payload(f);

	r->busy = nt_wire_get(&w, 1) != 0;
	r->id.session = nt_wire_get(&w, 8);
	r->id.token = nt_wire_get(&w, 8);
	nt_wire_get_text(&w, r->iface, TEXT);
	return nt_wire_whole(&w);
}

bool probe_get_count(const struct probe_frame *f, uint64_t *n)
{
	struct nt_wire w = payload(f);

	*n = nt_wire_get(&w, 8);
	return nt_wire_whole(&w) && *n <= INT64_MAX;
}

static void get_counters(struct nt_wire *w, struct probe_counters *c)
{
	uint64_t flags = nt_wire_get(w, 1), n = nt_wire_get(w, 2), i;

	c->unread = flags & 1;
	c->reset = flags & 2;
	if (n != PROBE_COUNTERS)
		w->failed = true;
	for (i = 0; i < PROBE_COUNTERS; i++) {
		c->v[i] = nt_wire_get(w, 8);
		if (c->v[i] > INT64_MAX)
			w->failed = true;
	}
}

/* Do the sum and the limits go with the buckets? An average outside of them is a lie. */
static bool good_hist(const struct nt_hist *h)
{
	uint64_t min = ~h->min_inv;

	if (!h->count)
		return !h->sum && !h->max;
	return min <= h->max && h->bucket[nt_hist_index(min)] && h->bucket[nt_hist_index(h->max)] &&
	       (unsigned __int128)min * h->count <= h->sum &&
	       (unsigned __int128)h->max * h->count >= h->sum;
}

static void get_hist(struct nt_wire *w, struct nt_hist *h)
{
	uint64_t n, i, at, before = 0;

	memset(h, 0, sizeof(*h));
	h->sum = nt_wire_get(w, 8);
	h->max = nt_wire_get(w, 8);
	h->min_inv = nt_wire_get(w, 8);
	n = nt_wire_get(w, 2);
	for (i = 0; i < n && !w->failed; i++) {
		at = nt_wire_get(w, 2);
		if (at >= NT_HIST_BUCKETS || (i && at <= before)) {
			w->failed = true;
			return;
		}
		h->bucket[at] = nt_wire_get(w, 8);
		w->failed |= h->bucket[at] > 1ULL << 50;
		h->count += h->bucket[at];
		before = at;
	}
	if (!good_hist(h))
		w->failed = true;
}

bool probe_get_result(const struct probe_frame *f, struct probe_arrived *a)
{
	struct nt_wire w = payload(f);

	a->received = nt_wire_get(&w, 8);
	a->duplicate = nt_wire_get(&w, 8);
	a->reordered = nt_wire_get(&w, 8);
	a->longest_gap = nt_wire_get(&w, 8);
	a->beyond = nt_wire_get(&w, 8);
	a->foreign = nt_wire_get(&w, 8);
	a->unstamped = nt_wire_get(&w, 8);
	get_counters(&w, &a->c);
	get_hist(&w, &a->jitter);
	return nt_wire_whole(&w) && a->received <= INT64_MAX && a->beyond <= INT64_MAX;
}

bool probe_get_final(const struct probe_frame *f, struct probe_sent *s)
{
	struct nt_wire w = payload(f);

	s->sent = nt_wire_get(&w, 8);
	s->errors = nt_wire_get(&w, 8);
	s->elapsed_ns = nt_wire_get(&w, 8);
	s->stamped = nt_wire_get(&w, 8);
	s->all_stamped = nt_wire_get(&w, 1) != 0;
	get_counters(&w, &s->c);
	return nt_wire_whole(&w) && s->sent <= INT64_MAX && s->elapsed_ns <= INT64_MAX;
}
