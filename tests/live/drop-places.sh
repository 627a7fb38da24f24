#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: a full TAP, a full socket, a device without a carrier, TCP's own drops and later
# fragments: each as often as the device's or the protocol's own counter says.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router
modprobe tun 2>/dev/null
[ -c /dev/net/tun ] || fail "no TUN/TAP on this kernel"

# mib NAMESPACE-FUNCTION FILE GROUP NAME: a counter of /proc/net/snmp or netstat.
mib() {
	"$1" awk -v group="$3:" -v name="$4" '$1 != group { next }
		!col { for (i = 2; i <= NF; i++) if ($i == name) col = i; next } { print $col }' "/proc/net/$2"
}
tx_dropped() { in_r ip -s -j link show "$1" | jq '.[0].stats64.tx.dropped'; }

# In b: a socket with a small buffer that nobody reads, and a listener. In the router: a TAP
# likewise. Not by in_b and in_r: $! would be a subshell, and python outlive it.
ip netns exec ntb python3 - "$drops_dir/b-up" <<'END' &
import socket, sys, time
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
u.bind(("10.77.2.1", 7010))
t = socket.create_server(("10.77.2.1", 7200))
open(sys.argv[1], "w").close()
time.sleep(600)
END
at_exit "kill $!"
${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} python3 - "$drops_dir/tap-up" <<'END' &
import fcntl, struct, sys, time
f = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(f, 0x400454ca, struct.pack("16sH22x", b"nttap8", 0x0002 | 0x1000))
open(sys.argv[1], "w").close()
time.sleep(600)
END
tap_pid=$!
at_exit 'kill $tap_pid 2>/dev/null'
for _ in {1..100}; do
	[ -e "$drops_dir/b-up" ] && [ -e "$drops_dir/tap-up" ] && break
	sleep 0.2
done
in_r sysctl -qw net.ipv6.conf.nttap8.disable_ipv6=1 || fail "no TAP device"
in_r ip link set nttap8 txqueuelen 16 up
in_r tc qdisc replace dev nttap8 root noqueue 2>/dev/null
# p8's peer stays down: no carrier, and its queue is the one that drops all.
at_exit 'in_r ip link del p8 2>/dev/null; in_r nft delete table ip ntfrag 2>/dev/null'
ip_r -batch - <<-END
	addr add 10.77.9.254/24 dev nttap8
	neigh add 10.77.9.1 lladdr 02:00:00:00:00:01 dev nttap8
	link add p8 type veth peer name b8 netns ntb
	link set p8 up
	addr add 10.77.8.254/24 dev p8
	neigh add 10.77.8.1 lladdr 02:00:00:00:00:02 dev p8
END
in_r nft -f - <<-END
	table ip ntfrag {
		chain f { type filter hook forward priority 0; ip frag-off & 0x1fff != 0 counter drop; }
	}
END

drops_start all
drops_start port --src-ip 10.77.1.1 --protocol udp --dst-port 7777
drops_start elsewhere --src-ip 10.77.1.9 --protocol udp --dst-port 7777
drops_ready
full=$(mib in_b snmp Udp RcvbufErrors) challenged=$(mib in_b netstat TcpExt TCPSYNChallenge)
in_a "$drop_send" udp:10.77.2.1:7010:50:size=1000 udp:10.77.9.1:7008:40 udp:10.77.8.1:7012:5 \
	challenge:10.77.2.1:7200:6 udp:10.77.2.1:7777:3 udp:10.77.2.1:7778:2 later:10.77.2.1:11
sleep 0.5
full=$(($(mib in_b snmp Udp RcvbufErrors) - full))
challenged=$(($(mib in_b netstat TcpExt TCPSYNChallenge) - challenged))
tap_dropped=$(tx_dropped nttap8) down_dropped=$(tx_dropped p8)
kill "$tap_pid"
wait "$tap_pid" 2>/dev/null
sleep 0.3
drops_stop

# what NAME CONDITION: "COUNT FUNCTION REASON-OR-HINT" of the rows that match.
what() {
	drops "$1" "[.rows[] | select($2)] | \"\([.[].count] | add // 0) \([.[].function] | unique | join(\"|\")) \([.[] | .reason // \"~\(.hint)\"] | unique | join(\"|\"))\""
}

echo "--- a full TAP, and what is in it when it is closed"
[ "$tap_dropped" -ge 20 ] || fail "the ring of 16 took $((40 - tap_dropped))"
found=$(what all '.flow.dport == 7008 and .function == "tun_net_xmit"')
expect "dropped by the driver, against its counter" "${found//\~/}" "$tap_dropped tun_net_xmit FULL_RING"
expect "in the ring: informational" "$(sum all '.flow.dport == 7008 and .informational')" $((40 - tap_dropped))

echo "--- a full socket"
[ "$full" -ge 40 ] || fail "the socket took $((50 - full)) of 50"
found=$(what all '.flow.dport == 7010 and .device == "b0"')
echo "$found"
expect "against UdpRcvbufErrors" "${found%% *}" "$full"
reason=${found##* }
expect "reason or hint" "${reason#\~}" SOCKET_RCVBUFF

echo "--- a device without a carrier"
found=$(what all '.flow.dport == 7012 and .device == "p8"')
expect "sent to it" "${found//\~/}" "5 __dev_queue_xmit QDISC_DROP"
# Older kernels' noop queue does not count what it drops.
[ "$down_dropped" = 0 ] || expect "the device's counter" "$down_dropped" 5

echo "--- SYNs within a connection"
found=$(what all '.flow.dport == 7200')
echo "$found"
expect "challenged" "$challenged" 6
tcp_drop=$(jq -r 'select(.type == "start") | .hooks[] | select(.name == "tcp_drop") | .probe' "$drops_dir/all")
case $(uname -r) in
5.10.*)
	# TCP frees what it drops without telling, in a function of its own; where the compiler has
	# left none of that, as in Debian's 5.10, nothing can see it.
	if grep -qw tcp_drop /proc/kallsyms; then
		expect "hook tcp_drop" "$tcp_drop" "kprobe:tcp_drop"
		expect "against TCPSYNChallenge" "${found%% *}" "$challenged"
	else
		expect "without the function tcp_drop, which is inlined" "${found%% *}" 0
	fi
	;;
*)
	expect "hook tcp_drop: not needed" "$tcp_drop" ""
	expect "against TCPSYNChallenge" "${found%% *}" "$challenged"
	;;
esac

echo "--- later fragments have no ports: shown, and said to be undecided"
expect "refused by nft" \
	"$(in_r nft -j list table ip ntfrag | jq '[.. | .counter? // empty | .packets] | add')" 11
expect "with a port filter" "$(drops port '.counts | [.matching, .undecided_fragments] | join(" ")')" "14 11"
expect "rows: fragments, others" \
	"$(sum port '.flow.later_fragments') $(sum port '.flow.later_fragments | not')" "11 3"
expect "of another sender" "$(drops elsewhere '.counts | [.matching, .undecided_fragments] | join(" ")')" "0 0"
echo ok
