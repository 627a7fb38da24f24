/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a packet that goes one way ends in the kernel; of round trips it is trip.bpf.h.
 * Included after session.bpf.h and emit.bpf.h. A tool has struct path_cpu, what a CPU
 * has of its own, PATH_COMPLETE, a counter, and path_gap_in_time().
 */
#ifndef NT_PATH_END_BPF_H
#define NT_PATH_END_BPF_H

#include "path.h"

NT_INLINE void path_send(void *ctx, struct path_cpu *cpu, struct nt_slot *slot, __u64 now)
{
	slot->s.end_ns = now;
	nt_emit(ctx, &cpu->n, slot, sizeof(*slot));
}

/* As what it counts that was not complete in time: the tool's own. */
NT_INLINE __u32 path_gap_in_time(const struct nt_slot *slot, __u64 timeout_ns);

/*
 * It ended after the timeout: user space may have counted a drop already. Seen in
 * time, but told late by the driver, it is complete.
 */
static __attribute__((noinline)) int path_late(struct path_cpu *cpu, struct nt_slot *slot,
					       __u64 total, __u64 timeout_ns)
{
	if (!cpu || !slot)
		return 0;
	if (nt_marked(&slot->s))
		slot->s.flags |= NT_SESS_LATE | NT_SESS_CLAIMED;
	else if (total <= timeout_ns)
		nt_count(&cpu->n, PATH_COMPLETE);
	else
		nt_count(&cpu->n, path_gap_in_time(slot, timeout_ns));
	if (total > timeout_ns)
		slot->s.flags |= NT_SESS_LATE;
	if (slot->s.flags & NT_SESS_LATE)
		nt_count(&cpu->n, NT_TRIP_C_LATE);
	return 0;
}

#endif
