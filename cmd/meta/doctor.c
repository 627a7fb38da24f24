// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor: what this kernel offers, and for each command which probe each hook
 * would use, what is missing, and the remedy. The programs are loaded and attached
 * for a moment, without anything to do: what the kernel refuses is seen only so.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btf_roots.h"
#include "caps.h"
#include "cleanup.h"
#include "load.h"
#include "meta.h"
#include "out.h"
#include "plan.h"
#include "procfs.h"
#include "validate.h"

#define RING_BYTES (1U << 16) /* a page of any size; nothing comes into it */

#define O(field) offsetof(struct meta_cfg, field)

struct doctor {
	struct nt_out *out;
	struct nt_json *j;
	struct nt_kernel k;
	const struct nt_err *btf; /* why there is no type information */
	struct nt_err caps;       /* the capability that is missing */
	uint32_t possible, impossible;
};

/* Without the capability to try it nothing is known of a feature. */
static bool not_tried(const struct doctor *d, enum nt_feature f)
{
	return d->caps.exit_code && d->k.features.err[f] == EPERM;
}

static void one_feature(struct doctor *d, enum nt_feature f)
{
	bool have = nt_feature_have(&d->k.features, f, &d->k.vmlinux);
	const char *why = nt_feature_why(&d->k.features, f), *since = nt_feature_since(f);

	nt_out_text(d->out, "  %-11s %-40s ", nt_feature_name(f), nt_feature_text(f));
	nt_json_obj(d->j, NULL);
	nt_json_str(d->j, "name", nt_feature_name(f));
	if (!have && not_tried(d, f)) {
		nt_out_text(d->out, "unknown (not permitted to try; Linux has it from %s on)\n",
			    since);
		nt_json_null(d->j, "available");
	} else {
		if (have)
			nt_out_text(d->out, "yes\n");
		else
			nt_out_text(d->out, "no (%s; Linux has it from %s on)\n", why, since);
		nt_json_bool(d->j, "available", have);
	}
	nt_json_str(d->j, "since", since);
	nt_json_str(d->j, "why", have ? NULL : why);
	nt_json_end(d->j);
}

static void features(struct doctor *d)
{
	int i;

	nt_out_text(d->out, "\nKernel features (tried, not guessed):\n");
	nt_json_arr(d->j, "features");
	for (i = 0; i < NT_FEATURES; i++)
		one_feature(d, i);
	nt_json_end(d->j);
}

static const struct {
	int cap;
	const char *what;
} caps[] = {
	{ CAP_BPF, "load programs (kernels from 5.8)" },
	{ CAP_PERFMON, "attach tracing programs (kernels from 5.8)" },
	{ CAP_SYS_ADMIN, "both before 5.8; type information of modules; --netns" },
	{ CAP_NET_ADMIN, "tools that say so" },
	{ CAP_SYS_PTRACE, "--netns PID of other users" },
	{ CAP_SYSLOG, "kernel addresses for symbols, with kptr_restrict=1" },
	{ CAP_SYS_RESOURCE, "locked memory of maps before 5.11" },
};

static void capabilities(struct doctor *d)
{
	size_t i;

	nt_out_text(d->out, "\nCapabilities of this process:\n");
	nt_json_arr(d->j, "capabilities");
	for (i = 0; i < NT_ARRAY_SIZE(caps); i++) {
		bool have = nt_caps_have(caps[i].cap);

		nt_out_text(d->out, "  %-17s %-4s %s\n", nt_caps_name(caps[i].cap),
			    have ? "yes" : "no", caps[i].what);
		nt_json_obj(d->j, NULL);
		nt_json_str(d->j, "name", nt_caps_name(caps[i].cap));
		nt_json_bool(d->j, "have", have);
		nt_json_end(d->j);
	}
	nt_json_end(d->j);
}

/* A setting of the kernel that is in the way of tracing when it has a value. */
static const struct {
	const char *path, *bad, *remedy;
} settings[] = {
	{ "/sys/kernel/security/lockdown", "[confidentiality]",
	  "lockdown forbids BPF reads of kernel memory: boot with lockdown=integrity or none" },
	{ "/proc/sys/kernel/kptr_restrict", "2",
	  "kernel addresses are hidden even from root: sysctl kernel.kptr_restrict=1" },
	{ "/proc/sys/kernel/ftrace_enabled", "0",
	  "fentry and kprobes by ftrace do not fire: sysctl kernel.ftrace_enabled=1" },
	{ "/proc/sys/net/core/bpf_jit_enable", "0",
	  "programs are interpreted, ten times dearer: sysctl net.core.bpf_jit_enable=1" },
};

static void obstacles(struct doctor *d)
{
	char text[128];
	bool any = false;
	size_t i;

	nt_json_arr(d->j, "obstacles");
	for (i = 0; i < NT_ARRAY_SIZE(settings); i++) {
		if (nt_read_text(settings[i].path, text, sizeof(text)) < 0)
			continue;
		if (i == 0 ? !strstr(text, settings[i].bad) : strcmp(text, settings[i].bad) != 0)
			continue;
		nt_out_text(d->out, "%s  %s\n", any ? "" : "\nIn the way:\n", settings[i].remedy);
		nt_json_str(d->j, NULL, settings[i].remedy);
		any = true;
	}
	nt_json_end(d->j);
}

static void one_hook(struct doctor *d, const struct nt_choice *c)
{
	const char *state = c->hook->needed ? "MISSING" : "missing (optional)";
	const char *without = c->v || c->off ? NULL : c->hook->without;
	char probe[128], why[sizeof(c->why)];

	snprintf(why, sizeof(why), "%s", c->why);
	if (c->off) { /* by .unless: no option is given here */
		state = "not needed";
		snprintf(why, sizeof(why), "this kernel has %s", c->hook->unless);
	} else if (c->v) {
		snprintf(probe, sizeof(probe), "%s:%s", nt_kind_name(c->v->kind), c->v->symbol);
		state = probe;
	}
	nt_out_text(d->out, "    %-14s %-36s %s%s%s\n", c->hook->name, state, why,
		    without ? "; without it: " : "", without ? without : "");
	nt_json_obj(d->j, NULL);
	nt_json_str(d->j, "name", c->hook->name);
	nt_json_bool(d->j, "needed", c->hook->needed);
	nt_json_str(d->j, "probe", c->v ? probe : NULL);
	nt_json_str(d->j, "why", why[0] ? why : NULL);
	nt_json_end(d->j);
}

/*
 * What a run does up to the moment when it would begin to count. The plan says what
 * could be; a program that the kernel refuses, which only shows when it is loaded and
 * attached, makes a run take the next variant, and so it must be here.
 */
static int try_plan(struct doctor *d, const struct nt_tool *t, struct nt_plan *plan,
		    struct nt_err *err)
{
	struct nt_load_opts o = {
		.object = t->object,
		.plan = plan,
		.kernel = &d->k,
		.ring_bytes = RING_BYTES,
	};
	struct nt_loaded l;
	int r = nt_load(&o, &l, err);

	nt_unload(&l);
	return r;
}

static void one_tool(struct doctor *d, const struct nt_tool *t)
{
	NT_FREE struct nt_plan *plan = calloc(1, sizeof(*plan));
	struct nt_err err = { 0 };
	uint32_t i;
	int r;

	if (!plan)
		return;
	nt_plan_init(plan, t->hooks);
	r = nt_plan_make(plan, &d->k, &err);
	/* These two are in every tool's way, whatever the probes are. */
	if (d->caps.text[0] || (!r && d->btf->text[0])) {
		err = d->caps.text[0] ? d->caps : *d->btf;
		r = -ENOENT;
	}
	if (!r)
		r = try_plan(d, t, plan, &err);
	nt_out_text(d->out, "  %s: %s%s\n    needs %s\n", t->words,
		    r < 0 ? "not possible: " : "possible", r < 0 ? err.text : "", t->needs);
	nt_json_obj(d->j, NULL);
	nt_json_str(d->j, "name", t->words);
	nt_json_bool(d->j, "possible", r == 0);
	nt_json_str(d->j, "why", r < 0 ? err.text : NULL);
	nt_json_str(d->j, "needs", t->needs);
	nt_json_arr(d->j, "hooks");
	for (i = 0; i < plan->n; i++)
		one_hook(d, &plan->c[i]);
	nt_json_end(d->j);
	nt_json_end(d->j);
	if (r < 0)
		d->impossible++;
	else
		d->possible++;
}

static void head(struct doctor *d, const struct nt_err *btf)
{
	char release[NT_RELEASE_LEN];

	nt_kernel_release(release);
	nt_out_text(d->out, "nettrace %s on kernel %s\n", NT_VERSION, release);
	nt_out_text(d->out, "Type information: %s\n", btf->text[0] ? btf->text : d->k.source.path);
	nt_json_str(d->j, "version", NT_VERSION);
	nt_json_str(d->j, "kernel", release);
	nt_json_str(d->j, "btf", btf->text[0] ? NULL : d->k.source.path);
	nt_json_str(d->j, "btf_why", btf->text[0] ? btf->text : NULL);
}

static bool begins(const char *words, const char *with)
{
	size_t n = strlen(with);

	return !strncmp(words, with, n) && (!n || !words[n] || words[n] == ' ');
}

/* The words of the command line in one; false: no traced tool begins so. */
static bool commands_asked(const struct nt_tool *tool, const struct meta_cfg *c, char *words,
			   size_t len)
{
	char *v[NT_ARRAY_SIZE(c->word)], quoted[NT_QUOTE_LEN];
	int n = 0, i;

	while (n < (int)NT_ARRAY_SIZE(c->word) && c->word[n]) {
		v[n] = (char *)c->word[n];
		n++;
	}
	nt_tool_typed(n, v, words, len);
	for (i = 0; nt_tools[i]; i++)
		if (nt_tools[i]->hooks && begins(nt_tools[i]->words, words))
			return true;
	fprintf(stderr,
		"nettrace %s: no tracing command begins with '%s'; 'nettrace list' shows all\n",
		tool->words, nt_quote(words, quoted));
	return false;
}

/* A file is checked here as a run would check it. */
static void open_btf(struct doctor *d, const char *file, struct nt_err *err)
{
	int fd;

	if (btf_roots_of_tools(&d->k.roots, err) < 0 || nt_kernel_open(&d->k, file, err) < 0 ||
	    d->k.source.kernel_own)
		return;
	fd = nt_btf_checked_fd(d->k.source.path, err);
	if (fd >= 0)
		close(fd);
}

static int doctor_run(const struct nt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct meta_cfg *c = cfg;
	NT_FREE struct doctor *d = calloc(1, sizeof(*d));
	struct nt_err err = { 0 }, btf = { 0 };
	char words[256];
	int i, r;

	(void)argc;
	(void)argv;
	if (!d) {
		fprintf(stderr, "nettrace %s: out of memory\n", tool->words);
		return NT_EXIT_RUNTIME;
	}
	if (!commands_asked(tool, c, words, sizeof(words)))
		return NT_EXIT_USAGE;
	if (nt_features_init(&d->k.features, getenv("NETTRACE_WITHOUT"), &err) < 0) {
		fprintf(stderr, "nettrace %s: %s\n", tool->words, err.text);
		return err.exit_code;
	}
	r = meta_open(tool, c, &d->out);
	if (r)
		return r;
	open_btf(d, c->common.btf, &btf);
	d->btf = &btf;
	nt_caps_check_bpf(&d->caps);
	d->j = meta_json(tool, d->out);
	head(d, &btf);
	features(d);
	capabilities(d);
	obstacles(d);
	nt_out_text(d->out, "\nCommands:\n");
	nt_json_arr(d->j, "commands");
	for (i = 0; nt_tools[i]; i++) {
		if (nt_tools[i]->hooks && begins(nt_tools[i]->words, words))
			one_tool(d, nt_tools[i]);
	}
	nt_json_end(d->j);
	nt_json_end_line(d->j);
	nt_kernel_close(&d->k);
	return meta_close(tool, d->out, d->impossible ? NT_EXIT_IMPOSSIBLE : 0);
}

static const struct nt_opt doctor_opts[] = {
	{ .name = "command",
	  .type = NT_OPT_STRING,
	  .off = O(word[0]),
	  .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL,
	  .help = "only commands that begin with these words" },
	{ .name = "word2",
	  .type = NT_OPT_STRING,
	  .off = O(word[1]),
	  .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN,
	  .help = "second word" },
	{ .name = "word3",
	  .type = NT_OPT_STRING,
	  .off = O(word[2]),
	  .metavar = "COMMAND",
	  .flags = NT_OPT_POSITIONAL | NT_OPT_HIDDEN,
	  .help = "third word" },
	{ .name = "btf",
	  .type = NT_OPT_STRING,
	  .off = O(common.btf),
	  .metavar = "FILE",
	  .help = "type information of this kernel, where it has none of its own" },
	NT_OPTS_PLAIN(struct meta_cfg, common),
	{ 0 },
};

static const struct nt_example doctor_examples[] = {
	{ "doctor", "what works on this host, and what is missing" },
	{ "doctor --json vm latency", "the same for scripts, of some commands" },
	{ 0 },
};

const struct nt_tool nt_tool_meta_doctor = {
	.words = "doctor",
	.family = "nettrace",
	.summary = "show what works on this kernel and what is missing",
	.side = "any",
	.opts = doctor_opts,
	.cfg_size = sizeof(struct meta_cfg),
	.examples = doctor_examples,
	.run_plain = doctor_run,
};
