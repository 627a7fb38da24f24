#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The lab itself: under icount the clock is the number of instructions, so the same work takes the
# same time whatever else the machine does.
# topo: router
# kernels: 6.1
# timeout: 60
# icount: yes
# shellcheck source-path=SCRIPTDIR source=../topo/case.sh
. "$(dirname "$0")/../topo/case.sh"
topo_use router

average_us() {
	in_a ping -q -c 100 -i 0.002 10.77.2.1 | awk -F/ '/^rtt/ { printf "%d", $5 * 1000 }'
}

average_us >/dev/null # neighbours and caches
first=$(average_us)
second=$(average_us)
echo "average round trip of 100 pings: $first us, then $second us"
[ "$first" -gt 0 ] || fail "no round trip was measured"
[ $((first > second ? first - second : second - first)) -le $((first / 20)) ] ||
	fail "the two differ by more than 5 %: $first us, $second us"
