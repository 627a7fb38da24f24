#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab itself: two hosts on an OVS bridge, packets through the kernel's datapath, misses to user
# space.
# topo: ovs
# kernels: 6.1
# timeout: 90
# shellcheck source-path=SCRIPTDIR source=../topo/case.sh
. "$(dirname "$0")/../topo/case.sh"
topo_use ovs

# Flow misses that the kernel's datapath handed up.
upcalls() { ovs-dpctl show ovs-system | sed -nE 's/.*missed:([0-9]+).*/\1/p'; }

before=$(upcalls)
ping_ok() { in_ova ping -q -c 10 -i 0.05 -W 5 "$1" | sed -nE 's/.* ([0-9]+) received.*/\1/p'; }
expect "10 pings" "$(ping_ok 10.8.0.2)" 10
expect "10 IPv6 pings" "$(ping_ok fd08::2)" 10
after=$(upcalls)
echo "upcalls: $before before, $after after"
[ "$after" -gt "$before" ] || fail "no upcall was counted"
ovs-dpctl dump-flows ovs-system
ovs-dpctl dump-flows ovs-system | grep -q 'eth_type(0x0800)' || fail "no flow in the kernel's datapath"
