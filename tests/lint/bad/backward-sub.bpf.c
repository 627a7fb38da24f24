// SPDX-License-Identifier: GPL-2.0-or-later
// reject: sub: instruction 4: backward jump to 3
// The jump is in a sub-program, not in a program.
#include "nt.bpf.h"

static __attribute__((noinline)) int sub(int n)
{
	asm volatile("r3 = 9\n"
		     "r3 += -1\n"
		     "if r3 != 0 goto -2\n" ::
			     : "r3");
	return n + 1;
}

SEC("raw_tp/x")
int prog(__u64 *ctx)
{
	return sub(ctx[0]);
}

char LICENSE[] SEC("license") = "GPL";
