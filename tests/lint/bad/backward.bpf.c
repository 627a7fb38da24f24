// SPDX-License-Identifier: GPL-2.0-or-later
// reject: prog: instruction 2: backward jump to 1
#include "nt.bpf.h"

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	asm volatile("r1 = 9\n"
		     "r1 += -1\n"
		     "if r1 != 0 goto -2\n" ::
			     : "r1");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
