// SPDX-License-Identifier: GPL-2.0-or-later
/* man(7) source from a command's description: groff and mandoc both read it. */
#include "common_opts.h"
#include "doc.h"
#include "opt_set.h"

/* Source lines are broken before this column, as mandoc -Tlint asks. */
#define SOURCE_WIDTH 72

/* Characters that roff would take for itself. */
static void escape(struct nt_buf *out, struct nt_span p)
{
	for (size_t i = 0; i < p.n; i++) {
		switch (p.s[i]) {
		case '\\':
			nt_buf_adds(out, "\\e");
			break;
		case '-':
			nt_buf_adds(out, "\\-");
			break;
		case '\'':
			nt_buf_adds(out, "\\(aq");
			break;
		case '`':
			nt_buf_adds(out, "\\(ga");
			break;
		case '"':
			nt_buf_adds(out, "\\(dq");
			break;
		case '^':
			nt_buf_adds(out, "\\(ha");
			break;
		case '~':
			nt_buf_adds(out, "\\(ti");
			break;
		case '\n':
		case '\t':
			nt_buf_addc(out, ' ');
			break;
		default:
			nt_buf_addc(out, p.s[i]);
		}
	}
}

/* A paragraph's text: words, broken into source lines; no macro at a line's start. */
static void add_text(struct nt_buf *out, const char *text)
{
	size_t start = out->n;
	struct nt_span p;

	while (nt_span_next(&text, ' ', &p)) {
		if (!p.n)
			continue;
		if (out->n > start) {
			bool full = out->n - start + p.n >= SOURCE_WIDTH;

			nt_buf_addc(out, full ? '\n' : ' ');
			start = full ? out->n : start;
		}
		if (out->n == start && p.s[0] == '.')
			nt_buf_adds(out, "\\&");
		escape(out, p);
	}
	nt_buf_addc(out, '\n');
}

static void add_font(struct nt_buf *out, char font, const char *text)
{
	if (!*text)
		return;
	nt_buf_add(out, "\\f%c", font);
	escape(out, nt_span_of(text));
	nt_buf_adds(out, "\\fR");
}

/* "\fB\-t\fR, \fB\-\-top\fR \fIN\fR" */
static void add_spelling(struct nt_buf *out, const struct nt_opt *o, char letter)
{
	bool optional = o->flags & NT_OPT_OPTARG;
	struct nt_buf value = { 0 };
	char shorter[3] = { '-', letter, '\0' };

	if (letter) {
		add_font(out, 'B', shorter);
		nt_buf_adds(out, ", ");
	}
	nt_buf_adds(out, "\\fB\\-\\-");
	nt_buf_adds(out, o->flags & NT_OPT_NEG ? "\\fR[\\fBno\\-\\fR]\\fB" : "");
	escape(out, nt_span_of(o->name));
	nt_buf_adds(out, "\\fR");
	if (o->type == NT_OPT_FLAG)
		return;
	nt_buf_adds(out, optional ? "[=" : " ");
	nt_doc_value(&value, o);
	add_font(out, 'I', nt_buf_str(&value));
	nt_buf_adds(out, optional ? "]" : "");
	nt_buf_free(&value);
}

/* Further long spellings of row i, those of the rows that it covers included. */
static void add_aliases(struct nt_buf *text, const struct nt_opt_set *set, uint32_t i)
{
	const char *lead = "; also";
	struct nt_opt_match m;
	struct nt_span p;

	for (uint32_t row = 0; row < set->n; row++) {
		if (set->row[row].owner != i)
			continue;
		for (uint32_t k = 1; nt_opt_spelling(set->row[row].o, k, &p); k++) {
			if (!nt_opt_find(set, NULL, p, &m) || m.row != i)
				continue;
			nt_buf_add(text, "%s --%.*s", lead, (int)p.n, p.s);
			lead = ",";
		}
	}
}

static void add_option(struct nt_buf *out, const struct nt_opt_set *set, uint32_t i)
{
	const struct nt_opt *o = set->row[i].o;
	struct nt_buf text = { 0 }, note = { 0 };

	nt_buf_adds(out, ".TP\n");
	add_spelling(out, o, nt_opt_set_letter(set, NULL, i));
	nt_buf_addc(out, '\n');
	nt_buf_adds(&text, o->help ? o->help : "");
	nt_doc_note(&note, o);
	if (note.n)
		nt_buf_add(&text, " (%s)", nt_buf_str(&note));
	add_aliases(&text, set, i);
	add_text(out, nt_buf_str(&text));
	nt_buf_free(&text);
	nt_buf_free(&note);
}

static void add_rows(struct nt_buf *out, const struct nt_opt_set *set, const char *heading)
{
	for (uint32_t row = 0; row < set->n; row++) {
		if (nt_opt_set_shown(set, row) && !strcmp(nt_doc_heading_of(set, row), heading))
			add_option(out, set, row);
	}
}

/* A subsection for each heading, if there is more than one. */
void nt_doc_man_options(struct nt_buf *out, const struct nt_doc *doc)
{
	struct nt_opt_set set = { 0 };
	const char *h;

	if (nt_opt_set_make(&set, doc->opts, 0, SIZE_MAX / 2, NULL))
		return;
	for (uint32_t i = 0; (h = nt_doc_heading(&set, i)); i++) {
		if (nt_doc_heading(&set, 1)) {
			nt_buf_adds(out, ".SS ");
			add_text(out, h);
		}
		add_rows(out, &set, h);
	}
}

/* "nettrace path icmp" bold, options bold, values in italics. */
static void add_synopsis(struct nt_buf *out, const struct nt_doc *doc, const struct nt_opt_set *set)
{
	struct nt_buf text = { 0 };
	const char *list;
	struct nt_span p;

	nt_buf_adds(out, "\\fBnettrace ");
	escape(out, nt_span_of(doc->words));
	nt_buf_adds(out, "\\fR");
	nt_doc_synopsis(&text, set, doc->rest);
	list = nt_buf_str(&text);
	while (nt_span_next(&list, ' ', &p)) {
		bool option = p.n > 2 && p.s[0] == '-';

		if (!p.n)
			continue;
		nt_buf_adds(out, option ? "\n\\fB" : p.s[0] == '[' ? "\n" : " \\fI");
		escape(out, p);
		nt_buf_adds(out, p.s[0] == '[' ? "" : "\\fR");
	}
	nt_buf_addc(out, '\n');
	nt_buf_free(&text);
}

static void add_summary(struct nt_buf *out, const struct nt_doc *doc)
{
	const char *s = doc->summary, *side = nt_doc_side(doc->side);
	struct nt_buf text = { 0 };

	nt_buf_addc(&text, *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s);
	nt_buf_add(&text, "%s.", *s ? s + 1 : "");
	nt_buf_adds(out, ".PP\n");
	add_text(out, nt_buf_str(&text));
	if (side)
		add_text(out, side);
	nt_buf_free(&text);
}

static void add_examples(struct nt_buf *out, const struct nt_doc *doc)
{
	for (const struct nt_example *e = doc->examples; e && e->args; e++) {
		struct nt_buf what = { 0 };
		const char *words = e->args;
		size_t start;
		struct nt_span p;

		nt_buf_adds(out, e == doc->examples ? ".PP\nExamples:\n" : "");
		nt_buf_adds(out, ".PP\n");
		nt_buf_add(&what, "%s:", e->what);
		add_text(out, nt_buf_str(&what));
		nt_buf_free(&what);
		nt_buf_adds(out, ".PP\n.RS 4\n.EX\n");
		start = out->n;
		nt_buf_adds(out, "nettrace");
		while (nt_span_next(&words, ' ', &p)) {
			bool full = out->n - start + p.n >= SOURCE_WIDTH - 8;

			nt_buf_adds(out, full ? " \\e\n    " : " ");
			start = full ? out->n : start;
			escape(out, p);
		}
		nt_buf_adds(out, "\n.EE\n.RE\n");
	}
}

/* What is different under one legacy name: "-d is --device; ...". */
static void add_as(struct nt_buf *out, const struct nt_legacy *as)
{
	const char *list = as->aliases, *semicolon = "";
	struct nt_span key, target;
	struct nt_buf text = { 0 };

	while (nt_legacy_next(&list, &key, &target)) {
		nt_buf_add(&text, "%s%s%.*s is --%.*s", semicolon, key.n > 1 ? "--" : "-",
			   (int)key.n, key.s, (int)target.n, target.s);
		semicolon = "; ";
	}
	if (as->defaults) {
		nt_buf_add(&text, "%sdefaults: %s", semicolon, as->defaults);
		semicolon = "; ";
	}
	if (as->note)
		nt_buf_add(&text, "%s%s", semicolon, as->note);
	if (text.n) {
		nt_buf_adds(out, ".TP\n");
		add_font(out, 'B', as->name);
		nt_buf_addc(out, '\n');
		add_text(out, nt_buf_str(&text));
	}
	nt_buf_free(&text);
}

static void add_legacy(struct nt_buf *out, const struct nt_doc *doc)
{
	struct nt_buf text = { 0 };

	if (!doc->legacy || !doc->legacy->name)
		return;
	nt_buf_adds(&text, "Under the name of a program that it replaces, with or without the "
			   "extension, it takes that program's options and defaults:");
	for (const struct nt_legacy *l = doc->legacy; l->name; l++)
		nt_buf_add(&text, " %s%s", l->name, l[1].name ? "," : ".");
	nt_buf_adds(out, ".PP\n");
	add_text(out, nt_buf_str(&text));
	nt_buf_free(&text);
	for (const struct nt_legacy *l = doc->legacy; l->name; l++)
		add_as(out, l);
}

void nt_doc_man_command(struct nt_buf *out, const struct nt_doc *doc)
{
	struct nt_opt_set set = { 0 };
	const char *h;

	if (nt_opt_set_make(&set, doc->opts, 0, SIZE_MAX / 2, NULL))
		return;
	nt_buf_adds(out, ".SS nettrace ");
	escape(out, nt_span_of(doc->words));
	nt_buf_addc(out, '\n');
	add_synopsis(out, doc, &set);
	add_summary(out, doc);
	for (uint32_t i = 0; (h = nt_doc_heading(&set, i)); i++) {
		if (!strcmp(h, NT_HEADING_COMMON))
			continue;
		nt_buf_adds(out, ".PP\n\\fI");
		escape(out, nt_span_of(h));
		nt_buf_adds(out, "\\fR:\n");
		add_rows(out, &set, h);
	}
	nt_buf_adds(out, ".PP\nThe common options are in\n.BR nettrace (8).\n");
	add_examples(out, doc);
	add_legacy(out, doc);
}
