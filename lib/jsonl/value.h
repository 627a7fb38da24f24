/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of a line of JSON that somebody else wrote: what is missing, of another type or
 * out of its bounds is as if it were not there.
 */
#ifndef NT_VALUE_H
#define NT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hist.h"

struct nt_value; /* owned by the line that nt_value_parse() made */

/* An object, or NULL: no JSON, no object, a key twice. nt_value_free() releases it. */
struct nt_value *nt_value_parse(const char *s, size_t n);
void nt_value_free(struct nt_value *line);

/* Members of an object; of NULL there are none. */
const struct nt_value *nt_value_obj(const struct nt_value *o, const char *key);
const char *nt_value_str(const struct nt_value *o, const char *key); /* UTF-8, no NUL in it */
bool nt_value_true(const struct nt_value *o, const char *key);
bool nt_value_u64(const struct nt_value *o, const char *key, uint64_t max, uint64_t *v);
/* Microseconds with decimals, as ns. */
bool nt_value_us(const struct nt_value *o, const char *key, uint64_t *ns);
/* "2025-11-20T09:45:00.123456789Z" as ns since the epoch; as nt_fmt_rfc3339() writes it. */
bool nt_value_time(const struct nt_value *o, const char *key, uint64_t *wall_ns);
/* A latency of nt_latency_json(): its buckets, and the exact min, max and sum. */
bool nt_value_hist(const struct nt_value *o, const char *key, struct nt_hist *h);
/* Every member that is a number, and every other one as 0; stops when fn returns false. */
void nt_value_each(const struct nt_value *o, bool (*fn)(void *arg, const char *key, uint64_t v),
		   void *arg);
/* Every member that is a text. */
void nt_value_each_str(const struct nt_value *o,
		       bool (*fn)(void *arg, const char *key, const char *v), void *arg);

#endif
