// SPDX-License-Identifier: GPL-2.0-or-later
#include "suggest.h"
#include "distance.h"
#include "opt.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Is the word the beginning or the end ("src-ip": "ip") of a longer one? */
static bool part_of(struct nt_span word, struct nt_span whole)
{
	size_t tail;

	if (whole.n <= word.n)
		return false;
	tail = whole.n - word.n;
	return nt_span_begins(word, whole) ||
	       (whole.s[tail - 1] == '-' && !memcmp(whole.s + tail, word.s, word.n));
}

void nt_nearest_try(struct nt_nearest *n, struct nt_span known)
{
	/* One edit in three characters: more is another word. */
	size_t most = (n->typed.n + 2) / 3, d;

	if (!n->typed.n || n->typed.n > NT_DISTANCE_MAX || !known.n || known.n > NT_DISTANCE_MAX)
		return;
	d = nt_edit_distance_n(n->typed.s, n->typed.n, known.s, known.n);
	if (n->typed.n >= 3 && part_of(n->typed, known))
		d = least(d, most);
	if (d > most || d >= least(n->typed.n, known.n))
		return;
	if (!n->best.s || d < n->distance) {
		n->best = known;
		n->distance = d;
	}
}

const char *nt_suggest(const char *typed, const char *const *known, size_t count)
{
	struct nt_nearest n = { .typed = nt_span_of(typed) };

	for (size_t i = 0; i < count; i++)
		nt_nearest_try(&n, nt_span_of(known[i]));
	return n.best.s;
}
