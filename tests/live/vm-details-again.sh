#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm latency details: a packet that is sent again before its like has left is told and counted, and
# the time of the two is nobody's latency. Routed, without a switch: r0 stands for the vnet.
# topo: router
# kernels: native,5.10
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
send=$(dirname "$0")/drop-send.py

details_start() {
	tool_start vm latency details --vm-interface r0 --phy-interface r1 --direction from-vm \
		--all --timeout-ms 20000 --vm-ip fd77:1::1 "$@"
}

# lose_first MATCH: the first packet of each two is lost in the router.
lose_first() {
	in_r nft -f - <<-END
	table inet ntlose {
		chain forward { type filter hook forward priority 0; $1 numgen inc mod 2 == 0 counter drop; }
	}
	END
}

counts() {
	expect "started, complete, duplicate, seen again" \
		"$(tool_figure '.counts | [.started, .complete, .duplicate, .seen_again] | join(" ")')" "$*"
}

echo "--- a SYN is lost in the router and sent again a second later (a's TCP does so)"
details_start --protocol tcp --dst-port 7003
lose_first "tcp dport 7003"
in_a "$send" 'tcp:[fd77:2::1]:7003:1'
router_lose_off
tool_stop
counts 1 1 1 1
expect "told" "$(tool_events '.again and .status == "COMPLETE" and .total_us > 900000')" 1
expect "latencies" "$(tool_figure '[.latency[].count] | add // 0')" 0
tool_no_loss

echo "--- three others, of which none is lost"
details_start --protocol tcp --dst-port 7003
in_a "$send" 'tcp:[fd77:2::1]:7003:3'
tool_stop
counts 3 3 0 0
expect "told" "$(tool_events .again)" 0
expect "latencies" "$(tool_figure .latency.from_vm_total.count)" 3

echo "--- the same datagram once more: lost both"
details_start --protocol udp --timeout-ms 500
in_r ip -6 route add blackhole fd77:8::/64
in_a "$send" 'udp:[fd77:8::1]:7011:2:sport=7000'
sleep 1.8
in_r ip -6 route del blackhole fd77:8::/64
tool_stop
counts 1 0 1 0
expect "told" "$(tool_events '.again and .status == "UNFINISHED"')" 1

echo "--- without an address the start block says what is followed"
text() {
	in_r "$NETTRACE" vm latency details --vm-interface r0 --phy-interface r1 --duration 0.1 "$@" |
		grep -c -- 'those for others too; --vm-ip'
}
expect "both ways; from the VM; with its address" \
	"$(text) $(text --direction from-vm) $(text --vm-ip fd77:1::1)" "1 0 0"
tool_valid
echo ok
