#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path merge: pings over two hosts that both record, lost by their sequence numbers in either, between
# them and behind them, there and back; each is found there.
# topo: router
# kernels: all
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
at_exit 'merge_down 2>/dev/null'

# a - [router: host A] - b, which is the network here - m: host B - e
merge_down() {
	[ -z "${far-}" ] || kill -KILL "$far"
	in_r ip route del 10.77.5.0/24
	in_r nft delete table ip ntmerge
	in_b nft flush ruleset
	ip netns del ntm
	ip netns del nte
}

# lose IN HOOK TYPE SEQUENCE...: in that namespace.
lose() {
	"$1" nft -f - <<-END || fail "nft"
	table ip ntmerge { chain $2 { type filter hook $2 priority 0; icmp type echo-$3 icmp sequence { $4 } drop; }; }
	END
}
in_m() { ip netns exec ntm "$@"; }
in_e() { ip netns exec nte "$@"; }

ip netns add ntm && ip netns add nte && in_b sysctl -qw net.ipv4.ip_forward=1 &&
	in_m sysctl -qw net.ipv4.ip_forward=1 || fail "namespaces"
ip -n ntb -batch - <<-END || fail "the network"
	link add b1 type veth peer name m0 netns ntm
	link set b1 up
	addr add 10.77.3.1/24 dev b1
	route add 10.77.5.0/24 via 10.77.3.2
END
ip -n ntm -batch - <<-END || fail "host B"
	link add m1 type veth peer name e0 netns nte
	link set m0 up
	link set m1 up
	addr add 10.77.3.2/24 dev m0
	addr add 10.77.5.2/24 dev m1
	route add default via 10.77.3.1
END
ip -n nte -batch - <<-END || fail "the far end"
	link set e0 up
	addr add 10.77.5.1/24 dev e0
	route add default via 10.77.5.2
END
in_r ip route add 10.77.5.0/24 via 10.77.2.1 || fail "route"
in_a ping -q -c 2 -i 0.2 -W 5 10.77.5.1 >/dev/null || fail "no way from a to e"

lose in_r forward request "1, 2, 3"
lose in_r forward reply "4, 5"
lose in_b forward request "10, 11, 12, 13, 14"
lose in_b forward reply "20, 21, 22, 23, 24, 25, 26"
lose in_m forward request "30, 31, 32, 33"
lose in_m forward reply 34
lose in_e output reply "40, 41, 42, 43, 44, 45"

# Both record; then one verdict. $1: --all or nothing.
record() {
	rm -f "$tool_dir/far-ready"
	"$NETTRACE" path icmp --netns ntm --src-ip 10.77.1.1 --dst-ip 10.77.5.1 --rx-iface m0 --tx-iface m1 \
		--json --output "$tool_dir/far" --ready-fd 9 "$@" 9>"$tool_dir/far-ready" 2>"$tool_dir/far-err" &
	far=$!
	tool_start path icmp --src-ip 10.77.1.1 --dst-ip 10.77.5.1 --rx-iface r0 --tx-iface r1 "$@"
	until [ -s "$tool_dir/far-ready" ]; do
		kill -0 $far 2>/dev/null || fail "far: $(cat "$tool_dir/far-err")"
		sleep 0.1
	done
	in_a ping -q -c 60 -i 0.01 -W 1 10.77.5.1 >"$tool_dir/ping"
	sleep 1.3
	tool_stop
	kill -TERM $far
	ended $far || fail "far: exit code $?"
	far=
}

# found A-TO-B A-TO-A BETWEEN-TO-B BETWEEN-TO-A B-TO-B B-TO-A BEYOND
found() {
	"$NETTRACE" path merge "$tool_out" "$tool_dir/far" --json >"$tool_dir/merged" || fail "path merge"
	cat "$tool_dir/merged" >>"$tool_dir/all"
	expect "lost in A, between, in B, each there and back, beyond B" "$(jq -r 'select(.type == "summary").counts |
		[.inside_a_to_b, .inside_a_to_a, .between_to_b, .between_to_a, .between_way_unknown, .inside_b_to_b,
		.inside_b_to_a, .beyond_b] | join(" ")' "$tool_dir/merged")" "3 2 5 7 0 4 1 6"
	expect "lost, late, of one alone" "$(jq -r 'select(.type == "summary").counts | [.lost, .late, .only_a,
		.only_b, .other_not_recording] | join(" ")' "$tool_dir/merged")" "28 0 0 0 0"
}

record --all
expect "replies that ping counts" "$(sed -nE 's/.* ([0-9]+) received.*/\1/p' "$tool_dir/ping")" 32
found
expect "which is A is in the data" "$(jq -r 'select(.type == "summary") | .a_by_data' "$tool_dir/merged")" true
expect "the way between is what is outside A less all of B" "$(jq -r 'select(.type == "summary") |
	(.latency.a_external.avg_us - .latency.between.avg_us) as $rest | .latency.between.count == 32 and
	.latency.between.min_us > 0 and $rest > 0' "$tool_dir/merged")" true
[ -z "${NT_SHOW-}" ] || "$NETTRACE" path merge "$tool_out" "$tool_dir/far"

echo "--- only those in trouble"
record
found
tool_valid
