// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * btf build: make a type information file for kernels (or modules) that carry
 * none. btf show: what such a file, or the running kernel, has.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "btf_roots.h"
#include "build.h"
#include "cleanup.h"
#include "meta.h"
#include "out.h"
#include "show.h"

struct btf_cfg {
	struct meta_cfg meta; /* first */
	const char *vmlinux;
	const char *file;
	const char *modules;
	bool everything;
	bool verbose;
};

#define O(field) offsetof(struct btf_cfg, field)
#define MAX_MODULES 32

static void on_step(void *arg, const char *line)
{
	fprintf(stderr, "nettrace %s: %s\n", (const char *)arg, line);
}

/* Cut a comma list in place. How many, at most max, or -E2BIG. */
static int split(char *list, const char **out, int max)
{
	int n = 0;
	char *save = NULL, *p;

	for (p = strtok_r(list, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
		if (n == max)
			return -E2BIG;
		out[n++] = p;
	}
	return n;
}

static void built_report(const struct nt_tool *tool, struct nt_out *out, const struct btf_cfg *c,
			 const struct nt_btf_built *b)
{
	struct nt_json *j = meta_json(tool, out);

	nt_out_text(out, "%s: %u of %u types, %zu bytes%s%s\n", c->file, b->types, b->merged_types,
		    b->bytes, b->pahole[0] ? ", pahole " : "", b->pahole);
	nt_json_str(j, "file", c->file);
	nt_json_u64(j, "types", b->types);
	nt_json_u64(j, "merged_types", b->merged_types);
	nt_json_u64(j, "bytes", b->bytes);
	nt_json_str(j, "pahole", b->pahole[0] ? b->pahole : NULL);
	nt_json_end_line(j);
}

static int build_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct btf_cfg *c = cfg;
	const char *modules[MAX_MODULES];
	NT_FREE char *list = strdup(c->modules ? c->modules : "");
	struct nt_btf_roots roots = { 0 };
	struct nt_btf_build b = { .vmlinux = c->vmlinux,
				  .modules = modules,
				  .output = c->file,
				  .step = c->verbose ? on_step : NULL,
				  .arg = (void *)tool->words };
	struct nt_btf_built built = { 0 };
	struct nt_err err = { 0 };
	struct nt_out *out;
	int r, n;

	(void)argc;
	(void)argv;
	n = list ? split(list, modules, MAX_MODULES) : -ENOMEM;
	if (n == -E2BIG) {
		fprintf(stderr,
			"nettrace %s: --modules: more than %d files; give those of modules that "
			"are traced\n",
			tool->words, MAX_MODULES);
		return NT_EXIT_USAGE;
	}
	if (n < 0) {
		fprintf(stderr, "nettrace %s: out of memory\n", tool->words);
		return NT_EXIT_RUNTIME;
	}
	b.n_modules = (size_t)n;
	r = meta_open(tool, &c->meta, &out);
	if (r)
		return r;
	r = c->everything ? 0 : btf_roots_of_tools(&roots, &err);
	b.roots = c->everything ? NULL : &roots;
	if (!r)
		r = nt_btf_build(&b, &built, &err);
	if (r < 0)
		fprintf(stderr, "nettrace %s: %s\n", tool->words, err.text);
	else
		built_report(tool, out, c, &built);
	nt_btf_roots_done(&roots);
	return meta_close(tool, out, r < 0 ? err.exit_code : 0);
}

static void show_kinds(struct nt_out *out, struct nt_json *j, const struct nt_btf_info *info)
{
	unsigned int k;

	nt_json_obj(j, "kinds");
	for (k = 1; k < NT_BTF_KINDS; k++) {
		if (!info->kinds[k])
			continue;
		nt_out_text(out, "  %-12s %u\n", nt_btf_kind_name(k), info->kinds[k]);
		nt_json_u64(j, nt_btf_kind_name(k), info->kinds[k]);
	}
	nt_json_end(j);
}

static void show_roots(struct nt_out *out, struct nt_json *j, const struct nt_btf_roots *roots,
		       bool verbose)
{
	size_t i, missing = 0;

	nt_json_arr(j, "missing");
	for (i = 0; i < roots->n; i++) {
		const struct nt_btf_root *r = &roots->v[i];

		if (r->found)
			continue;
		missing++;
		if (verbose)
			nt_out_text(out, "  missing: %s %s\n", nt_btf_root_kind_name(r->kind),
				    r->name);
		nt_json_obj(j, NULL);
		nt_json_str(j, "kind", nt_btf_root_kind_name(r->kind));
		nt_json_str(j, "name", r->name);
		nt_json_end(j);
	}
	nt_json_end(j);
	nt_out_text(out, "of %zu names that the commands can use, %zu are here%s\n", roots->n,
		    roots->n - missing, missing && !verbose ? " (--verbose names the others)" : "");
}

static int show_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct btf_cfg *c = cfg;
	struct nt_btf_roots roots = { 0 };
	struct nt_btf_info info = { 0 };
	struct nt_err err = { 0 };
	struct nt_json *j;
	struct nt_out *out;
	int r = meta_open(tool, &c->meta, &out);

	(void)argc;
	(void)argv;
	if (r)
		return r;
	r = btf_roots_of_tools(&roots, &err);
	if (!r)
		r = nt_btf_show(c->file, &roots, &info, &err);
	if (r < 0) {
		fprintf(stderr, "nettrace %s: %s\n", tool->words, err.text);
	} else {
		nt_out_text(out, "%s: %zu bytes, %u types, %u tracepoints\n",
			    c->file ? c->file : "the running kernel", info.bytes, info.types,
			    info.tracepoints);
		j = meta_json(tool, out);
		nt_json_str(j, "file", c->file);
		nt_json_u64(j, "bytes", info.bytes);
		nt_json_u64(j, "types", info.types);
		nt_json_u64(j, "tracepoints", info.tracepoints);
		show_kinds(out, j, &info);
		show_roots(out, j, &roots, c->verbose);
		nt_json_end_line(j);
	}
	nt_btf_roots_done(&roots);
	return meta_close(tool, out, r < 0 ? err.exit_code : 0);
}

static const struct nt_opt build_opts[] = {
	{ .name = "vmlinux", .type = NT_OPT_STRING, .off = O(vmlinux), .metavar = "FILE",
	  .flags = NT_OPT_REQUIRED, .help = "vmlinux with debug information or type information" },
	{ .name = "modules", .type = NT_OPT_STRING, .off = O(modules), .metavar = "FILE[,FILE]",
	  .help = "module files with debug information, such as those of openvswitch, tun, vhost" },
	{ .name = "file", .letter = 'f', .type = NT_OPT_STRING, .off = O(file), .metavar = "FILE",
	  .flags = NT_OPT_REQUIRED | NT_OPT_POSITIONAL,
	  .help = "file to write, usually <release>.btf" },
	{ .name = "everything", .type = NT_OPT_FLAG, .off = O(everything),
	  .help = "keep every type, not only what the commands use" },
	{ .name = "verbose", .letter = 'v', .type = NT_OPT_FLAG, .off = O(verbose),
	  .help = "say each step" },
	NT_OPTS_PLAIN(struct btf_cfg, meta.common),
	{ 0 },
};

static const struct nt_opt show_opts[] = {
	{ .name = "file", .letter = 'f', .type = NT_OPT_STRING, .off = O(file), .metavar = "FILE",
	  .flags = NT_OPT_POSITIONAL, .help = "file to look at; default: the running kernel" },
	{ .name = "verbose", .letter = 'v', .type = NT_OPT_FLAG, .off = O(verbose),
	  .help = "name what is missing" },
	NT_OPTS_PLAIN(struct btf_cfg, meta.common),
	{ 0 },
};

static const struct nt_example build_examples[] = {
	{ "btf build --vmlinux vmlinux --modules openvswitch.ko.debug,tun.ko.debug 4.19.90.btf",
	  "for a kernel without type information of its own" },
	{ "btf build --vmlinux /sys/kernel/btf/vmlinux --modules openvswitch.ko.debug 5.10.btf",
	  "add the modules to a kernel that has its own" },
	{ 0 },
};

static const struct nt_example show_examples[] = {
	{ "btf show", "what the running kernel has" },
	{ "btf show --verbose 4.19.90.btf", "what a file has, and what it lacks" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_btf_build = {
	.words = "btf build",
	.family = "nettrace",
	.summary = "make a type information file from debug information",
	.side = "any",
	.opts = build_opts,
	.cfg_size = sizeof(struct btf_cfg),
	.examples = build_examples,
	.run_plain = build_run,
};

const struct nt_tool nt_tool_meta_btf_show = {
	.words = "btf show",
	.family = "nettrace",
	.summary = "show what a type information file holds",
	.side = "any",
	.opts = show_opts,
	.cfg_size = sizeof(struct btf_cfg),
	.examples = show_examples,
	.run_plain = show_run,
};
