// SPDX-License-Identifier: GPL-2.0-or-later
// reject: data section .bss of 4 bytes
#include "nt.bpf.h"

int hits;

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	hits++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
