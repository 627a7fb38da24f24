// SPDX-License-Identifier: GPL-2.0-or-later
/* nettrace: one executable, its commands chosen by words or by argv[0]. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "meta.h"
#include "registry.h"
#include "run.h"

struct call {
	const struct nt_tool *tool;
	const struct nt_legacy *legacy;
	int argc; /* options only */
	char **argv;
};

/* Run a parsed call: a plain command or a traced tool. */
static int run_parsed(const struct call *c, void *cfg, const struct nt_given *given)
{
	struct nt_common *common = cfg;
	struct nt_run_args args = {
		.tool = c->tool,
		.command = c->legacy ? c->legacy->name : c->tool->words,
		.legacy = c->legacy,
		.cfg = cfg,
		.given = given,
	};

	if (common->help)
		return meta_print_help(c->tool, c->legacy);
	if (c->tool->run_plain)
		return c->tool->run_plain(c->tool, cfg, c->argc, c->argv);
	return nt_run_tool(&args);
}

/* --help wins over whatever else is wrong with the command line. */
static bool wants_help(const struct call *c)
{
	int i;

	for (i = 0; i < c->argc && strcmp(c->argv[i], "--"); i++)
		if (!strcmp(c->argv[i], "--help") || !strcmp(c->argv[i], "-h"))
			return true;
	return false;
}

static int run_call(const struct call *c)
{
	NT_FREE void *cfg = calloc(1, c->tool->cfg_size);
	struct nt_given given = { 0 };
	struct nt_err err = { 0 };
	struct nt_opt_parse p = { .table = c->tool->opts,
				  .legacy = c->legacy,
				  .cfg = cfg,
				  .cfg_size = c->tool->cfg_size,
				  .given = &given };

	if (!cfg) {
		fprintf(stderr, "nettrace %s: out of memory\n", c->tool->words);
		return NT_EXIT_RUNTIME;
	}
	if (wants_help(c))
		return meta_print_help(c->tool, c->legacy);
	if (nt_opt_parse(&p, c->argc, c->argv, &err) < 0) {
		fprintf(stderr, "nettrace %s: %s\n", c->tool->words, err.text);
		return NT_EXIT_USAGE;
	}
	return run_parsed(c, cfg, &given);
}

static int unknown(int argc, char **argv)
{
	char typed[256], quoted[NT_QUOTE_LEN];
	const char *near;

	if (argv[0][0] == '-') {
		fprintf(stderr,
			"nettrace: '%s' before a command: give the command first; 'nettrace list' "
			"shows all of them\n",
			nt_quote(argv[0], quoted));
		return NT_EXIT_USAGE;
	}
	nt_tool_typed(argc, argv, typed, sizeof(typed));
	if (meta_print_family(typed, stderr) >= 0)
		return NT_EXIT_USAGE;
	near = nt_tool_suggest(typed);
	fprintf(stderr, "nettrace: unknown command '%s'; %s%s%s\n", nt_quote(typed, quoted),
		near ? "did you mean '" : "'nettrace list' shows all of them", near ? near : "",
		near ? "'?" : "");
	return NT_EXIT_USAGE;
}

/* "path --help": the commands of a family, or what is wrong. */
static int no_command(int argc, char **argv)
{
	struct call c = { .argc = argc, .argv = argv };
	char typed[256];
	int r = -1;

	nt_tool_typed(argc, argv, typed, sizeof(typed));
	if (wants_help(&c))
		r = meta_print_family(typed, stdout);
	return r < 0 ? unknown(argc, argv) : r;
}

/*
 * A closed standard descriptor would be the number of the next file that is
 * opened, and messages would go into it. The wrong way round, so that who uses
 * it is told.
 */
static bool standard_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const char *base = argc ? strrchr(argv[0], '/') : NULL;
	char version[] = "version";
	struct call c = { 0 };
	int used;

	signal(SIGPIPE, SIG_IGN);
	if (!argc || !standard_fds())
		return NT_EXIT_USAGE;
	base = base ? base + 1 : argv[0];
	c.tool = nt_tool_by_legacy(base, &c.legacy);
	if (c.tool) {
		c.argc = argc - 1;
		c.argv = argv + 1;
		return run_call(&c);
	}
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return meta_print_overview(argc < 2);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		argv[1] = version;
	if (!strcmp(argv[1], "__complete"))
		return meta_complete(argc - 2, argv + 2);
	if (!strcmp(argv[1], "__man"))
		return meta_man(argc - 2, argv + 2);
	if (!strcmp(argv[1], "__check"))
		return meta_check();
	c.tool = nt_tool_by_words(argc - 1, argv + 1, &used);
	if (!c.tool)
		return no_command(argc - 1, argv + 1);
	c.argc = argc - 1 - used;
	c.argv = argv + 1 + used;
	return run_call(&c);
}
