// SPDX-License-Identifier: GPL-2.0-or-later
#include "registry.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"

/* Of a command, the longest. */
#define MAX_WORDS 3

#define NT_TOOL(family, name) extern const struct nt_tool nt_tool_##family##_##name;
#include "tools.def"
#undef NT_TOOL

const struct nt_tool *const nt_tools[] = {
#define NT_TOOL(family, name) &nt_tool_##family##_##name,
#include "tools.def"
#undef NT_TOOL
	NULL,
};
_Static_assert(NT_ARRAY_SIZE(nt_tools) <= NT_MAX_TOOLS + 1, "room for every command");

/* How many of argv's words the tool's words take up, 0 if they differ. */
static int words_match(const char *words, int argc, char **argv)
{
	int n = 0;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (n == argc || strlen(argv[n]) != len || strncmp(argv[n], words, len))
			return 0;
		n++;
		words += len;
		words += *words == ' ';
	}
	return n;
}

const struct nt_tool *nt_tool_by_words(int argc, char **argv, int *used)
{
	const struct nt_tool *best = NULL;
	int i, n;

	*used = 0;
	for (i = 0; nt_tools[i]; i++) {
		n = words_match(nt_tools[i]->words, argc, argv);
		if (n > *used) {
			*used = n;
			best = nt_tools[i];
		}
	}
	return best;
}

/* With its extension, or without. */
static bool legacy_match(const char *known, const char *name)
{
	const char *dot = strrchr(known, '.');

	if (!strcmp(known, name))
		return true;
	return dot && strlen(name) == (size_t)(dot - known) && !strncmp(known, name, dot - known);
}

static const struct nt_tool *find_legacy(const char *name, const char *ext,
					 const struct nt_legacy **legacy)
{
	const struct nt_legacy *l;
	int i;

	for (i = 0; nt_tools[i]; i++) {
		for (l = nt_tools[i]->legacy; l && l->name; l++) {
			const char *dot = strrchr(l->name, '.');

			if (ext && (!dot || strcmp(dot, ext)))
				continue;
			if (legacy_match(l->name, name)) {
				*legacy = l;
				return nt_tools[i];
			}
		}
	}
	return NULL;
}

const struct nt_tool *nt_tool_by_legacy(const char *name, const struct nt_legacy **legacy)
{
	const struct nt_tool *t = find_legacy(name, ".py", legacy);

	return t ? t : find_legacy(name, NULL, legacy);
}

void nt_tool_typed(int argc, char **argv, char *buf, size_t len)
{
	size_t n = 0;
	int i;

	buf[0] = 0;
	for (i = 0; i < argc && i < MAX_WORDS && argv[i][0] != '-' && n < len; i++)
		n += (size_t)snprintf(buf + n, len - n, "%s%s", i ? " " : "", argv[i]);
}

const char *nt_tool_suggest(const char *typed)
{
	const char *known[NT_MAX_TOOLS];
	size_t n;

	for (n = 0; nt_tools[n]; n++)
		known[n] = nt_tools[n]->words;
	return nt_suggest(typed, known, n);
}
