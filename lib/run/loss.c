// SPDX-License-Identifier: GPL-2.0-or-later
/* Every place where something can be missed, in every report. */
#include <assert.h>
#include <string.h>

#include "run_internal.h"

static void put(struct nt_losses *l, const struct nt_loss *loss)
{
	assert(l->n < NT_MAX_LOSS); /* how many a tool has does not depend on anything */
	l->v[l->n++] = *loss;
}

void nt_loss_add(struct nt_losses *l, const char *key, const char *text, uint64_t n)
{
	put(l, &(struct nt_loss){ key, text, n, false });
}

static void add_misses(struct nt_losses *l, const char *key, const char *text, bool known,
		       uint64_t n)
{
	if (known)
		nt_loss_add(l, key, text, n);
	else
		nt_loss_unknown(l, key, text);
}

static void fill_misses(struct nt_run *run, bool whole, struct nt_losses *l)
{
	const struct nt_misses *from = whole ? &run->misses_start : &run->misses_before;
	const struct nt_misses *now = &run->misses;

	nt_run_fail(run, nt_misses_read(run));
	add_misses(l, "recursion", "hits within a program's own run",
		   now->known & NT_MISS_RECURSION, now->recursion - from->recursion);
	add_misses(l, "probe_misses", "hits of probes in probes, or of too many at once",
		   now->known & NT_MISS_PROBE, now->probe - from->probe);
	run->misses_before = *now;
}

void nt_run_losses(struct nt_run *run, const struct nt_counters *c, bool whole, struct nt_losses *l)
{
	memset(l, 0, sizeof(*l));
	nt_loss_add(l, "events_lost", "events not delivered (buffer full)", c->c[NT_C_EVENT_LOST]);
	nt_loss_add(l, "table_full", "packets not tracked (table full)", c->c[NT_C_TABLE_FULL]);
	nt_loss_add(l, "header_unread", "packets with unreadable headers",
		    c->c[NT_C_HEADER_UNREAD]);
	nt_loss_add(l, "stack_lost", "stacks not stored", c->c[NT_C_STACK_LOST]);
	nt_loss_add(l, "order_failed", "events lost for want of memory",
		    run->order_failed - (whole ? 0 : run->order_failed_before));
	run->order_failed_before = run->order_failed;
	fill_misses(run, whole, l);
}

void nt_loss_unknown(struct nt_losses *l, const char *key, const char *text)
{
	put(l, &(struct nt_loss){ key, text, 0, true });
}

uint64_t nt_loss_of(const struct nt_losses *l, const char *key)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].key, key))
			return l->v[i].n;
	return 0;
}

void nt_loss_text(struct nt_out *out, const struct nt_losses *l)
{
	const char *sep = "Lost: ";
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		if (!l->v[i].n)
			continue;
		nt_out_text(out, "%s%s %llu", sep, l->v[i].text, (unsigned long long)l->v[i].n);
		sep = ", ";
	}
	if (*sep == ',')
		nt_out_text(out, "\n");
}

void nt_loss_json(struct nt_json *j, const struct nt_losses *l)
{
	uint32_t i;

	nt_json_obj(j, "loss");
	for (i = 0; i < l->n; i++) {
		if (l->v[i].unknown)
			nt_json_null(j, l->v[i].key);
		else
			nt_json_u64(j, l->v[i].key, l->v[i].n);
	}
	nt_json_end(j);
}
