// SPDX-License-Identifier: GPL-2.0-or-later
// reject: prog: instruction 0: 32-bit jump: compile with -mcpu=v2
// flags: -mcpu=v3
#include "nt.bpf.h"

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	asm volatile("if w1 == 3 goto +0\n");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
