/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands about nettrace itself. They read the descriptors of all tools. */
#ifndef NT_META_H
#define NT_META_H

#include <stdbool.h>
#include <stdio.h>

#include "doc.h"
#include "registry.h"

struct nt_json;
struct nt_out;

/* Settings of a plain command: struct nt_common first. */
struct meta_cfg {
	struct nt_common common;
	bool names;
	bool legacy;
	bool force;
	const char *word[3]; /* positional */
};

/* The documentation view of a descriptor, and of all. Returns how many. */
struct nt_doc meta_doc(const struct nt_tool *tool);
size_t meta_docs(struct nt_doc docs[NT_MAX_TOOLS]);

/* Text to stdout or stderr; the exit code. A closed pipe is an error without words. */
int meta_put(const struct nt_buf *b, FILE *to);
/* --help of a tool, called by a legacy name or as NULL, on stdout; returns the exit code. */
int meta_print_help(const struct nt_tool *tool, const struct nt_legacy *as);
/* Overview on stdout, or with error set on stderr (exit code 2). */
int meta_print_overview(bool error);
/* Commands that begin with these words ("path", "vm latency"): the exit code, or -1 if
 * none does. */
int meta_print_family(const char *family, FILE *to);
/* Hidden: candidates for the shell glue; the OPTIONS part of man pages. */
int meta_complete(int argc, char **argv);
int meta_man(int argc, char **argv);
/* Hidden: faults of the descriptors on stdout, a line each; the exit code. */
int meta_check(void);

/* Open the output that the common options ask for. On failure prints and
 * returns the exit code; 0 else. */
int meta_open(const struct nt_tool *tool, const struct meta_cfg *cfg, struct nt_out **out);
/* A JSON line of the command's: an "event" of now. */
struct nt_json *meta_json(const struct nt_tool *tool, struct nt_out *out);
/* Close it; the exit code of the command. */
int meta_close(const struct nt_tool *tool, struct nt_out *out, int code);
/* Both, with one text between them; with JSON "name" and "text". */
int meta_print_text(const struct nt_tool *tool, const struct meta_cfg *cfg, const char *name,
		    const struct nt_buf *text);

#endif
