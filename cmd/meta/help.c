// SPDX-License-Identifier: GPL-2.0-or-later
/* help, and what is printed when the command line has no command. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "help.h"
#include "meta.h"
#include "out.h"

#define O(field) offsetof(struct meta_cfg, field)

struct nt_doc meta_doc(const struct nt_tool *t)
{
	return (struct nt_doc){ .words = t->words,
				.summary = t->summary,
				.family = t->family,
				.side = t->side,
				.opts = t->opts,
				.examples = t->examples,
				.legacy = t->legacy,
				.cfg_size = t->cfg_size };
}

size_t meta_docs(struct nt_doc docs[NT_MAX_TOOLS])
{
	size_t n;

	for (n = 0; nt_tools[n]; n++)
		docs[n] = meta_doc(nt_tools[n]);
	return n;
}

int meta_put(const struct nt_buf *b, FILE *to)
{
	size_t n = b->n ? fwrite(b->s, 1, b->n, to) : 0;

	if (n == b->n && !b->failed && fflush(to) == 0)
		return NT_EXIT_OK;
	if (b->failed)
		errno = ENOMEM;
	if (errno != EPIPE)
		fprintf(stderr, "nettrace: output is not complete: %s\n", strerror(errno));
	return NT_EXIT_RUNTIME;
}

/* --- the texts --- */

static void help_text(struct nt_buf *b, const struct nt_tool *tool, const struct nt_legacy *as)
{
	struct nt_doc doc = meta_doc(tool);

	doc.as = as;
	nt_help(b, &doc);
}

static void overview_text(struct nt_buf *b)
{
	struct nt_doc docs[NT_MAX_TOOLS];

	nt_buf_adds(b, "Usage: nettrace COMMAND [OPTION]...\n\n"
		       "Finds where packets are lost or delayed on virtualised Linux hosts.\n\n");
	nt_help_commands(b, docs, meta_docs(docs), "");
	nt_buf_adds(b, "\n'nettrace COMMAND --help' explains a command, 'nettrace doctor' tells\n"
		       "what works on this kernel.\n");
}

/* false: no command has these words and further ones. */
static bool family_text(struct nt_buf *b, const char *family)
{
	struct nt_doc docs[NT_MAX_TOOLS];
	size_t len = strlen(family), n = meta_docs(docs), i;

	for (i = 0; i < n; i++)
		if (!strncmp(docs[i].words, family, len) && docs[i].words[len] == ' ')
			break;
	if (i == n)
		return false;
	nt_buf_add(b, "'%s' is a family of commands:\n", family);
	nt_help_commands(b, docs, n, family);
	return true;
}

/* --- to standard output --- */

int meta_print_help(const struct nt_tool *tool, const struct nt_legacy *as)
{
	struct nt_buf b = { 0 };
	int r;

	help_text(&b, tool, as);
	r = meta_put(&b, stdout);
	nt_buf_free(&b);
	return r;
}

int meta_print_overview(bool error)
{
	struct nt_buf b = { 0 };
	int r;

	overview_text(&b);
	r = meta_put(&b, error ? stderr : stdout);
	nt_buf_free(&b);
	return error ? NT_EXIT_USAGE : r;
}

int meta_print_family(const char *family, FILE *to)
{
	struct nt_buf b = { 0 };
	int r = family_text(&b, family) ? meta_put(&b, to) : -1;

	nt_buf_free(&b);
	return r;
}

/* --- help --- */

/* What is asked for by words; false: there is no such command. */
static bool asked_text(struct nt_buf *b, const struct meta_cfg *c, char *typed, size_t len)
{
	char *words[NT_ARRAY_SIZE(c->word)];
	const struct nt_tool *t;
	int n = 0, used;

	for (; n < (int)NT_ARRAY_SIZE(words) && c->word[n]; n++)
		words[n] = (char *)c->word[n];
	nt_tool_typed(n, words, typed, len);
	t = nt_tool_by_words(n, words, &used);
	if (!n)
		overview_text(b);
	else if (t && used == n)
		help_text(b, t, NULL);
	else
		return family_text(b, typed);
	return true;
}

static int help_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct meta_cfg *c = cfg;
	char typed[256], quoted[NT_QUOTE_LEN];
	struct nt_buf b = { 0 };
	int r = NT_EXIT_USAGE;

	(void)argc;
	(void)argv;
	if (asked_text(&b, c, typed, sizeof(typed)))
		r = meta_print_text(tool, c, typed, &b);
	else
		fprintf(stderr,
			"nettrace %s: unknown command '%s'; 'nettrace list' shows all of them\n",
			tool->words, nt_quote(typed, quoted));
	nt_buf_free(&b);
	return r;
}

static const struct nt_opt help_opts[] = {
	{ .name = "command", .type = NT_OPT_STRING, .off = O(word[0]), .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL, .help = "the command, or the words that it begins with" },
	{ .name = "word2", .type = NT_OPT_STRING, .off = O(word[1]), .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN, .help = "second word" },
	{ .name = "word3", .type = NT_OPT_STRING, .off = O(word[2]), .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN, .help = "third word" },
	NT_OPTS_PLAIN(struct meta_cfg, common),
	{ 0 },
};

static const struct nt_example help_examples[] = {
	{ "help", "overview of all commands" },
	{ "help path icmp", "the options of one command" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_help = {
	.words = "help",
	.family = "nettrace",
	.summary = "explain a command",
	.side = "any",
	.opts = help_opts,
	.cfg_size = sizeof(struct meta_cfg),
	.examples = help_examples,
	.run_plain = help_run,
};
