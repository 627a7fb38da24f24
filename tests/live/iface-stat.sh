#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# iface stat and iface pps: as many packets and bytes as were sent, each in its size and protocol, the
# kernel's counters to the packet, what the interface and its queue drop, and an interface that comes,
# goes and comes again.
# topo: router
# kernels: all
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
drop_send=$(dirname "$0")/drop-send.py

# links DEVICE...: what ip says that they received, sent, dropped.
links() { ip_r -s -j link show dev "$1" | jq -c '.[0].stats64 | [.rx.packets, .rx.bytes, .rx.dropped, .tx.packets, .tx.bytes, .tx.dropped]'; }
# told STATUS N: so many such lines, within a few seconds.
told() {
	local n i
	for i in {1..100}; do
		n=$(grep -c "\"status\":\"$1\"" "$tool_out")
		[ "$n" = "$2" ] && break
		sleep 0.1
	done
	expect "$1" "$n" "$2"
}
# A pair whose ends send nothing by themselves.
new_up() {
	ip_r link add nx0 type veth peer name nx1
	in_r sysctl -qw net.ipv6.conf.nx0.disable_ipv6=1 net.ipv6.conf.nx1.disable_ipv6=1
	ip_r -batch - <<-END
	link set nx1 up
	link set nx0 up
	END
}
at_exit 'ip_r link del nx0 2>/dev/null; in_a tc qdisc del dev a0 root 2>/dev/null'

# Neighbours are known before.
in_a ping -q -c 1 10.77.2.1 >/dev/null
in_a ping -q -c 1 fd77:2::1 >/dev/null

outer=$(links r0)
tool_out=$tool_dir/stat tool_start iface stat --interface r0,r1,nx0 --wait --interval 0.5
stat=$tool_pid
# The old program's names of options.
tool_out=$tool_dir/pps tool_start iface pps --nics r0,r1 --direction rx --interval 0.2 --threshold 50 --sustain 1
pps=$tool_pid
tool_pid=
at_exit 'kill -KILL $stat $pps 2>/dev/null'
before=$(links r0)
# 64 to 2047 bytes; one of 4,028 would be fragments. 60 frames are dropped by who does not know their
# type; 7 are tagged.
in_a "$drop_send" udp:10.77.2.1:7000:100:size=1000 udp:10.77.2.1:7000:50:size=8 \
	'udp:[fd77:2::1]:7000:30:size=400' tcp:10.77.2.1:7003:4 frame:a0:9898:60 tagged:a0:100:10.77.1.254:7
in_a ping -q -c 20 -i 0.01 10.77.2.1 >/dev/null
tool_out=$tool_dir/stat
new_up
told INTERFACE_BACK 1
in_r "$drop_send" frame:nx0:9898:25
# Of what it had when it goes, the last report has told.
sleep 1
ip_r link del nx0
told INTERFACE_GONE 1
new_up
told INTERFACE_BACK 2
in_r "$drop_send" frame:nx0:9898:12
sleep 0.3
after=$(links r0)
tool_pid=$pps tool_out=$tool_dir/pps
tool_stop
tool_expect "UDP at r0" '.interfaces[0].classes.udp' 157 "UDP over IPv6" '.interfaces[0].classes.udp6' 30 \
	"TCP, SYN each" '.interfaces[0].classes.tcp' 4 "ICMP" '.interfaces[0].classes.icmp' 20 \
	"other frames" '.interfaces[0].classes.l2_other' 60 "tagged" '.interfaces[0].tagged' 7 \
	"at r1: replies and port unreachable" '.interfaces[1].classes | .tcp >= 4 and .icmp >= 20 and .udp == 0' true \
	"seen is the interface's count" '[.interfaces[] | .seen == .packets and .unseen == 0] | all' true \
	"it was high" '.counts.times_high >= 1' true "${tool_nothing_lost[@]}"
expect "told as an event" "$(($(tool_events '.status == "HIGH" and .interface == "r0"') >= 1))" 1
expect "intervals sum up" "$(jq -s '([.[] | select(.type == "report") | .interfaces[0].packets] | add) == .[-1].interfaces[0].packets' "$tool_out")" true
expect "rates are of the measured time" "$(jq -s '[.[] | select(.type == "report") | .interfaces[0] |
	select(.period_us > 0) | (.pps * .period_us / 1e6 - .packets | fabs) < 0.01] | all' "$tool_out")" true

tool_pid=$stat tool_out=$tool_dir/stat
tool_stop
end=$(links r0)
# 100 of 1,042 bytes; below 64 are 50 of 50, and 60 frames of 60; between are 30 of 462, ICMP, TCP, tagged.
tool_expect "sizes at r0" '.interfaces[0].rx.seen.sizes | [.[0] >= 110, .[2:]]' '[true,[100,0,0,0]]' \
	"and on at r1" '.interfaces[1].tx.seen.sizes[2:]' '[100,0,0,0]' \
	"packets and bytes are the interface's, all ways" \
	'[.interfaces[] | .rx, .tx | [.packets - .seen.packets, .bytes - .seen.bytes]] | unique' '[[0,0]]' \
	"queues sum up" '[.interfaces[] | .rx, .tx | ([.queues[].packets] | add) == .seen.packets] | all' true \
	"frames of an unknown type are dropped" '.interfaces[0].rx.dropped >= 60' true \
	"sent by the interface that came twice" '.interfaces[2].tx | [.packets, .bytes, .seen.packets]' '[37,2220,37]' \
	"${tool_nothing_lost[@]}"
# A stray packet may come between a look of ip's and the tool's: not less than while it ran, not more
# than from before it to after it.
expect "as ip -s link says" "$(jq -c "select(.type == \"summary\") | .interfaces[0] |
	[.rx.packets, .rx.bytes, .rx.dropped, .tx.packets, .tx.bytes, .tx.dropped] as \$n |
	[$outer, $before, \$n, $after, $end] | transpose | map(.[3] - .[1] <= .[2] and .[2] <= .[4] - .[0]) | all" "$tool_out")" true
expect "no absurd rate" "$(jq -s '[.[] | select(.type == "report") | .interfaces[] | .rx.pps, .tx.pps] | (min >= 0) and (max < 1e6)' "$tool_out")" true

echo "--- what is wrong is told"
rc=0
in_r "$NETTRACE" iface stat -n r7 2>"$tool_dir/err" || rc=$?
expect "absent" "$rc $(grep -c "interface 'r7' does not exist" "$tool_dir/err")" "3 1"
tool_valid
echo ok
