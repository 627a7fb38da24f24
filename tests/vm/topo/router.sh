# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Topology: two hosts and a router between them.
#
#   nta: a0 10.77.1.1 -- r0 10.77.1.254 [router] r1 10.77.2.254 -- b0 10.77.2.1 :ntb
#           fd77:1::1       fd77:1::254             fd77:2::254       fd77:2::1
#
# The router is the present namespace, so that `ip netns exec` does not hide tracefs and bpffs from
# what is traced there. With NT_ROUTER_NS=NAME it is a namespace of that name: for a machine whose
# own network must stay as it is.
#
# Functions: router_up, router_down, router_vlan_up, router_vlan_down, in_a/in_b/in_r COMMAND...,
# router_lose N request|reply [4|6], router_lose_off.

NT_ROUTER_NS=${NT_ROUTER_NS-}

in_a() { ip netns exec nta "$@"; }
in_b() { ip netns exec ntb "$@"; }
in_r() {
	if [ -n "$NT_ROUTER_NS" ]; then ip netns exec "$NT_ROUTER_NS" "$@"; else "$@"; fi
}

# Every process started costs an emulated CPU a tenth of a second, hence the batches below.
ip_r() { ip ${NT_ROUTER_NS:+-n "$NT_ROUTER_NS"} "$@"; }

# Addresses are usable at once (no duplicate detection), nobody solicits routers: what is not the
# test's own traffic would end up in the test's figures.
router_quiet=(net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.accept_ra=0
	net.ipv6.conf.default.router_solicitations=0)

# router_link NAMESPACE DEVICE ROUTER-DEVICE NET
router_link() {
	ip_r -batch - <<-END &&
	link add $3 type veth peer name $2 netns $1
	link set $3 up
	addr add 10.77.$4.254/24 dev $3
	addr add fd77:$4::254/64 dev $3 nodad
	END
	ip -n "$1" -batch - <<-END
	link set lo up
	link set $2 up
	addr add 10.77.$4.1/24 dev $2
	addr add fd77:$4::1/64 dev $2 nodad
	route add default via 10.77.$4.254
	route add default via fd77:$4::254
	END
}

router_up() {
	local ns
	for ns in nta ntb $NT_ROUTER_NS; do
		ip netns add "$ns" || return 1
	done
	[ -z "$NT_ROUTER_NS" ] || ip_r link set lo up
	in_r sysctl -qw "${router_quiet[@]}" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 &&
		in_a sysctl -qw "${router_quiet[@]}" &&
		in_b sysctl -qw "${router_quiet[@]}" &&
		router_link nta a0 r0 1 && router_link ntb b0 r1 2
}

# The end of a namespace deletes its devices some time later: the router's ends go by hand, so that
# the next router_up finds the names free.
router_down() {
	local ns
	router_lose_off
	ip_r link del r0 2>/dev/null
	ip_r link del r1 2>/dev/null
	for ns in nta ntb $NT_ROUTER_NS; do
		ip netns del "$ns" 2>/dev/null
	done
	return 0
}

# router_vlan NAMESPACE DEVICE ROUTER-DEVICE NET OTHER-NET
router_vlan() {
	ip_r -batch - <<-END &&
	link add link $3 name $3.77 type vlan id 77
	link set $3.77 up
	addr add 10.77.$4.254/24 dev $3.77
	addr add fd77:$4::254/64 dev $3.77 nodad
	END
	ip -n "$1" -batch - <<-END
	link add link $2 name $2.77 type vlan id 77
	link set $2.77 up
	addr add 10.77.$4.1/24 dev $2.77
	addr add fd77:$4::1/64 dev $2.77 nodad
	route add 10.77.$5.0/24 via 10.77.$4.254
	route add fd77:$5::/64 via fd77:$4::254
	END
}

# VLAN 77 on both links, on top of router_up: 10.77.3.0/24 and 10.77.4.0/24, fd77:3:: and fd77:4::.
# The devices are a0.77, r0.77, r1.77, b0.77. veth carries the tag beside the packet; for a tag
# within the packet: tests/live/tx-vlan.py off DEVICE.
router_vlan_up() { router_vlan nta a0 r0 3 4 && router_vlan ntb b0 r1 4 3; }

router_vlan_down() {
	ip_r link del r0.77
	ip_r link del r1.77
	ip -n nta link del a0.77
	ip -n ntb link del b0.77
}

# router_lose N request|reply [4|6]: the router drops every N-th echo packet of that kind, exactly:
# the 1st, the N+1st, ...
router_lose() {
	local match
	case ${3:-4} in
	4) match="icmp type echo-$2" ;;
	6) match="icmpv6 type echo-$2" ;;
	esac
	in_r nft -f - <<-END
	table inet ntlose {
		chain forward {
			type filter hook forward priority 0; policy accept;
			$match numgen inc mod $1 == 0 counter drop
		}
	}
	END
}

router_lose_off() { in_r nft delete table inet ntlose 2>/dev/null; }
