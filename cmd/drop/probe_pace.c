// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe_pace.h"

#define SECOND 1000000000ULL
#define UNPACED 64 /* between two looks at everything else */
#define BURST_MIN 8
#define BURST_SMALL 256 /* harms nobody */

/* A tenth of a second's probes; of many, 20 ms' worth. */
static uint64_t burst_of(uint32_t rate)
{
	uint64_t burst = rate / 10;

	if (burst > BURST_SMALL)
		burst = rate / 50 > BURST_SMALL ? rate / 50 : BURST_SMALL;
	return burst < BURST_MIN ? BURST_MIN : burst;
}

uint64_t probe_pace_due(struct probe_pace *p, uint64_t now_ns)
{
	uint64_t burst = burst_of(p->rate), due;

	if (!p->rate)
		return UNPACED;
	if (now_ns < p->start_ns)
		return 0;
	due = (uint64_t)((unsigned __int128)(now_ns - p->start_ns) * p->rate / SECOND) + 1;
	if (due <= p->used)
		return 0;
	due -= p->used;
	if (due > burst) {
		p->late += due - burst;
		p->used += due - burst;
		due = burst;
	}
	return due;
}

uint64_t probe_pace_next(const struct probe_pace *p)
{
	if (!p->rate)
		return 0;
	return p->start_ns +
	       (uint64_t)(((unsigned __int128)p->used * SECOND + p->rate - 1) / p->rate);
}
