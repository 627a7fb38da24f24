// SPDX-License-Identifier: GPL-2.0-or-later
#include "seqmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORD 64

int nt_seqmap_init(struct nt_seqmap *m, uint64_t bits)
{
	memset(m, 0, sizeof(*m));
	m->words = (bits + WORD - 1) / WORD;
	m->word = calloc(m->words, sizeof(*m->word));
	return m->word ? 0 : -ENOMEM;
}

void nt_seqmap_free(struct nt_seqmap *m)
{
	free(m->word);
	m->word = NULL;
}

static void missing(struct nt_seqmap *m, uint64_t n)
{
	m->run += n;
	if (m->run > m->longest)
		m->longest = m->run;
}

/* The first n bits of the word at base leave the window, n at most 64. */
static void settle(struct nt_seqmap *m, uint64_t n)
{
	uint64_t *w = &m->word[m->base / WORD % m->words], i;

	if (!*w) {
		missing(m, n);
	} else if (~*w == 0) {
		m->run = 0;
	} else {
		for (i = 0; i < n; i++) {
			if (*w >> i & 1)
				m->run = 0;
			else
				missing(m, 1);
		}
	}
	*w = 0;
	m->base += n;
}

/* Move on until seq is in the window. */
static void advance(struct nt_seqmap *m, uint64_t seq)
{
	uint64_t i, far;

	for (i = 0; i < m->words && seq - m->base >= m->words * WORD; i++)
		settle(m, WORD);
	if (seq - m->base < m->words * WORD)
		return;
	/* A leap: the window is empty, and so is all that lies between. */
	far = (seq - m->base) / WORD * WORD;
	missing(m, far);
	m->base += far;
}

enum nt_seq nt_seqmap_add(struct nt_seqmap *m, uint64_t seq)
{
	uint64_t *w, bit = 1ULL << seq % WORD;

	if (seq < m->base) {
		m->beyond++;
		return NT_SEQ_BEYOND;
	}
	advance(m, seq);
	w = &m->word[seq / WORD % m->words];
	if (*w & bit) {
		m->duplicate++;
		return NT_SEQ_DUPLICATE;
	}
	*w |= bit;
	m->received++;
	if (seq < m->next)
		m->reordered++;
	else
		m->next = seq + 1;
	return NT_SEQ_NEW;
}

void nt_seqmap_end(struct nt_seqmap *m, uint64_t total)
{
	uint64_t i;

	for (i = 0; i < m->words && m->base < total; i++)
		settle(m, total - m->base < WORD ? total - m->base : WORD);
	if (m->base < total)
		missing(m, total - m->base);
	m->base = total;
}
