#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rtt system: every ping of this host through the switch, its stages and times, upcalls, and where the
# lost ones were; no other's.
# topo: ovs
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=rtt-lib.sh
. "$(dirname "$0")/rtt-lib.sh"
topo_use ovs
at_exit 'system_down; nft flush ruleset 2>/dev/null; in_ovb nft flush ruleset 2>/dev/null'
system_up

# stages of the events that jq FILTER chooses
stages_of() { jq -r "select(.type == \"event\" and ($1)) | [.stages[].stage] | join(\" \")" "$tool_out" | sort -u; }
# path NUMBER FIRST LAST [UPCALL-STEP...]: of one path, in its order
path() { printf "P$1:%s " "$2" ovs_vport_receive ovs_dp_process_packet "${@:4}" ovs_vport_send "$3" | sed 's/ $//'; }
up=(ovs_dp_upcall ovs_flow_key_extract_userspace)
upcalls() { expect "upcalls of requests, of replies" "$(tool_figure '.counts | "\(.upcalls_p1) \(.upcalls_p2)"')" "$1 $2"; }
# By the daemon, which would not put a flow back of which it thinks that it is there.
no_flows() { ovs-appctl revalidator/purge; }

echo "--- tx: this host pings; the first ping goes to user space, and one after the flows are gone"
no_flows
system_start "${v4[@]}" --all --timeout-ms 5000
pings 10 10.8.0.2 -A
no_flows
pings 10 10.8.0.2 -A
counts 20 0 0 0
upcalls 2 2
expect "with upcalls" "$(stages_of '.flow.seq == 1')" \
	"$(path 1 ip_output net_dev_start_xmit "${up[@]}") $(path 2 netif_receive_skb icmp_rcv "${up[@]}")"
expect "without" "$(stages_of '.flow.seq > 1')" \
	"$(path 1 ip_output net_dev_start_xmit) $(path 2 netif_receive_skb icmp_rcv)"
expect "times grow with the stages" "$(tool_events '.stages | [.[].at_us] | . != sort')" 0
expect "events of ping, by the uplink" \
	"$(tool_events '.comm == "ping" and .pid > 0 and ([.stages[].interface | values] == ["pb", "pb"])')" 20
expect "times measured" "$(tool_figure '.latency | [.p1_stack, .p1_ovs, .p1_upcall, .p1_device, .p2_ovs, .p2_upcall, .p2_stack, .total_rtt | .count] | join(" ")')" \
	"20 20 2 20 20 2 20 20"
sums
parts p1_stack p1_ovs p1_device path1
parts p2_ovs p2_stack path2

echo "--- rx: this host is pinged, told by either order of the addresses"
for order in "10.8.0.2 10.8.0.5" "10.8.0.5 10.8.0.2"; do
	read -r src dst <<<"$order"
	no_flows
	system_start --src-ip "$src" --dst-ip "$dst" --direction rx --all --timeout-ms 5000
	in_ovb ping -q -c 20 -A -W 5 10.8.0.5 >/dev/null
	counts 20 0 0 0
	upcalls 1 1
	expect "without upcalls" "$(stages_of '.flow.seq > 1')" \
		"$(path 1 netif_receive_skb icmp_rcv) $(path 2 ip_output net_dev_start_xmit)"
	expect "the request's addresses" "$(tool_events '.flow.src == "10.8.0.2" and .flow.dst == "10.8.0.5"')" 20
	sums
	parts p1_ovs p1_stack path1
	parts p2_stack p2_ovs p2_device path2
done

echo "--- every 10th reply lost at the peer; others are not shown"
lose() { # NS-PREFIX HOOK TYPE
	$1 nft -f - <<-END
	table ip lose {
		chain c {
			type filter hook $2 priority 0;
			icmp type $3 numgen inc mod 10 == 0 drop
		}
	}
	END
}
lose in_ovb output echo-reply
system_start "${v4[@]}" --latency-ms 900
pings 20 10.8.0.2 -i 0.01 -W 1
in_ovb nft delete table ip lose
sleep 1.3
counts 18 0 2 0
expect "shown: the lost, last seen on the wire" \
	"$(tool_events true) $(tool_events '.status == "LOST_INTER_PATH" and .stages[-1].stage == "P1:net_dev_start_xmit"')" "2 2"

echo "--- replies lost in this host's stack, requests in the switch"
lose "" prerouting echo-reply
system_start "${v4[@]}" --latency-ms 900
pings 20 10.8.0.2 -i 0.01 -W 1
nft delete table ip lose
ovs-ofctl add-flow br0 priority=100,icmp,nw_dst=10.8.0.2,actions=drop
no_flows
pings 7 10.8.0.2 -i 0.01 -W 1
ovs-ofctl del-flows br0 icmp
no_flows
sleep 1.3
counts 18 7 0 2
expect "replies, last seen behind the switch" \
	"$(tool_events '.status == "LOST_PATH2" and .stages[-1].stage == "P2:ovs_vport_send"')" 2
expect "requests, last seen in it" "$(tool_events '.status == "LOST_PATH1" and
	(.stages[-1].stage == "P1:ovs_dp_process_packet" or .stages[-1].stage == "P1:ovs_dp_upcall")')" 7

echo "--- IPv6, both ways"
system_start "${v6[@]}" --all --timeout-ms 5000
pings 20 fd08::2 -A
counts 20 0 0 0
expect "stages" "$(stages_of '.stages | length == 10')" \
	"$(path 1 ip6_output net_dev_start_xmit) $(path 2 netif_receive_skb icmpv6_rcv)"
sums
system_start --src-ip fd08::2 --dst-ip fd08::5 -r rx --stats-mode --timeout-ms 5000
in_ovb ping -q -c 20 -A -W 5 fd08::5 >/dev/null
counts 20 0 0 0
expect "events in stats mode" "$(tool_events true)" 0
expect "times measured" "$(tool_figure '.latency | [.p1_ovs, .p1_stack, .p2_stack, .p2_ovs, .p2_device | .count] | join(" ")')" \
	"20 20 20 20 20"
expect "their sums, by the means" "$(tool_figure '.latency | map_values(.avg_us) |
	[.p1_ovs + .p1_stack - .path1, .p2_stack + .p2_ovs + .p2_device - .path2 | fabs < 0.01] | all')" true

echo "--- not counted: other addresses, the other direction, what others send through the switch"
system_start --src-ip 10.8.0.0/24 --dst-ip 10.8.0.2 --all --timeout-ms 5000
in_ova ping -q -c 20 -i 0.01 -W 1 10.8.0.2 >/dev/null
in_ovb ping -q -c 20 -i 0.01 -W 1 10.8.0.5 >/dev/null
pings 20 10.8.0.1 -A
pings 7 10.8.0.2 -A
counts 7 0 0 0
expect "events" "$(tool_events true)" 7

echo "--- many at once, by kprobes, raw tracepoints and the perf buffer"
NETTRACE_WITHOUT=fentry,tp_btf,ringbuf system_start "${v4[@]}" --all --timeout-ms 5000
for _ in 1 2 3 4; do
	ping -q -f -c 100 -W 1 10.8.0.2 >/dev/null &
	pingers+=("$!")
done
wait "${pingers[@]}"
counts 400 0 0 0
expect "probes" "$(jq -r 'select(.type == "start") | .hooks[].probe | split(":")[0]' "$tool_out" | sort -u | xargs)" "kprobe raw_tp"
expect "events" "$(tool_events true)" 400
expect "with all stages, in order" \
	"$(tool_events '(.stages | length >= 10) and (.stages | [.[].at_us] | . == sort)')" 400
sums

echo "--- the old program's name: every stage has its stack, which begins where it says"
ln -sf "$NETTRACE" "$tool_dir/system_network_icmp_rtt.py"
NETTRACE=$tool_dir/system_network_icmp_rtt.py tool_start "${v4[@]}" --phy-iface1 pb --direction outgoing --timeout-ms 5000
no_flows
pings 5 10.8.0.2 -A
counts 5 0 0 0
jq -c 'select(.flow.seq == 1) | .stacks | map_values(.[:3])' "$tool_out"
expect "a stack for each stage" "$(tool_events '([.stages[].stage] | sort) == (.stacks | keys)')" 5
expect "in the switch they begin with the function" "$(jq -r 'select(.type == "event") | .stacks | to_entries[] |
	select(.key | contains("ovs_")) | select(.value[0] | startswith((.key // "") | sub("P.:"; "")) | not) | .key' "$tool_out" | wc -l)" 0
expect "and lead to it" "$(tool_events '(.stacks."P1:ovs_vport_send" | any(startswith("ip_output") or startswith("ip_finish_output")))')" 4
tool_valid
echo ok
