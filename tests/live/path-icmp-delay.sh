#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: a delay is found in the segment where it was put and in no other; what is late is told;
# an id and sequence number that comes again.
# topo: router
# kernels: native,5.10
# timeout: 180
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
at_exit 'router_lose_off; delay_off 2>/dev/null'

delay_off() {
	in_b tc qdisc del dev b0 root
	in_r tc qdisc del dev r1 root
}
delayed() { expect "$1: at least 20 ms" "$(tool_figure ".latency.$1 | .count == 20 and .min_us >= 20000")" true; }
# quick NAME...: the typical packet spends less than 10 ms there.
quick() {
	local name
	for name; do
		expect "$name: P50 below 10 ms" "$(tool_figure ".latency.$name.p50_us < 10000")" true
	done
}

echo "--- the same id and sequence number: twice at once, and again after it was lost"
path_start "${v4[@]}" --timeout-ms 2000
router_lose 1 request
in_a python3 -c 'import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
echo = struct.pack("!BBHHH", 8, 0, 0xffff - 0x800 - 4711 - 1, 4711, 1)
for _ in range(2):
    s.sendto(echo, ("10.77.2.1", 0))'
router_lose_off
sleep 3.5
in_a ping -q -c 1 -e 4711 -W 1 10.77.2.1 >/dev/null
counts 1 1 0 0
expect "duplicates" "$(tool_figure .counts.duplicate)" 1

if without netem in_b tc qdisc add dev b0 root netem delay 20ms; then
	tool_valid
	echo ok
	exit
fi

echo "--- 20 ms behind the far side"
path_start "${v4[@]}" --stats-mode
pings 20 10.77.2.1
counts 20 0 0 0
delayed external
quick req_internal rep_internal

echo "--- 20 ms in the router's egress queue"
in_b tc qdisc del dev b0 root
in_r tc qdisc add dev r1 root netem delay 20ms
path_start "${v4[@]}" --stats-mode
pings 20 10.77.2.1
counts 20 0 0 0
delayed req_internal
quick external rep_internal
in_r tc qdisc del dev r1 root

echo "--- over a threshold: shown by default, quick ones not"
in_b tc qdisc add dev b0 root netem delay 200ms
path_start "${v4[@]}" --latency-ms 100
in_a ping -q -c 10 -i 0.05 -W 2 10.77.2.1 >/dev/null
in_b tc qdisc del dev b0 root
pings 20 10.77.2.1
counts 30 0 0 0
expect "events" "$(tool_events true)" 10
expect "complete, in time, over the threshold" \
	"$(tool_events '.status == "COMPLETE" and (.late | not) and .segments_us.total >= 200000')" 10

echo "--- answers after the timeout are late, and were lost"
in_b tc qdisc add dev b0 root netem delay 400ms
path_start "${v4[@]}" --timeout-ms 150
in_a ping -q -c 10 -i 0.05 -W 2 10.77.2.1 >/dev/null
in_b tc qdisc del dev b0 root
pings 20 10.77.2.1
counts 20 0 10 0
expect "late" "$(tool_figure .counts.late)" 10
expect "shown as late" "$(tool_events '.late and .status == "EXTERNAL_DROP"')" 10
expect "shown that were in time" "$(tool_events '.status != "EXTERNAL_DROP"')" 0

echo "--- where it was at its timeout counts, whenever that is looked at"
in_b tc qdisc add dev b0 root netem delay 1500ms
in_r tc qdisc add dev r1 root netem delay 300ms
path_start "${v4[@]}" --timeout-ms 150
in_a ping -q -c 11 -i 0.1 -W 2 10.77.2.1 >/dev/null
in_b tc qdisc del dev b0 root
in_r tc qdisc del dev r1 root
counts 0 11 0 0
expect "shown otherwise" "$(tool_events '.status != "INTERNAL_DROP_REQ"')" 0
tool_valid
echo ok
