#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: filters let through what was asked for, by all their spellings, and nothing else.
# topo: router
# kernels: native,5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

drops_start iface -n r0 --src 10.77.1.1
drops_start frames --device r0 --dev r0 --name r0 --no-stack-trace
drops_start route --netns nta --interface a0 --dst-port 7004
drops_start tcp --l4-protocol tcp --dst 10.77.2.1
drops_start port --dst-port 7017,7023 --proto udp
drops_start sport --src-port 7000
drops_start six --dst-ip fd77:2::/64 --protocol udp
drops_start back --src-ip 10.77.2.1 --dst-ip 10.77.1.1 --protocol udp,tcp --bidir
drops_start nobody --src-ip 10.99.0.0/16
drops_start noport --dst-port 1
drops_start nodev --interface lo
drops_ready
causes_all
sleep 0.3
drops_stop

expect "-n r0 --src: forward, ttl" "$(drops iface .counts.matching)" 30
expect "--device r0: forward, ttl, vlan, unknown EtherType" \
	"$(sum frames '(.flow.dport == 7017, .flow.dport == 7013, .flow.dport == 9, .flow.ethertype == "0x9898") and .device == "r0"')" 56
expect "--device r0: other devices" "$(sum frames '.device != "r0" and .in_device != "r0"')" 0
expect "the device that the route leads to" "$(sum route '.device == null and .flow.dport == 7004')" 4
expect "nothing else by it" "$(drops route .counts.matching)" 4
expect "--l4-protocol tcp" "$(drops tcp .counts.matching) $(sum tcp '.flow.dport == 7003')" "3 3"
expect "--dst-port list" "$(drops port .counts.matching)" 40
expect "--src-port" "$(drops sport .counts.matching)" 23
expect "IPv6 prefix" "$(drops six .counts.matching) $(sum six '.flow.dport == 7011')" "11 11"
expect "--bidir" "$(drops back .counts.matching)" 65
for name in nobody noport nodev; do
	expect "$name: rows" "$(drops "$name" '.rows | length')" 0
	expect "$name: all filtered out" \
		"$(drops "$name" '.counts.filtered == .counts.total and .counts.total > 100')" true
done
echo ok
