#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is traced comes and goes: a device, a bond's member, the namespace. One line tells each, the
# tool runs on, and what it counted stays right.
# topo: router
# kernels: native,6.1
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
# The suite's next case finds it as it was.
at_exit 'router_down >/dev/null 2>&1; router_up'
flow=(--src-ip 10.77.1.1 --dst-ip 10.77.2.1)
path=(path icmp --rx-iface r0 --tx-iface r1 "${flow[@]}")
drop=(drop summary --interface r1 --protocol udp --dst-port 7013)
vm=(vm latency details --vm-interface r0 --phy-interface r1 --direction from-vm "${flow[@]}")

pings() { in_a ping -q -c "$1" -i 0.01 -W 1 10.77.2.1 >/dev/null; }

# told STATUS N [FILTER]: so many such lines, within a few seconds.
told() {
	local n i
	for i in {1..50}; do
		n=$(tool_events ".status == \"$1\" and (${3-true})")
		[ "$n" = "$2" ] && break
		sleep 0.1
	done
	expect "$1${3:+ with $3}" "$n" "$2"
}

# The link between router and target is made anew: another ifindex under the same name.
link_down() { ip_r link del r1; }
link_up() {
	router_link ntb b0 r1 2 || fail "the link does not come up again"
	in_r ping -q -c 1 -w 10 10.77.2.1 >/dev/null || fail "the target does not answer"
}

# refused_absent WORDS ARGS...: r1 is not there, and nobody waits for it.
refused_absent() {
	local words=$1 rc=0
	shift
	in_r "$NETTRACE" "$@" >"$tool_dir/out2" 2>"$tool_dir/err" || rc=$?
	expect "exit code, output" "$rc $(cat "$tool_dir/out2")" "3 "
	expect "error" "$(cat "$tool_dir/err")" \
		"nettrace $words: interface 'r1' does not exist: did you mean 'r0'?"
}

# The other tools. Datagrams that come in by r1 with a TTL of 1 are dropped there; pings pass r0 and,
# while it is traced, r1.
drop_send=$(dirname "$0")/drop-send.py
drop_make() { in_b "$drop_send" "udp:10.77.1.1:7013:$1:ttl=1"; }
drop_figure='.counts | [.in_rows, .matching] | join(" ")'
vm_make() { pings "$1"; }
vm_figure='.counts | [.from_vm_complete, .started] | join(" ")'
for name in drop vm; do
	declare -n figure=${name}_figure of=$name
	words=${of[*]}
	words=${words%% --*}
	echo "--- $words: a device is deleted; without --wait its successor is another device"
	tool_start "${of[@]}"
	${name}_make 7
	link_down
	told INTERFACE_GONE 1 '.interface == "r1"'
	link_up
	${name}_make 5
	tool_stop
	case $name in
	drop) expect "dropped at r1" "$(tool_figure "$figure")" "7 7" ;;
	vm) expect "complete, started" "$(tool_figure "$figure")" "7 12" ;;
	esac
	tool_no_loss
	expect "back" "$(tool_events '.status == "INTERFACE_BACK"')" 0
	echo "--- $words: absent at the start, deleted again; with --wait it is traced while it is there"
	link_down
	refused_absent "$words" "${of[@]}"
	tool_start "${of[@]}" --wait
	link_up
	told INTERFACE_BACK 1 '.interface == "r1"'
	${name}_make 9
	link_down
	told INTERFACE_GONE 1 '.interface == "r1"'
	link_up
	told INTERFACE_BACK 2 '.interface == "r1"'
	${name}_make 11
	tool_stop
	expect "of both" "$(tool_figure "$figure")" "20 20"
	tool_no_loss
done

echo "--- a device is deleted; without --wait its successor is another device"
tool_start "${path[@]}"
pings 7
link_down
told INTERFACE_GONE 1 '.interface == "r1"'
link_up
# Requests and replies are still seen at r0, but not at the new r1.
pings 5
tool_stop
expect "complete, total" "$(tool_figure '.counts | [.complete, .total] | join(" ")')" "12 12"
expect "seen at r1" "$(tool_figure '.latency | [.req_internal.count, .external.count] | join(" ")')" "7 7"
tool_no_loss
expect "back" "$(tool_events '.status == "INTERFACE_BACK"')" 0

echo "--- what is lost while it is not traced is lost nobody knows where; before it went, one knows"
tool_start "${path[@]}"
silent() { in_b nft "add table inet mute; add chain inet mute out { type filter hook output priority 0; };
	add rule inet mute out icmp type echo-reply ip daddr 10.77.1.1 drop"; }
silent
pings 4
sleep 2.5
link_down
told INTERFACE_GONE 1 '.interface == "r1"'
link_up
pings 5
sleep 2.5
tool_stop
in_b nft delete table inet mute
expect "external, internal" "$(tool_figure '.counts | [.external_drop, .internal_drop_req + .internal_drop_rep] | join(" ")')" "4 0"
expect "no verdict" "$(tool_figure .loss.no_verdict) $(tool_events '.status == "NO_VERDICT"')" "5 5"
expect "total" "$(tool_figure '.counts | .total - .complete - .external_drop')" 5

echo "--- with --wait it is traced again"
tool_start "${path[@]}" --wait
pings 7
link_down
told INTERFACE_GONE 1 '.interface == "r1"'
link_up
told INTERFACE_BACK 1 '.interface == "r1"'
pings 11
tool_stop
expect "complete, total" "$(tool_figure '.counts | [.complete, .total] | join(" ")')" "18 18"
expect "two devices of that name" "$(jq -s '[.[] | select(.interface == "r1") | .ifindex] | unique |
	length' "$tool_out")" 2
tool_no_loss

echo "--- absent at the start: without --wait impossible, with it picked up"
link_down
refused_absent "path icmp" path icmp --rx-iface r0 --tx-iface r1 "${flow[@]}"
tool_start "${path[@]}" --wait
link_up
told INTERFACE_BACK 1 '.interface == "r1"'
pings 9
tool_stop
expect "complete, total" "$(tool_figure '.counts | [.complete, .total] | join(" ")')" "9 9"
tool_no_loss

if in_r ip link add ntbond type bond mode active-backup 2>/dev/null; then
	at_exit 'ip_r link del ntbond 2>/dev/null'
	echo "--- a bond without a member: it is waited for as well"
	in_r ip addr flush dev r0
	in_r ip link set r0 down
	tool_start path icmp --rx-iface ntbond --tx-iface r1 "${flow[@]}" --wait
	in_r ip link set r0 master ntbond
	in_r ip link set ntbond up
	in_r ip addr add 10.77.1.254/24 dev ntbond
	told INTERFACE_BACK 1 '.interface == "r0"'
	in_a ping -q -c 1 -W 5 10.77.1.254 >/dev/null || in_a ping -q -c 1 -W 5 10.77.1.254 >/dev/null ||
		fail "no way over the bond"
	pings 8
	tool_stop
	expect "complete, total" "$(tool_figure '.counts | [.complete, .total] | join(" ")')" "8 8"
	tool_no_loss
	in_r ip link set r0 nomaster
	ip_r link del ntbond
else
	echo "no bonds on this kernel: that case did not run"
fi

echo "--- thousands of foreign devices: none of ours is forgotten"
link_down
link_up
tool_start "${path[@]}"
kill -STOP "$tool_pid"
for _ in {1..8}; do
	for i in {1..40}; do echo "link add nd$i type dummy"; done
	for i in {1..40}; do echo "link del nd$i"; done
done | ip_r -batch - 2>/dev/null || echo "(no dummy devices on this kernel: fewer events)"
link_down
kill -CONT "$tool_pid"
told INTERFACE_GONE 1 '.interface == "r1"'
tool_stop

echo "--- the namespace of --netns is deleted: it can end, the tool goes on"
ip netns add ntgone
at_exit 'ip netns del ntgone 2>/dev/null'
ip link add ntg0 type veth peer name ntg1 netns ntgone
at_exit 'ip link del ntg0 2>/dev/null'
ip -n ntgone link add ntg2 type veth peer name ntg3
NT_ROUTER_NS='' tool_start path icmp --netns ntgone --rx-iface ntg1 --tx-iface ntg2 "${flow[@]}"
ip netns del ntgone
told NETNS_GONE 1 '.netns == "ntgone"'
for _ in {1..50}; do
	[ -e /sys/class/net/ntg0 ] || break
	sleep 0.1
done
[ ! -e /sys/class/net/ntg0 ] || fail "the tool keeps the namespace and its devices alive"
expect "other lines" "$(tool_events '.status != "NETNS_GONE"')" 0
sleep 1.2
tool_stop
expect "lines after a second look" "$(tool_events true)" 1

echo "--- the process whose namespace it is ends"
unshare --net sleep 100 &
sleeper=$!
at_exit "kill $sleeper 2>/dev/null"
for _ in {1..50}; do
	[ "$(readlink /proc/$sleeper/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break
	sleep 0.1
done
nsenter -t $sleeper -n ip link add s0 type veth peer name s1 || fail "no veth"
NT_ROUTER_NS='' tool_start path icmp --netns $sleeper --rx-iface s0 --tx-iface s1 "${flow[@]}"
sleep 1.5
expect "lines while it lives" "$(tool_events true)" 0
kill $sleeper
wait $sleeper 2>/dev/null
told NETNS_GONE 1 ".netns == \"$sleeper\""
tool_stop
tool_valid
echo ok
