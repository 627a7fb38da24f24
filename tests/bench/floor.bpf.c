// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs that do nothing: what they are seen to cost is the floor of a boot. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/net_dev_start_xmit")
int floor_tp_btf(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("raw_tp/net_dev_start_xmit")
int floor_raw_tp(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("fentry/ip_rcv")
int floor_fentry(void *ctx)
{
	(void)ctx;
	return 0;
}

SEC("kprobe/ip_rcv")
int floor_kprobe(void *ctx)
{
	(void)ctx;
	return 0;
}
