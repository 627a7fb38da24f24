/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told about a command, and the texts that are made of it: notes of
 * options, synopsis, man page sections. --help is in help.h.
 */
#ifndef NT_DOC_H
#define NT_DOC_H

#include <stddef.h>

#include "buf.h"
#include "opt.h"

struct nt_example {
	const char *args; /* after "nettrace " */
	const char *what; /* one line */
};

struct nt_doc {
	const char *words;   /* "path icmp" */
	const char *summary; /* one line, lower case, no full stop */
	const char *family;  /* man page: nettrace-<family>(8) */
	const char *side;    /* "host", "guest" or "any"; NULL: not said */
	const char *rest;    /* stands for further words ("FILE"), or NULL: none are taken */
	const struct nt_opt *opts;
	const struct nt_example *examples; /* ends with NULL args, or NULL */
	const struct nt_legacy *legacy;    /* ends with a NULL name, or NULL */
	const struct nt_legacy *as;        /* the one by whose name it was called, or NULL */
	size_t cfg_size;
};

/*
 * The OPTIONS of a man page: all visible rows of the table as man(7) source,
 * one heading after the other.
 */
void nt_doc_man_options(struct nt_buf *out, const struct nt_doc *doc);
/*
 * A subsection of the family's man page: synopsis, summary, options without the
 * common ones (nettrace(8) has them), examples, legacy names.
 */
void nt_doc_man_command(struct nt_buf *out, const struct nt_doc *doc);

struct nt_opt_set;

/* What stands behind an option's name: metavar, or the choices if they are short. */
void nt_doc_value(struct nt_buf *out, const struct nt_opt *o);
/* "--src-ip ADDR", "--[no-]filter", "--stack[=WORD]". */
void nt_doc_spelling(struct nt_buf *out, const struct nt_opt *o);
/* "required; 1-1000; default 1000ms": what the table adds to .help; may be empty. */
void nt_doc_note(struct nt_buf *out, const struct nt_opt *o);
/* " --src-ip ADDR [OPTION]... [IFACE]": what stands behind the command words. */
void nt_doc_synopsis(struct nt_buf *out, const struct nt_opt_set *set, const char *rest);
/* "on hosts only", ...; NULL for NULL. */
const char *nt_doc_side(const char *side);
/*
 * Heading number i of the table, in order of first use; rows without one are
 * under "Options". NULL: no more.
 */
const char *nt_doc_heading(const struct nt_opt_set *set, uint32_t i);
/* The row's heading as nt_doc_heading() returns it. */
const char *nt_doc_heading_of(const struct nt_opt_set *set, uint32_t row);

#endif
