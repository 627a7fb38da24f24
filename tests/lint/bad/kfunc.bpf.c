// SPDX-License-Identifier: GPL-2.0-or-later
// reject: prog: instruction 1: call of the kernel function tcp_slow_start
// As clang writes it: a call to a symbol that the object does not define.
#include "nt.bpf.h"

extern __u32 tcp_slow_start(void *tp, __u32 acked) __attribute__((section(".ksyms")));

SEC("raw_tp/x")
int prog(__u64 *ctx)
{
	return tcp_slow_start(ctx, 1);
}

char LICENSE[] SEC("license") = "GPL";
