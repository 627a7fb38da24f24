#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rtt kernel: every ping of the host that is watched, its parts and where the lost ones were; no other's.
# topo: router
# kernels: all
# timeout: 600
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
out=(ip_local_out net_dev_start_xmit) in=(netif_receive_skb icmp_rcv)
out6=(ip6_local_out net_dev_start_xmit) in6=(netif_receive_skb icmpv6_rcv)

echo "--- a pings b"
rtt_start nta "${v4[@]}" --all
pings 50 10.77.2.1
counts 50 0 0 0
expect "events, of ping" "$(tool_events true) $(tool_events '.comm == "ping" and .pid > 0')" "50 50"
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
	"$(tool_events true) $(tool_events '.status == "LOST_INTER_PATH" and .stages[-1].stage == "net_dev_start_xmit"')" "5 5"

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

echo "--- b does not answer"
rtt_start ntb "${v4[@]}" --direction rx --stats-mode
in_b sysctl -qw net.ipv4.icmp_echo_ignore_all=1
pings 5 10.77.2.1
in_b sysctl -qw net.ipv4.icmp_echo_ignore_all=0
pings 10 10.77.2.1
sleep 1.3
counts 10 0 5 0
expect "events in stats mode" "$(tool_events true)" 0

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

echo "--- an id and sequence number that comes again"
rtt_start nta "${v4[@]}" --all --timeout-ms 3000
router_lose 1 request
echo_request 10.77.2.1 4711 1
router_lose_off
sleep 1
echo_request 10.77.2.1 4711 1
sleep 0.3
counts 1 0 1 0
expect "round trips of a second and more" "$(tool_events '.segments_us.total_rtt >= 1000000')" 0

echo "--- an ICMP error is told"
in_r nft -f - <<END
table ip refuse {
	chain forward {
		type filter hook forward priority 0;
		icmp type echo-request reject with icmp type host-unreachable
	}
}
END
rtt_start nta "${v4[@]}"
in_r sysctl -qw net.ipv4.icmp_ratelimit=0
pings 5 10.77.2.1
in_r nft delete table ip refuse
sleep 1.3
counts 0 0 5 0
expect "errors" "$(jq -c 'select(.type == "event") | [.icmp_error.text, .icmp_error.from]' "$tool_out" | sort | uniq -c | sed 's/^ *//')" \
	'5 ["host unreachable","10.77.1.254"]'

echo "--- what others ping, and what the router forwards, does not count"
router=${NT_ROUTER_NS:-1}
rtt_start "$router" --src-ip 10.77.0.0/16 --dst-ip 10.77.2.1 --all
pings 20 10.77.2.1
in_r ping -q -c 7 -i 0.01 -W 1 10.77.2.1 >/dev/null
counts 7 0 0 0
rtt_start "$router" --src-ip 10.77.1.1 --dst-ip 10.77.0.0/16 --direction rx --all
pings 20 10.77.2.1
pings 7 10.77.1.254
counts 7 0 0 0
expect "local" "$(jq -r 'select(.type == "start") | .local' "$tool_out" | tr , '\n' | sort | paste -sd,)" \
	"10.77.1.254,10.77.2.254"
rtt_start nta "${v4[@]}" --all
in_b ping -q -c 20 -i 0.01 -W 1 10.77.1.1 >/dev/null
pings 20 10.77.1.254
pings 20 fd77:2::1
counts 0 0 0 0
expect "events" "$(tool_events true)" 0

echo "--- which address is this host's"
# refused WANTED OPTION...: exit code 3, and what it says.
refused() {
	local rc=0
	in_r "$NETTRACE" rtt kernel --netns nta "${@:2}" >/dev/null 2>"$tool_dir/err" || rc=$?
	expect "exit code" "$rc" 3
	grep -q -e "$1" "$tool_dir/err" || fail "$(cat "$tool_dir/err")"
}
refused "give --direction rx" --src-ip 10.77.2.1 --dst-ip 10.77.1.1
refused "neither --src-ip nor --dst-ip" --src-ip 10.77.9.1 --dst-ip 10.77.2.1 --direction rx
refused "are both addresses" --src-ip 10.77.1.1 --dst-ip 127.0.0.1

echo "--- the JSON of all these runs"
tool_valid
echo ok
