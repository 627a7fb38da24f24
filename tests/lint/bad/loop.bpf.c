// SPDX-License-Identifier: GPL-2.0-or-later
// reject: clang: loop not unrolled
#include "nt.bpf.h"

SEC("raw_tp/x")
int prog(__u64 *ctx)
{
	__u64 sum = 0;

#pragma clang loop unroll(full)
	for (__u64 i = 0; i < ctx[0]; i++)
		sum += bpf_get_prandom_u32();
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
