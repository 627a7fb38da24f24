# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of rtt kernel on the router topology share. Sourced after lib.sh.

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
	expect "complete, lost in path 1, in inter-path, in path 2" \
		"$(tool_figure '.counts | [.complete, .lost_path1, .lost_inter_path, .lost_path2] | join(" ")')" \
		"$1 $2 $3 $4"
	expect "total, lost, in flight" \
		"$(tool_figure '.counts | [.total, .lost, .in_flight] | join(" ")')" \
		"$(($1 + $2 + $3 + $4)) $(($2 + $3 + $4)) 0"
	tool_no_loss
}

# Of all events: the parts make up the whole, to the nanosecond.
sums() {
	expect "events whose parts are not the whole" "$(tool_events '.status == "COMPLETE" and
		(.segments_us | (.path1 + .inter_path + .path2 - .total_rtt | fabs) > 0.0005)')" 0
}
