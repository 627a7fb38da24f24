// SPDX-License-Identifier: GPL-2.0-or-later
// reject: helper 130, 4.19 has helpers up to 83
#include "nt.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} values SEC(".maps");

SEC("raw_tp/x")
int prog(void *ctx)
{
	return bpf_ringbuf_output(&values, ctx, 8, 0);
}

char LICENSE[] SEC("license") = "GPL";
