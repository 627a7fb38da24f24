// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * records OBJECT NUMBER MAP: makes so many records by BPF_PROG_TEST_RUN, into the ring buffer
 * with that id, as fast as its reader empties it. Ends when all are made.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "records.h"

static const struct records first = {
	.s.key = { .family = 4, .proto = NT_IPPROTO_ICMP, .type = 8 },
	.s.seen = (1 << PATH_STAGES) - 1,
	.s.flags = NT_SESS_DONE,
	.s.skb_len = 84,
};

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc == 4 ? bpf_object__open(argv[1]) : NULL;
	int ring = argc == 4 ? bpf_map_get_fd_by_id(strtoul(argv[3], NULL, 10)) : -1;
	struct records r = first;
	__u32 zero = 0;
	int prog, map;

	if (!obj || ring < 0 ||
	    bpf_map__reuse_fd(bpf_object__find_map_by_name(obj, "nt_events"), ring) ||
	    bpf_object__load(obj))
		return 2;
	map = bpf_object__find_map_fd_by_name(obj, "made");
	prog = bpf_program__fd(bpf_object__find_program_by_name(obj, "records"));
	r.s.key.saddr[0] = htonl(0x0a4d0101);
	r.s.key.daddr[0] = htonl(0x0a4d0201);
	r.dev[PATH_REQ_RX] = r.dev[PATH_REP_TX] = if_nametoindex("r0");
	r.dev[PATH_REQ_TX] = r.dev[PATH_REP_RX] = if_nametoindex("r1");
	r.wanted = strtoull(argv[2], NULL, 10);
	if (bpf_map_update_elem(map, &zero, &r, BPF_ANY))
		return 2;
	while (r.made < r.wanted) {
		struct bpf_test_run_opts opts = { .sz = sizeof(opts) };
		const __u64 before = r.made;

		if (bpf_prog_test_run_opts(prog, &opts) || bpf_map_lookup_elem(map, &zero, &r))
			return 3;
		if (r.made == before) /* full */
			usleep(100);
	}
	return 0;
}
