# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of path icmp on the router topology share. Sourced after lib.sh.

# shellcheck disable=SC2034 # used by the cases
v4=(--src-ip 10.77.1.1 --dst-ip 10.77.2.1) v6=(--src-ip fd77:1::1 --dst-ip fd77:2::1)

path_start() { tool_start path icmp --rx-iface r0 --tx-iface r1 "$@"; }

# pings N ADDRESS [OPTION...]: not waiting for the last reply longer than needed.
pings() { in_a ping -q -c "$1" -i 0.01 -W 1 "${@:3}" "$2" >/dev/null; }

# counts COMPLETE REQ EXTERNAL REP: and nothing else, nothing lost, and the sum is right.
counts() {
	tool_stop
	tool_expect "complete, internal_req, external, internal_rep" \
		'.counts | [.complete, .internal_drop_req, .external_drop, .internal_drop_rep] | join(" ")' \
		"$1 $2 $3 $4" \
		"total" .counts.total $(($1 + $2 + $3 + $4)) \
		"in flight" .counts.in_flight 0 "${tool_nothing_lost[@]}"
}

# vlan_tags on|off: VLAN tags beside the packet, or in it.
vlan_tags() {
	# shellcheck disable=SC2154 # by case.sh
	local set=$case_root/tests/live/tx-vlan.py
	if ! { in_a "$set" "$1" a0 && in_b "$set" "$1" b0 && in_r "$set" "$1" r0 r1; }; then
		fail "VLAN tags in hardware: $1"
	fi
}

# without WHAT COMMAND...: what a kernel of the lab must have; elsewhere it is said, and left out.
# netem, VLAN: this machine's own kernel may come without.
without() {
	"${@:2}" 2>/dev/null && return 1
	[ -z "${NT_KERNEL-}" ] || fail "no $1 on this kernel of the lab"
	echo "no $1 on this kernel: left out"
}

# tap_up: a TAP in the router, nttap0 with a ring of 16, that nobody reads, and behind it 10.77.9.1.
tap_up() {
	modprobe tun 2>/dev/null
	[ -c /dev/net/tun ] || skip "no TUN/TAP on this kernel"
	# Not by in_r: $! would be a subshell, and python outlive it.
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
}

# bridge_up: router: ntbr0 10.77.8.254 [bridge] -- p9 -- b9 10.77.8.1 :ntb
bridge_up() {
	at_exit 'in_r ip link del p9 2>/dev/null; in_r ip link del ntbr0 2>/dev/null'
	ip_r link add ntbr0 type bridge || fail "no bridge on this kernel"
	ip_r -batch - <<-END
		link add p9 type veth peer name b9 netns ntb
		link set p9 master ntbr0 up
		link set ntbr0 up
		addr add 10.77.8.254/24 dev ntbr0
	END
	ip -n ntb -batch - <<-END
		link set b9 up
		addr add 10.77.8.1/24 dev b9
	END
	in_r ping -q -c 1 -w 10 10.77.8.1 >/dev/null || fail "no way through the bridge"
}

# bridge_lose HOOK MATCH: every 10th, in the bridge itself.
bridge_lose() {
	in_r nft -f - <<-END || fail "the rule is refused"
	table bridge ntlose {
		chain c {
			type filter hook $1 priority 0;
			ether type ip $2 numgen inc mod 10 == 0 drop
		}
	}
	END
}
bridge_lose_off() { in_r nft delete table bridge ntlose; }
