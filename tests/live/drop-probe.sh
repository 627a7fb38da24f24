#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop probe: losses on the way, in the sender's queue, in the receiver's filter and in its socket,
# each found where it was put and as many as another counter says; both ends tell the same.
# topo: router
# kernels: all
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
at_exit 'clean_up 2>/dev/null'

received=$tool_dir/received sent=$tool_dir/sent all=$tool_dir/all

# shellcheck disable=SC2317 # by at_exit
clean_up() {
	[ -z "${receiver-}" ] || kill -KILL "$receiver"
	[ -z "${sender-}" ] || kill -KILL "$sender"
	in_a tc qdisc del dev a0 root
	in_b nft flush ruleset
	in_r nft delete table inet ntlose
}

# started PID FILE: until it has said that it is ready.
started() {
	local limit=$((SECONDS + 60))
	until [ -s "$2" ]; do
		kill -0 "$1" 2>/dev/null || fail "did not start: $(cat "$tool_dir/err")"
		[ "$SECONDS" -lt "$limit" ] || fail "is not ready"
		sleep 0.1
	done
}

receiver_start() {
	rm -f "$tool_dir/ready"
	# Not by in_b: $! would be a subshell.
	ip netns exec ntb "$NETTRACE" drop probe --mode receiver --interface b0 --json \
		--output "$received" --ready-fd 9 "$@" 2>"$tool_dir/err" 9>"$tool_dir/ready" &
	receiver=$!
	started $receiver "$tool_dir/ready"
}

receiver_stop() {
	local rc=0
	kill -TERM "$receiver"
	wait "$receiver" || rc=$?
	receiver=
	expect "the receiver's exit code" $rc 0
	cat "$received" >>"$all"
}

sender_start() {
	rm -f "$tool_dir/ready"
	ip netns exec nta "$NETTRACE" drop probe --mode sender --interface a0 --rate 200 --json \
		--output "$sent" --ready-fd 9 "$@" 2>"$tool_dir/sender-err" 9>"$tool_dir/ready" &
	sender=$!
	started $sender "$tool_dir/ready"
}

# sender_end CODE: how it ended.
sender_end() {
	local rc=0
	wait "$sender" || rc=$?
	sender=
	expect "the sender's exit code" "$rc $(cat "$tool_dir/sender-err")" "$1"
	cat "$sent" >>"$all"
}

probes() { sender_start --peer 10.77.2.1 --count "$@" && sender_end "0 "; }

figure() { jq -r "select(.type == \"summary\") | $1" "$sent"; }

# verdict NAME SENT LOST DUPLICATE: of the sender, and the receiver's last one agrees.
verdict() {
	local what='[.verdict, .counts.sent, .counts.lost, .counts.duplicate] | join(" ")'
	expect "verdict, sent, lost, duplicate" "$(figure "$what")" "$*"
	expect "received" "$(figure '.counts | .sent == .received + .lost')" true
	expect "explained, all told" "$(figure '.counts.lost == ([.explained[]] | add // 0) + .unexplained')" true
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(figure .session)" != "$(jq -rs '[.[] | select(.type == "summary")][-1].session' "$received")" ] || break
		sleep 0.2
	done
	expect "the receiver tells the same" \
		"$(jq -cs '[.[] | select(.type == "summary")][-1] | [.counts.sent, .counts.received, .counts.lost, .verdict, .explained, .session]' "$received")" \
		"$(figure '[.counts.sent, .counts.received, .counts.lost, .verdict, .explained, .session]' | tr -d '\n ')"
}

# udp_counter NAMESPACE NAME
udp_counter() {
	ip netns exec "$1" awk -v name="$2" '/^Udp:/ && !at { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
		/^Udp:/ { print $at }' /proc/net/snmp
}

# lose N HOOK COMMAND...: every Nth probe is dropped there; lost_there says how many that were.
lose() {
	"${@:3}" nft -f - <<-END
	table inet ntlose {
		chain lose {
			type filter hook $2 priority 0; policy accept;
			udp dport 5555 numgen inc mod $1 == 0 counter drop
		}
	}
	END
}
lost_there() {
	"$@" nft -j list table inet ntlose | jq '[.. | objects | select(has("counter")) | .counter.packets] | add'
	"$@" nft delete table inet ntlose
}

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

echo "--- datagrams and connections of others change nothing"
sender_start --peer 10.77.2.1 --duration 300
in_a "$case_root/tests/live/drop-send.py" udp:10.77.2.1:5555:37 udp:10.77.2.1:5555:13:size=64
for word in 'GET / HTTP/1.0' 'NTPC' ''; do
	in_a bash -c 'exec 3<>/dev/tcp/10.77.2.1/5555; printf "%s\r\n" "$1" >&3; sleep 0.2' - "$word"
done
in_a "$NETTRACE" drop probe -m sender -i a0 --peer 10.77.2.1 --count 1 >"$tool_dir/second" 2>&1
expect "a second sender" "$? $(cat "$tool_dir/second")" \
	"1 nettrace drop probe: the receiver is busy with another sender: try again later, or start one with another --port"
kill -TERM $sender
sender_end "0 "
verdict NO_DROP "$(figure .counts.sent)" 0 0
expect "datagrams of others" "$(figure .counts.foreign)" 50

echo "--- a sender that is asked to end"
sender_start --peer 10.77.2.1 --duration 60
sleep 1
kill -INT $sender
sender_end "0 "
n=$(figure .counts.sent)
[ "$n" -gt 10 ] || fail "only $n probes were sent"
verdict NO_DROP "$n" 0 0
expect "early" "$(figure .early)" "asked to end"

echo "--- a sender that dies; the next one is served"
sender_start --peer 10.77.2.1 --duration 60
sleep 1
kill -KILL $sender
wait $sender 2>/dev/null
sender=
probes 100
verdict NO_DROP 100 0 0
expect "what the receiver says of it" \
	"$(jq -cs '[.[] | select(.type == "summary")][-2] | [.early, .verdict, .counts.received > 10]' "$received")" \
	'["the sender is gone",null,true]'

echo "--- a receiver that is asked to end: both tell what was until then"
sender_start --peer 10.77.2.1 --duration 60
sleep 1
receiver_stop
sender_end "0 "
verdict NO_DROP "$(figure .counts.sent)" 0 0
expect "early" "$(figure .early)" "the receiver was asked to end"

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

echo "--- a receiver that dies: the sender stops"
sender_start --peer 10.77.2.1 --duration 60
sleep 1
kill -KILL "$receiver"
wait "$receiver" 2>/dev/null
receiver=
begin=$SECONDS rc=0
wait $sender || rc=$?
sender=
[ $((SECONDS - begin)) -lt 20 ] || fail "it took $((SECONDS - begin)) s to see it"
expect "exit code" $rc 1
expect "what it says" "$(sed 's/after [0-9]* probes/after N probes/; s/([^)]*)/()/' "$tool_dir/sender-err")" \
	"nettrace drop probe: the receiver is gone (): stopped after N probes"
expect "its summary" "$(figure '[.verdict, .early, .counts.sent > 10, (.counts | has("lost"))] | tojson')" \
	'[null,"the receiver is gone",true,false]'
cat "$sent" >>"$all"

echo "--- what cannot be"
# refused CODE PATTERN ARGUMENT...
refused() {
	local rc=0
	in_a "$NETTRACE" drop probe -m sender -i a0 "${@:3}" >"$tool_dir/second" 2>&1 || rc=$?
	expect "${*:3}" "$rc $(grep -cE -- "$2" "$tool_dir/second") $(wc -l <"$tool_dir/second")" "$1 1 1"
}
refused 1 "no receiver at 10.77.2.1, port 5555: Connection refused; start 'nettrace drop probe --mode receiver" --peer 10.77.2.1
refused 2 "--peer 10.77.1.1 is an address of this host" --peer 10.77.1.1
refused 2 "missing: --peer"
refused 2 "--peer is the address of one host" --peer 10.77.2.0/24
refused 2 "--peer is the address of one host" --peer 224.0.0.1
refused 3 "interface 'a9' does not exist" --peer 10.77.2.1 -i a9
echo "--- the JSON of all these runs"
valid_lines "$all"
echo ok
