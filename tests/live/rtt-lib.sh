# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of the rtt tools share. Sourced after lib.sh.

# shellcheck disable=SC2034 # used by the cases
v4=(--src-ip 10.77.1.1 --dst-ip 10.77.2.1) v6=(--src-ip fd77:1::1 --dst-ip fd77:2::1)

# The tool runs beside the host that it watches; the namespace says which one that is.
rtt_start() {
	# A machine that is not of the lab may have no probe for functions.
	[ -n "${NT_KERNEL-}" ] || in_r "$NETTRACE" doctor | grep -q '^  rtt kernel: possible' ||
		skip "rtt kernel is not possible on this kernel: see nettrace doctor"
	tool_start rtt kernel --netns "$@"
}

# pings N ADDRESS [OPTION...]: from a, not waiting for the last reply longer than needed.
pings() { in_a ping -q -c "$1" -i 0.01 -W 1 "${@:3}" "$2" >/dev/null; }

# echo_request ADDRESS ID SEQ: one that a raw socket sends, always the same.
echo_request() {
	in_a python3 -c 'import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
ident, seq = int(sys.argv[2]), int(sys.argv[3])
n = 0x800 + ident + seq
s.sendto(struct.pack("!BBHHH", 8, 0, ~((n >> 16) + (n & 0xffff)) & 0xffff, ident, seq), (sys.argv[1], 0))' "$@"
}

# counts COMPLETE PATH1 INTER_PATH PATH2: and nothing else, nothing lost, and the sum is right.
counts() {
	tool_stop
	tool_expect "complete, lost in path 1, in inter-path, in path 2" \
		'.counts | [.complete, .lost_path1, .lost_inter_path, .lost_path2] | join(" ")' "$1 $2 $3 $4" \
		"total, lost, in flight" '.counts | [.total, .lost, .in_flight] | join(" ")' \
		"$(($1 + $2 + $3 + $4)) $(($2 + $3 + $4)) 0" "${tool_nothing_lost[@]}"
}

# Of all events: the parts make up the whole, to the nanosecond.
sums() {
	expect "events whose parts are not the whole" "$(tool_events '.status == "COMPLETE" and
		(.segments_us | (.path1 + .inter_path + .path2 - .total_rtt | fabs) > 0.0005)')" 0
}

# parts NAME... WHOLE: of all events without a loss, the times make up the last one.
parts() {
	local whole=${*: -1} sum
	sum=$(printf '.%s + ' "${@:1:$#-1}")
	expect "$whole is ${sum% + }" "$(tool_events ".status == \"COMPLETE\" and
		(.segments_us | (${sum% + } - .$whole | fabs) > 0.0005)")" 0
}

# within NAME MS: the segment is so long, and up to 5 % longer. The least of 20 pings counts: while a
# packet waits, the CPU is idle, and the machine below may have it wait longer.
within() {
	tool_figure ".latency.$1 | [.count, .min_us, .p50_us, .max_us] | @json"
	expect "$1: $2 ms" "$(tool_figure ".latency.$1 | .count == 20 and .min_us >= $2 * 1000 and .min_us < $2 * 1050")" true
}
quick() {
	local name
	for name; do expect "$name: P50 at most 1 ms" "$(tool_figure ".latency.$name.p50_us < 1000")" true; done
}

# --- on the switch: this host has the internal port sys0, its uplink is pb, behind which is ovb ---

system_start() { tool_start rtt system --phy-interface pb "$@"; }

# Neighbours are known for ever, and flows stay: what goes to user space is what the cases want to.
# pings N ADDRESS -A: each when the one before was answered, so that it finds the flow.
system_up() {
	v4=(--src-ip 10.8.0.5 --dst-ip 10.8.0.2) v6=(--src-ip fd08::5 --dst-ip fd08::2)
	# shellcheck disable=SC2317 # by the cases
	pings() { ping -q -c "$1" "${@:3}" -W 5 "$2" >/dev/null; }
	sysctl -qw net.ipv6.conf.default.router_solicitations=0
	ovs-vsctl --timeout=60 set Open_vSwitch . other_config:max-idle=600000 -- add-port br0 sys0 -- \
		set interface sys0 type=internal || fail "no internal port"
	ip -batch - <<-END || fail "sys0"
	link set sys0 up
	addr add 10.8.0.5/24 dev sys0
	addr add fd08::5/64 dev sys0 nodad
	neigh replace 10.8.0.2 lladdr $(in_ovb cat /sys/class/net/e0/address) dev sys0 nud permanent
	neigh replace fd08::2 lladdr $(in_ovb cat /sys/class/net/e0/address) dev sys0 nud permanent
	END
	in_ovb ip neigh replace 10.8.0.5 lladdr "$(</sys/class/net/sys0/address)" dev e0 nud permanent
	in_ovb ip neigh replace fd08::5 lladdr "$(</sys/class/net/sys0/address)" dev e0 nud permanent
	for _ in $(seq 30); do # a bridge that has just been made needs a moment
		ping -q -c 1 -W 1 10.8.0.2 >/dev/null && ping -q -c 1 -W 1 fd08::2 >/dev/null && return
	done
	fail "ovb is not reached: $(ovs-ofctl dump-flows br0; ovs-vsctl show; ip -br link)"
}

system_down() {
	ovs-vsctl --timeout=20 --if-exists del-port br0 sys0 -- \
		remove Open_vSwitch . other_config max-idle
}
