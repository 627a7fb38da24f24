#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: a TAP whose reader stands still takes as many pings as its ring holds, and its driver
# refuses the rest: internal drops, as many as the device's own counter says.
# topo: router
# kernels: all
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
modprobe tun 2>/dev/null
[ -c /dev/net/tun ] || skip "no TUN/TAP on this kernel"

# Opens the TAP and never reads. Not by in_r: $! would be a subshell, and python outlive it.
${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} python3 -c 'import fcntl, struct, time
f = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(f, 0x400454ca, struct.pack("16sH22x", b"nttap0", 0x0002 | 0x1000))
time.sleep(600)' &
at_exit "kill $!"
for _ in {1..50}; do
	[ -e /sys/class/net/nttap0 ] || in_r ip link show nttap0 >/dev/null 2>&1 && break
	sleep 0.2
done
in_r sysctl -qw net.ipv6.conf.nttap0.disable_ipv6=1
in_r ip link set nttap0 txqueuelen 16 up || fail "no TAP device"
in_r tc qdisc replace dev nttap0 root noqueue 2>/dev/null
in_r ip addr add 10.77.9.254/24 dev nttap0
in_r ip neigh add 10.77.9.1 lladdr 02:00:00:00:00:01 dev nttap0

tool_start path icmp --rx-iface r0 --tx-iface nttap0 --src-ip 10.77.1.1 --dst-ip 10.77.9.1
in_a ping -q -c 40 -i 0.01 -W 1 10.77.9.1 >/dev/null
sleep 1.3
tool_stop
dropped=$(in_r ip -s -j link show nttap0 | jq '.[0].stats64.tx.dropped')
tool_no_loss
expect "flows" "$(tool_figure .counts.total)" 40
expect "refused by the driver, against the device's counter" \
	"$(tool_figure .counts.refused_by_driver)" "$dropped"
expect "internal drops" "$(tool_figure .counts.internal_drop_req)" "$dropped"
expect "external drops: what the ring holds" "$(tool_figure .counts.external_drop)" \
	$((40 - dropped))
[ "$dropped" -ge 20 ] || fail "the ring of 16 took $((40 - dropped))"
expect "events with the driver's result" "$(tool_events '.rc == 1')" "$dropped"
echo ok
