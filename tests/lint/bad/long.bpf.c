// SPDX-License-Identifier: GPL-2.0-or-later
// reject: instructions with its sub-programs, 4096 allowed
#include "nt.bpf.h"

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	asm volatile(".rept 5000\nr1 = 1\n.endr\n" ::: "r1");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
