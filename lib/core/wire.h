/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers in messages between hosts: big endian, written and read through a cursor that
 * never leaves its buffer. What does not fit sets failed, and it is enough to ask once.
 */
#ifndef NT_WIRE_H
#define NT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nt_wire {
	uint8_t *p;
	size_t n, room; /* bytes done, and of the buffer */
	bool failed;
};

void nt_wire_put(struct nt_wire *w, uint64_t v, size_t bytes);
/* A text as bytes octets, cut, zero-filled. */
void nt_wire_put_text(struct nt_wire *w, const char *s, size_t bytes);
/* 0 where the buffer has ended. */
uint64_t nt_wire_get(struct nt_wire *w, size_t bytes);
/* bytes octets as text into s, which is one larger. */
void nt_wire_get_text(struct nt_wire *w, char *s, size_t bytes);
/* Was all of it well, and nothing left over? */
bool nt_wire_whole(const struct nt_wire *w);

#endif
