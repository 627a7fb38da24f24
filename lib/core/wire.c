// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <string.h>

static bool room(struct nt_wire *w, size_t bytes)
{
	if (!w->failed && bytes <= w->room - w->n)
		return true;
	w->failed = true;
	return false;
}

void nt_wire_put(struct nt_wire *w, uint64_t v, size_t bytes)
{
	size_t i;

	if (!room(w, bytes))
		return;
	for (i = 0; i < bytes; i++)
		w->p[w->n + i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	w->n += bytes;
}

void nt_wire_put_text(struct nt_wire *w, const char *s, size_t bytes)
{
	if (!room(w, bytes))
		return;
	memset(w->p + w->n, 0, bytes);
	memcpy(w->p + w->n, s, strnlen(s, bytes));
	w->n += bytes;
}

uint64_t nt_wire_get(struct nt_wire *w, size_t bytes)
{
	uint64_t v = 0;
	size_t i;

	if (!room(w, bytes))
		return 0;
	for (i = 0; i < bytes; i++)
		v = v << 8 | w->p[w->n + i];
	w->n += bytes;
	return v;
}

void nt_wire_get_text(struct nt_wire *w, char *s, size_t bytes)
{
	memset(s, 0, bytes + 1);
	if (!room(w, bytes))
		return;
	memcpy(s, w->p + w->n, bytes);
	w->n += bytes;
}

bool nt_wire_whole(const struct nt_wire *w)
{
	return !w->failed && w->n == w->room;
}
