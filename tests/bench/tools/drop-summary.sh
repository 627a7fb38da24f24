# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# drop summary and drop details: instructions a drop, all told, beside those of the one line of
# bpftrace that people use instead, in the same boot. Datagrams to a port that nobody listens on.

drops=200
closed() {
	in_a python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])): s.sendto(b"x" * 100, ("10.77.2.1", 9999))' "$1"
}

# measure_drops NAME: of the programs that are loaded now.
measure_drops() {
	local a b ra rb
	closed 5
	read -r a ra < <(prog_totals)
	closed $drops
	read -r b rb < <(prog_totals)
	say "$1.per_drop" $(((b - a) / ns_per_insn / drops))
	say "$1.runs_per_drop" $(((rb - ra) / drops))
}

start -- drop summary --interval 600
measure_drops drop_summary
stop
started drop_summary drop summary --interval 600

start -- drop details --rate 0
measure_drops drop_details
stop
started drop_details drop details

bpftrace -e 'tracepoint:skb:kfree_skb { @[kstack, args->location] = count(); }' >/tmp/bpftrace 2>&1 &
pid=$!
until bpftool -j prog show | jq -e 'any(.[]; .type == "tracepoint" and (.run_cnt // 0) > 0)' >/dev/null; do
	kill -0 $pid 2>/dev/null || fail "bpftrace does not start: $(cat /tmp/bpftrace)"
	sleep 1
	closed 1
done
measure_drops one_liner
kill $pid
wait $pid
