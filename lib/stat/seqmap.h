/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which numbers of a sequence have come: once, twice, out of order, not at all. A window of
 * bits moves along, so that its size does not grow with the sequence; what has left it is
 * settled.
 */
#ifndef NT_SEQMAP_H
#define NT_SEQMAP_H

#include <stdint.h>

struct nt_seqmap {
	uint64_t *word; /* a ring; owned */
	uint64_t words;
	uint64_t base; /* lowest number in the window, a multiple of 64 */
	uint64_t next; /* the highest number that came, plus 1 */
	uint64_t received, duplicate;
	uint64_t reordered; /* for the first time, but behind a higher one */
	uint64_t beyond;    /* so late that the window had gone on: first or again, not known */
	uint64_t run;       /* numbers missing in a row just before base */
	uint64_t longest;   /* the most in a row */
};

enum nt_seq { NT_SEQ_NEW, NT_SEQ_DUPLICATE, NT_SEQ_BEYOND };

/* bits: of the window, rounded up to whole words. 0 or -ENOMEM. */
int nt_seqmap_init(struct nt_seqmap *m, uint64_t bits);
void nt_seqmap_free(struct nt_seqmap *m);
/* A number that came; below 2^63. */
enum nt_seq nt_seqmap_add(struct nt_seqmap *m, uint64_t seq);
/* There were total numbers, 0 to total - 1: settle all of them. Nothing is added after. */
void nt_seqmap_end(struct nt_seqmap *m, uint64_t total);

#endif
