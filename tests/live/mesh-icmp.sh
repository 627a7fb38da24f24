#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mesh icmp over three hosts with an sshd each: what is lost between two of them is found there and
# nowhere else, and nothing is left on any of them.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=mesh-lib.sh
. "$(dirname "$0")/mesh-lib.sh"
topo_use router
[ -n "${NT_KERNEL-}" ] || "$NETTRACE" doctor | grep -q '^  rtt kernel: possible' ||
	skip "rtt kernel is not possible on this kernel: see nettrace doctor"
[ -x /usr/sbin/sshd ] || skip "no sshd: install openssh-server"
at_exit 'mesh_down 2>/dev/null'
mesh_up

echo "--- 10 pings each way; of 1 -> 3 the requests 1 to 3 are lost, of 3 -> 1 in the stack of 1"
lose 3 prerouting 10.77.9.1 10.77.9.3 request "1, 2, 3"
lose 1 output 10.77.9.1 10.77.9.2 request "4, 5"
mesh 0 --ping 10 --ping-interval 50ms
# What the kernel passes over, where it can preempt a process within a tracer's program, and only that,
# is seen by no tracer; ping's own figures tell of it.
expect "unseen only where hits were passed over" "$(figure '.loss | .unseen == 0 or .unseen <= .recursion')" true
expect "nodes, sent, complete, lost, late" "$(figure '[.counts.nodes, .counts.nodes_failed,
	.counts.total + .loss.unseen, .counts.complete, .counts.lost + .loss.unseen, .counts.late] | join(" ")')" "3 0 60 55 5 0"
expect "pairs that lost" "$(figure '[.pairs[] | .lost += .pinged - .sent | select(.lost > 0) |
	"\(.from) \(.to) \(.replied) \(.complete) \(.lost)"] | join(", ")')" "h1 h2 8 8 2, h1 h3 7 7 3"
expect "10 of each" "$(figure '[.pairs[].pinged] | unique | join(" ")')" 10
expect "where: sender, there, target, back" "$(figure '.pairs[] | .lost_in_sender += .pinged - .sent |
	select(.lost > 0) | [.lost_in_sender, .lost_there, .lost_at_target, .lost_back, .lost_behind] | join(" ")')" \
	"$(printf '2 0 0 0 0\n0 0 3 0 0')"
expect "latency of each" "$(figure '[.pairs[] | select(.p50_us > 0 and .p99_us >= .p50_us)] | length')" 6
expect "lost by tracers" "$(figure '.loss | .tracers + .no_verdict + .foreign_events')" 0
expect "lines of all hosts" "$(for h in 1 2 3; do jq -s '[.[] | select(.type == "event")] | length' \
	"$mesh_dir/log/h$h.json"; done | awk '{ n += $1 } END { print n }')" "$(figure '.counts.total + 58')"
expect "complaints" "$(cat "$mesh_dir/err")" ""
nothing_left
lose_off

tool_valid
