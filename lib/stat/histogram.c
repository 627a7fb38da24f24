// SPDX-License-Identifier: GPL-2.0-or-later
#include "histogram.h"

#include <string.h>

void nt_hist_add(struct nt_hist *h, uint64_t value)
{
	h->count++;
	h->sum += value;
	if (value > h->max)
		h->max = value;
	if (~value > h->min_inv)
		h->min_inv = ~value;
	h->bucket[nt_hist_index(value)]++;
}

uint64_t nt_hist_bucket_low(uint32_t bucket)
{
	uint32_t shift;

	if (bucket < NT_HIST_LINEAR)
		return bucket;
	if (bucket > NT_HIST_BUCKETS)
		bucket = NT_HIST_BUCKETS;
	/* The inverse of nt_hist_index(): 32 .. 63 shifted to the octave. */
	shift = (bucket >> NT_HIST_SUB_BITS) - 1;
	return (uint64_t)(NT_HIST_SUB + (bucket & (NT_HIST_SUB - 1))) << shift;
}

/* Highest value of a bucket; the last one has none but the histogram's. */
static uint64_t bucket_high(uint32_t bucket, uint64_t max)
{
	uint64_t high = nt_hist_bucket_low(bucket + 1) - 1;

	return bucket == NT_HIST_BUCKETS - 1 && max > high ? max : high;
}

static uint64_t bucket_mid(uint32_t bucket)
{
	uint64_t low = nt_hist_bucket_low(bucket);

	return low + (nt_hist_bucket_low(bucket + 1) - low) / 2;
}

void nt_hist_merge(struct nt_hist *into, const struct nt_hist *from)
{
	uint32_t i, lo = NT_HIST_BUCKETS, hi = 0;
	uint64_t n = 0;

	for (i = 0; i < NT_HIST_BUCKETS; i++) {
		if (!from->bucket[i])
			continue;
		into->bucket[i] += from->bucket[i];
		n += from->bucket[i];
		hi = i;
		if (lo == NT_HIST_BUCKETS)
			lo = i;
	}
	if (!n)
		return;
	into->count += n;
	into->sum += from->sum;
	if (from->max > into->max)
		into->max = from->max;
	if (from->min_inv > into->min_inv)
		into->min_inv = from->min_inv;
	/* The kernel may have been adding while the value was copied: a sample
	 * can be in its bucket and not yet in min and max. */
	if (nt_hist_bucket_low(hi) > into->max)
		into->max = nt_hist_bucket_low(hi);
	if (~bucket_high(lo, into->max) > into->min_inv)
		into->min_inv = ~bucket_high(lo, into->max);
}

void nt_hist_delta(struct nt_hist *delta, const struct nt_hist *now, const struct nt_hist *before)
{
	uint32_t i, lo = NT_HIST_BUCKETS, hi = 0;
	uint64_t n, min = ~now->min_inv;

	memset(delta, 0, sizeof(*delta));
	for (i = 0; i < NT_HIST_BUCKETS; i++) {
		if (now->bucket[i] <= before->bucket[i])
			continue;
		n = now->bucket[i] - before->bucket[i];
		delta->bucket[i] = n;
		delta->count += n;
		hi = i;
		if (lo == NT_HIST_BUCKETS)
			lo = i;
	}
	if (!delta->count)
		return;
	delta->sum = now->sum > before->sum ? now->sum - before->sum : 0;
	/* A new extreme of the whole run was set in this interval: exact. */
	delta->max = now->max;
	if (now->max <= before->max && bucket_high(hi, now->max) < now->max)
		delta->max = bucket_high(hi, now->max);
	if (now->min_inv <= before->min_inv && nt_hist_bucket_low(lo) > min)
		min = nt_hist_bucket_low(lo);
	delta->min_inv = ~min;
}

/* The per_mille-th of n values, counted from 1; n * per_mille may overflow. */
static uint64_t rank_of(uint64_t n, uint32_t per_mille)
{
	uint64_t rank;

	if (per_mille >= 1000)
		return n;
	rank = n / 1000 * per_mille + (n % 1000 * per_mille + 999) / 1000;
	return rank ? rank : 1;
}

static uint64_t clamp(uint64_t v, uint64_t min, uint64_t max)
{
	if (v > max)
		v = max;
	return v < min ? min : v;
}

uint64_t nt_hist_quantile(const struct nt_hist *h, uint32_t per_mille)
{
	uint64_t n = 0, rank;
	uint32_t i;

	for (i = 0; i < NT_HIST_BUCKETS; i++)
		n += h->bucket[i];
	if (!n)
		return 0;
	rank = rank_of(n, per_mille);
	for (i = 0; i < NT_HIST_BUCKETS - 1; i++) {
		if (h->bucket[i] >= rank)
			return clamp(bucket_mid(i), ~h->min_inv, h->max);
		rank -= h->bucket[i];
	}
	return h->max;
}

void nt_hist_latency(const struct nt_hist *h, struct nt_latency *out)
{
	memset(out, 0, sizeof(*out));
	if (!h->count)
		return;
	out->count = h->count;
	out->min = ~h->min_inv;
	out->max = h->max;
	out->avg = clamp(h->sum / h->count, out->min, out->max);
	out->p50 = nt_hist_quantile(h, 500);
	out->p90 = nt_hist_quantile(h, 900);
	out->p95 = nt_hist_quantile(h, 950);
	out->p99 = nt_hist_quantile(h, 990);
	out->p999 = nt_hist_quantile(h, 999);
}

uint32_t nt_hist_log2(const struct nt_hist *h, uint64_t unit_ns, uint64_t rows[NT_LOG2_ROWS])
{
	uint32_t i, row, used = 0;
	uint64_t v;

	memset(rows, 0, NT_LOG2_ROWS * sizeof(rows[0]));
	if (!unit_ns)
		unit_ns = 1;
	for (i = 0; i < NT_HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		v = bucket_mid(i) / unit_ns;
		row = v ? 63 - (uint32_t)__builtin_clzll(v) : 0;
		if (row >= NT_LOG2_ROWS)
			row = NT_LOG2_ROWS - 1;
		rows[row] += h->bucket[i];
		if (row >= used)
			used = row + 1;
	}
	return used;
}
