#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path tcp: transfers both ways, large packets and small ones; what the router drops is internal, what
# is dropped behind it external, to the packet that nftables counts; nothing else.
# topo: router
# kernels: all
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
# shellcheck source=path-tcp-lib.sh
. "$(dirname "$0")/path-tcp-lib.sh"
topo_use router
at_exit 'offload on; for in in in_a in_r in_b; do $in nft delete table inet ntlose; done 2>/dev/null'
serve
size=5242880

for large in on off; do
	offload $large
	echo "--- both ways, nothing is lost, offloads $large"
	tcp_start "${v4[@]}" --dst-port 5201
	# What the router forwards, by its own counter.
	in_r nft 'add table inet ntcount; add counter inet ntcount seen; add chain inet ntcount c { type filter hook forward priority 0; };
		add rule inet ntcount c tcp dport 5201 counter name seen; add rule inet ntcount c tcp sport 5201 counter name seen'
	transfer 10.77.2.1 5201 $size $size
	transfer 10.77.2.1 5202 10000 10000
	sleep 0.3
	all=$(in_r nft -j list counter inet ntcount seen | jq '[.nftables[].counter // empty][0].packets')
	in_r nft delete table inet ntcount
	tcp_drops 0 0 0 0
	expect "packets that came" "$(tool_figure .counts.total)" "$all"
	expect "events" "$(tool_events true)" 0

	echo "--- every 50th data packet is dropped in the router, offloads $large"
	tcp_start "${v4[@]}" --dst-port 5201
	tcp_lose in_r forward 50 "tcp dport 5201 meta length > 100"
	transfer 10.77.2.1 5201 $size 0
	tcp_lose_off in_r
	sleep 1.3
	tcp_drops "$lost" 0 0 0
	[ "$lost" -gt 0 ] || fail "nothing was dropped"
	expect "told" "$(tool_events true '.status == "INTERNAL_DROP" and .direction == "forward"')" "$lost $lost"

	echo "--- the same behind the router"
	tcp_start "${v4[@]}" --dst-port 5201
	tcp_lose in_b prerouting 50 "tcp dport 5201 meta length > 100"
	transfer 10.77.2.1 5201 $size 0
	tcp_lose_off in_b
	sleep 1.3
	tcp_drops 0 0 "$lost" 0
	[ "$lost" -gt 0 ] || fail "nothing was dropped"
	expect "told" "$(tool_events true '.status == "EXTERNAL_DROP" and .direction == "forward"')" "$lost $lost"
done
offload on

echo "--- every 10th bare acknowledgement is dropped in the router"
tcp_start "${v4[@]}" --dst-port 5201
tcp_lose in_r forward 10 "tcp sport 5201 tcp flags == ack meta length < 100"
transfer 10.77.2.1 5201 $size 0
tcp_lose_off in_r
sleep 1.3
tcp_drops 0 "$lost" 0 0
expect "told" "$(tool_events true '.direction == "reverse" and .payload == 0')" "$lost $lost"

echo "--- of another port, of other addresses: nothing"
tcp_start "${v4[@]}" --dst-port 5203 --all
transfer 10.77.2.1 5201 100000 100000
tcp_drops 0 0 0 0
expect "packets, events" "$(tool_figure .counts.total) $(tool_events true)" "0 0"
tool_valid
echo ok
