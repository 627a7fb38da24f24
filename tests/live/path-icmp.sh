#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: every loss is found where it was put, IPv4, IPv6, VLAN, and nothing else is.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
at_exit 'router_lose_off; in_b nft flush ruleset 2>/dev/null'

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
expect "what the kernel does not count is null, and named in the start block" \
	"$(jq -cs '(.[-1].loss | [to_entries[] | select(.value == null) | .key]) == .[0].not_counted' "$tool_out")" true
[ "${NT_KERNEL-}" = 5.10 ] || expect "recursion is known since 5.12" "$(tool_figure .loss.recursion)" 0
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

if ! without "VLAN devices" router_vlan_up; then
	at_exit router_vlan_down
	# The tag beside the packet, then within it.
	for run in "on request 90 10 0 0" "off reply 90 0 0 10"; do
		read -r hw what figures <<<"$run"
		echo "--- VLAN devices, hardware tags $hw: every 10th $what lost in the router"
		vlan_tags "$hw"
		tool_start path icmp --rx-iface r0.77 --tx-iface r1.77 --src-ip 10.77.3.1 \
			--dst-ip 10.77.4.1
		router_lose 10 "$what"
		pings 100 10.77.4.1
		router_lose_off
		sleep 1.3
		# shellcheck disable=SC2086 # four words
		counts $figures
		expect "events: only of the lost" "$(tool_events true)" 10
	done
fi
echo "--- the JSON of all these runs"
tool_valid
echo ok
