#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mesh icmp with an ssh that runs here, an scp that copies here, and an agent that makes figures up:
# hosts that refuse, hang, lie, or die in the middle; what is left behind; what is no host.
# timeout: 240
set -u
. "$(dirname "$0")/lib.sh"
scratch
nettrace=$(realpath "${NETTRACE:-$root/build/dev/nettrace}")
mkdir "$work/bin" "$work/remote" "$work/tmp"
export PATH=$work/bin:$PATH TMPDIR=$work/tmp MESH_WORK=$work
cd "$work" || exit 1

# The host is the last word but one. What it does goes by its name.
cat >bin/ssh <<'END'
#!/bin/bash
echo "$*" >>"$MESH_WORK/ssh-args"
host=${*: -2:1}
number=${host//[^0-9]/}
export SSH_CONNECTION="10.0.0.254 1 10.0.0.${number:-1} 22"
case $host in
refuse*) echo 'Permission denied (publickey).' >&2; exit 255 ;;
hang*) exec sleep 300 ;;
chatty*) echo 'Welcome to this host' ;;
lie*) echo 'nettrace-mesh 1 x86_64 0 10.0.0.7 /tmp/$(id)'; exec sleep 300 ;;
arch*) echo 'nettrace-mesh 1 s390x 0 10.0.0.7 /tmp/x'; exec sleep 300 ;;
esac
exec sh -c "${*: -1}"
END
cat >bin/scp <<'END'
#!/bin/bash
echo "$*" >>"$MESH_WORK/scp-args"
to=${*: -1}
[[ $to != full* ]] || { echo 'scp: write remote: No space left on device' >&2; exit 1; }
exec cp "${*: -2:1}" "${to##*:}"
END
# As mesh icmp --agent talks. Its address says what it is; 10.0.0.1 loses the first of its pings to 2.
cat >agent <<'END'
#!/bin/bash
peers=() pings=0
event() { # DIRECTION STATUS SRC DST SEQ
	echo "json {\"type\":\"event\",\"direction\":\"$1\",\"status\":\"$2\",\"late\":false,\"flow\":{\"src\":\"$3\",\"dst\":\"$4\",\"id\":7,\"seq\":$5},\"segments_us\":{\"total_rtt\":$([ "$2" = COMPLETE ] && echo "$((100 * $5)).5" || echo null)}}"
}
echo agent 1
while read -r key value; do
	case $key in
	device) [ "$value" = - ] && echo 'address -' || echo "address 10.9.0.${SSH_CONNECTION//*10.0.0./}" | sed 's/ 22$//' ;;
	self) self=$value ;;
	peer) peers+=("$value") ;;
	pings) pings=${value% *} ;;
	trace)
		[ "$self" != 10.0.0.8 ] || { echo 'nettrace rtt kernel: no such hook' >&2; echo 'ended 3'; }
		echo ready
		;;
	ping)
		[ "$self" != 10.0.0.9 ] || exit 1
		for ((i = 1; i <= pings; i++)); do for p in "${peers[@]}"; do
			s=COMPLETE
			[ "$self $p $i" != '10.0.0.1 10.0.0.2 1' ] || s=LOST_INTER_PATH
			event tx $s "$self" "$p" $i
			[ "$p $self $i" = '10.0.0.1 10.0.0.2 1' ] || event rx COMPLETE "$p" "$self" $i
		done; done
		event tx COMPLETE "$self" 192.0.2.1 1
		echo 'json not JSON'
		printf 'noise \e[31m\n'
		# One more than the tracers have, of 2 to 1.
		for p in "${peers[@]}"; do
			[ "$self $p" = '10.0.0.2 10.0.0.1' ] && n=$((pings + 1)) || n=$pings
			echo "sent $p $n $pings"
		done
		echo pinged
		;;
	stop) echo 'json {"type":"summary","loss":{"events_lost":1,"table_full":1,"recursion":4,"probe_misses":null}}'; echo bye; exit 0 ;;
	esac
done
END
chmod +x bin/* agent

# mesh CODE ARGUMENT...: $work/out, $work/err
mesh() {
	timeout -k 5 60 "$nettrace" mesh icmp --remote-dir "$work/remote" --tool-path "$work/agent" "${@:2}" >out 2>err </dev/null
	local rc=$?
	[ $rc = "$1" ] || complain "mesh ${*:2}: exit code $rc: $(cat err)"
}

# is FILTER WANTED, of the summary
is() {
	local got
	got=$(jq -c "select(.type == \"summary\") | $1" out)
	[ "$got" = "$2" ] || complain "$1: $got, expected $2: $(cat out err)"
}

# Nothing there, nothing here, within ten seconds.
nothing_left() {
	local i
	for i in {1..100}; do
		[ -n "$(ls remote; ls tmp)" ] || pgrep -f "$work/" >/dev/null || return
		sleep 0.1
	done
	complain "$1: left behind: $(ls remote tmp; pgrep -af "$work/")"
}

mesh 0 n1,n2,chatty3 --ping 4 --json
"$root/tests/cli/validate_json.py" out || complain "not as the schema has it"
is '.counts | [.nodes, .nodes_failed, .total, .complete, .lost]' '[3,0,24,23,1]'
is '[.pairs[] | select(.lost > 0) | [.from, .to, .sent, .lost, .lost_there, .lost_back, .lost_behind]]' \
	'[["n1","n2",4,1,1,0,0]]'
is '[.pairs[] | [.sent, .max_us]] | unique' '[[4,400.5]]'
is '.loss' '{"tracers":6,"unseen":1,"recursion":12,"no_verdict":0,"foreign_events":3}'
is '[.pairs[] | select(.pinged != .sent) | [.from, .to, .pinged, .replied]]' '[["n2","n1",5,4]]'
nothing_left 'three hosts'
mesh 0 n1,n2 --ping 4 --direction tx --json
is '[.pairs[] | select(.lost > 0) | [.lost_there, .lost_behind]]' '[[0,1]]'
mesh 0 n1,n2 --ping 4 --tx-latency 0.3ms
grep -qx '  n1 -> n2: 1 of 4 lost: 1 on the way there' out || complain "text: $(cat out)"
grep -q '^   1 n1 *\. *25.0$' out || complain "matrix: $(cat out)"
grep -qx 'Summary: nodes=2 failed=0 pings=8 complete=7 lost=1 late=0 slow=4' out || complain "slow: $(cat out)"
awk 'length > 120 { exit 1 }' out || complain "text too wide"

# Those that fail are told, each with its reason; the others go on.
mesh 1 n1,n2,refuse3,hang4,lie5,n6,full7,n8,n9 --timeout 3 --ping 2 --json
is '.counts | [.nodes, .nodes_failed]' '[9,6]'
is '[.nodes[] | select(.state == "failed").name]' '["refuse3","hang4","lie5","full7","n8","n9"]'
for why in 'refuse3: no connection: Permission denied (publickey).' 'hang4: no connection within the time' \
	'lie5: its shell does not answer as expected' \
	'full7: the executable cannot be copied: scp: write remote: No space left on device' \
	'n8: a tracer ended, exit code 3: nettrace rtt kernel: no such hook' 'n9: the connection ended'; do
	grep -qF "$why" err || complain "no '$why' in: $(cat err)"
done
is '[.pairs[] | select(.from == "n1" and .to == "n2") | [.sent, .lost]]' '[[2,1]]'
nothing_left 'hosts that fail'
# Another architecture is another executable.
timeout 60 "$nettrace" mesh icmp --remote-dir "$work/remote" arch1,arch2 --timeout 5 >out 2>err &&
	complain "took another architecture"
grep -q 'arch1: it is s390x, this executable is for .*--tool-path' err || complain "arch: $(cat err)"

# Ended by a signal: the matrix so far. Killed: nothing is left either.
for signal in TERM KILL; do
	"$nettrace" mesh icmp --remote-dir "$work/remote" --tool-path "$work/agent" n1,n2 --no-ping --json \
		--ready-fd 8 8>ready >out 2>err &
	pid=$!
	for i in {1..200}; do [ ! -s ready ] || break; sleep 0.1; done
	[ -s ready ] || complain "not ready: $(cat err)"
	kill -$signal $pid
	wait $pid 2>/dev/null
	rc=$?
	[ $signal = KILL ] || [ $rc = 0 ] || complain "$signal: exit code $rc"
	[ $signal = KILL ] || is '.counts.nodes_failed' 0
	nothing_left $signal
done

mesh 0 u1@n1=10.0.0.1,n2 --dry-run --json
[ "$(jq -c '[.pairs, (.traced | length), .traced[0]]' out)" = \
	'[4,4,{"node":"n1","direction":"tx","src_ip":"10.0.0.1","dst_ip":"10.0.0.2"}]' ] || complain "plan: $(cat out)"
grep -q -- '-oUser=u1 .*-- n1 ' ssh-args || complain "user: $(cat ssh-args)"
mesh 0 n1,n2 --device st0 --dry-run --json
[ "$(jq -c '[.nodes[].address]' out)" = '["10.9.0.1","10.9.0.2"]' ] || complain "device: $(cat out)"
nothing_left plan

cat >hosts.yml <<END
all:
  children:
    compute:
      hosts:
        n1: {ansible_host: n11, ansible_user: bob, ansible_port: 2222}
        n2:
      vars: {ansible_user: alice}
    other: {hosts: {n3: }}
END
: >ssh-args
mesh 0 --inventory hosts.yml --group compute --dry-run --json
[ "$(jq -c '[.nodes[] | [.name, .host]]' out)" = '[["n1","n11"],["n2","n2"]]' ] || complain "YAML: $(cat out err)"
grep -q -- '-oUser=bob -oPort=2222 .*-- n11 ' ssh-args && grep -q -- '-oUser=alice .*-- n2 ' ssh-args ||
	complain "YAML: $(cat ssh-args)"

# What is no host, or no mesh, does not come near ssh.
: >ssh-args
refused() {
	mesh 2 "${@:2}"
	[ "$(wc -l <err)" = 1 ] || complain "mesh ${*:2}: $(cat err)"
	grep -q -- "$1" err || complain "mesh ${*:2}: $(cat err)"
}
refused 'name or address of a host' 'n1,-oProxyCommand=x'
refused 'name or address of a host' 'n1,$(id)'
refused 'name or address of a host' 'n1,a;b'
refused 'name of a user' 'a;b@n1,n2'
refused 'name of a user' 'n2,-x@n1'
refused 'no address' 'n1=x,n2'
refused 'twice' n1,n1
refused 'at least two' n1
refused 'give the hosts'
refused 'either' --inventory hosts.yml n1,n2
refused 'of an --inventory' --group x n1,n2
refused 'no group' --inventory hosts.yml --group absent
refused 'No such file' --inventory absent
refused 'absolute path' n1,n2 --remote-dir '/tmp/$(id)'
refused 'not both' n1,n2 --device a --network-type b
refused '15 characters' n1,n2 --network-type much-too-long
printf -- '---\nall: [1, 2\n' >bad.yml
refused 'inventory, line' --inventory bad.yml
[ ! -s ssh-args ] || complain "ssh was called: $(cat ssh-args)"
mesh 2 n1=10.0.0.1,n2=fd00::2 --dry-run
grep -q 'one family' err || complain "families: $(cat err)"
mesh 2 n1=10.0.0.1,n2=10.0.0.1 --dry-run
grep -q 'same address' err || complain "one host: $(cat err)"
for old in --stop --status; do
	mesh 0 n1,n2 $old
	grep -q 'leaves nothing running' out || complain "$old: $(cat out)"
done
exit $failed
