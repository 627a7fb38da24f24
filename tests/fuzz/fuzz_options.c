// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The option parser and the completion with any words. The first byte chooses
 * the legacy program and whether further words are taken; the rest is words,
 * each ended by a newline. A good value must survive being printed and read.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common_opts.h"
#include "complete.h"
#include "help.h"

#define WORDS_MAX 64

struct cfg {
	struct nt_common common;
	struct nt_flow flow;
	struct nt_names dev;
	uint64_t timeout, limit, size, slots;
	uint32_t mode, stack, top;
	bool filter;
	const char *label;
};

#define O(f) offsetof(struct cfg, f)

static const struct nt_opt table[] = {
	{ .name = "device", .letter = 'n', .aliases = "interface", .type = NT_OPT_IFACES,
	  .off = O(dev), .flags = NT_OPT_POSITIONAL, .help = "device" },
	{ .name = "timeout-ms", .letter = 'T', .type = NT_OPT_DURATION, .off = O(timeout),
	  .unit = "ms", .def = "1000", .min = "1", .max = "60000", .help = "timeout" },
	{ .name = "limit", .letter = 'l', .type = NT_OPT_DURATION, .off = O(limit), .unit = "h",
	  .help = "limit" },
	{ .name = "size", .letter = 'S', .type = NT_OPT_SIZE, .off = O(size), .help = "size" },
	{ .name = "slots", .letter = 'N', .type = NT_OPT_U64, .off = O(slots), .help = "slots" },
	{ .name = "top", .letter = 't', .type = NT_OPT_U32, .off = O(top), .min = "1",
	  .max = "1000", .def = "5", .help = "rows" },
	{ .name = "direction", .letter = 'm', .type = NT_OPT_CHOICE, .off = O(mode),
	  .choices = "rx,from-vm|tx|both", .help = "direction" },
	{ .name = "stack", .letter = 's', .type = NT_OPT_CHOICE, .off = O(stack),
	  .choices = "false|true", .optdef = "true", .flags = NT_OPT_OPTARG, .help = "stacks" },
	{ .name = "normal-filter", .letter = 'f', .type = NT_OPT_FLAG, .off = O(filter),
	  .flags = NT_OPT_NEG, .help = "filter" },
	{ .name = "label", .type = NT_OPT_STRING, .off = O(label), .flags = NT_OPT_POSITIONAL,
	  .help = "label" },
	NT_OPTS_ADDRS(struct cfg, flow),
	NT_OPTS_PORTS(struct cfg, flow),
	NT_OPTS_PROTO(struct cfg, flow),
	NT_OPTS_TRACE(struct cfg, common),
	{ 0 },
};

static const struct nt_legacy legacy[] = {
	{ "a.py", "--interval 5 --label x", "d=device p=protocol s=src-ip log=log-file",
	  "other defaults" },
	{ "b.py", NULL, "n=no-normal-filter", NULL },
	{ 0 },
};

static const struct nt_doc doc = {
	.words = "a b",
	.summary = "x",
	.opts = table,
	.legacy = legacy,
	.rest = "FILE",
};

static void fail(const char *what, const char *detail)
{
	fprintf(stderr, "%s: %s\n", what, detail);
	abort();
}

static int round_trip(const struct nt_opt *o, size_t off, void *arg)
{
	const char *cfg = arg;
	union {
		char bytes[512];
		uint64_t align;
	} again = { { 0 } };
	size_t size = nt_opt_size(o->type);
	struct nt_err err = { 0 };
	char text[1024];
	int n = nt_opt_format(o, cfg + off, text, sizeof(text));
	bool any = o->type == NT_OPT_IFACES && !strcmp(text, "any");
	bool zero = !o->def && (o->min || o->type == NT_OPT_STRING);

	if (n < 0 || (size_t)n >= sizeof(text) || any || zero || o->type == NT_OPT_STRING)
		return 0;
	if (nt_opt_read(o, text, again.bytes, &err))
		fail(text, err.text);
	if (memcmp(again.bytes, cfg + off, size))
		fail(o->name, text);
	return 0;
}

static void complete(int argc, char **argv)
{
	struct nt_complete c = { &doc, 1, NULL };
	const char *words[WORDS_MAX + 2] = { "a", "b" };
	struct nt_buf out = { 0 };

	for (int i = 0; i < argc; i++)
		words[i + 2] = argv[i];
	nt_complete(&c, argc, words + 2, &out);
	nt_complete(&c, argc + 2, words, &out);
	nt_buf_free(&out);
}

static void parse(uint8_t mode, int argc, char **argv)
{
	struct nt_err err = { 0 };
	struct nt_given given;
	struct cfg cfg;
	int rest = 0;
	struct nt_opt_parse p = { .table = table,
				  .cfg = &cfg,
				  .cfg_size = sizeof(cfg),
				  .given = &given,
				  .legacy = mode & 3 ? &legacy[mode & 1] : NULL,
				  .rest = mode & 4 ? &rest : NULL };

	if (nt_opt_parse(&p, argc, argv, &err)) {
		if (!err.text[0] || strchr(err.text, '\n') || err.exit_code != NT_EXIT_USAGE)
			fail("error", err.text);
		return;
	}
	if (rest < 0 || rest > argc)
		fail("rest", "out of argv");
	nt_flow_check(&cfg.flow, &err);
	nt_opt_walk(table, 0, round_trip, &cfg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[WORDS_MAX], *text, *save = NULL;
	int argc = 0;

	if (!size)
		return 0;
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	for (char *w = strtok_r(text, "\n", &save); w && argc < WORDS_MAX;
	     w = strtok_r(NULL, "\n", &save))
		argv[argc++] = w;
	complete(argc, argv);
	parse(data[0], argc, argv);
	free(text);
	return 0;
}
