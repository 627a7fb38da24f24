// SPDX-License-Identifier: GPL-2.0-or-later
// reject: section raw_tp/y: code without a function symbol
// Instructions that no symbol covers: the checks by function would not see them.
#include "nt.bpf.h"

asm(".section \"raw_tp/y\",\"ax\"\n"
    "r0 = 0\n"
    "exit\n"
    ".text\n");

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
