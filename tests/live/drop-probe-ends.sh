#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop probe: other traffic at its port, either end that is asked to end or dies, and what cannot be.
# topo: router
# kernels: native,5.10
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

receiver_start
echo "--- a receiver that dies: the sender stops"
sender_start --peer 10.77.2.1 --duration 60
sleep 1
kill -KILL "$receiver"
wait "$receiver" 2>/dev/null
receiver=
begin=$SECONDS rc=0
ended $sender || rc=$?
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
