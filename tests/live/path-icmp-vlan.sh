#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp on a trunk: a VLAN device's name stands for the packets of its VLAN, none of another
# VLAN's and no untagged ones; the trunk's own name for all of them.
# topo: router
# kernels: native,5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
if without "VLAN devices" router_vlan_up; then skip "this kernel has no VLAN devices"; fi
at_exit router_vlan_down

# A second one, beside that of router_vlan_up: 10.77.5.0/24 and 10.77.6.0/24.
vlan88() {
	ip_r link add link "$3" name "$3.88" type vlan id 88
	ip_r link set "$3.88" up
	ip_r addr add "10.77.$4.254/24" dev "$3.88"
	ip -n "$1" -batch - <<-END
	link add link $2 name $2.88 type vlan id 88
	link set $2.88 up
	addr add 10.77.$4.1/24 dev $2.88
	route add 10.77.$5.0/24 via 10.77.$4.254
	END
}
at_exit 'ip_r link del r0.88; ip_r link del r1.88; ip -n nta link del a0.88 2>/dev/null; ip -n ntb link del b0.88'
if ! { vlan88 nta a0 r0 5 6 && vlan88 ntb b0 r1 6 5; }; then fail "VLAN 88"; fi

# on RX TX FIGURE...: what is seen of 31 pings in VLAN 77, 17 in VLAN 88, 11 untagged.
on() {
	tool_start path icmp --rx-iface "$1" --tx-iface "$2" --src-ip 10.77.0.0/16 \
		--dst-ip 10.77.0.0/16
	pings 31 10.77.4.1
	pings 17 10.77.6.1
	pings 11 10.77.2.1
	counts "${@:3}"
}

# The tag beside the packet, then within it.
for hw in on off; do
	echo "--- hardware tags $hw"
	vlan_tags "$hw"
	on r0.77 r1.77 31 0 0 0
	on r0.88 r1.88 17 0 0 0
	[ "$hw" = on ] || continue
	on r0.77,r0.88 r1.77,r1.88 48 0 0 0
	on r0.88,r0 r1 59 0 0 0
	on r0 r1 59 0 0 0
done
echo "--- a router on a stick: from one VLAN of a trunk to another"
vlan_tags on
ip netns add ntv
at_exit "ip netns del ntv"
ip -n nta link set a0.88 netns ntv
ip -n ntv -batch - <<END
link set a0.88 up
addr add 10.77.5.1/24 dev a0.88
route add 10.77.3.0/24 via 10.77.5.254
END
ip -n nta route add 10.77.5.0/24 via 10.77.3.254
tool_start path icmp --rx-iface r0.77 --tx-iface r0.88 --src-ip 10.77.3.1 --dst-ip 10.77.5.1
pings 13 10.77.5.1
counts 13 0 0 0

expect "the start line tells the VLAN" \
	"$(jq -c 'select(.type == "start") | [.devices[] | .vlan // 0]' "$tool_dir/all" | sort -u | tr '\n' ' ')" \
	"[0,0] [77,77] [77,88,77,88] [77,88] [88,0,0] [88,88] "
tool_valid
echo ok
