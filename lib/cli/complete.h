/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion: the shells call "nettrace __complete WORDS..." and show what it
 * prints, so that it is never older than the binary.
 */
#ifndef NT_COMPLETE_H
#define NT_COMPLETE_H

#include "doc.h"

struct nt_complete {
	const struct nt_doc *docs;
	size_t ndocs;
	/*
	 * Names that only this machine knows, by the option's metavar: "IFACE",
	 * "NETNS", or a tool's own ("REASON[,REASON]", a comma list). Calls add() for
	 * each. May be NULL.
	 */
	void (*names)(const char *metavar, void (*add)(void *to, const char *name), void *to);
};

/*
 * Candidates for the last of the words (those behind "nettrace"; it may be
 * empty) as lines "candidate" or "candidate<TAB>description". The line ":files"
 * or ":dirs" stands for file names, which the shell knows best. Candidates are
 * whole words: "--direction=rx", "r0,r1".
 */
void nt_complete(const struct nt_complete *c, int nwords, const char *const *words,
		 struct nt_buf *out);

#endif
