// SPDX-License-Identifier: GPL-2.0-or-later
// Accepted: helper 113, the newest map type of 4.19's that makes sense here, a
// sub-program, an unrolled loop, a program of exactly 4096 instructions.
#include "nt.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

static __attribute__((noinline)) int sub(int n)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (void *)(long)n);
	return value;
}

SEC("raw_tp/x")
int calls(__u64 *ctx)
{
	__u64 sum = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < 8; i++)
		sum += bpf_get_prandom_u32();
	return sub(ctx[0]) + sum;
}

SEC("raw_tp/x")
int longest(void *ctx)
{
	(void)ctx;
	asm volatile(".rept 4094\nr1 = 1\n.endr\n" ::: "r1");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
