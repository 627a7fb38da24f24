// SPDX-License-Identifier: GPL-2.0-or-later
#include "help.h"
#include "opt_set.h"

#include <stdio.h>

/* Column of the option texts. */
#define TEXT_COLUMN 30
#define EXAMPLE_INDENT 2

void nt_help_wrap(struct nt_buf *out, struct nt_wrap w, const char *text)
{
	size_t tail = strlen(w.tail), column = w.column;
	bool first = true;
	struct nt_span p;

	while (nt_span_next(&text, ' ', &p)) {
		size_t need = p.n;

		if (!p.n)
			continue;
		if (tail && text && p.s[0] == '-' && text[0] != '-')
			need += 1 + strcspn(text, " ");
		if (!first && column + 1 + need + tail > NT_HELP_WIDTH) {
			nt_buf_add(out, "%s\n", w.tail);
			nt_buf_fill(out, ' ', w.indent);
			column = w.indent;
			first = true;
		}
		if (!first) {
			nt_buf_addc(out, ' ');
			column++;
		}
		nt_buf_addn(out, p.s, p.n);
		column += p.n;
		first = false;
	}
}

/* "  -t, --top N             show the N slowest (1-1000; default 5)" */
static void add_option(struct nt_buf *out, const struct nt_opt_set *set, const struct nt_legacy *as,
		       uint32_t i)
{
	const struct nt_opt *o = set->row[i].o;
	char letter = nt_opt_set_letter(set, as, i);
	struct nt_buf text = { 0 }, note = { 0 };
	size_t start = out->n, column;

	if (letter)
		nt_buf_add(out, "  -%c, ", letter);
	else
		nt_buf_adds(out, "      ");
	nt_doc_spelling(out, o);
	column = out->n - start;
	if (column + 2 > TEXT_COLUMN) {
		nt_buf_addc(out, '\n');
		column = 0;
	}
	nt_buf_fill(out, ' ', TEXT_COLUMN - column);
	nt_doc_note(&note, o);
	nt_buf_adds(&text, o->help ? o->help : "");
	if (note.n)
		nt_buf_add(&text, " (%s)", nt_buf_str(&note));
	nt_help_wrap(out, (struct nt_wrap){ TEXT_COLUMN, TEXT_COLUMN, "" }, nt_buf_str(&text));
	nt_buf_addc(out, '\n');
	nt_buf_free(&text);
	nt_buf_free(&note);
}

static void add_usage(struct nt_buf *out, const struct nt_doc *doc, const struct nt_opt_set *set)
{
	struct nt_buf text = { 0 };
	size_t indent = strlen("Usage: nettrace ") + strlen(doc->words) + 1;

	nt_buf_add(&text, "Usage: nettrace %s", doc->words);
	nt_doc_synopsis(&text, set, doc->rest);
	nt_help_wrap(out, (struct nt_wrap){ 0, indent < 32 ? indent : 7, "" }, nt_buf_str(&text));
	nt_buf_adds(out, "\n\n");
	nt_buf_free(&text);
}

/* A sentence of a summary: capital, full stop. */
static void add_summary(struct nt_buf *out, const struct nt_doc *doc)
{
	const char *side = nt_doc_side(doc->side), *s = doc->summary;
	struct nt_buf text = { 0 };

	nt_buf_addc(&text, *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s);
	nt_buf_add(&text, "%s.%s%s", *s ? s + 1 : "", side ? " " : "", side ? side : "");
	nt_help_wrap(out, (struct nt_wrap){ 0, 0, "" }, nt_buf_str(&text));
	nt_buf_addc(out, '\n');
	nt_buf_free(&text);
}

/* A legacy spelling of another option hides the row of that name. */
static bool shown_as(const struct nt_opt_set *set, const struct nt_legacy *as, uint32_t row)
{
	struct nt_opt_match m;

	return nt_opt_set_shown(set, row) &&
	       nt_opt_find(set, as, nt_span_of(set->row[row].o->name), &m) && m.row == row;
}

static void add_options(struct nt_buf *out, const struct nt_opt_set *set,
			const struct nt_legacy *as)
{
	bool times = false, sizes = false;
	const char *h;

	for (uint32_t i = 0; (h = nt_doc_heading(set, i)); i++) {
		nt_buf_add(out, "\n%s:\n", h);
		for (uint32_t row = 0; row < set->n; row++) {
			if (!shown_as(set, as, row) || strcmp(nt_doc_heading_of(set, row), h))
				continue;
			add_option(out, set, as, row);
			times = times || set->row[row].o->type == NT_OPT_DURATION;
			sizes = sizes || set->row[row].o->type == NT_OPT_SIZE;
		}
	}
	if (times || sizes)
		nt_buf_addc(out, '\n');
	if (times)
		nt_buf_adds(out, "Times take a unit behind the number: ns, us, ms, s, m, h.\n");
	if (sizes)
		nt_buf_adds(out, "Sizes are bytes, or take K, M, G or T behind the number.\n");
}

static void add_examples(struct nt_buf *out, const struct nt_doc *doc)
{
	struct nt_buf text = { 0 };

	for (const struct nt_example *e = doc->examples; e && e->args; e++) {
		nt_buf_adds(out, e == doc->examples ? "\nExamples:\n" : "");
		nt_buf_reset(&text);
		nt_buf_add(&text, "nettrace %s", e->args);
		nt_buf_fill(out, ' ', EXAMPLE_INDENT);
		nt_help_wrap(out, (struct nt_wrap){ EXAMPLE_INDENT, EXAMPLE_INDENT + 4, " \\" },
			     nt_buf_str(&text));
		nt_buf_addc(out, '\n');
		nt_buf_fill(out, ' ', EXAMPLE_INDENT + 6);
		nt_help_wrap(out, (struct nt_wrap){ EXAMPLE_INDENT + 6, EXAMPLE_INDENT + 6, "" },
			     e->what);
		nt_buf_addc(out, '\n');
	}
	nt_buf_free(&text);
}

/* One line of the section "As NAME:", wrapped. */
static void add_as_line(struct nt_buf *out, const char *left, const char *right)
{
	size_t n = strlen(left) + 2;

	nt_buf_add(out, "  %s", left);
	nt_buf_fill(out, ' ', n + 2 > TEXT_COLUMN ? 2 : TEXT_COLUMN - n);
	nt_help_wrap(out, (struct nt_wrap){ TEXT_COLUMN, TEXT_COLUMN, "" }, right);
	nt_buf_addc(out, '\n');
}

/* What is different under the legacy name that it was called by. */
static void add_as(struct nt_buf *out, const struct nt_legacy *as)
{
	const char *list = as->aliases;
	char left[64], right[64];
	struct nt_span key, target;

	if (!as->aliases && !as->defaults && !as->note)
		return;
	nt_buf_add(out, "\nAs %s:\n", as->name);
	while (nt_legacy_next(&list, &key, &target)) {
		snprintf(left, sizeof(left), "%s%.*s", key.n > 1 ? "--" : "-", (int)key.n, key.s);
		snprintf(right, sizeof(right), "--%.*s", (int)target.n, target.s);
		add_as_line(out, left, right);
	}
	if (as->defaults)
		add_as_line(out, "Defaults", as->defaults);
	if (as->note)
		add_as_line(out, "Note", as->note);
}

static void add_legacy(struct nt_buf *out, const struct nt_doc *doc)
{
	struct nt_buf text = { 0 };

	if (!doc->legacy || !doc->legacy->name)
		return;
	nt_buf_adds(&text, "Under the name of a program that it replaces it takes that one's "
			   "options and defaults:");
	for (const struct nt_legacy *l = doc->legacy; l->name; l++)
		nt_buf_add(&text, " %s%s", l->name, l[1].name ? "," : ".");
	nt_buf_addc(out, '\n');
	nt_help_wrap(out, (struct nt_wrap){ 0, 0, "" }, nt_buf_str(&text));
	nt_buf_addc(out, '\n');
	nt_buf_free(&text);
}

void nt_help(struct nt_buf *out, const struct nt_doc *doc)
{
	struct nt_opt_set set = { 0 };

	if (nt_opt_set_make(&set, doc->opts, 0, SIZE_MAX / 2, NULL))
		set.n = 0;
	add_usage(out, doc, &set);
	add_summary(out, doc);
	if (doc->as)
		add_as(out, doc->as);
	add_options(out, &set, doc->as);
	add_examples(out, doc);
	add_legacy(out, doc);
	/* Commands about nettrace itself are on its own page. */
	if (doc->family && !strcmp(doc->family, "nettrace"))
		nt_buf_add(out, "\nManual: nettrace(8)\n");
	else if (doc->family)
		nt_buf_add(out, "\nManual: nettrace-%s(8)\n", doc->family);
}

/* Do the words begin with all words of prefix? */
static bool in_family(const char *words, const char *prefix)
{
	size_t n = strlen(prefix);

	return !n || (!strncmp(words, prefix, n) && (!words[n] || words[n] == ' '));
}

void nt_help_commands(struct nt_buf *out, const struct nt_doc *docs, size_t n, const char *prefix)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(docs[i].words);

		if (in_family(docs[i].words, prefix) && len > width)
			width = len;
	}
	for (size_t i = 0; i < n; i++) {
		if (!in_family(docs[i].words, prefix))
			continue;
		nt_buf_add(out, "  %-*s  ", (int)width, docs[i].words);
		nt_help_wrap(out, (struct nt_wrap){ width + 4, width + 4, "" }, docs[i].summary);
		nt_buf_addc(out, '\n');
	}
}
