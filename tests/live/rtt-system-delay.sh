#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rtt system: a delay is in the segment where it was put and in no other. On the exact clock.
# topo: ovs
# kernels: 5.10,6.1
# timeout: 240
# icount: yes
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=rtt-lib.sh
. "$(dirname "$0")/rtt-lib.sh"
topo_use ovs
tc qdisc add dev pb root netem delay 0ms 2>/dev/null || skip "no netem on this kernel"
tc qdisc del dev pb root
at_exit 'tc qdisc del dev pb root 2>/dev/null; in_ovb tc qdisc del dev e0 root 2>/dev/null; system_down'
system_up

all=(p1_stack p1_ovs p1_device inter_path p2_ovs p2_stack)
slow_pings() { ping -q -c 20 -i 0.05 -W 2 10.8.0.2 >/dev/null; }
# only NAME MS: 30 ms are there, and in no other part.
only() {
	local name
	within "$1" "$2"
	for name in "${all[@]}"; do
		[ "$name" = "$1" ] || quick "$name"
	done
}

echo "--- 30 ms at the peer"
in_ovb tc qdisc add dev e0 root netem delay 30ms
system_start "${v4[@]}" --latency-ms 50
slow_pings
in_ovb tc qdisc del dev e0 root
counts 20 0 0 0
only inter_path 30
expect "events over 50 ms" "$(tool_events true)" 0

echo "--- 30 ms in the uplink's queue"
tc qdisc add dev pb root netem delay 30ms
system_start "${v4[@]}" --latency-ms 10
slow_pings
counts 20 0 0 0
only p1_device 30
expect "events over 10 ms" "$(tool_events true)" 20

echo "--- the same of a reply"
all=(p1_ovs p1_stack inter_path p2_stack p2_ovs p2_device)
system_start --src-ip 10.8.0.2 --dst-ip 10.8.0.5 --direction rx --stats-mode
in_ovb ping -q -c 20 -i 0.05 -W 2 10.8.0.5 >/dev/null
tc qdisc del dev pb root
counts 20 0 0 0
only p2_device 30

echo "--- a switch whose user space sleeps"
ovs-appctl dpctl/del-flows
system_start "${v4[@]}" --all
daemon=$(<"$OVS_RUNDIR/ovs-vswitchd.pid")
kill -STOP "$daemon"
ping -q -c 1 -W 5 10.8.0.2 >/dev/null &
sleep 0.2
kill -CONT "$daemon"
ended $!
counts 1 0 0 0
tool_figure '.latency | map_values(.max_us) | @json'
expect "in the upcall" "$(tool_figure '.latency | .p1_upcall.max_us | . > 100000 and . < 250000')" true
expect "of all that the switch took" \
	"$(tool_figure '.latency | .p1_ovs.max_us - .p1_upcall.max_us < 5000')" true
expect "elsewhere" "$(tool_figure '.latency | .p1_stack.max_us + .p1_device.max_us + .p2_stack.max_us < 5000')" true
tool_valid
echo ok
