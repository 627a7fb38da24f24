#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab itself: the router forwards both families and loses exactly what it is told to.
# topo: router
# kernels: 6.1
# timeout: 90
# shellcheck source-path=SCRIPTDIR source=../topo/case.sh
. "$(dirname "$0")/../topo/case.sh"
topo_use router

# replies COUNT ADDRESS: how many of COUNT echo requests were answered. -W is short because a loss
# is waited for only at the end.
replies() {
	in_a ping -q -c "$1" -i 0.01 -W 2 "$2" | sed -nE 's/.* ([0-9]+) received.*/\1/p'
}

expect "10 IPv4 pings" "$(replies 10 10.77.2.1)" 10
expect "10 IPv6 pings" "$(replies 10 fd77:2::1)" 10
at_exit router_lose_off

router_lose 10 request || fail "the nft rule is refused"
expect "100 pings, every 10th request lost" "$(replies 100 10.77.2.1)" 90
router_lose_off

router_lose 10 reply
expect "100 pings, every 10th reply lost" "$(replies 100 10.77.2.1)" 90
router_lose_off

router_lose 10 request 6
expect "100 IPv6 pings, every 10th request lost" "$(replies 100 fd77:2::1)" 90
router_lose_off

if [ -n "${NT_KERNEL-}" ]; then
	router_vlan_up || fail "no VLAN devices"
	expect "10 pings by VLAN" "$(replies 10 10.77.4.1)" 10
	expect "10 IPv6 pings by VLAN" "$(replies 10 fd77:4::1)" 10
	router_vlan_down
fi
