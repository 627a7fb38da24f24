/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of contents: every tool of cmd/tools.def. */
#ifndef NT_REGISTRY_H
#define NT_REGISTRY_H

#include "tool.h"

extern const struct nt_tool *const nt_tools[]; /* ends with NULL */
#define NT_MAX_TOOLS 160                       /* without that */

/*
 * The tool whose words begin argv[0..argc), the longest match; *used gets the
 * number of words. NULL if there is none.
 */
const struct nt_tool *nt_tool_by_words(int argc, char **argv, int *used);
/*
 * The tool of a legacy program name, with or without its extension. A name
 * without extension that two programs share is the .py one.
 */
const struct nt_tool *nt_tool_by_legacy(const char *name, const struct nt_legacy **legacy);
/* The words before the options, as they were typed, one blank between them. */
void nt_tool_typed(int argc, char **argv, char *buf, size_t len);
/* Nearest command to what was typed, or NULL. */
const char *nt_tool_suggest(const char *typed);

#endif
