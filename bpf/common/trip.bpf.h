/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a round trip ends in the kernel (see trip.h). A tool defines NT_TRIP_CPU
 * before it includes this file: what a CPU has (count.bpf.h), with the counters
 * n and the histograms hist[], of which those of trip.h are the first. One that has
 * more stages defines NT_STAGES; those of trip.h are the first of them.
 */
#ifndef NT_TRIP_BPF_H
#define NT_TRIP_BPF_H

#include "nt.bpf.h"
#include "count.bpf.h"
#include "trip.h"

#ifndef NT_TRIP_CPU
#error "define NT_TRIP_CPU, what a CPU has of its own, before this file"
#endif

#ifndef NT_STAGES
#define NT_STAGES NT_TRIP_STAGES
#endif
#include "session.bpf.h"
#include "emit.bpf.h"

/* The stages that were stamped within the timeout. */
NT_INLINE __u32 nt_trip_in_time(const struct nt_slot *slot, __u64 timeout_ns)
{
	__u32 seen = 1;
	int i;

#pragma unroll
	for (i = 1; i < NT_TRIP_STAGES; i++)
		if ((slot->s.seen & (1 << i)) && slot->ts[i] - slot->s.first_ns <= timeout_ns)
			seen |= 1 << i;
	return seen;
}

NT_INLINE void nt_trip_send(void *ctx, NT_TRIP_CPU *cpu, struct nt_slot *slot, __u64 now)
{
	slot->s.end_ns = now;
	nt_emit(ctx, &cpu->n, slot, sizeof(*slot));
}

NT_INLINE void nt_give_up(void *ctx, struct nt_slot *slot, const struct nt_sess_cfg *c)
{
	__u64 now = bpf_ktime_get_ns(), end = slot->s.first_ns + c->timeout_ns;
	NT_TRIP_CPU *cpu = nt_this_cpu();

	if (!cpu || nt_marked(&slot->s))
		return;
	nt_count(&cpu->n, NT_TRIP_C_STATUS + nt_trip_gap(nt_trip_in_time(slot, c->timeout_ns)));
	if (!c->emit)
		return;
	/* Records wait for their time: not longer than until now. */
	nt_trip_send(ctx, cpu, slot, end < now ? end : now);
}

/* One time of a packet. A sub-program: see nt_trip_segments(). */
static __attribute__((noinline)) int nt_trip_segment(NT_TRIP_CPU *cpu, __u32 segment, __u64 ns)
{
	if (cpu && segment < sizeof(cpu->hist) / sizeof(cpu->hist[0]))
		nt_hist_record(&cpu->hist[segment], ns);
	return 0;
}

/*
 * The times between the stages that were seen. Of a packet that was seen everywhere,
 * nearly all are, but one in the program itself: there is no room for four, 4.19 takes
 * 4096 instructions. Of others, and among probe reads, all by the sub-program.
 */
NT_INLINE void nt_trip_segments(NT_TRIP_CPU *cpu, const struct nt_slot *slot, const bool direct)
{
	const __u32 all = (1 << NT_TRIP_STAGES) - 1, seen = slot->s.seen;

	if (direct && seen == all) {
#define S(id, from, to)                                                             \
	if (NT_TRIP_SEG_##id == NT_TRIP_SEG_TOTAL)                                  \
		nt_trip_segment(cpu, NT_TRIP_SEG_##id,                              \
				slot->ts[NT_TRIP_##to] - slot->ts[NT_TRIP_##from]); \
	else                                                                        \
		nt_hist_record(&cpu->hist[NT_TRIP_SEG_##id],                        \
			       slot->ts[NT_TRIP_##to] - slot->ts[NT_TRIP_##from]);
		NT_TRIP_EACH_SEGMENT(S)
#undef S
		return;
	}
#define S(id, from, to)                                                     \
	if ((seen & (1 << NT_TRIP_##from)) && (seen & (1 << NT_TRIP_##to))) \
		nt_trip_segment(cpu, NT_TRIP_SEG_##id,                      \
				slot->ts[NT_TRIP_##to] - slot->ts[NT_TRIP_##from]);
	NT_TRIP_EACH_SEGMENT(S)
#undef S
}

/*
 * It ended after the timeout: user space may have counted a drop already. Seen in
 * time, but told late by the driver, it is complete.
 */
static __attribute__((noinline)) int nt_trip_late(NT_TRIP_CPU *cpu, struct nt_slot *slot,
						  __u64 total, __u64 timeout_ns)
{
	if (!cpu || !slot)
		return 0;
	if (nt_marked(&slot->s))
		slot->s.flags |= NT_SESS_LATE | NT_SESS_CLAIMED;
	else if (total <= timeout_ns)
		nt_count(&cpu->n, NT_TRIP_C_STATUS + NT_TRIP_COMPLETE);
	else
		nt_count(&cpu->n,
			 NT_TRIP_C_STATUS + nt_trip_gap(nt_trip_in_time(slot, timeout_ns)));
	if (total > timeout_ns)
		slot->s.flags |= NT_SESS_LATE;
	if (slot->s.flags & NT_SESS_LATE)
		nt_count(&cpu->n, NT_TRIP_C_LATE);
	return 0;
}

/* A session and its end. */
struct nt_trip_end {
	struct nt_place in;
	__u64 at_ns;  /* of the last stage */
	__u64 now_ns; /* the driver may have told late */
	bool direct;  /* see NT_READ */
};

NT_INLINE void nt_trip_finish(void *ctx, NT_TRIP_CPU *cpu, const struct nt_sess_cfg *c,
			      const struct nt_trip_end *e)
{
	struct nt_slot *slot = e->in.slot;
	__u64 total = e->at_ns - slot->s.first_ns;

	slot->s.flags |= NT_SESS_DONE;
	if (e->now_ns - slot->s.first_ns > c->timeout_ns)
		nt_trip_late(cpu, slot, total, c->timeout_ns);
	else
		nt_count(&cpu->n, NT_TRIP_C_STATUS + NT_TRIP_COMPLETE);
	nt_trip_segments(cpu, slot, e->direct);
	if (c->emit && total >= c->threshold_ns)
		nt_trip_send(ctx, cpu, slot, e->at_ns);
	nt_release(&e->in);
}

#endif
