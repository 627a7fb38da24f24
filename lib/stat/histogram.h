/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merged histograms and what is printed of them. Pure functions on
 * struct nt_hist (bpf/common/hist.h). Values are ns unless said otherwise.
 */
#ifndef NT_HISTOGRAM_H
#define NT_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "hist.h"

void nt_hist_add(struct nt_hist *h, uint64_t value);
/*
 * The count that is added is the sum of from's buckets: from may be a copy
 * that the kernel was still adding to, and what is printed must agree.
 */
void nt_hist_merge(struct nt_hist *into, const struct nt_hist *from);
/*
 * delta = now - before, of two snapshots of one cumulative histogram; delta is
 * neither of them. A cumulative histogram does not keep an interval's min and
 * max: the delta's are exact where the interval set a new one of the whole
 * run, else the bounds of its lowest and highest used bucket, within 3.2 %.
 */
void nt_hist_delta(struct nt_hist *delta, const struct nt_hist *now, const struct nt_hist *before);
/* Lowest value of a bucket; of bucket NT_HIST_BUCKETS: 2^36. */
uint64_t nt_hist_bucket_low(uint32_t bucket);
/*
 * Midpoint of the bucket in which the per_mille-th value lies, clamped to
 * [min, max]: within 1.6 %. In the last bucket, which has no upper bound, the
 * maximum. 0 for an empty histogram.
 */
uint64_t nt_hist_quantile(const struct nt_hist *h, uint32_t per_mille);

struct nt_latency {
	uint64_t count, min, avg, p50, p90, p95, p99, p999, max; /* ns */
};
/* All the figures; all 0 for an empty histogram. */
void nt_hist_latency(const struct nt_hist *h, struct nt_latency *out);

/*
 * Rows of the log2 table that users know: row i is [2^i, 2^(i+1)) of unit_ns,
 * row 0 is [0, 2). A bucket that a row limit would cut (never for unit 1; for
 * us, limits are not bucket limits) counts in the row of its midpoint; the last
 * bucket, 68 s and more, is one row. Returns the number of rows up to the
 * highest used one, 0 for an empty histogram.
 */
#define NT_LOG2_ROWS 40
uint32_t nt_hist_log2(const struct nt_hist *h, uint64_t unit_ns, uint64_t rows[NT_LOG2_ROWS]);

#endif
