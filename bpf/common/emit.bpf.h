/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending a record to user space: by ring buffer where the kernel has it, by
 * perf buffer where not. The choice is the loader's, not a CO-RE test (the
 * verifier of a kernel that has ring buffers would still check the other
 * branch), so the object holds one marked sequence for the perf buffer, which
 * the loader overwrites in place (lib/probe/patch.c):
 *
 *	r1 = ctx			(stays)
 *	r2 = the map "nt_events"	(stays)
 *	r3 = BPF_F_CURRENT_CPU		(stays)
 *	r4 = data			(stays)
 *	r5 = size			(stays)
 *	call bpf_perf_event_output	r1 = r2
 *	r1 = NT_EMIT_MARK		r2 = r4
 *	r1 = NT_EMIT_MARK		r3 = r5
 *	r1 = NT_EMIT_MARK		r4 = BPF_RB_NO_WAKEUP
 *	r1 = NT_EMIT_MARK		call bpf_ringbuf_output
 *
 * Both helpers return 0 or a negative error. The reader is never woken: it
 * comes by the clock, because a wake-up costs more than the whole probe.
 */
#ifndef NT_EMIT_BPF_H
#define NT_EMIT_BPF_H

#include "nt.bpf.h"
#include "count.bpf.h"

/* The loader sets type and sizes before load. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 0);
} nt_events SEC(".maps");

/* size is a compile-time constant; data points to a map value or the stack. 0, or it is lost. */
NT_INLINE long nt_send(void *ctx, const void *data, const __u32 size)
{
	const void *map = &nt_events;
	long r;

	asm volatile("r1 = %[ctx]\n"
		     "r2 = %[map]\n"
		     "r3 = 0xffffffff ll\n"
		     "r4 = %[data]\n"
		     "r5 = %[size]\n"
		     "call 25\n"
		     "r1 = 0x4e544d4b\n"
		     "r1 = 0x4e544d4b\n"
		     "r1 = 0x4e544d4b\n"
		     "r1 = 0x4e544d4b\n"
		     "%[r] = r0\n"
		     : [r] "=r"(r)
		     : [ctx] "r"(ctx), [map] "r"(map), [data] "r"(data), [size] "i"(size)
		     : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
	return r;
}

/* The same, counted. Not where a hook can interrupt itself: nt_count_n(). */
NT_INLINE long nt_emit(void *ctx, struct nt_counters *n, const void *data, const __u32 size)
{
	long r = nt_send(ctx, data, size);

	nt_count(n, r ? NT_C_EVENT_LOST : NT_C_SUBMITTED);
	return r;
}

#endif
