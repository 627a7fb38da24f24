// SPDX-License-Identifier: GPL-2.0-or-later
/* The parser: defaults, the legacy program's defaults, the user's words. */
#include "opt.h"
#include "opt_set.h"
#include "suggest.h"

#include <errno.h>
#include <stdio.h>

/* A legacy program's default arguments. */
#define DEFAULTS_LEN 512
#define DEFAULTS_WORDS 32

struct parser {
	const struct nt_opt_parse *p;
	struct nt_err *err;
	struct nt_opt_set set;
	struct nt_given user;   /* given on the command line */
	struct nt_given filled; /* that, or by the legacy program's defaults */
	bool help;
	const char *copy;     /* legacy defaults: what the words point into, ... */
	const char *original; /* ... and the string that it was copied from */
	int words;            /* positional ones, at the front of argv */
};

bool nt_opt_given(const struct nt_given *given, size_t off)
{
	for (uint32_t i = 0; i < given->n; i++) {
		if (given->off[i] == off)
			return true;
	}
	return false;
}

static void mark_given(struct nt_given *given, size_t off)
{
	if (!nt_opt_given(given, off) && given->n < sizeof(given->off) / sizeof(given->off[0]))
		given->off[given->n++] = off;
}

/*
 * A string value among the legacy defaults: move it from the copy, which dies
 * with the parser, to the table, where only the last word ends with a NUL.
 */
static int keep_string(struct parser *ps, const char **text)
{
	const char *kept;

	if (!ps->copy)
		return 0;
	kept = ps->original + (*text - ps->copy);
	if (strcmp(kept, *text))
		return nt_errf(ps->err, NT_EXIT_RUNTIME, EINVAL,
			       "legacy defaults '%s': a string must be the last word",
			       ps->original);
	*text = kept;
	return 0;
}

/* Store a value; spelled is the option as the user wrote it. */
static int set_value(struct parser *ps, uint32_t row, const char *spelled, const char *text)
{
	const struct nt_opt *o = ps->set.row[row].o;
	size_t off = ps->set.row[row].off;
	struct nt_err why = { 0 };

	if (o->type == NT_OPT_STRING && keep_string(ps, &text))
		return -EINVAL;
	if (nt_opt_read(o, text, (char *)ps->p->cfg + off, &why))
		return nt_errf(ps->err, why.exit_code, EINVAL, "%s: %s", spelled, why.text);
	mark_given(&ps->filled, off);
	if (!ps->copy)
		mark_given(&ps->user, off);
	if (o->type == NT_OPT_FLAG && !strcmp(o->name, "help"))
		ps->help = true;
	return 0;
}

static int missing_value(struct parser *ps, uint32_t row, const char *spelled, const char *next)
{
	const struct nt_opt *o = ps->set.row[row].o;
	char q[NT_QUOTE_LEN];

	if (next)
		return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
			       "%s needs a value (%s), but '%s' looks like an option; "
			       "if it is the value, write --%s=...",
			       spelled, nt_opt_metavar(o), nt_quote(next, q), o->name);
	return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL, "%s needs a value: %s", spelled,
		       nt_opt_metavar(o));
}

/*
 * The option's value is the next word, if any. Returns how many words it took
 * (0 or 1) or -EINVAL.
 */
static int take_next(struct parser *ps, uint32_t row, const char *spelled, const char *next)
{
	const struct nt_opt *o = ps->set.row[row].o;
	char *field = (char *)ps->p->cfg + ps->set.row[row].off;
	int r;

	if (o->flags & NT_OPT_OPTARG) {
		bool good = next && *next != '-' && o->type != NT_OPT_STRING &&
			    !nt_opt_read(o, next, field, NULL);

		r = set_value(ps, row, spelled, good ? next : o->optdef ? o->optdef : "");
		return r ? r : good;
	}
	if (!next || !strncmp(next, "--", 2))
		return missing_value(ps, row, spelled, next);
	r = set_value(ps, row, spelled, next);
	return r ? r : 1;
}

/*
 * A beginning of one option's name only. 0, -ENOENT, or -EINVAL when it fits
 * several. Hidden rows must be spelled out.
 */
static int find_beginning(struct parser *ps, struct nt_span name, struct nt_opt_match *m)
{
	const struct nt_opt_set *set = &ps->set;
	struct nt_span sp, first = { NULL, 0 };
	char q[NT_QUOTE_LEN], whole[NT_QUOTE_LEN];
	uint32_t found = NT_OPT_ROWS;

	if (name.n >= sizeof(whole))
		return -ENOENT;
	for (uint32_t i = 0; i < set->n; i++) {
		uint32_t owner = set->row[i].owner;

		if (set->row[owner].o->flags & NT_OPT_HIDDEN || owner == found)
			continue;
		for (uint32_t k = 0; nt_opt_spelling(set->row[i].o, k, &sp); k++) {
			if (!nt_span_begins(name, sp))
				continue;
			if (found < NT_OPT_ROWS) {
				snprintf(whole, sizeof(whole), "%.*s", (int)name.n, name.s);
				return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
					       "option '--%s' is ambiguous: '--%.*s' or '--%.*s'?",
					       nt_quote(whole, q), (int)first.n, first.s, (int)sp.n,
					       sp.s);
			}
			found = owner;
			first = sp;
			break;
		}
	}
	*m = (struct nt_opt_match){ found, false };
	return found < NT_OPT_ROWS ? 0 : -ENOENT;
}

static int unknown_long(struct parser *ps, const char *spelled)
{
	struct nt_nearest near = { .typed = nt_span_of(spelled + 2) };
	char q[NT_QUOTE_LEN];
	struct nt_span sp;

	for (uint32_t i = 0; i < ps->set.n; i++) {
		bool hidden = ps->set.row[ps->set.row[i].owner].o->flags & NT_OPT_HIDDEN;

		for (uint32_t k = 0; !hidden && nt_opt_spelling(ps->set.row[i].o, k, &sp); k++)
			nt_nearest_try(&near, sp);
	}
	nt_quote(spelled, q);
	if (near.best.s)
		return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
			       "unknown option '%s'; did you mean '--%.*s'?", q, (int)near.best.n,
			       near.best.s);
	return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
		       "unknown option '%s'; --help lists the options", q);
}

/* "--name", "--name=value". Returns the further words taken or -EINVAL. */
static int take_long(struct parser *ps, const char *word, const char *next)
{
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : strlen(word);
	struct nt_span name = { word + 2, len - 2 };
	char spelled[NT_QUOTE_LEN], full[NT_QUOTE_LEN];
	struct nt_opt_match m = { 0 };
	int r;

	snprintf(full, sizeof(full), "%.*s", (int)(len < sizeof(full) ? len : sizeof(full) - 1),
		 word);
	nt_quote(full, spelled);
	if (!nt_opt_find(&ps->set, ps->p->legacy, name, &m)) {
		r = name.n ? find_beginning(ps, name, &m) : -ENOENT;
		if (r == -ENOENT)
			return unknown_long(ps, full);
		if (r)
			return r;
	}
	if (ps->set.row[m.row].o->type != NT_OPT_FLAG) {
		if (eq)
			return set_value(ps, m.row, spelled, eq + 1);
		return take_next(ps, m.row, spelled, next);
	}
	if (eq)
		return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL, "%s takes no value", spelled);
	return set_value(ps, m.row, spelled, m.neg ? "off" : "on");
}

static int unknown_letter(struct parser *ps, const char *word, char c)
{
	struct nt_opt_match m;
	char q[NT_QUOTE_LEN];

	/* "-src-ip": one dash too few. */
	if (nt_opt_find(&ps->set, ps->p->legacy, nt_span_of(word + 1), &m))
		return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
			       "unknown option '%s'; did you mean '-%s'?", nt_quote(word, q), word);
	if (c < 0x21 || c == 0x7f)
		return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
			       "unknown option '%s'; --help lists the options", nt_quote(word, q));
	return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
		       "unknown option '-%c'; --help lists the options", c);
}

/* "-x", "-xyz", "-x5", "-x 5". Returns the further words taken or -EINVAL. */
static int take_short(struct parser *ps, const char *word, const char *next)
{
	struct nt_opt_match m = { 0 };
	int r;

	for (const char *p = word + 1; *p; p++) {
		char spelled[3] = { '-', *p, '\0' };

		if (!nt_opt_find_letter(&ps->set, ps->p->legacy, *p, &m))
			return unknown_letter(ps, word, *p);
		if (ps->set.row[m.row].o->type != NT_OPT_FLAG) {
			if (p[1])
				return set_value(ps, m.row, spelled, p + 1);
			return take_next(ps, m.row, spelled, next);
		}
		r = set_value(ps, m.row, spelled, m.neg ? "off" : "on");
		if (r)
			return r;
	}
	return 0;
}

/* Move argv[i] in front of the options, behind the words found before. */
static void keep_word(struct parser *ps, char **argv, int i)
{
	char *word = argv[i];

	memmove(argv + ps->words + 1, argv + ps->words, sizeof(*argv) * (size_t)(i - ps->words));
	argv[ps->words++] = word;
}

static int parse_words(struct parser *ps, int argc, char **argv)
{
	bool options = true;
	int r;

	for (int i = 0; i < argc; i++) {
		char *word = argv[i];
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (options && !strcmp(word, "--")) {
			options = false;
			continue;
		}
		if (!options || word[0] != '-' || !word[1]) {
			keep_word(ps, argv, i);
			continue;
		}
		r = word[1] == '-' ? take_long(ps, word, next) : take_short(ps, word, next);
		if (r < 0)
			return r;
		i += r;
	}
	return 0;
}

/* The words at the front of argv go to the positional rows in order. */
static int fill_positional(struct parser *ps, char **argv)
{
	char q[NT_QUOTE_LEN], spelled[NT_QUOTE_LEN];
	int used = 0, r;

	for (uint32_t i = 0; i < ps->set.n && used < ps->words; i++) {
		const struct nt_opt_row *row = &ps->set.row[i];

		if (!(row->o->flags & NT_OPT_POSITIONAL) || row->owner != i ||
		    nt_opt_given(&ps->user, row->off))
			continue;
		snprintf(spelled, sizeof(spelled), "%s", nt_opt_metavar(row->o));
		r = 0;
		if (argv[used][0] || !(row->o->flags & NT_OPT_EMPTY))
			r = set_value(ps, i, spelled, argv[used]);
		else
			mark_given(&ps->user, row->off);
		if (r)
			return r;
		used++;
	}
	if (ps->p->rest) {
		memmove(argv, argv + used, sizeof(*argv) * (size_t)(ps->words - used));
		*ps->p->rest = ps->words - used;
		return 0;
	}
	if (used < ps->words)
		return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL,
			       "unexpected argument '%s'; --help shows what is taken",
			       nt_quote(argv[used], q));
	return 0;
}

static int parse_legacy_defaults(struct parser *ps)
{
	const char *s = ps->p->legacy ? ps->p->legacy->defaults : NULL;
	char copy[DEFAULTS_LEN], *argv[DEFAULTS_WORDS];
	size_t len;
	int argc = 0, r;

	if (!s)
		return 0;
	len = strlen(s);
	if (len >= sizeof(copy))
		goto bad;
	memcpy(copy, s, len + 1);
	for (char *p = copy; *p;) {
		char *end = p + strcspn(p, " ");

		if (argc == DEFAULTS_WORDS)
			goto bad;
		if (end > p)
			argv[argc++] = p;
		p = *end ? end + 1 : end;
		*end = '\0';
	}
	ps->copy = copy;
	ps->original = s;
	r = parse_words(ps, argc, argv);
	ps->copy = NULL;
	if (!r && !ps->words)
		return 0;
	if (r)
		return r;
bad:
	return nt_errf(ps->err, NT_EXIT_RUNTIME, EINVAL, "bad legacy defaults '%s'", s);
}

static int set_defaults(struct parser *ps)
{
	const struct nt_opt_set *set = &ps->set;
	struct nt_given seen = { 0 };
	struct nt_err why = { 0 };

	memset(ps->p->cfg, 0, ps->p->cfg_size);
	for (uint32_t i = 0; i < set->n; i++) {
		const struct nt_opt *o = set->row[i].o;
		size_t off = set->row[i].off;

		if (nt_opt_given(&seen, off))
			continue;
		mark_given(&seen, off);
		if (o->def && nt_opt_read(o, o->def, (char *)ps->p->cfg + off, &why))
			return nt_errf(ps->err, NT_EXIT_RUNTIME, EINVAL, "default of --%s: %s",
				       o->name, why.text);
	}
	return 0;
}

static int check_required(struct parser *ps)
{
	char missing[200] = "";
	size_t n = 0;

	for (uint32_t i = 0; i < ps->set.n; i++) {
		const struct nt_opt_row *row = &ps->set.row[i];

		if (row->owner == i && row->o->flags & NT_OPT_REQUIRED &&
		    !nt_opt_given(&ps->filled, row->off) && n < sizeof(missing))
			n += (size_t)snprintf(missing + n, sizeof(missing) - n, "%s--%s %s",
					      n ? ", " : "", row->o->name, nt_opt_metavar(row->o));
	}
	if (!n)
		return 0;
	return nt_errf(ps->err, NT_EXIT_USAGE, EINVAL, "missing: %s; --help shows examples",
		       missing);
}

int nt_opt_parse(const struct nt_opt_parse *p, int argc, char **argv, struct nt_err *err)
{
	struct parser ps = { .p = p, .err = err };
	int r;

	r = nt_opt_set_make(&ps.set, p->table, 0, p->cfg_size, err);
	if (!r)
		r = set_defaults(&ps);
	if (!r)
		r = parse_legacy_defaults(&ps);
	if (!r)
		r = parse_words(&ps, argc, argv);
	if (!r)
		r = fill_positional(&ps, argv);
	if (!r && !ps.help)
		r = check_required(&ps);
	if (p->given)
		*p->given = ps.user;
	return r;
}
