#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path udp: of which flow a datagram or a fragment is, whatever its number, its port and the order in
# which they come.
# topo: router
# kernels: native,5.10,7
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
in_b sysctl -qw net.ipv4.icmp_ratelimit=0

for alike in '' alike; do
	echo "--- IP number 0, every 10th lost in the router ${alike:+(all of them alike)}"
	udp_start "${v4[@]}"
	udp_lose 10 "udp dport 7000"
	# shellcheck disable=SC2086 # no word or one
	send 10.77.2.1 1000 100 df $alike
	udp_lose_off
	sleep 1.3
	udp_counts 900 100 0
	expect "events: ip_id, and datagrams lost" \
		"$(jq -s -c '[.[] | select(.type == "event")] | [([.[].ip_id] | unique), ([.[].open] | add)]' "$tool_out")" \
		"[[0],100]"
done

echo "--- a port, while another flow of fragments goes to another one"
udp_start "${v4[@]}" --dst-port 7000 --all
send 10.77.2.1 100 4000 7001 7000
udp_counts 100 0 0
expect "of the other port" "$(tool_figure .counts.other_port)" 100
expect "events" "$(tool_events true '.flow.dport == 7000')" "100 100"

echo "--- the same, the other flow's fragments lost"
udp_start "${v4[@]}" --dst-port 7000
udp_lose 7 "ip frag-off & 0x1fff != 0"
send 10.77.2.1 30 4000 7001
udp_lose_off
send 10.77.2.1 10 100 7000
sleep 1.3
udp_counts 10 0 0
expect "events" "$(tool_events true)" 0

echo "--- the last fragment first"
udp_start "${v4[@]}" --dst-port 7000
send 10.77.2.1 20 4000 raw=210
send 10.77.2.1 20 4000 raw=120 id=2000
send 10.77.2.1 20 4000 raw=021 id=3000 7001
udp_counts 40 0 0
expect "of the other port" "$(tool_figure .counts.other_port)" 20

echo "--- fragments that never came: outside, not here; and the first of them: nobody knows whose"
udp_start "${v4[@]}" --dst-port 7000
send 10.77.2.1 10 4000 raw=02
send 10.77.2.1 7 4000 raw=12 id=2000
sleep 1.3
udp_counts 0 0 0 10 7
expect "events" "$(tool_events true '.status == "EXTERNAL_FRAGMENT_DROP"')" "10 10"

echo "--- an IP number again"
udp_start "${v4[@]}"
send 10.77.2.1 10 100 raw=w same-id
send 10.77.2.1 10 4000 raw=012 id=2000 same-id
udp_lose 2 "ip frag-off & 0x1fff == 185"
send 10.77.2.1 10 4000 raw=012 id=3000 same-id pause=80
udp_lose_off
udp_lose 2 "udp dport 7000"
send 10.77.2.1 10 100 raw=w id=4000 same-id
udp_lose_off
sleep 1.3
udp_counts 30 5 5

echo "--- nothing that is not asked for"
udp_start --src-ip 10.77.9.9 --dst-ip 10.77.2.1 --all
send 10.77.2.1 20 4000
send fd77:2::1 20 100
udp_counts 0 0 0
udp_start "${v4[@]}" --src-port 5001 --all
send 10.77.2.1 20 100
pings 5 10.77.2.1 -s 4000
udp_counts 0 0 0
# The other direction.
udp_start --src-ip 10.77.2.1 --dst-ip 10.77.1.1 --all
send 10.77.2.1 20 4000
udp_counts 0 0 0

echo "--- the JSON of all these runs"
tool_valid
echo ok
