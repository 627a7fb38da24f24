#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path udp: every datagram and every group of fragments that is lost, IPv4 and IPv6, and no other.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
# shellcheck source=path-udp-lib.sh
. "$(dirname "$0")/path-udp-lib.sh"
topo_use router
at_exit 'in_r nft delete table inet ntlose 2>/dev/null'
# Nobody listens: what the peer answers is no part of it.
in_b sysctl -qw net.ipv4.icmp_ratelimit=0

# The places of partial ones among all, in the order in which they came: of 100 datagrams in 3
# fragments each, and every 7th fragment lost, the first of all too, these.
want=$(for ((i = 0; i < 300; i += 7)); do echo $((i / 3)); done | paste -sd' ')
partial_places() {
	jq -s '[.[] | select(.type == "event")] | sort_by(.time) | to_entries | map(select(.value.status == "PARTIAL_FRAGMENT_DROP") | .key) | join(" ")' -r "$tool_out"
}

echo "--- nothing lost"
udp_start "${v4[@]}" --all
send 10.77.2.1 1000 100
udp_counts 1000 0 0
expect "events" "$(tool_events '.status == "COMPLETE" and .len == 100')" 1000
expect "times measured" "$(tool_figure .latency.internal.count)" 1000
expect "ports" "$(jq -c 'select(.type == "event") | [.flow.sport, .flow.dport]' "$tool_out" | sort -u)" '[5000,7000]'

echo "--- every 10th lost in the router; only the lost are shown"
udp_start "${v4[@]}"
udp_lose 10 "udp dport 7000"
send 10.77.2.1 1000 100
udp_lose_off
sleep 1.3
udp_counts 900 100 0
expect "nftables" "$lost" 100
expect "events" "$(tool_events true '.status == "INTERNAL_DROP" and .flow.dport == 7000')" "100 100"

echo "--- datagrams in 3 fragments"
udp_start "${v4[@]}" --stats-mode
send 10.77.2.1 1000 4000
udp_counts 1000 0 0
expect "events in stats mode" "$(tool_events true)" 0

echo "--- every 7th fragment lost in the router"
udp_start "${v4[@]}" --all
udp_lose 7 "ip frag-off & 0x3fff != 0"
send 10.77.2.1 100 4000
udp_lose_off
sleep 1.3
expect "nftables" "$lost" 43
udp_counts $((100 - lost)) 0 "$lost"
expect "groups" "$(partial_places)" "$want"
expect "fragments of the partial" \
	"$(jq -c 'select(.status == "PARTIAL_FRAGMENT_DROP") | [.fragments.rx, .fragments.tx, .len]' "$tool_out" | sort -u)" '[3,2,4000]'

echo "--- whole groups lost"
udp_start "${v4[@]}"
udp_lose 1 "ip frag-off & 0x3fff != 0"
send 10.77.2.1 10 4000
udp_lose_off
sleep 1.3
udp_counts 0 10 0

echo "--- IPv6, every 10th lost in the router"
udp_start "${v6[@]}"
udp_lose 10 "udp dport 7000"
send fd77:2::1 1000 100
udp_lose_off
sleep 1.3
udp_counts 900 100 0
expect "events" "$(tool_events true)" 100

echo "--- IPv6 in 3 fragments, every 7th lost in the router"
udp_start "${v6[@]}" --all --dst-port 7000
udp_lose 7 "exthdr frag exists"
send fd77:2::1 100 4000
udp_lose_off
sleep 1.3
expect "nftables" "$lost" 43
udp_counts $((100 - lost)) 0 "$lost"
expect "groups" "$(partial_places)" "$want"

if ! without "VLAN devices" router_vlan_up; then
	at_exit router_vlan_down
	# The tag beside the packet, then within it.
	for hw in on off; do
		echo "--- VLAN devices, hardware tags $hw: every 10th lost in the router, every 7th fragment"
		vlan_tags "$hw"
		tool_start path udp --rx-iface r0.77 --tx-iface r1.77 --src-ip 10.77.3.1 \
			--dst-ip 10.77.4.1
		udp_lose 10 "udp dport 7000 ip frag-off & 0x3fff == 0"
		send 10.77.4.1 100 100
		udp_lose_off
		udp_lose 7 "ip frag-off & 0x3fff != 0"
		send 10.77.4.1 100 4000
		udp_lose_off
		sleep 1.3
		udp_counts $((90 + 57)) 10 43
	done
fi
# Last: before 5.13 a router that once had conntrack puts fragments together for ever.
echo "--- the router puts fragments together and cuts them anew"
at_exit 'in_r nft delete table inet ntct 2>/dev/null'
in_r nft -f - <<END
table inet ntct {
	chain forward {
		type filter hook forward priority 0;
		ct state invalid drop
	}
}
END
udp_start "${v4[@]}" --dst-port 7000
send 10.77.2.1 100 4000
in_r nft delete table inet ntct
udp_counts 100 0 0

echo "--- the JSON of all these runs"
tool_valid
echo ok
