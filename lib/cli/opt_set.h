/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table with its groups resolved: what parser, help and completion look into. */
#ifndef NT_OPT_SET_H
#define NT_OPT_SET_H

#include "opt.h"
#include "span.h"

struct nt_opt_row {
	const struct nt_opt *o;
	size_t off;          /* of the field in the settings */
	const char *heading; /* or NULL */
	uint32_t owner;      /* the row that answers to this one's name: itself or an earlier one */
};

struct nt_opt_set {
	uint32_t n;
	struct nt_opt_row row[NT_OPT_ROWS];
};

/* 0, or -EINVAL for a broken table: too many rows, fields beyond cfg_size. */
int nt_opt_set_make(struct nt_opt_set *set, const struct nt_opt *table, size_t base,
		    size_t cfg_size, struct nt_err *err);

/* Is the row to be shown: not hidden, not covered by an earlier one? */
bool nt_opt_set_shown(const struct nt_opt_set *set, uint32_t i);
/* The letter that leads to row i under the legacy name (or NULL), or 0. */
char nt_opt_set_letter(const struct nt_opt_set *set, const struct nt_legacy *legacy, uint32_t i);
/* Spelling number k of a row: its name, then its aliases. false: no more. */
bool nt_opt_spelling(const struct nt_opt *o, uint32_t k, struct nt_span *out);

struct nt_opt_match {
	uint32_t row;
	bool neg; /* "--no-NAME" of a flag */
};

/*
 * Take the next "d=device" off an alias list "d=device log=log-file". false at
 * its end; target.s is NULL in a piece without '='.
 */
bool nt_legacy_next(const char **list, struct nt_span *key, struct nt_span *target);
/* The legacy spelling's meaning. */
bool nt_legacy_target(const struct nt_legacy *legacy, struct nt_span key, struct nt_span *target);

/* Exact spelling, without dashes. The legacy program's come first. */
bool nt_opt_find(const struct nt_opt_set *set, const struct nt_legacy *legacy, struct nt_span name,
		 struct nt_opt_match *m);
bool nt_opt_find_letter(const struct nt_opt_set *set, const struct nt_legacy *legacy, char c,
			struct nt_opt_match *m);

#endif
