#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop probe: losses on the way, in the sender's queue, in the receiver's filter and in its socket,
# each found where it was put and as many as another counter says; both ends tell the same.
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
# shellcheck source=drop-probe-lib.sh
. "$(dirname "$0")/drop-probe-lib.sh"

receiver_start

echo "--- nothing is lost"
probes 500
verdict NO_DROP 500 0 0
expect "what is told of the rest" \
	"$(figure '[.counts.reordered, .counts.foreign, .counts.longest_gap, .counts.send_errors, .loss.beyond_window, .loss.unstamped, .early] | map(tostring) | join(" ")')" \
	"0 0 0 0 0 0 null"
expect "delays measured: between probes, and from the call to the driver" \
	"$(figure '.latency | [.jitter.count, .send.count] | join(" ")')" "499 500"
expect "devices and addresses" \
	"$(figure '[.src, .sender.interface, .dst, .receiver.interface] | join(" ")')" \
	"10.77.1.1 a0 10.77.2.1 b0"
expect "bound to" "$(jq -r 'select(.type == "start").bound' "$sent" "$received" | tr '\n' ' ')" "a0 b0 "

echo "--- IPv6"
sender_start --peer fd77:2::1 --count 300 --size 1000 --dscp 46
sender_end "0 "
verdict NO_DROP 300 0 0
expect "addresses" "$(figure '[.src, .dst] | join(" ")')" "fd77:1::1 fd77:2::1"

echo "--- every 50th is lost in the router"
lose 50 forward in_r
probes 500
verdict IN_TRANSIT_DROP 500 10 0
expect "as nft counts" "$(lost_there in_r)" 10
expect "longest gap" "$(figure .counts.longest_gap)" 1

echo "--- the same by IPv6"
lose 50 forward in_r
sender_start --peer fd77:2::1 --count 500
sender_end "0 "
verdict IN_TRANSIT_DROP 500 10 0
expect "as nft counts" "$(lost_there in_r)" 10

echo "--- every 50th is lost in a filter of the receiver: it came, and no counter has it"
lose 50 input in_b
probes 500
verdict NOT_COUNTED_DROP 500 10 0
expect "as nft counts" "$(lost_there in_b)" 10

echo "--- the sender's own filter refuses every 50th: these are not sent"
lose 50 output in_a
probes 490
verdict NO_DROP 490 0 0
expect "as nft counts, and the sender" "$(lost_there in_a) $(figure '.send_errors | tojson')" '10 {"EPERM":10}'

if ! without tbf in_a tc qdisc add dev a0 root tbf rate 100kbit burst 1600 limit 2000; then
	echo "--- a queue of the sender that is too short"
	before=$(udp_counter nta SndbufErrors)
	probes 500 --rate 1000
	# The kernel counts what a queue refuses at once; tc also counts what else it refused.
	lost=$(($(udp_counter nta SndbufErrors) - before))
	dropped=$(in_a tc -s -j qdisc show dev a0 | jq '[.[].drops] | max')
	in_a tc qdisc del dev a0 root
	[ "$lost" -gt 100 ] || fail "tbf dropped only $lost"
	verdict SENDER_QDISC_DROP 500 "$lost" 0
	expect "explained by the queue" "$(figure .explained.SENDER_QDISC_DROP)" "$lost"
	[ "$dropped" -ge "$lost" ] || fail "tc counts $dropped drops, $lost probes are lost"
	expect "its counter is that of tc" "$(figure .sender.qdisc_drop)" "$dropped"
fi

netem() {
	in_a tc qdisc add dev a0 root handle 1: prio bands 3 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 &&
		in_a tc qdisc add dev a0 parent 1:3 handle 30: netem "$@" &&
		in_a tc filter add dev a0 parent 1: protocol ip u32 match ip protocol 17 0xff flowid 1:3 &&
		return
	in_a tc qdisc del dev a0 root 2>/dev/null
	return 1
}
if ! without netem netem loss 10%; then
	echo "--- netem loses probes in a queue below another"
	probes 500
	dropped=$(in_a tc -s -j qdisc show dev a0 | jq '.[] | select(.kind == "netem").drops')
	in_a tc qdisc del dev a0 root
	[ "$dropped" -gt 10 ] || fail "netem dropped only $dropped"
	verdict SENDER_QDISC_DROP 500 "$dropped" 0
	expect "explained by the queue, counted once" \
		"$(figure '[.explained.SENDER_QDISC_DROP, .sender.qdisc_drop] | join(" ")')" "$dropped $dropped"

	echo "--- netem sends each one twice, and 20 ms late"
	netem delay 20ms duplicate 100%
	probes 300
	in_a tc qdisc del dev a0 root
	verdict NO_DROP 300 0 300
	expect "from the call to the driver it took 20 ms" \
		"$(figure '.latency.send | [.count, .min_us >= 20000] | map(tostring) | join(" ")')" "300 true"
fi

receiver_stop

echo "--- a receiver that stands still, with a small buffer"
receiver_start --rcvbuf 4096
before=$(udp_counter ntb RcvbufErrors)
sender_start --peer 10.77.2.1 --count 600
sleep 0.5
kill -STOP "$receiver"
sleep 2
kill -CONT "$receiver"
sender_end "0 "
lost=$(($(udp_counter ntb RcvbufErrors) - before))
[ "$lost" -gt 10 ] || fail "the buffer lost only $lost"
verdict RECEIVER_SOCKET_DROP 600 "$lost" 0
expect "explained by the buffer; of the namespace, of the socket" \
	"$(figure '[.explained.RECEIVER_SOCKET_DROP, .receiver.udp_rcvbuf, .receiver.socket_drop] | join(" ")')" \
	"$lost $lost $lost"
expect "in a row" "$(figure '.counts.longest_gap > 10')" true

receiver_stop

echo "--- the JSON of all these runs"
valid_lines "$all"
echo ok
