// SPDX-License-Identifier: GPL-2.0-or-later
/* Each option type: size, metavar, reading a value within the row's limits. */
#include "opt.h"
#include "parse.h"
#include "suggest.h"
#include "types.h"

#include <errno.h>
#include <stdio.h>

size_t nt_opt_size(enum nt_opt_type type)
{
	switch (type) {
	case NT_OPT_FLAG:
		return sizeof(bool);
	case NT_OPT_U32:
	case NT_OPT_CHOICE:
	case NT_OPT_PROTO:
		return sizeof(uint32_t);
	case NT_OPT_U64:
	case NT_OPT_DURATION:
	case NT_OPT_SIZE:
		return sizeof(uint64_t);
	case NT_OPT_STRING:
		return sizeof(const char *);
	case NT_OPT_ADDRS:
		return sizeof(struct nt_addrs);
	case NT_OPT_PORTS:
		return sizeof(struct nt_ports);
	case NT_OPT_IFACES:
		return sizeof(struct nt_names);
	default:
		return 0;
	}
}

static const char *unit_metavar(const char *unit)
{
	static const char *const names[][2] = { { "s", "SEC" }, { "ms", "MS" }, { "us", "US" },
						{ "ns", "NS" }, { "m", "MIN" }, { "h", "HOURS" } };

	for (size_t i = 0; unit && i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(unit, names[i][0]))
			return names[i][1];
	}
	return "SEC";
}

const char *nt_opt_metavar(const struct nt_opt *o)
{
	if (o->metavar)
		return o->metavar;
	switch (o->type) {
	case NT_OPT_FLAG:
		return "";
	case NT_OPT_DURATION:
		return unit_metavar(o->unit);
	case NT_OPT_SIZE:
		return "SIZE";
	case NT_OPT_STRING:
		return "TEXT";
	case NT_OPT_CHOICE:
		return "WORD";
	case NT_OPT_ADDRS:
		return "ADDR";
	case NT_OPT_PORTS:
		return "PORT";
	case NT_OPT_IFACES:
		return "IFACE";
	case NT_OPT_PROTO:
		return "PROTO";
	default:
		return "N";
	}
}

/* One limit of a number; NULL or a broken one: the type's own. */
static uint64_t limit(const char *s, uint64_t otherwise)
{
	uint64_t v = otherwise;

	if (s && nt_parse_u64(s, 0, UINT64_MAX, &v, NULL))
		return otherwise;
	return v;
}

static int read_u32(const struct nt_opt *o, const char *text, void *field, struct nt_err *err)
{
	uint64_t v = 0;
	uint32_t v32;
	int r = nt_parse_u64(text, limit(o->min, 0), limit(o->max, UINT32_MAX), &v, err);

	if (r)
		return r;
	if (v > UINT32_MAX)
		return -ERANGE; /* only with a .max that the table check refuses */
	v32 = (uint32_t)v;
	memcpy(field, &v32, sizeof(v32));
	return 0;
}

static int read_u64(const struct nt_opt *o, const char *text, void *field, struct nt_err *err)
{
	uint64_t v = 0;
	int r = nt_parse_u64(text, limit(o->min, 0), limit(o->max, UINT64_MAX), &v, err);

	if (!r)
		memcpy(field, &v, sizeof(v));
	return r;
}

static int parse_scalar(const struct nt_opt *o, const char *text, uint64_t *v, struct nt_err *err)
{
	if (o->type == NT_OPT_SIZE)
		return nt_parse_size(text, v, err);
	return nt_parse_duration(text, o->unit, v, err);
}

/* A duration or a size: limits are in the same notation as the value. */
static int read_scalar(const struct nt_opt *o, const char *text, void *field, struct nt_err *err)
{
	const char *unit = o->type == NT_OPT_DURATION ? o->unit ? o->unit : "s" : " bytes";
	uint64_t v = 0, min = 0, max = UINT64_MAX;
	char q[NT_QUOTE_LEN];
	int r = parse_scalar(o, text, &v, err);

	if (r)
		return r;
	if (o->min && parse_scalar(o, o->min, &min, NULL))
		min = 0;
	if (o->max && parse_scalar(o, o->max, &max, NULL))
		max = UINT64_MAX;
	if (v >= min && v <= max) {
		memcpy(field, &v, sizeof(v));
		return 0;
	}
	nt_quote(text, q);
	if (o->min && o->max)
		nt_errf(err, NT_EXIT_USAGE, ERANGE, "'%s' is out of range: %s to %s%s", q, o->min,
			o->max, unit);
	else if (o->min)
		nt_errf(err, NT_EXIT_USAGE, ERANGE, "'%s' is too small: at least %s%s", q, o->min,
			unit);
	else
		nt_errf(err, NT_EXIT_USAGE, ERANGE, "'%s' is too large: at most %s%s", q, o->max,
			unit);
	return -ERANGE;
}

static int read_flag(const char *text, void *field, struct nt_err *err)
{
	static const char *const words[] = { "off", "on", "no", "yes", "false", "true", "0", "1" };
	char q[NT_QUOTE_LEN];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(text, words[i])) {
			*(bool *)field = i % 2;
			return 0;
		}
	}
	return nt_errf(err, NT_EXIT_USAGE, EINVAL, "'%s' is not on or off", nt_quote(text, q));
}

bool nt_choice_name(const char *choices, uint32_t index, struct nt_span *out)
{
	struct nt_span p;

	for (uint32_t i = 0; nt_span_next(&choices, '|', &p); i++) {
		if (i == index)
			return nt_span_cut(&p, ',', out);
	}
	return false;
}

int nt_parse_choice(const char *s, const char *choices, uint32_t *out, struct nt_err *err)
{
	struct nt_nearest near = { .typed = nt_span_of(s) };
	const char *list = choices;
	char all[256], q[NT_QUOTE_LEN];
	struct nt_span p, word;
	size_t n = 0;

	all[0] = '\0';
	for (uint32_t i = 0; nt_span_next(&list, '|', &p); i++) {
		for (bool first = true; nt_span_cut(&p, ',', &word); first = false) {
			if (nt_span_is(word, s)) {
				*out = i;
				return 0;
			}
			nt_nearest_try(&near, word);
			if (first && n < sizeof(all))
				n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%.*s",
						      i ? ", " : "", (int)word.n, word.s);
		}
	}
	nt_quote(s, q);
	if (near.best.s)
		return nt_errf(err, NT_EXIT_USAGE, EINVAL,
			       "'%s' is not one of %s; did you mean '%.*s'?", q, all,
			       (int)near.best.n, near.best.s);
	return nt_errf(err, NT_EXIT_USAGE, EINVAL, "'%s' is not one of %s", q, all);
}

int nt_opt_read(const struct nt_opt *o, const char *text, void *field, struct nt_err *err)
{
	switch (o->type) {
	case NT_OPT_FLAG:
		return read_flag(text, field, err);
	case NT_OPT_U32:
		return read_u32(o, text, field, err);
	case NT_OPT_U64:
		return read_u64(o, text, field, err);
	case NT_OPT_DURATION:
	case NT_OPT_SIZE:
		return read_scalar(o, text, field, err);
	case NT_OPT_STRING:
		memcpy(field, &text, sizeof(text));
		return 0;
	case NT_OPT_CHOICE:
		return nt_parse_choice(text, o->choices ? o->choices : "", field, err);
	case NT_OPT_ADDRS:
		return nt_parse_addrs(text, field, err);
	case NT_OPT_PORTS:
		return nt_parse_ports(text, field, err);
	case NT_OPT_IFACES:
		return nt_parse_names(text, field, err);
	case NT_OPT_PROTO:
		return nt_parse_protos(text, field, err);
	default:
		return nt_errf(err, NT_EXIT_RUNTIME, EINVAL, "option table: row without a type");
	}
}
