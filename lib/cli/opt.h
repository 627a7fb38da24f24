/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The typed option table. One table per tool; the parser, --help, the man
 * page's OPTIONS, the completions, the start block and the JSON header are all
 * derived from it. Nothing about an option is written twice.
 */
#ifndef NT_OPT_H
#define NT_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum nt_opt_type {
	NT_OPT_END = 0,
	NT_OPT_GROUP,    /* another table, its fields at off: .group */
	NT_OPT_HEADING,  /* a heading in --help and man: .help; rows of one heading come together */
	NT_OPT_FLAG,     /* bool; no value, "--no-NAME" when NT_OPT_NEG */
	NT_OPT_U32,      /* uint32_t, bounded by min and max */
	NT_OPT_U64,      /* uint64_t */
	NT_OPT_DURATION, /* uint64_t ns; bare number in .unit; suffix ns us ms s m h */
	NT_OPT_SIZE,     /* uint64_t bytes; suffix K M G */
	NT_OPT_STRING,   /* const char *, points into argv or the table */
	NT_OPT_CHOICE,   /* uint32_t, index into .choices ("a|b|c"; "a,alias|b") */
	NT_OPT_ADDRS,    /* struct nt_addrs: address, prefix or comma list */
	NT_OPT_PORTS,    /* struct nt_ports: 1..65535, comma list; 0 alone = any */
	NT_OPT_IFACES,   /* struct nt_names: interface names, comma list */
	NT_OPT_PROTO,    /* uint32_t bit set NT_PROTO_*: tcp udp icmp icmp6 all, number, list */
};

/* Flags of an option. */
#define NT_OPT_REQUIRED 0x01   /* must be given */
#define NT_OPT_HIDDEN 0x02     /* accepted, not shown: a legacy spelling */
#define NT_OPT_NEG 0x04        /* a flag that also takes --no-NAME */
#define NT_OPT_OPTARG 0x08     /* the value may be missing: takes .optdef (see nt_opt_parse()) */
#define NT_OPT_NOBANNER 0x10   /* not a filter or setting worth a banner line */
#define NT_OPT_POSITIONAL 0x20 /* also filled by positional words, in order */
#define NT_OPT_NODEFAULT 0x40  /* the default is not worth a word in --help */
#define NT_OPT_EMPTY 0x80      /* an empty positional word leaves the default */

struct nt_opt {
	const char *name;    /* long name, without dashes */
	char letter;         /* short name of this tool, or 0 */
	const char *aliases; /* other long spellings, comma list, or NULL */
	enum nt_opt_type type;
	size_t off;            /* of the field in the tool's settings */
	const char *def;       /* default, goes through the same parser; NULL: zeroed */
	const char *min, *max; /* limits, in .unit for durations; NULL: type's own */
	const char *unit;      /* of a bare number: "s", "ms", "us"; default "s" */
	const char *metavar;   /* in --help; NULL: by type */
	const char *choices;
	const char *optdef;
	const char *help; /* one sentence, no full stop, lower case */
	const struct nt_opt *group;
	uint32_t flags;
};

/* Names of a comma list, without doubles. */
#define NT_MAX_NAMES 16
struct nt_names {
	uint32_t n;
	char name[NT_MAX_NAMES][16];
};

/*
 * Protocols as a bit set. 0 means any. Numbers other than these four go into
 * NT_PROTO_OTHER with the number in the upper bits (>> 8).
 */
#define NT_PROTO_ICMP 0x01u
#define NT_PROTO_TCP 0x02u
#define NT_PROTO_UDP 0x04u
#define NT_PROTO_ICMP6 0x08u
#define NT_PROTO_OTHER 0x80u

/* Which options were given (not defaulted): tested by offset of the field. */
struct nt_given {
	uint32_t n;
	size_t off[96];
};

bool nt_opt_given(const struct nt_given *given, size_t off);

/*
 * A legacy program's own spellings: its short letters and long options in
 * terms of the tool's. "d=device" makes -d (and --d) mean --device; the list
 * is separated by blanks. defaults is an argument string that is parsed before
 * the user's ("--interval 5").
 */
struct nt_legacy {
	const char *name;     /* with extension: "icmp_path_tracer.py" */
	const char *defaults; /* or NULL; a NT_OPT_STRING value only as its last word */
	const char *aliases;  /* or NULL */
	const char *note;     /* what else differs under this name, for --help; or NULL */
};

/* Rows that a table may have, its groups included. */
#define NT_OPT_ROWS 96

/*
 * Parse argv[0..argc) (options only, no command words) into cfg, which is
 * cfg_size bytes and is zeroed and filled with the defaults first. legacy and
 * given may be NULL. Bounds, required options and unknown spellings (with the
 * nearest known one) are checked here. "--help"/"-h" is a row of the table like
 * any other; when it is given, required options may be missing. Strings in cfg
 * stay valid as long as argv.
 *
 * Spellings: "--name value", "--name=value", any beginning of a name that fits
 * one option only, "-x value", "-xvalue", "-xyz" for flags; "--" ends the
 * options. A value in its own word must not begin with "--" ("--name=--x" may).
 * An option with NT_OPT_OPTARG takes the next word only if that is a good value
 * (NT_OPT_STRING: only with "="). The last of repeated options wins.
 *
 * Rows: the first one of a name, alias or letter wins, so that a tool can put
 * its own row before a shared group. The spellings of the row that it covers
 * lead to it too. The default of a field is that of its first row.
 *
 * Positional words fill the rows with NT_OPT_POSITIONAL that were not given by
 * name, in order. Further ones are an error, or with rest are moved to the
 * front of argv, in order, and counted there.
 * Returns 0, or -EINVAL with a one-line usage error (exit code 2) in err.
 */
struct nt_opt_parse {
	const struct nt_opt *table;
	const struct nt_legacy *legacy;
	void *cfg;
	size_t cfg_size;
	struct nt_given *given;
	int *rest; /* or NULL */
};
int nt_opt_parse(const struct nt_opt_parse *p, int argc, char **argv, struct nt_err *err);

/*
 * Walk all visible rows of a table, groups resolved, in order: not the headings,
 * hidden rows, and rows whose name an earlier one has taken. fn gets the row and
 * the absolute offset of its field. Stops when fn returns non-zero and returns
 * that; -EINVAL for a table that nt_opt_table_check() refuses.
 */
int nt_opt_walk(const struct nt_opt *table, size_t base,
		int (*fn)(const struct nt_opt *o, size_t off, void *arg), void *arg);

/*
 * Is the table sound? Names, letters, types, limits, defaults and help texts of
 * all rows, fields within cfg_size; legacy (ends with a NULL name, or NULL)
 * only names options that exist and its defaults parse. For tests: 0 or
 * -EINVAL, which row and why in err.
 */
int nt_opt_table_check(const struct nt_opt *table, const struct nt_legacy *legacy, size_t cfg_size,
		       struct nt_err *err);
#define NT_OPT_HELP_MAX 100 /* characters of .help */

/*
 * The value of an option as text in its own unit ("10.0.0.1", "1000ms", "r0,r1"):
 * for the start block and the JSON header. Empty lists are "any", an empty
 * string stays empty, flags are "on" and "off". Returns the length that it
 * wanted. nt_opt_read() is the inverse: what one prints the other reads, but
 * for "any" as interface.
 */
int nt_opt_format(const struct nt_opt *o, const void *field, char *buf, size_t len);
/* Parse one value into its field, with the row's limits. 0, -EINVAL or -ERANGE. */
int nt_opt_read(const struct nt_opt *o, const char *text, void *field, struct nt_err *err);
/* Bytes of the field of a type, 0 for rows without one. */
size_t nt_opt_size(enum nt_opt_type type);
/* What stands for the value in --help: .metavar, or by type and unit. */
const char *nt_opt_metavar(const struct nt_opt *o);

/* Nearest of the known words to what was typed, or NULL if none is near. */
const char *nt_suggest(const char *typed, const char *const *known, size_t n);

/*
 * Text of the user's for an error line: cut at 60 bytes, control characters as
 * '?'. Returns buf.
 */
#define NT_QUOTE_LEN 68
const char *nt_quote(const char *s, char buf[NT_QUOTE_LEN]);

/* Strict parsers, also used on their own. 0 or -EINVAL (-ERANGE), why in err. */
struct nt_addrs;
struct nt_ports;
int nt_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out, struct nt_err *err);
int nt_parse_duration(const char *s, const char *unit, uint64_t *ns, struct nt_err *err);
int nt_parse_size(const char *s, uint64_t *bytes, struct nt_err *err);
int nt_parse_addrs(const char *s, struct nt_addrs *out, struct nt_err *err);
int nt_parse_ports(const char *s, struct nt_ports *out, struct nt_err *err);
int nt_parse_names(const char *s, struct nt_names *out, struct nt_err *err);
int nt_parse_protos(const char *s, uint32_t *out, struct nt_err *err);
/* Index of the word in "a|b,alias|c". */
int nt_parse_choice(const char *s, const char *choices, uint32_t *out, struct nt_err *err);

#endif
