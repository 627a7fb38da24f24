// SPDX-License-Identifier: GPL-2.0-or-later
/* help, and what is printed when the command line has no command. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

/* Text to stdout; a closed pipe is an error, without words. */
static int put(const struct nt_buf *b, FILE *to)
{
	size_t n = b->n ? fwrite(b->s, 1, b->n, to) : 0;

	if (n == b->n && !b->failed && fflush(to) == 0)
		return NT_EXIT_OK;
	if (errno != EPIPE)
		fprintf(stderr, "nettrace: output is not complete: %s\n", strerror(errno));
	return NT_EXIT_RUNTIME;
}

int meta_print_help(const struct nt_tool *tool, const struct nt_legacy *as)
{
	struct nt_doc doc = meta_doc(tool);
	struct nt_buf b = { 0 };
	int r;

	doc.as = as;
	nt_help(&b, &doc);
	r = put(&b, stdout);
	nt_buf_free(&b);
	return r;
}

static void one_line(struct nt_buf *b, const struct nt_tool *t)
{
	nt_buf_add(b, "  %-22s %s\n", t->words, t->summary);
}

int meta_print_overview(bool error)
{
	struct nt_buf b = { 0 };
	int i, r;

	nt_buf_add(&b, "usage: nettrace COMMAND [OPTION...]\n\n"
		       "Finds where packets are lost or delayed on virtualised Linux hosts.\n\n");
	for (i = 0; nt_tools[i]; i++)
		one_line(&b, nt_tools[i]);
	nt_buf_add(&b, "\n'nettrace COMMAND --help' explains a command, 'nettrace doctor' tells\n"
		       "what works on this kernel.\n");
	r = put(&b, error ? stderr : stdout);
	nt_buf_free(&b);
	return error ? NT_EXIT_USAGE : r;
}

bool meta_print_family(const char *family, FILE *to)
{
	size_t len = strlen(family);
	struct nt_buf b = { 0 };
	bool found = false;
	int i;

	for (i = 0; nt_tools[i]; i++) {
		if (strncmp(nt_tools[i]->words, family, len) || nt_tools[i]->words[len] != ' ')
			continue;
		if (!found)
			nt_buf_add(&b, "'%s' is a family of commands:\n", family);
		found = true;
		one_line(&b, nt_tools[i]);
	}
	if (found)
		put(&b, to);
	nt_buf_free(&b);
	return found;
}

static int help_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct meta_cfg *c = cfg;
	char *words[4], typed[256], quoted[NT_QUOTE_LEN];
	const struct nt_tool *t;
	int i, n = 0, used;

	(void)argc;
	(void)argv;
	for (i = 0; i < 3 && c->word[i]; i++)
		words[n++] = (char *)c->word[i];
	if (!n)
		return meta_print_overview(false);
	t = nt_tool_by_words(n, words, &used);
	if (t && used == n)
		return meta_print_help(t, NULL);
	nt_tool_typed(n, words, typed, sizeof(typed));
	if (meta_print_family(typed, stdout))
		return NT_EXIT_OK;
	fprintf(stderr, "nettrace %s: unknown command '%s'; 'nettrace list' shows all of them\n",
		tool->words, nt_quote(typed, quoted));
	return NT_EXIT_USAGE;
}

static const struct nt_opt help_opts[] = {
	{ .name = "word", .type = NT_OPT_STRING, .off = O(word[0]), .metavar = "WORD",
	  .flags = NT_OPT_POSITIONAL, .help = "first word of the command" },
	{ .name = "word2", .type = NT_OPT_STRING, .off = O(word[1]), .metavar = "WORD",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN, .help = "second word" },
	{ .name = "word3", .type = NT_OPT_STRING, .off = O(word[2]), .metavar = "WORD",
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
