// SPDX-License-Identifier: GPL-2.0-or-later
/* list: every command, one a line. */
#include <stdio.h>

#include "meta.h"
#include "out.h"

#define O(field) offsetof(struct meta_cfg, field)

static void one(const struct nt_tool *tool, struct nt_out *out, const struct nt_tool *t)
{
	const struct nt_legacy *l;
	struct nt_json *j;

	nt_out_text(out, "%-22s %s\n", t->words, t->summary);
	j = meta_json(tool, out);
	nt_json_str(j, "name", t->words);
	nt_json_str(j, "summary", t->summary);
	nt_json_str(j, "side", t->side);
	nt_json_arr(j, "legacy");
	for (l = t->legacy; l && l->name; l++)
		nt_json_str(j, NULL, l->name);
	nt_json_end(j);
	nt_json_end_line(j);
}

static void legacy(const struct nt_tool *tool, struct nt_out *out, const struct nt_tool *t)
{
	const struct nt_legacy *l;
	struct nt_json *j;

	for (l = t->legacy; l && l->name; l++) {
		nt_out_text(out, "%s\t%s\n", l->name, t->words);
		j = meta_json(tool, out);
		nt_json_str(j, "legacy", l->name);
		nt_json_str(j, "name", t->words);
		nt_json_end_line(j);
	}
}

static int list_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct meta_cfg *c = cfg;
	struct nt_out *out;
	int i, r = meta_open(tool, c, &out);

	(void)argc;
	(void)argv;
	if (r)
		return r;
	for (i = 0; nt_tools[i]; i++) {
		if (c->legacy)
			legacy(tool, out, nt_tools[i]);
		else if (c->names && !c->common.json)
			nt_out_text(out, "%s\n", nt_tools[i]->words);
		else
			one(tool, out, nt_tools[i]);
	}
	return meta_close(tool, out, 0);
}

static const struct nt_opt list_opts[] = {
	{ .name = "names", .type = NT_OPT_FLAG, .off = O(names),
	  .help = "only the names, for scripts" },
	{ .name = "legacy", .type = NT_OPT_FLAG, .off = O(legacy),
	  .help = "legacy program names and the commands that replace them" },
	NT_OPTS_PLAIN(struct meta_cfg, common),
	{ 0 },
};

static const struct nt_example list_examples[] = {
	{ "list", "every command with what it does" },
	{ "list --legacy", "which command replaces which old program" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_list = {
	.words = "list",
	.family = "nettrace",
	.summary = "list every command",
	.side = "any",
	.opts = list_opts,
	.cfg_size = sizeof(struct meta_cfg),
	.examples = list_examples,
	.run_plain = list_run,
};
