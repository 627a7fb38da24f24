# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Topology: an Open vSwitch bridge br0 (the kernel's datapath) with two hosts on it.
#
#   ova: e0 10.8.0.1 fd08::1 -- pa [br0] pb -- e0 10.8.0.2 fd08::2 :ovb
#
# Functions: ovs_up, ovs_down, in_ova/in_ovb COMMAND...; for another topology on a bridge of its own:
# ovs_start, ovs_stop, ovs_host NAMESPACE PORT IPV4 IPV6.
# The daemons live in a folder of their own; sourcing this file lets ovs-vsctl and ovs-appctl find them.

export OVS_RUNDIR=/tmp/nt-ovs OVS_LOGDIR=/tmp/nt-ovs OVS_DBDIR=/tmp/nt-ovs OVS_SYSCONFDIR=/tmp/nt-ovs

in_ova() { ip netns exec ova "$@"; }
in_ovb() { ip netns exec ovb "$@"; }

ovs_start() {
	local dir=$OVS_RUNDIR
	modprobe openvswitch || return 1
	rm -rf "$dir"
	mkdir -p "$dir"
	ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema &&
		ovsdb-server "$dir/conf.db" -vconsole:off "--remote=punix:$dir/db.sock" --detach \
			--no-chdir --pidfile="$dir/ovsdb-server.pid" --log-file="$dir/ovsdb-server.log" &&
		ovs-vsctl --no-wait init &&
		ovs-vswitchd "unix:$dir/db.sock" -vconsole:off --detach --no-chdir \
			--pidfile="$dir/ovs-vswitchd.pid" --log-file="$dir/ovs-vswitchd.log" &&
		ovs-vsctl --timeout=60 add-br br0 &&
		ip link set br0 up
}

# A daemon that has ended leaves its pid file only when it crashed.
ovs_stop() {
	local name pid
	ovs-vsctl --timeout=20 --if-exists del-br br0 2>/dev/null
	for name in ovs-vswitchd ovsdb-server; do
		pid=$(cat "$OVS_RUNDIR/$name.pid" 2>/dev/null) || continue
		kill "$pid" 2>/dev/null
		for _ in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$pid" 2>/dev/null
	done
	# The datapath outlives the daemon that made it, and with it the module's use count.
	ovs-dpctl del-dp ovs-system 2>/dev/null
	rm -rf "$OVS_RUNDIR"
}

# ovs_host NAMESPACE PORT IPV4/N IPV6/N: a host e0 in a namespace, joined to br0 as PORT.
ovs_host() {
	ip netns add "$1" || return 1
	ip netns exec "$1" sysctl -qw net.ipv6.conf.default.router_solicitations=0
	# The switch's side is no IPv6 host: it would only add neighbour and listener reports.
	ip link add "$2" type veth peer name e0 netns "$1" &&
		sysctl -qw "net.ipv6.conf.$2.disable_ipv6=1" &&
		ip link set "$2" up || return 1
	ip -n "$1" -batch - <<-END &&
	link set lo up
	link set e0 up
	addr add $3 dev e0
	addr add $4 dev e0 nodad
	END
	ovs-vsctl --timeout=60 add-port br0 "$2"
}

ovs_host_gone() { # NAMESPACE PORT
	ip link del "$2" 2>/dev/null
	ip netns del "$1" 2>/dev/null
	return 0
}

ovs_up() {
	ovs_start && ovs_host ova pa 10.8.0.1/24 fd08::1/64 && ovs_host ovb pb 10.8.0.2/24 fd08::2/64
}

ovs_down() {
	ovs_host_gone ova pa
	ovs_host_gone ovb pb
	ovs_stop
}
