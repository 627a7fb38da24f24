#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rtt kernel: a delay is in the segment where it was put and in no other. On the exact clock.
# topo: router
# kernels: 5.10,6.1
# timeout: 240
# icount: yes
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=rtt-lib.sh
. "$(dirname "$0")/rtt-lib.sh"
topo_use router
in_b tc qdisc add dev b0 root netem delay 0ms 2>/dev/null || skip "no netem on this kernel"
in_b tc qdisc del dev b0 root
at_exit 'in_b tc qdisc del dev b0 root 2>/dev/null; in_a tc qdisc del dev a0 root 2>/dev/null'

slow_pings() { in_a ping -q -c 20 -i 0.05 -W 2 10.77.2.1 >/dev/null; }

# The peer's answers to the router's questions for its address would be late, too.
pings 2 10.77.2.1
echo "--- 30 ms at the peer, seen by a"
in_b tc qdisc add dev b0 root netem delay 30ms
rtt_start nta "${v4[@]}" --latency-ms 10
slow_pings
counts 20 0 0 0
within inter_path 30
quick path1 path2
expect "events over 10 ms" "$(tool_events true)" 20
sums

echo "--- the same, seen by b: it waits in its own queue"
rtt_start ntb "${v4[@]}" --direction rx --latency-ms 100
slow_pings
counts 20 0 0 0
within path2 30
quick path1 inter_path
expect "events over 100 ms" "$(tool_events true)" 0
in_b tc qdisc del dev b0 root

echo "--- 20 ms in a's own queue"
in_a tc qdisc add dev a0 root netem delay 20ms
rtt_start nta "${v4[@]}" --stats-mode
slow_pings
counts 20 0 0 0
within path1 20
quick inter_path path2
tool_valid
echo ok
