// SPDX-License-Identifier: GPL-2.0-or-later
/* From readings of counters to what grew, and how fast. */
#include <stdio.h>

#include "iface_tool.h"

const struct iface_field_is iface_fields[IFACE_FIELDS] = {
#define C(dir_, field, key_) [IFACE_F_##field] = { IFACE_##dir_, key_ },
#include "iface_counters.def"
#undef C
};

/* What a counter of 32 bits grew by that began anew (some drivers have such); 0: it is none. */
static uint64_t wrapped(uint64_t was, uint64_t now)
{
	uint64_t by = now + (1ULL << 32) - was;

	return was <= UINT32_MAX && by < 1U << 31 ? by : 0;
}

bool iface_grow(const struct iface_reading *was, const struct iface_reading *now,
		struct iface_growth *g)
{
	uint32_t i, fell = 0;
	bool reset = false;

	for (i = 0; i < IFACE_FIELDS; i++) {
		fell += now->v[i] < was->v[i];
		reset |= now->v[i] < was->v[i] && !wrapped(was->v[i], now->v[i]);
	}
	/* Set back they are together; of those that wrap one does at a time. */
	reset |= fell > 1;
	g->ns = now->at_ns > was->at_ns ? now->at_ns - was->at_ns : 0;
	for (i = 0; i < IFACE_FIELDS; i++) {
		if (now->v[i] >= was->v[i])
			g->v[i] = now->v[i] - was->v[i];
		else
			g->v[i] = reset ? 0 : wrapped(was->v[i], now->v[i]);
	}
	return reset;
}

double iface_rate(uint64_t n, uint64_t ns)
{
	return ns ? (double)n * 1e9 / (double)ns : 0;
}

char *iface_figure(double n, char buf[16])
{
	static const char units[] = " KMGTP";
	uint32_t u = 0;

	if (n < 10000) {
		snprintf(buf, 16, n == (double)(uint64_t)n ? "%.0f" : "%.1f", n);
		return buf;
	}
	while (n >= 999.5 && u + 2 < sizeof(units)) {
		n /= 1000;
		u++;
	}
	snprintf(buf, 16, n < 10 ? "%.2f%c" : n < 100 ? "%.1f%c" : "%.0f%c", n, units[u]);
	return buf;
}

char *iface_whole(double n, char buf[16])
{
	/* A recording can hold rates that no 64 bits do; those have no fraction anyway. */
	return iface_figure(n < 1e15 ? (double)(uint64_t)(n + 0.5) : n, buf);
}

void iface_side_json(struct nt_json *j, enum iface_dir dir, const struct iface_growth *g)
{
	uint32_t packets = dir == IFACE_RX ? IFACE_F_rx_packets : IFACE_F_tx_packets, i;
	uint32_t bytes = dir == IFACE_RX ? IFACE_F_rx_bytes : IFACE_F_tx_bytes;

	for (i = 0; i < IFACE_FIELDS; i++)
		if (iface_fields[i].dir == dir)
			nt_json_u64(j, iface_fields[i].key, g->v[i]);
	nt_json_f(j, "pps", iface_rate(g->v[packets], g->ns));
	nt_json_f(j, "bytes_per_s", iface_rate(g->v[bytes], g->ns));
	nt_json_f(j, "bits_per_s", 8 * iface_rate(g->v[bytes], g->ns));
}
