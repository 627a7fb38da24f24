/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a mistyped name is from a known one. */
#ifndef NT_DISTANCE_H
#define NT_DISTANCE_H

#include <stddef.h>

/* Longer words are not worth a suggestion. */
#define NT_DISTANCE_MAX 40

/*
 * Edits (insert, delete, change, swap of neighbours) between two words. When
 * one is longer than NT_DISTANCE_MAX: the length of the longer one.
 */
unsigned nt_edit_distance(const char *a, const char *b);
/* The same for words without a NUL. */
unsigned nt_edit_distance_n(const char *a, size_t an, const char *b, size_t bn);

#endif
