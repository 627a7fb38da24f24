// SPDX-License-Identifier: GPL-2.0-or-later
#include "value.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

#include "histogram.h"

static const json_t *json(const struct nt_value *v)
{
	return (const json_t *)v;
}

static const struct nt_value *value(const json_t *j)
{
	return (const struct nt_value *)j;
}

struct nt_value *nt_value_parse(const char *s, size_t n)
{
	json_error_t e;
	json_t *j = json_loadb(s, n, JSON_REJECT_DUPLICATES, &e);

	if (json_is_object(j))
		return (struct nt_value *)j;
	json_decref(j);
	return NULL;
}

void nt_value_free(struct nt_value *line)
{
	json_decref((json_t *)line);
}

static const json_t *member(const struct nt_value *o, const char *key)
{
	return json_object_get(json(o), key);
}

const struct nt_value *nt_value_obj(const struct nt_value *o, const char *key)
{
	const json_t *m = member(o, key);

	return json_is_object(m) ? value(m) : NULL;
}

const char *nt_value_str(const struct nt_value *o, const char *key)
{
	return json_string_value(member(o, key));
}

bool nt_value_true(const struct nt_value *o, const char *key)
{
	return json_is_true(member(o, key));
}

bool nt_value_u64(const struct nt_value *o, const char *key, uint64_t max, uint64_t *v)
{
	const json_t *m = member(o, key);

	if (!json_is_integer(m) || json_integer_value(m) < 0)
		return false;
	*v = (uint64_t)json_integer_value(m);
	return *v <= max;
}

/* So that a sum of samples of a year each is the only thing that can overflow. */
#define MAX_SAMPLES (1ULL << 50)
/* A year: longer than any segment, and exact in a double. */
#define MAX_US 3.2e13

static bool us_of(const json_t *m, uint64_t *ns)
{
	double us = json_number_value(m);

	if (!json_is_number(m) || !(us >= 0 && us <= MAX_US))
		return false;
	*ns = (uint64_t)(us * 1000 + 0.5);
	return true;
}

bool nt_value_us(const struct nt_value *o, const char *key, uint64_t *ns)
{
	return us_of(member(o, key), ns);
}

#define TIME_FORM "0000-00-00T00:00:00.000000000Z"
/* In 2067: three times added or subtracted stay within 64 bits with a sign. */
#define TIME_END (INT64_MAX / 3 / 1000000000)

bool nt_value_time(const struct nt_value *o, const char *key, uint64_t *wall_ns)
{
	const char *s = nt_value_str(o, key), *rest;
	struct tm tm = { 0 };
	uint64_t ns = 0;
	time_t t;

	/* Its form first: strptime() takes blanks and single digits too. */
	if (!s || strlen(s) != strlen(TIME_FORM))
		return false;
	for (size_t i = 0; s[i]; i++)
		if (TIME_FORM[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != TIME_FORM[i])
			return false;
	rest = strptime(s, "%Y-%m-%dT%H:%M:%S.", &tm);
	if (!rest || strlen(rest) != strlen("000000000Z"))
		return false;
	for (; *rest != 'Z'; rest++)
		ns = ns * 10 + (uint64_t)(*rest - '0');
	t = timegm(&tm);
	if (t < 0 || t >= TIME_END)
		return false;
	*wall_ns = (uint64_t)t * 1000000000ULL + ns;
	return true;
}

/* [low_us, count] */
static bool bucket(const json_t *pair, struct nt_hist *h)
{
	const json_t *n = json_array_get(pair, 1);
	uint64_t low;

	if (json_array_size(pair) != 2 || !us_of(json_array_get(pair, 0), &low) ||
	    !json_is_integer(n) || json_integer_value(n) < 1)
		return false;
	h->bucket[nt_hist_index(low)] += (uint64_t)json_integer_value(n);
	h->count += (uint64_t)json_integer_value(n);
	return true;
}

bool nt_value_hist(const struct nt_value *o, const char *key, struct nt_hist *h)
{
	const struct nt_value *l = nt_value_obj(o, key);
	const json_t *b = l ? member(l, "buckets") : NULL;
	uint64_t count, min, avg, max;
	size_t i;

	memset(h, 0, sizeof(*h));
	if (!json_is_array(b) || !nt_value_u64(l, "count", MAX_SAMPLES, &count))
		return false;
	for (i = 0; i < json_array_size(b); i++)
		if (!bucket(json_array_get(b, i), h))
			return false;
	if (h->count != count)
		return false;
	if (!count)
		return true;
	if (!nt_value_us(l, "min_us", &min) || !nt_value_us(l, "avg_us", &avg) ||
	    !nt_value_us(l, "max_us", &max) || min > max ||
	    __builtin_mul_overflow(avg, count, &h->sum))
		return false;
	h->max = max;
	h->min_inv = ~min;
	return true;
}

void nt_value_each(const struct nt_value *o, bool (*fn)(void *arg, const char *key, uint64_t v),
		   void *arg)
{
	const char *key;
	json_t *m;

	json_object_foreach((json_t *)json(o), key, m)
	{
		json_int_t v = json_integer_value(m);

		if (!fn(arg, key, v > 0 ? (uint64_t)v : 0))
			return;
	}
}

void nt_value_each_str(const struct nt_value *o,
		       bool (*fn)(void *arg, const char *key, const char *v), void *arg)
{
	const char *key;
	json_t *m;

	json_object_foreach((json_t *)json(o), key,
			    m) if (json_is_string(m) && !fn(arg, key, json_string_value(m))) return;
}
