#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: what a full queue drops is as much as tc says, and is laid to who sent it, though the
# kernel frees it in a list (5.10, 6.1).
# topo: router
# kernels: native,5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

in_a tc qdisc add dev a0 root tbf rate 1mbit burst 3000 limit 20000 2>/dev/null ||
	skip "no tbf on this kernel"
at_exit 'in_a tc qdisc del dev a0 root 2>/dev/null'
drops_start all --dst-port 7006
drops_start location --dst-port 7006 --group-by location
drops_ready
in_a "$drop_send" udp:10.77.2.1:7006:200:size=1000
sleep 3
dropped=$(in_a tc -s -j qdisc show dev a0 | jq '.[] | select(.kind == "tbf") | .drops')
drops_stop

[ "$dropped" -gt 100 ] || fail "tbf dropped only $dropped"
expect "dropped by tbf" "$(sum all '.device == "a0"')" "$dropped"
expect "place" "$(drops all '.rows[] | select(.device == "a0") | .function' | sort -u)" __dev_queue_xmit
expect "top of the stack" "$(drops all '.rows[] | select(.device == "a0") | .stack[0] | sub("[+].*"; "")' | sort -u)" __dev_queue_xmit
expect "by location" "$(sum location '.function == "__dev_queue_xmit"')" "$dropped"
expect "reason or class" "$(drops all '.rows[] | select(.device == "a0") | .reason // .hint' | sort -u | grep -c QDISC)" 1
echo ok
