/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The latency table, the log2 histogram and their JSON forms. */
#ifndef NT_LATENCY_H
#define NT_LATENCY_H

#include "histogram.h"
#include "out.h"

/*
 * Text: heading "<title> (us)" (NULL: "Latency"), then one row a segment: name,
 * count min avg P50 P90 P95 P99 P99.9 max in us; "-" where there is no sample.
 * width: columns of the names, of all rows the same, at least NT_LATENCY_NAME.
 */
#define NT_LATENCY_NAME 28
void nt_latency_head(struct nt_out *out, int width, const char *title);
void nt_latency_row(struct nt_out *out, int width, const char *name, const struct nt_hist *h);
/*
 * Text: nothing if it is empty; title (or NULL), the heading "us : count distribution"
 * and its rows, "4 -> 7 : 12 |*****   |", in columns as BCC prints them;
 * without --ascii the bars are blocks, down to an eighth of a column.
 */
void nt_latency_log2(struct nt_out *out, const char *title, const struct nt_hist *h);
/* JSON: "name": {count, min_us, ..., max_us, buckets: [[low_us, count], ...]}; an
 * empty histogram has count 0 and null figures. */
void nt_latency_json(struct nt_json *j, const char *name, const struct nt_hist *h);

#endif
