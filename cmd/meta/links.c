// SPDX-License-Identifier: GPL-2.0-or-later
/* links DIR: a symlink for every legacy program name, to this executable. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "meta.h"
#include "out.h"

#define O(field) offsetof(struct meta_cfg, field)

struct links {
	const struct nt_tool *tool;
	struct nt_out *out;
	const char *dir;
	char target[PATH_MAX];
	bool force;
	int failed;
};

static const char *remedy(const char *path, int e)
{
	struct stat st;

	if (e != EEXIST || lstat(path, &st) < 0)
		return "";
	return S_ISLNK(st.st_mode) ? "; --force replaces it" :
				     ", and is no symlink: move it away, nothing else is replaced";
}

static void fail(struct links *k, const char *path, int e)
{
	fprintf(stderr, "nettrace %s: %s: %s%s\n", k->tool->words, path, strerror(e),
		remedy(path, e));
	k->failed++;
}

/* Only a symlink is ever replaced, never a file that somebody put there. */
static int make_link(const struct links *k, const char *path)
{
	char old[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (symlink(k->target, path) == 0)
		return 0;
	if (errno != EEXIST || lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
		return errno;
	n = readlink(path, old, sizeof(old) - 1);
	if (n >= 0) {
		old[n] = 0;
		if (!strcmp(old, k->target))
			return 0;
	}
	if (!k->force)
		return EEXIST;
	return unlink(path) < 0 || symlink(k->target, path) < 0 ? errno : 0;
}

static void one(struct links *k, const char *name, const char *words)
{
	char path[PATH_MAX];
	struct nt_json *j;
	int e;

	if (snprintf(path, sizeof(path), "%s/%s", k->dir, name) >= (int)sizeof(path)) {
		fail(k, k->dir, ENAMETOOLONG);
		return;
	}
	e = make_link(k, path);
	if (e) {
		fail(k, path, e);
		return;
	}
	nt_out_text(k->out, "%s -> %s\n", path, words);
	j = meta_json(k->tool, k->out);
	nt_json_str(j, "link", path);
	nt_json_str(j, "name", words);
	nt_json_end_line(j);
}

static int links_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct meta_cfg *c = cfg;
	struct links k = { .tool = tool, .dir = c->word[0], .force = c->force };
	const struct nt_legacy *l;
	const char *target = c->word[1];
	ssize_t n;
	int i, r;

	(void)argc;
	(void)argv;
	n = target ? (ssize_t)strlen(target) : readlink("/proc/self/exe", k.target, PATH_MAX - 1);
	if (target && n < PATH_MAX)
		memcpy(k.target, target, (size_t)n);
	if (n < 0 || n >= PATH_MAX) {
		fail(&k, "/proc/self/exe", n < 0 ? errno : ENAMETOOLONG);
		return NT_EXIT_RUNTIME;
	}
	r = meta_open(tool, c, &k.out);
	if (r)
		return r;
	if (mkdir(k.dir, 0755) < 0 && errno != EEXIST)
		fail(&k, k.dir, errno);
	for (i = 0; nt_tools[i] && !k.failed; i++)
		for (l = nt_tools[i]->legacy; l && l->name; l++)
			one(&k, l->name, nt_tools[i]->words);
	return meta_close(tool, k.out, k.failed ? NT_EXIT_RUNTIME : 0);
}

static const struct nt_opt links_opts[] = {
	{ .name = "dir", .type = NT_OPT_STRING, .off = O(word[0]), .metavar = "DIR",
	  .flags = NT_OPT_REQUIRED | NT_OPT_POSITIONAL, .help = "folder for the symlinks" },
	{ .name = "target", .type = NT_OPT_STRING, .off = O(word[1]), .metavar = "PATH",
	  .help = "what they point to; default: this executable" },
	{ .name = "force", .letter = 'f', .type = NT_OPT_FLAG, .off = O(force),
	  .help = "replace symlinks that point elsewhere (never other files)" },
	NT_OPTS_PLAIN(struct meta_cfg, common),
	{ 0 },
};

static const struct nt_example links_examples[] = {
	{ "links /usr/local/lib/nettrace/legacy", "make the symlinks for this executable" },
	{ "links --force ~/tools", "renew them after the executable was moved" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_links = {
	.words = "links",
	.family = "nettrace",
	.summary = "make symlinks with the legacy program names",
	.side = "any",
	.opts = links_opts,
	.cfg_size = sizeof(struct meta_cfg),
	.examples = links_examples,
	.run_plain = links_run,
};
