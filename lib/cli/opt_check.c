// SPDX-License-Identifier: GPL-2.0-or-later
/* Is an option table sound? For the tests that walk every tool. */
#include "opt.h"
#include "opt_set.h"
#include "parse.h"
#include "types.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int fault(struct nt_err *err, const struct nt_opt *o, const char *what)
{
	return nt_errf(err, NT_EXIT_RUNTIME, EINVAL, "option --%s: %s", o->name, what);
}

/* Small letters, digits, single dashes inside. */
static bool good_name(struct nt_span p)
{
	if (p.n < 2 || p.n > 40 || !islower((unsigned char)p.s[0]) || p.s[p.n - 1] == '-')
		return false;
	for (size_t i = 0; i < p.n; i++) {
		bool dash = p.s[i] == '-' && p.s[i + 1] != '-';

		if (!dash && !islower((unsigned char)p.s[i]) && !isdigit((unsigned char)p.s[i]))
			return false;
	}
	return true;
}

static int check_help(const struct nt_opt *o, struct nt_err *err)
{
	size_t n = o->help ? strlen(o->help) : 0;

	if (!n)
		return fault(err, o, "no help");
	if (n > NT_OPT_HELP_MAX)
		return fault(err, o, "the help is too long");
	if (o->help[n - 1] == '.')
		return fault(err, o, "the help ends with a full stop");
	if (isupper((unsigned char)o->help[0]) && islower((unsigned char)o->help[1]))
		return fault(err, o, "the help begins with a capital");
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)o->help[i] < ' ' || (unsigned char)o->help[i] > '~')
			return fault(err, o, "the help is not plain ASCII");
	}
	return 0;
}

static int check_choices(const struct nt_opt *o, struct nt_err *err)
{
	const char *list = o->choices;
	struct nt_span p, word;
	char text[64];
	uint32_t got = 0;

	if ((o->type == NT_OPT_CHOICE) != !!o->choices)
		return fault(err, o, "choices are for NT_OPT_CHOICE only, which needs them");
	for (uint32_t i = 0; nt_span_next(&list, '|', &p); i++) {
		while (nt_span_cut(&p, ',', &word)) {
			if (!word.n || word.n >= sizeof(text))
				return fault(err, o, "empty or long choice");
			snprintf(text, sizeof(text), "%.*s", (int)word.n, word.s);
			if (nt_parse_choice(text, o->choices, &got, NULL) || got != i)
				return fault(err, o, "a choice twice");
		}
	}
	return 0;
}

/* Does the text parse as a value of the option, its own limits left out? */
static bool parses(const struct nt_opt *o, const char *text, bool limits, void *field)
{
	struct nt_opt plain = *o;

	if (!limits)
		plain.min = plain.max = NULL;
	return !nt_opt_read(&plain, text, field, NULL);
}

static int check_values(const struct nt_opt *o, struct nt_err *err)
{
	bool ordered = o->type == NT_OPT_U32 || o->type == NT_OPT_U64 ||
		       o->type == NT_OPT_DURATION || o->type == NT_OPT_SIZE;
	union {
		uint64_t u64;
		struct nt_addrs addrs;
		struct nt_ports ports;
		struct nt_names names;
	} field;

	if ((o->min || o->max) && !ordered)
		return fault(err, o, "limits of a type that has none");
	if (o->min && !parses(o, o->min, false, &field))
		return fault(err, o, "bad min");
	if (o->max && !parses(o, o->max, false, &field))
		return fault(err, o, "bad max");
	if (o->min && o->max &&
	    (!parses(o, o->min, true, &field) || !parses(o, o->max, true, &field)))
		return fault(err, o, "min above max");
	if (o->def && !parses(o, o->def, true, &field))
		return fault(err, o, "the default does not parse");
	if (o->optdef && !parses(o, o->optdef, true, &field))
		return fault(err, o, "optdef does not parse");
	if (o->unit && (o->type != NT_OPT_DURATION || !nt_unit_ns(o->unit)))
		return fault(err, o, "bad unit");
	return 0;
}

static int check_flags(const struct nt_opt *o, struct nt_err *err)
{
	bool flag = o->type == NT_OPT_FLAG;

	if (o->flags & NT_OPT_NEG && !flag)
		return fault(err, o, "NT_OPT_NEG is for flags");
	if (o->flags & (NT_OPT_OPTARG | NT_OPT_POSITIONAL | NT_OPT_REQUIRED) && flag)
		return fault(err, o, "a flag takes no value and cannot be required");
	if (o->flags & NT_OPT_EMPTY && !(o->flags & NT_OPT_POSITIONAL))
		return fault(err, o, "NT_OPT_EMPTY is for positional rows");
	if (!!(o->flags & NT_OPT_OPTARG) != !!o->optdef)
		return fault(err, o, "NT_OPT_OPTARG and optdef go together");
	if (o->flags & NT_OPT_REQUIRED && o->flags & NT_OPT_HIDDEN)
		return fault(err, o, "required and hidden");
	if (o->letter && !isalnum((unsigned char)o->letter))
		return fault(err, o, "the letter is none");
	return 0;
}

/* Every spelling leads to the row or to the one that covers it. */
static int check_spellings(const struct nt_opt_set *set, uint32_t i, struct nt_err *err)
{
	const struct nt_opt_row *row = &set->row[i];
	struct nt_opt_match m;
	struct nt_span p, q;

	for (uint32_t k = 0; nt_opt_spelling(row->o, k, &p); k++) {
		if (!good_name(p))
			return fault(err, row->o, "bad name or alias");
		for (uint32_t j = 0; j < k && nt_opt_spelling(row->o, j, &q); j++) {
			if (nt_span_same(p, q))
				return fault(err, row->o, "a spelling twice");
		}
		/* A covered row may lose an alias to the tool's own row of that name. */
		if (!nt_opt_find(set, NULL, p, &m) || (m.row != row->owner && m.row >= i))
			return fault(err, row->o, "a spelling leads elsewhere");
		if (m.row != row->owner && !k)
			return fault(err, row->o, "its name is an earlier row's alias");
	}
	return 0;
}

/* Rows of one table (not of its groups) share neither name nor alias nor letter. */
static int check_doubles(const struct nt_opt *table, struct nt_err *err)
{
	struct nt_span a, b;

	for (const struct nt_opt *o = table; o->type != NT_OPT_END; o++) {
		if (o->type == NT_OPT_GROUP && o->group && check_doubles(o->group, err))
			return -EINVAL;
		for (const struct nt_opt *e = table; e < o && o->name; e++) {
			if (!e->name)
				continue;
			if (o->letter && o->letter == e->letter)
				return fault(err, o, "its letter is an earlier row's");
			for (uint32_t i = 0; nt_opt_spelling(o, i, &a); i++) {
				for (uint32_t k = 0; nt_opt_spelling(e, k, &b); k++) {
					if (nt_span_same(a, b))
						return fault(err, o,
							     "a spelling is an earlier row's");
				}
			}
		}
	}
	return 0;
}

static int check_legacy(const struct nt_opt_parse *p, const struct nt_opt_set *set,
			struct nt_err *err)
{
	const char *list = p->legacy->aliases;
	struct nt_opt_match m;
	struct nt_span key, target;
	struct nt_err why = { 0 };

	while (nt_legacy_next(&list, &key, &target)) {
		if (!target.s || !key.n)
			return nt_errf(err, NT_EXIT_RUNTIME, EINVAL, "%s: alias '%.*s' has no '='",
				       p->legacy->name, (int)key.n, key.s);
		if (!nt_opt_find(set, NULL, target, &m))
			return nt_errf(err, NT_EXIT_RUNTIME, EINVAL, "%s: no option --%.*s",
				       p->legacy->name, (int)target.n, target.s);
	}
	/* --help: what is required may be missing. */
	char word[] = "--help", *argv[] = { word };
	if (nt_opt_parse(p, 1, argv, &why))
		return nt_errf(err, NT_EXIT_RUNTIME, EINVAL, "%s: %s", p->legacy->name, why.text);
	return 0;
}

int nt_opt_table_check(const struct nt_opt *table, const struct nt_legacy *legacy, size_t cfg_size,
		       struct nt_err *err)
{
	struct nt_opt_set set = { 0 };
	struct nt_opt_parse p = { .table = table, .cfg_size = cfg_size };
	int r = nt_opt_set_make(&set, table, 0, cfg_size, err);

	if (!r)
		r = check_doubles(table, err);
	for (uint32_t i = 0; !r && i < set.n; i++) {
		const struct nt_opt *o = set.row[i].o;

		if (check_help(o, err) || check_choices(o, err) || check_values(o, err) ||
		    check_flags(o, err) || check_spellings(&set, i, err))
			r = -EINVAL;
	}
	if (r || !legacy)
		return r;
	p.cfg = calloc(1, cfg_size ? cfg_size : 1);
	if (!p.cfg)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	for (; !r && legacy->name; legacy++) {
		p.legacy = legacy;
		r = check_legacy(&p, &set, err);
	}
	free(p.cfg);
	return r;
}
