// SPDX-License-Identifier: GPL-2.0-or-later
#include "opt_set.h"

#include <errno.h>

/* Groups in groups: more is a loop. */
#define DEPTH_MAX 4

struct maker {
	struct nt_opt_set *set;
	size_t cfg_size;
	struct nt_err *err;
};

static int broken(struct nt_err *err, const struct nt_opt *o, const char *what)
{
	return nt_errf(err, NT_EXIT_RUNTIME, EINVAL, "option table, row '%s': %s",
		       o->name ? o->name : "", what);
}

static int add_row(struct maker *mk, const struct nt_opt *o, size_t off, const char *heading)
{
	struct nt_opt_set *set = mk->set;
	struct nt_opt_row *row;
	size_t size = nt_opt_size(o->type);

	if (!o->name || !size)
		return broken(mk->err, o, "no name or no such type");
	if (set->n == NT_OPT_ROWS)
		return broken(mk->err, o, "too many rows");
	if (off > mk->cfg_size || size > mk->cfg_size - off)
		return broken(mk->err, o, "its field lies outside the settings");
	row = &set->row[set->n];
	*row = (struct nt_opt_row){ o, off, heading, set->n };
	for (uint32_t i = 0; i < set->n; i++) {
		if (!strcmp(set->row[i].o->name, o->name)) {
			row->owner = i;
			break;
		}
	}
	set->n++;
	return 0;
}

static int add_table(struct maker *mk, const struct nt_opt *table, size_t base, int depth)
{
	const char *heading = NULL;
	int r;

	for (const struct nt_opt *o = table; o->type != NT_OPT_END; o++) {
		if (o->type == NT_OPT_HEADING) {
			heading = o->help;
			continue;
		}
		if (o->type != NT_OPT_GROUP)
			r = add_row(mk, o, base + o->off, heading);
		else if (!o->group || depth == DEPTH_MAX)
			r = broken(mk->err, o, "bad group");
		else
			r = add_table(mk, o->group, base + o->off, depth + 1);
		if (r)
			return r;
	}
	return 0;
}

int nt_opt_set_make(struct nt_opt_set *set, const struct nt_opt *table, size_t base,
		    size_t cfg_size, struct nt_err *err)
{
	struct maker mk = { set, cfg_size, err };

	set->n = 0;
	return add_table(&mk, table, base, 0);
}

bool nt_opt_set_shown(const struct nt_opt_set *set, uint32_t i)
{
	return set->row[i].owner == i && !(set->row[i].o->flags & NT_OPT_HIDDEN);
}

bool nt_opt_spelling(const struct nt_opt *o, uint32_t k, struct nt_span *out)
{
	const char *list = o->aliases;

	if (k == 0) {
		*out = nt_span_of(o->name);
		return true;
	}
	while (k && nt_span_next(&list, ',', out))
		k--;
	return k == 0;
}

bool nt_legacy_next(const char **list, struct nt_span *key, struct nt_span *target)
{
	const char *eq;
	struct nt_span p;

	do {
		if (!nt_span_next(list, ' ', &p))
			return false;
	} while (!p.n);
	eq = memchr(p.s, '=', p.n);
	*key = (struct nt_span){ p.s, eq ? (size_t)(eq - p.s) : p.n };
	*target = (struct nt_span){ eq ? eq + 1 : NULL, eq ? p.n - key->n - 1 : 0 };
	return true;
}

bool nt_legacy_target(const struct nt_legacy *legacy, struct nt_span key, struct nt_span *target)
{
	const char *list = legacy ? legacy->aliases : NULL;
	struct nt_span k;

	while (nt_legacy_next(&list, &k, target))
		if (target->s && nt_span_same(k, key))
			return true;
	return false;
}

static bool find_exact(const struct nt_opt_set *set, struct nt_span name, struct nt_opt_match *m)
{
	struct nt_span sp, plain = name;

	if (nt_span_begins(nt_span_of("no-"), name))
		plain = (struct nt_span){ name.s + 3, name.n - 3 };
	for (uint32_t i = 0; i < set->n; i++) {
		const struct nt_opt_row *row = &set->row[i];

		for (uint32_t k = 0; nt_opt_spelling(row->o, k, &sp); k++) {
			bool neg = plain.n != name.n && nt_span_same(sp, plain) &&
				   (set->row[row->owner].o->flags & NT_OPT_NEG);

			if (neg || nt_span_same(sp, name)) {
				*m = (struct nt_opt_match){ row->owner, neg };
				return true;
			}
		}
	}
	return false;
}

bool nt_opt_find(const struct nt_opt_set *set, const struct nt_legacy *legacy, struct nt_span name,
		 struct nt_opt_match *m)
{
	struct nt_span target;

	if (nt_legacy_target(legacy, name, &target) && find_exact(set, target, m))
		return true;
	return find_exact(set, name, m);
}

bool nt_opt_find_letter(const struct nt_opt_set *set, const struct nt_legacy *legacy, char c,
			struct nt_opt_match *m)
{
	struct nt_span target;

	if (nt_legacy_target(legacy, (struct nt_span){ &c, 1 }, &target) &&
	    find_exact(set, target, m))
		return true;
	for (uint32_t i = 0; i < set->n; i++) {
		if (set->row[i].o->letter == c) {
			*m = (struct nt_opt_match){ set->row[i].owner, false };
			return true;
		}
	}
	return false;
}

char nt_opt_set_letter(const struct nt_opt_set *set, const struct nt_legacy *legacy, uint32_t i)
{
	const char *list = legacy ? legacy->aliases : NULL;
	struct nt_span key, target;
	struct nt_opt_match m;

	for (uint32_t k = 0; k < set->n; k++) {
		const struct nt_opt_row *row = &set->row[k];

		if (row->owner == i && row->o->letter &&
		    nt_opt_find_letter(set, legacy, row->o->letter, &m) && m.row == i)
			return row->o->letter;
	}
	while (nt_legacy_next(&list, &key, &target))
		if (key.n == 1 && nt_opt_find_letter(set, legacy, key.s[0], &m) && m.row == i)
			return key.s[0];
	return 0;
}

int nt_opt_walk(const struct nt_opt *table, size_t base,
		int (*fn)(const struct nt_opt *o, size_t off, void *arg), void *arg)
{
	struct nt_opt_set set = { 0 };
	int r = nt_opt_set_make(&set, table, base, SIZE_MAX / 2, NULL);

	for (uint32_t i = 0; !r && i < set.n; i++) {
		if (nt_opt_set_shown(&set, i))
			r = fn(set.row[i].o, set.row[i].off, arg);
	}
	return r;
}
