// SPDX-License-Identifier: GPL-2.0-or-later
// reject: prog: instruction 0: call of a kernel function
// The instruction as the kernel reads it: call, source register 2, number of the function.
#include "nt.bpf.h"

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	asm volatile(".byte 0x85, 0x20, 0, 0, 1, 0, 0, 0\n" ::: "r0", "r1", "r2", "r3", "r4", "r5");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
