/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the next probe is due: at whole slots of the monotonic clock, so that no delay adds
 * up. What is late is sent at once, but not more than a burst: what is due beyond that is
 * given up and counted, or a sender that was held up would flood the way.
 */
#ifndef NT_PROBE_PACE_H
#define NT_PROBE_PACE_H

#include <stdint.h>

struct probe_pace {
	uint64_t start_ns;
	uint64_t used; /* slots */
	uint64_t late; /* of them given up */
	uint32_t rate; /* a second; 0: everything is due */
};

/* How many may be sent now. */
uint64_t probe_pace_due(struct probe_pace *p, uint64_t now_ns);
/* When the next one is due. */
uint64_t probe_pace_next(const struct probe_pace *p);

#endif
