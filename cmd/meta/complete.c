// SPDX-License-Identifier: GPL-2.0-or-later
/* completion, the hidden __complete behind it, and the hidden __man. */
#include "complete.h"

#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "meta.h"
#include "netns.h"
#include "out.h"

#define O(field) offsetof(struct meta_cfg, field)

/* The scripts of completions/, embedded as text. */
extern const char nt_completion_bash[], nt_completion_zsh[], nt_completion_fish[];

static void names_in(const char *dir, void (*add)(void *to, const char *name), void *to)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			add(to, e->d_name);
	if (d)
		closedir(d);
}

/* Of the namespace that the process is in, which /sys/class/net need not show. */
static void interfaces(void (*add)(void *to, const char *name), void *to)
{
	struct if_nameindex *all = if_nameindex(), *i;

	for (i = all; i && i->if_index; i++)
		add(to, i->if_name);
	if (all)
		if_freenameindex(all);
}

/* Names that only this machine knows. Metavars are those of the tables. */
static void names(const char *metavar, void (*add)(void *to, const char *name), void *to)
{
	size_t i;

	if (!strncmp(metavar, "IF", 2))
		interfaces(add, to);
	else if (!strcmp(metavar, "NETNS"))
		names_in("/run/netns", add, to);
	for (i = 0; nt_tools[i]; i++)
		if (nt_tools[i]->names)
			nt_tools[i]->names(metavar, add, to);
}

struct request {
	struct nt_complete c;
	int argc;
	const char *const *argv;
	struct nt_buf out;
};

static int complete(void *arg)
{
	struct request *rq = arg;

	nt_complete(&rq->c, rq->argc, rq->argv, &rq->out);
	return 0;
}

/* The value of --netns among the words before the last, or NULL. */
static const char *namespace_of(int argc, const char *const *argv)
{
	const char *found = NULL;
	int i;

	for (i = 0; i < argc - 1; i++) {
		if (!strncmp(argv[i], "--netns=", strlen("--netns=")))
			found = argv[i] + strlen("--netns=");
		else if (!strcmp(argv[i], "--netns") && i + 1 < argc - 1)
			found = argv[i + 1];
	}
	return found;
}

/* With --netns before the cursor interfaces are those of that namespace, if we may look there. */
int meta_complete(int argc, char **argv)
{
	struct nt_doc docs[NT_MAX_TOOLS];
	struct request rq = { .c = { .docs = docs, .ndocs = meta_docs(docs), .names = names },
			      .argc = argc,
			      .argv = (const char *const *)argv };
	const char *netns = namespace_of(argc, rq.argv);
	struct nt_buf b;
	struct nt_netns ns = { .fd = -1 };
	int r = nt_netns_open(netns, &ns, NULL);

	r = r ?: nt_netns_run(&ns, complete, &rq, NULL);
	nt_netns_close(&ns);
	if (r < 0) { /* better no names than those of another one */
		rq.c.names = NULL;
		complete(&rq);
	}
	b = rq.out;
	r = meta_put(&b, stdout);
	nt_buf_free(&b);
	return r;
}

/* __man FAMILY: the generated part of a family's man page; "common": the rows
 * that every traced tool has. */
int meta_man(int argc, char **argv)
{
	const struct nt_doc common = { .words = "COMMAND",
				       .opts = nt_opts_trace,
				       .cfg_size = sizeof(struct nt_common) };
	struct nt_buf b = { 0 };
	int i, r;

	if (argc == 1 && !strcmp(argv[0], "common"))
		nt_doc_man_options(&b, &common);
	for (i = 0; argc == 1 && nt_tools[i]; i++) {
		struct nt_doc doc = meta_doc(nt_tools[i]);

		if (!strcmp(doc.family, argv[0]))
			nt_doc_man_command(&b, &doc);
	}
	r = b.n ? meta_put(&b, stdout) : NT_EXIT_USAGE;
	nt_buf_free(&b);
	return r;
}

static int completion_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	static const char *const known[] = { "bash", "zsh", "fish" };
	static const char *const text[] = { nt_completion_bash, nt_completion_zsh,
					    nt_completion_fish };
	const struct meta_cfg *c = cfg;
	struct nt_buf b = { 0 };
	size_t i;
	int r;

	(void)argc;
	(void)argv;
	for (i = 0; i < NT_ARRAY_SIZE(known) && strcmp(known[i], c->word[0]); i++)
		;
	if (i == NT_ARRAY_SIZE(known)) {
		fprintf(stderr, "nettrace %s: '%s': the shells are bash, zsh and fish\n",
			tool->words, c->word[0]);
		return NT_EXIT_USAGE;
	}
	nt_buf_adds(&b, text[i]);
	r = meta_print_text(tool, c, known[i], &b);
	nt_buf_free(&b);
	return r;
}

static const struct nt_opt completion_opts[] = {
	{ .name = "shell", .type = NT_OPT_STRING, .off = O(word[0]), .metavar = "bash|zsh|fish",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_REQUIRED, .help = "whose script to print" },
	NT_OPTS_PLAIN(struct meta_cfg, common),
	{ 0 },
};

static const struct nt_example completion_examples[] = {
	{ "completion bash > /etc/bash_completion.d/nettrace", "for all users of bash" },
	{ "completion zsh > ~/.zsh/completions/_nettrace", "for one user of zsh" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_completion = {
	.words = "completion",
	.family = "nettrace",
	.summary = "print the completion script of a shell",
	.side = "any",
	.opts = completion_opts,
	.cfg_size = sizeof(struct meta_cfg),
	.examples = completion_examples,
	.run_plain = completion_run,
};
