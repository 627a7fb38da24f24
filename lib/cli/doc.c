// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts about options that --help and the man pages share. */
#include "doc.h"
#include "opt_set.h"
#include "parse.h"
#include "types.h"

/* Choices up to this many characters stand in the option itself. */
#define CHOICES_SHORT 20

/* "a|b|c" without the other spellings. */
static void add_choices(struct nt_buf *out, const char *choices, const char *between)
{
	struct nt_span p;

	for (uint32_t i = 0; nt_choice_name(choices, i, &p); i++)
		nt_buf_add(out, "%s%.*s", i ? between : "", (int)p.n, p.s);
}

static bool choices_short(const struct nt_opt *o)
{
	struct nt_span p;
	size_t n = 0;

	for (uint32_t i = 0; nt_choice_name(o->choices, i, &p); i++)
		n += p.n + 1;
	return n <= CHOICES_SHORT + 1;
}

void nt_doc_value(struct nt_buf *out, const struct nt_opt *o)
{
	if (o->type == NT_OPT_CHOICE && !o->metavar && o->choices && choices_short(o))
		add_choices(out, o->choices, "|");
	else
		nt_buf_adds(out, nt_opt_metavar(o));
}

void nt_doc_spelling(struct nt_buf *out, const struct nt_opt *o)
{
	bool optional = o->flags & NT_OPT_OPTARG;

	nt_buf_add(out, "--%s%s", o->flags & NT_OPT_NEG ? "[no-]" : "", o->name);
	if (o->type == NT_OPT_FLAG)
		return;
	nt_buf_adds(out, optional ? "[=" : " ");
	nt_doc_value(out, o);
	if (optional)
		nt_buf_addc(out, ']');
}

static void add_note(struct nt_buf *out, size_t from, const char *a, const char *b)
{
	nt_buf_add(out, "%s%s%s", out->n > from ? "; " : "", a, b);
}

static void add_default(struct nt_buf *out, const struct nt_opt *o, size_t from)
{
	union {
		bool flag;
		uint64_t u64;
		const char *s;
		struct nt_addrs addrs;
		struct nt_ports ports;
		struct nt_names names;
	} field = { 0 };
	char text[200];

	if (!o->def || o->flags & NT_OPT_NODEFAULT || nt_opt_read(o, o->def, &field, NULL))
		return;
	nt_opt_format(o, &field, text, sizeof(text));
	if (o->type != NT_OPT_FLAG || field.flag)
		add_note(out, from, "default ", text);
}

void nt_doc_note(struct nt_buf *out, const struct nt_opt *o)
{
	const char *unit = o->type == NT_OPT_DURATION ? o->unit ? o->unit : "s" : "";
	size_t from = out->n;

	if (o->flags & NT_OPT_REQUIRED)
		add_note(out, from, "required", "");
	if (o->type == NT_OPT_CHOICE && o->choices && (o->metavar || !choices_short(o))) {
		add_note(out, from, "", "");
		add_choices(out, o->choices, ", ");
	}
	/* Seconds are told by SEC in the option; a threshold's unit must be plain. */
	if (o->type == NT_OPT_DURATION && !o->min && !o->max && strcmp(unit, "s"))
		add_note(out, from, "in ", unit);
	if (o->min && o->max)
		add_note(out, from, o->min, "-");
	else if (o->min)
		add_note(out, from, "at least ", o->min);
	else if (o->max)
		add_note(out, from, "at most ", o->max);
	if (o->min && o->max)
		nt_buf_adds(out, o->max);
	if (o->min || o->max)
		nt_buf_adds(out, unit);
	if (o->flags & NT_OPT_OPTARG && o->optdef)
		add_note(out, from, "alone: ", o->optdef);
	add_default(out, o, from);
}

void nt_doc_synopsis(struct nt_buf *out, const struct nt_opt_set *set, const char *rest)
{
	for (uint32_t i = 0; i < set->n; i++) {
		const struct nt_opt *o = set->row[i].o;

		if (nt_opt_set_shown(set, i) && o->flags & NT_OPT_REQUIRED &&
		    !(o->flags & NT_OPT_POSITIONAL)) {
			nt_buf_addc(out, ' ');
			nt_doc_spelling(out, o);
		}
	}
	nt_buf_adds(out, " [OPTION]...");
	for (uint32_t i = 0; i < set->n; i++) {
		const struct nt_opt *o = set->row[i].o;
		bool must = o->flags & NT_OPT_REQUIRED;

		if (!nt_opt_set_shown(set, i) || !(o->flags & NT_OPT_POSITIONAL))
			continue;
		nt_buf_adds(out, must ? " " : " [");
		nt_doc_value(out, o);
		nt_buf_adds(out, must ? "" : "]");
	}
	if (rest)
		nt_buf_add(out, " [%s]...", rest);
}

const char *nt_doc_side(const char *side)
{
	if (!side)
		return NULL;
	if (!strcmp(side, "host"))
		return "Runs on a virtualisation host.";
	if (!strcmp(side, "guest"))
		return "Runs inside a guest.";
	return "Runs on hosts and in guests.";
}

const char *nt_doc_heading_of(const struct nt_opt_set *set, uint32_t row)
{
	return set->row[row].heading ? set->row[row].heading : "Options";
}

const char *nt_doc_heading(const struct nt_opt_set *set, uint32_t i)
{
	for (uint32_t row = 0; row < set->n; row++) {
		const char *h = nt_doc_heading_of(set, row);
		bool first = nt_opt_set_shown(set, row);

		for (uint32_t k = 0; first && k < row; k++)
			first = !nt_opt_set_shown(set, k) || strcmp(nt_doc_heading_of(set, k), h);
		if (first && i-- == 0)
			return h;
	}
	return NULL;
}
