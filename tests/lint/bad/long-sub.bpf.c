// SPDX-License-Identifier: GPL-2.0-or-later
// reject: instructions with its sub-programs, 4096 allowed
// Program and sub-programs are short enough one by one, their sum is not.
#include "nt.bpf.h"

static __attribute__((noinline)) int third(int n)
{
	asm volatile(".rept 1500\nr3 = 1\n.endr\n" ::: "r3");
	return n + 1;
}

static __attribute__((noinline)) int second(int n)
{
	asm volatile(".rept 1500\nr3 = 1\n.endr\n" ::: "r3");
	return third(n) + 1;
}

SEC("raw_tp/x")
int prog(__u64 *ctx)
{
	asm volatile(".rept 1500\nr3 = 1\n.endr\n" ::: "r3");
	return second(ctx[0]);
}

char LICENSE[] SEC("license") = "GPL";
