/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help, from the option table. No line is longer than 80 columns. */
#ifndef NT_HELP_H
#define NT_HELP_H

#include "doc.h"

#define NT_HELP_WIDTH 80

/* The whole text of "nettrace WORDS --help". */
void nt_help(struct nt_buf *out, const struct nt_doc *doc);
/*
 * One line a command: words and summary, aligned, of the commands whose words
 * begin with the words of prefix ("path", "" for all).
 */
void nt_help_commands(struct nt_buf *out, const struct nt_doc *docs, size_t n, const char *prefix);

/*
 * Append text broken at blanks so that no line passes NT_HELP_WIDTH; column is
 * where the first line stands, further ones begin at indent. tail ends each
 * line but the last: "", or for shell commands " \\", and then options stay on
 * one line with their values. No newline at the end.
 */
struct nt_wrap {
	size_t column, indent;
	const char *tail;
};
void nt_help_wrap(struct nt_buf *out, struct nt_wrap w, const char *text);

#endif
