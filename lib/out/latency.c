// SPDX-License-Identifier: GPL-2.0-or-later
#include "latency.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "digits.h"

#define NS_PER_US 1000
#define BAR_LEN 40

/* A figure of the table: us with one decimal. */
struct cell {
	char s[NT_U64_LEN + 4];
};

static struct cell cell_us(uint64_t ns)
{
	uint64_t tenths = ns / 100 + (ns % 100 >= 50);
	struct cell c = { "" };
	char *p = nt_put_u64(c.s, tenths / 10);

	*p++ = '.';
	*nt_put_digits(p, tenths % 10, 1) = '\0';
	return c;
}

void nt_latency_head(struct nt_out *out, int width, const char *title)
{
	char name[64];

	snprintf(name, sizeof(name), "%s (us)", title ? title : "Latency");
	nt_out_text(out, "%-*s %9s %9s %9s %9s %9s %9s %9s %9s %9s\n", width, name, "count", "min",
		    "avg", "P50", "P90", "P95", "P99", "P99.9", "max");
}

void nt_latency_row(struct nt_out *out, int width, const char *name, const struct nt_hist *h)
{
	struct nt_latency l;

	nt_hist_latency(h, &l);
	if (!l.count) {
		nt_out_text(out, "%-*s %9d %9s %9s %9s %9s %9s %9s %9s %9s\n", width, name, 0, "-",
			    "-", "-", "-", "-", "-", "-", "-");
		return;
	}
	nt_out_text(out, "%-*s %9" PRIu64 " %9s %9s %9s %9s %9s %9s %9s %9s\n", width, name,
		    l.count, cell_us(l.min).s, cell_us(l.avg).s, cell_us(l.p50).s, cell_us(l.p90).s,
		    cell_us(l.p95).s, cell_us(l.p99).s, cell_us(l.p999).s, cell_us(l.max).s);
}

/* parts * n / most without overflow. */
static int share(uint64_t n, uint64_t most, int parts)
{
	return (int)((unsigned __int128)n * (unsigned int)parts / most);
}

/* A bar of whole stars, as users know it, or of eighths of a block; of BAR_LEN columns. */
struct bar {
	char s[BAR_LEN * 3 + 1];
};

static struct bar bar_of(uint64_t n, uint64_t most, bool ascii)
{
	static const char *const part[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int eighths = share(n, most, 8 * BAR_LEN);
	int whole = ascii ? share(n, most, BAR_LEN) : eighths / 8;
	bool rest = !ascii && eighths % 8;
	struct bar b = { "" };
	size_t at = 0;
	int i;

	for (i = 0; i < whole; i++)
		at += (size_t)snprintf(b.s + at, sizeof(b.s) - at, "%s", ascii ? "*" : "█");
	if (rest)
		at += (size_t)snprintf(b.s + at, sizeof(b.s) - at, "%s", part[eighths % 8]);
	snprintf(b.s + at, sizeof(b.s) - at, "%*s", BAR_LEN - whole - rest, "");
	return b;
}

void nt_latency_log2(struct nt_out *out, const char *title, const struct nt_hist *h)
{
	uint64_t rows[NT_LOG2_ROWS], most = 1, low, high;
	uint32_t i, used;

	if (nt_out_json(out))
		return;
	used = nt_hist_log2(h, NS_PER_US, rows);
	if (!used)
		return;
	for (i = 0; i < used; i++) {
		if (rows[i] > most)
			most = rows[i];
	}
	if (title)
		nt_out_text(out, "%s\n", title);
	nt_out_text(out, "     %-19s : count     distribution\n", "us");
	for (i = 0; i < used; i++) {
		low = i ? 1ULL << i : 0;
		high = (2ULL << i) - 1;
		nt_out_text(out, "%10" PRIu64 " -> %-10" PRIu64 " : %-8" PRIu64 " |%s|\n", low,
			    high, rows[i], bar_of(rows[i], most, nt_out_ascii(out)).s);
	}
}

static void json_figures(struct nt_json *j, const struct nt_latency *l)
{
	const struct {
		const char *key;
		uint64_t ns;
	} f[] = {
		{ "min_us", l->min },   { "avg_us", l->avg }, { "p50_us", l->p50 },
		{ "p90_us", l->p90 },   { "p95_us", l->p95 }, { "p99_us", l->p99 },
		{ "p999_us", l->p999 }, { "max_us", l->max },
	};
	size_t i;

	nt_json_u64(j, "count", l->count);
	for (i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		if (l->count)
			nt_json_us(j, f[i].key, f[i].ns);
		else
			nt_json_null(j, f[i].key);
	}
}

void nt_latency_json(struct nt_json *j, const char *name, const struct nt_hist *h)
{
	struct nt_latency l;
	uint32_t i;

	nt_hist_latency(h, &l);
	nt_json_obj(j, name);
	json_figures(j, &l);
	nt_json_arr(j, "buckets");
	for (i = 0; i < NT_HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		nt_json_arr(j, NULL);
		nt_json_us(j, NULL, nt_hist_bucket_low(i));
		nt_json_u64(j, NULL, h->bucket[i]);
		nt_json_end(j);
	}
	nt_json_end(j);
	nt_json_end(j);
}
