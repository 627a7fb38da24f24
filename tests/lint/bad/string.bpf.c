// SPDX-License-Identifier: GPL-2.0-or-later
// reject: data section .rodata.str1.1
#include "nt.bpf.h"

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	return bpf_trace_printk("a string literal", 17);
}

char LICENSE[] SEC("license") = "GPL";
