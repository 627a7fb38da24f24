// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hidden: __check looks for faults in the descriptors themselves, which no
 * compiler sees: option tables, examples, legacy names, hooks and the programs
 * that they name. For the tests.
 */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "meta.h"
#include "plan.h"

#define MAX_ARGS 48

struct check {
	const struct nt_tool *tool;
	int faults;
};

static void __attribute__((format(printf, 2, 3))) fault(struct check *c, const char *fmt, ...)
{
	va_list ap;

	printf("%s: ", c->tool->words);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	c->faults++;
}

/* --- the descriptor --- */

static void check_words(struct check *c)
{
	static const char *const sides[] = { "host", "guest", "any" };
	const struct nt_tool *t = c->tool;
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(sides) && t->side && strcmp(t->side, sides[i]); i++)
		;
	if (!t->side || i == NT_ARRAY_SIZE(sides))
		fault(c, "side is none of host, guest, any");
	if (!t->summary || !t->summary[0] || t->summary[strlen(t->summary) - 1] == '.')
		fault(c, "no summary, or one with a full stop");
	if (!t->object != !t->needs)
		fault(c,
		      "a traced tool does not say what it needs, or a command that traces nothing does");
	if (!t->family || !t->opts)
		fault(c, "no family or no options");
	if (!t->run_plain == !t->object)
		fault(c, "neither or both of run_plain and object");
	if (t->object && (!t->hooks || !t->prepare || !t->report || !t->kcfg_size))
		fault(c, "a traced tool without hooks, prepare, report or settings");
	for (i = 0; t->functions && t->functions[i]; i++)
		if (i == NT_MAX_FUNCTIONS)
			fault(c, "more functions than NT_MAX_FUNCTIONS");
	for (i = 0; nt_tools[i] != t; i++)
		if (!strcmp(nt_tools[i]->words, t->words))
			fault(c, "a second command of this name");
}

/* A name belongs to one program; the same stem with two extensions is allowed. */
static void check_legacy_names(struct check *c)
{
	const struct nt_legacy *l, *found;

	for (l = c->tool->legacy; l && l->name; l++) {
		found = NULL;
		if (nt_tool_by_legacy(l->name, &found) != c->tool || found != l)
			fault(c, "legacy name %s leads elsewhere", l->name);
	}
}

/* --- examples --- */

/* Cut a command line at blanks; a piece in '' is one word; ends at a redirection. */
static int split(char *s, char **argv)
{
	int n = 0;

	for (;;) {
		s += strspn(s, " ");
		if (!*s || *s == '>' || *s == '|' || n == MAX_ARGS)
			return n;
		argv[n++] = *s == '\'' ? s + 1 : s;
		s = *s == '\'' ? strchr(s + 1, '\'') : strchr(s, ' ');
		if (!s)
			return n;
		*s++ = 0;
	}
}

static void check_example(struct check *c, const char *args)
{
	NT_FREE void *cfg = calloc(1, c->tool->cfg_size);
	NT_FREE char *copy = strdup(args);
	char *argv[MAX_ARGS];
	struct nt_err err = { 0 };
	struct nt_opt_parse p = { .table = c->tool->opts,
				  .cfg = cfg,
				  .cfg_size = c->tool->cfg_size };
	int n, used;

	if (!cfg || !copy)
		return fault(c, "out of memory");
	n = split(copy, argv);
	if (nt_tool_by_words(n, argv, &used) != c->tool)
		fault(c, "the example '%s' is of another command", args);
	else if (nt_opt_parse(&p, n - used, argv + used, &err) < 0)
		fault(c, "the example '%s' does not parse: %s", args, err.text);
}

static void check_examples(struct check *c)
{
	const struct nt_example *e = c->tool->examples;
	int n = 0;

	for (; e && e->args; e++, n++) {
		if (!e->what || !e->what[0])
			fault(c, "the example '%s' is not explained", e->args);
		check_example(c, e->args);
	}
	if (n < 2)
		fault(c, "%d examples: two at least", n);
}

/* --- the kernel side --- */

static void check_hook(struct check *c, const struct nt_hook *h, struct bpf_object *obj)
{
	uint32_t i;

	if (!h->needed && !h->without)
		fault(c, "hook %s: it does not say what is lost without it", h->name);
	if (!h->v[0].kind)
		fault(c, "hook %s: no variant", h->name);
	for (i = 0; i < NT_MAX_VARIANTS && h->v[i].kind; i++) {
		const struct nt_variant *v = &h->v[i];

		if (!v->symbol || !v->prog)
			fault(c, "hook %s: variant %u without symbol or program", h->name, i);
		else if (!bpf_object__find_program_by_name(obj, v->prog))
			fault(c, "hook %s: the object has no program %s", h->name, v->prog);
	}
}

static void check_object(struct check *c)
{
	const struct nt_tool *t = c->tool;
	const struct nt_hook *h;
	struct bpf_object *obj;
	struct bpf_map *cfg;
	uint32_t n = 0;

	obj = bpf_object__open_mem(t->object->data, t->object->size, NULL);
	if (!obj)
		return fault(c, "the embedded object does not open");
	for (h = t->hooks; h && h->name; h++, n++)
		check_hook(c, h, obj);
	if (n > NT_MAX_HOOKS)
		fault(c, "%u hooks, at most %d", n, NT_MAX_HOOKS);
	cfg = bpf_object__find_map_by_name(obj, "nt_cfg");
	if (!cfg || bpf_map__value_size(cfg) != t->kcfg_size)
		fault(c, "the settings are %zu bytes here and %u in the object", t->kcfg_size,
		      cfg ? bpf_map__value_size(cfg) : 0);
	bpf_object__close(obj);
}

int meta_check(void)
{
	struct nt_err err = { 0 };
	struct check c = { 0 };
	int i;

	for (i = 0; nt_tools[i]; i++) {
		c.tool = nt_tools[i];
		check_words(&c);
		if (nt_opt_table_check(c.tool->opts, c.tool->legacy, c.tool->cfg_size, &err) < 0)
			fault(&c, "%s", err.text);
		check_legacy_names(&c);
		check_examples(&c);
		if (c.tool->object)
			check_object(&c);
	}
	return c.faults ? NT_EXIT_RUNTIME : NT_EXIT_OK;
}
