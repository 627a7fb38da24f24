// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <time.h>

#define READINGS 5

static uint64_t read_ns(clockid_t id)
{
	struct timespec ts;

	/* Cannot fail: both clocks always exist. */
	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t nt_clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

void nt_clock_sync(struct nt_clock *c)
{
	uint64_t before, wall, after, best = UINT64_MAX;
	int i;

	for (i = 0; i < READINGS; i++) {
		before = nt_clock_mono_ns();
		wall = read_ns(CLOCK_REALTIME);
		after = nt_clock_mono_ns();
		/* The tightest reading was interrupted least. */
		if (after - before >= best)
			continue;
		best = after - before;
		c->offset_ns = (int64_t)(wall - (before + best / 2));
	}
}

uint64_t nt_clock_wall_ns(const struct nt_clock *c, uint64_t mono_ns)
{
	return mono_ns + (uint64_t)c->offset_ns;
}
