#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rtt kernel: every ping of the host that is watched, its parts and where the lost ones were; no other's.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=rtt-lib.sh
. "$(dirname "$0")/rtt-lib.sh"
topo_use router
at_exit 'router_lose_off; in_a nft flush ruleset 2>/dev/null; in_b nft flush ruleset 2>/dev/null'

# stages NAME...: of all events.
stages() {
	expect "stages" "$(jq -r 'select(.type == "event") | [.stages[].stage] | join(" ")' "$tool_out" | sort -u)" "$*"
}
# stacks FUNCTION...: that of each stage, of all events, has this function in it.
stacks() {
	expect "stacks of functions" "$(jq -r --args 'select(.type == "event") | .stacks as $s |
		[[.stages[].stage], $ARGS.positional] | transpose |
		map(.[1] as $f | $s[.[0]] | any(startswith($f + "+"))) | join(" ")' "$@" <"$tool_out" | sort | uniq -c | xargs)" \
		"50 true true true true"
}
out=(ip_local_out net_dev_start_xmit) in=(netif_receive_skb icmp_rcv)
out6=(ip6_local_out net_dev_start_xmit) in6=(netif_receive_skb icmpv6_rcv)

echo "--- a pings b"
rtt_start nta "${v4[@]}" --all --stacks
pings 50 10.77.2.1
counts 50 0 0 0
stacks __sys_sendto dev_hard_start_xmit process_backlog ip_local_deliver_finish
expect "events, of ping" "$(tool_events true '.comm == "ping" and .pid > 0')" "50 50"
expect "devices" "$(jq -c 'select(.type == "event") | [.stages[].interface]' "$tool_out" | sort -u)" \
	'[null,"a0","a0",null]'
stages "${out[@]}" "${in[@]}"
sums
expect "times grow with the stages" "$(tool_events '.stages | [.[].at_us] | . != sort')" 0
expect "segments measured" "$(tool_figure '.latency | [.[].count] | join(" ")')" "50 50 50 50"

echo "--- b is pinged by a, told by either order of the addresses"
for order in "10.77.1.1 10.77.2.1" "10.77.2.1 10.77.1.1"; do
	read -r src dst <<<"$order"
	rtt_start ntb --src-ip "$src" --dst-ip "$dst" --direction rx --interface b0 --all
	pings 50 10.77.2.1
	counts 50 0 0 0
	stages "${in[@]}" "${out[@]}"
	expect "the request's addresses" "$(tool_events '.flow.src == "10.77.1.1" and .flow.dst == "10.77.2.1"')" 50
	expect "local, remote" "$(jq -r 'select(.type == "start") | .local + " " + .remote' "$tool_out")" \
		"10.77.2.1 10.77.1.1"
	sums
done

echo "--- every 10th reply lost in the router"
rtt_start nta "${v4[@]}" --interface a0
router_lose 10 reply
pings 50 10.77.2.1
router_lose_off
sleep 1.3
counts 45 0 5 0
expect "events: only of the lost, last seen leaving" \
	"$(tool_events true '.status == "LOST_INTER_PATH" and .stages[-1].stage == "net_dev_start_xmit"')" "5 5"

echo "--- requests that a's own firewall drops, and replies"
in_a nft -f - <<END
table ip lose {
	chain out {
		type filter hook output priority 0;
		icmp type echo-request numgen inc mod 10 == 0 drop
	}
	chain in {
		type filter hook prerouting priority 0;
		icmp type echo-reply numgen inc mod 9 == 0 drop
	}
}
END
rtt_start nta "${v4[@]}"
pings 50 10.77.2.1
in_a nft delete table ip lose
sleep 1.3
counts 40 5 0 5
expect "replies, last seen arriving" \
	"$(tool_events '.status == "LOST_PATH2" and .stages[-1].stage == "netif_receive_skb"')" 5

echo "--- IPv6, out and in"
rtt_start nta "${v6[@]}" --all
router_lose 10 reply 6
pings 50 fd77:2::1
router_lose_off
sleep 1.3
counts 45 0 5 0
expect "events of complete pings" "$(tool_events '.status == "COMPLETE"')" 45
expect "stages of complete pings" \
	"$(jq -r 'select(.status == "COMPLETE") | [.stages[].stage] | join(" ")' "$tool_out" | sort -u)" "${out6[*]} ${in6[*]}"
sums
rtt_start ntb --src-ip fd77:2::1 --dst-ip fd77:1::1 -r rx --all
pings 20 fd77:2::1
counts 20 0 0 0
stages "${in6[@]}" "${out6[@]}"

echo "--- fragments: a ping of 4000 bytes is one"
rtt_start nta "${v4[@]}" --all
pings 20 10.77.2.1 -s 4000
counts 20 0 0 0
sums

echo "--- the JSON of all these runs"
tool_valid
echo ok
