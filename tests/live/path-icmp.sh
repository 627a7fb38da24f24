#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: every loss is found where it was put, IPv4, IPv6, VLAN, and nothing else is.
# topo: router
# kernels: all
# timeout: 600
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
at_exit 'router_lose_off; in_b nft flush ruleset 2>/dev/null'

path_start() { tool_start path icmp --rx-iface r0 --tx-iface r1 "$@"; }
v4=(--src-ip 10.77.1.1 --dst-ip 10.77.2.1)
v6=(--src-ip fd77:1::1 --dst-ip fd77:2::1)

# pings N ADDRESS [OPTION...]: not waiting for the last reply longer than needed.
pings() { in_a ping -q -c "$1" -i 0.01 -W 1 "${@:3}" "$2" >/dev/null; }

# counts COMPLETE REQ EXTERNAL REP: and nothing else, nothing lost, and the sum is right.
counts() {
	tool_stop
	expect "complete, internal_req, external, internal_rep" \
		"$(tool_figure '.counts | [.complete, .internal_drop_req, .external_drop, .internal_drop_rep] | join(" ")')" \
		"$1 $2 $3 $4"
	expect "total" "$(tool_figure .counts.total)" $(($1 + $2 + $3 + $4))
	expect "in flight" "$(tool_figure .counts.in_flight)" 0
	tool_no_loss
}

echo "--- every 10th request lost in the router"
path_start "${v4[@]}" --all
router_lose 10 request
pings 100 10.77.2.1
router_lose_off
sleep 1.3
counts 90 10 0 0
expect "events of complete pings" "$(tool_events '.status == "COMPLETE"')" 90
expect "events of lost requests" "$(tool_events '.status == "INTERNAL_DROP_REQ"')" 10
expect "sequence numbers of the lost" \
	"$(jq -r 'select(.status == "INTERNAL_DROP_REQ") | .flow.seq % 10' "$tool_out" | sort -u)" 1
expect "times grow with the stages" \
	"$(tool_events '.stages | [.[].at_us] | . != sort')" 0
expect "segments measured" "$(tool_figure '.latency | [.[].count] | join(" ")')" "90 90 90 90"

echo "--- every 10th reply lost in the router; only the lost are shown"
path_start "${v4[@]}"
router_lose 10 reply
pings 100 10.77.2.1
router_lose_off
sleep 1.3
counts 90 0 0 10
expect "events" "$(tool_events true)" 10

echo "--- the peer loses every 10th reply"
path_start "${v4[@]}" --stats-mode
in_b nft -f - <<END
table ip lose {
	chain out {
		type filter hook output priority 0;
		icmp type echo-reply numgen inc mod 10 == 0 drop
	}
}
END
pings 100 10.77.2.1
in_b nft delete table ip lose
sleep 1.3
counts 90 0 10 0
expect "events in stats mode" "$(tool_events true)" 0

echo "--- IPv6"
path_start "${v6[@]}"
router_lose 10 request 6
pings 100 fd77:2::1
router_lose_off
sleep 1.3
counts 90 10 0 0

echo "--- fragments: a ping of 4000 bytes is one flow"
path_start "${v4[@]}"
pings 20 10.77.2.1 -s 4000
counts 20 0 0 0

echo "--- a reverse ping is recognised"
path_start "${v4[@]}" --all
in_b ping -q -c 10 -i 0.01 -W 1 10.77.1.1 >/dev/null
counts 10 0 0 0
expect "direction" "$(tool_events '.direction == "reverse"')" 10

echo "--- filters that do not match"
path_start --src-ip 10.77.9.9 --dst-ip 10.77.2.1 --all
pings 20 10.77.2.1
pings 20 fd77:2::1
counts 0 0 0 0
expect "events" "$(tool_events true)" 0

echo "--- a prefix and a list match"
path_start --src-ip 10.77.1.0/24,192.0.2.1 --dst-ip 192.0.2.7,10.77.2.1 --all
pings 10 10.77.2.1
counts 10 0 0 0

echo "--- a peer that is away: external, and its ICMP error is told"
path_start --src-ip 10.77.1.1 --dst-ip 10.77.2.9
in_r ip neigh replace 10.77.2.9 lladdr 02:00:00:00:00:09 dev r1
pings 5 10.77.2.9
in_r ip neigh del 10.77.2.9 dev r1
sleep 1.3
counts 0 0 5 0

echo "--- answers after the timeout are late, and were lost"
if in_b tc qdisc add dev b0 root netem delay 400ms 2>/dev/null; then
	path_start "${v4[@]}" --timeout-ms 100 --all
	in_a ping -q -c 10 -i 0.05 -W 2 10.77.2.1 >/dev/null
	in_b tc qdisc del dev b0 root
	counts 0 0 10 0
	expect "late" "$(tool_figure .counts.late)" 10
	expect "shown as late" "$(tool_events '.late and .status == "EXTERNAL_DROP"')" 10
else
	echo "no netem on this kernel: the late case did not run"
fi

if router_vlan_up 2>/dev/null; then
	at_exit router_vlan_down
	echo "--- VLAN devices: the tag beside the packet, then within it"
	for hw in on off; do
		in_a ethtool -K a0 tx-vlan-hw-insert $hw >/dev/null
		in_b ethtool -K b0 tx-vlan-hw-insert $hw >/dev/null
		in_r ethtool -K r1 tx-vlan-hw-insert $hw >/dev/null
		in_r ethtool -K r0 tx-vlan-hw-insert $hw >/dev/null
		tool_start path icmp --rx-iface r0.77 --tx-iface r1.77 --src-ip 10.77.3.1 \
			--dst-ip 10.77.4.1
		pings 20 10.77.4.1
		counts 20 0 0 0
	done
else
	echo "no VLAN devices on this kernel: the VLAN case did not run"
fi
echo "--- the JSON of all these runs"
tool_valid
echo ok
