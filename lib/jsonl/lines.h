/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines out of what comes in pieces, from a file or a pipe, whoever wrote it. */
#ifndef NT_LINES_H
#define NT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer line is dropped and counted: a summary with all its buckets has half of it. */
#define NT_LINE_MAX (1U << 20)

/* Zero-initialise; nt_lines_free() releases. */
struct nt_lines {
	char *s;
	size_t n, room; /* bytes held, and of the memory */
	size_t at;      /* of them given out */
	bool skip;      /* within one that is too long */
	uint64_t too_long;
};

/* Append a piece. 0 or -ENOMEM; then the piece is dropped. */
int nt_lines_add(struct nt_lines *l, const char *p, size_t n);
/* The next whole line without its end, valid until the next addition. */
bool nt_lines_next(struct nt_lines *l, const char **line, size_t *n);
/* Bytes of the line that has not ended. */
size_t nt_lines_rest(const struct nt_lines *l);
void nt_lines_free(struct nt_lines *l);

#endif
