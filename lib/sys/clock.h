/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's event clock (CLOCK_MONOTONIC, as bpf_ktime_get_ns) and wall time. */
#ifndef NT_CLOCK_H
#define NT_CLOCK_H

#include <stdint.h>

uint64_t nt_clock_mono_ns(void);
/*
 * Wall time of a monotonic instant. The offset is measured at every call of
 * nt_clock_sync() (the tightest of five readings), so that a stepped wall
 * clock is followed.
 */
struct nt_clock {
	int64_t offset_ns;
};
void nt_clock_sync(struct nt_clock *c);
uint64_t nt_clock_wall_ns(const struct nt_clock *c, uint64_t mono_ns);

#endif
