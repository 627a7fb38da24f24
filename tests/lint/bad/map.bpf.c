// SPDX-License-Identifier: GPL-2.0-or-later
// reject: map events: map type 27, 4.19 has types up to 20
#include "nt.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("raw_tp/x")
int prog(void *ctx)
{
	(void)ctx;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
