#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab itself: a KVM guest on vhost-net and OVS is reached from the uplink and reaches it.
# topo: guest
# kernels: 6.1
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=../topo/case.sh
. "$(dirname "$0")/../topo/case.sh"
topo_use guest

ext_pings() { in_ext ping -q -c 10 -i 0.2 -W 5 "$1" | sed -nE 's/.* ([0-9]+) received.*/\1/p'; }
guest_pings() { guest_run "ping -q -c 10 -W 5 $1" | sed -nE 's/.* ([0-9]+) packets received.*/\1/p'; }

expect "the guest's kernel" "$(guest_run uname -r)" "$(uname -r)"
expect "its exit code" "$(guest_run 'exit 7'; echo $?)" 7
expect "10 pings to the guest" "$(ext_pings 10.9.0.2)" 10
expect "10 IPv6 pings to the guest" "$(ext_pings fd09::2)" 10
expect "10 pings from the guest" "$(guest_pings 10.9.0.3)" 10
# The worker is a kernel thread up to 6.3, a thread of QEMU from 6.4 on.
cat /proc/[0-9]*/task/*/comm 2>/dev/null | grep -q '^vhost-' ||
	fail "no vhost thread serves the guest"
