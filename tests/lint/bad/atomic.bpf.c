// SPDX-License-Identifier: GPL-2.0-or-later
// reject: atomic operation other than a plain add
// flags: -mcpu=v3
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
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&values, &zero);

	(void)ctx;
	return value ? __sync_val_compare_and_swap(value, 0, 1) : 0;
}

char LICENSE[] SEC("license") = "GPL";
