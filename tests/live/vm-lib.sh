# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the live cases of the vm tools share. Needs tests/live/lib.sh.
#
#   switch_quiet NS PEER-ADDRESS ...   no ARP from these namespaces: known for ever
#   counts FROM TO UNFINISHED          complete each way, unfinished, nothing else, nothing lost
#   hooks_start, hooks_stop            bpftrace counts ICMP echoes at every hook
#   same_as_hooks VNET UPLINK          the tool's stages have these counts
#   hook_same HOOK FROM-NAME:[TO-NAME] one more stage of those that need an option
#   dump_start DEVICE..., dump_stop    tcpdump of ICMP on them
#   same_as_dump VNET UPLINK           the tool's times are those of tcpdump

in_r() { "$@"; }

switch_quiet() {
	local ns peer mac
	while [ $# -gt 0 ]; do
		ns=$1 peer=$2
		shift 2
		# A bridge that has just been made needs a moment.
		for _ in $(seq 30); do
			ip netns exec "$ns" ping -q -c 1 -W 1 "$peer" >/dev/null && break
		done
		mac=$(ip -n "$ns" neigh show "$peer" | sed -nE 's/.*lladdr ([0-9a-f:]+).*/\1/p')
		[ -n "$mac" ] || fail "$ns does not reach $peer: $(ovs-ofctl dump-flows br0; ovs-vsctl show; ip -br link)"
		ip -n "$ns" neigh replace "$peer" lladdr "$mac" dev e0 nud permanent
	done
}

counts() {
	tool_expect "complete from and to the VM, unfinished" \
		'.counts | [.from_vm_complete, .to_vm_complete, .unfinished] | join(" ")' "$1 $2 $3" \
		"started" .counts.started $(($1 + $2 + $3)) \
		"in flight" .counts.in_flight 0 "${tool_nothing_lost[@]}"
}

# Offset of a field. By number, because bpftrace does not read the types of every kernel.
field() { # STRUCT FIELD
	pahole -C "$1" /sys/kernel/btf/vmlinux 2>/dev/null |
		sed -nE "s/.*[ *]$2(\[[0-9]*\])?; *\/\* *([0-9]+).*/\2/p" | head -n 1
}

# Pings of 84 bytes only, at nf_conntrack_in and tun_net_xmit of 128: several runs can share the slow
# start of bpftrace. At the tracepoints by device (qdisc_dequeue: by its number). A packet from user
# space has no header offsets yet.
hooks_script() {
	local hook echo
	echo="\$h = *(uint64 *)(\$s + $(field sk_buff head)) + *(uint16 *)(\$s + $(field sk_buff network_header));"
	echo+=" if (*(uint16 *)(\$s + $(field sk_buff protocol)) == 8 && *(uint8 *)(\$h + 9) == 1 && *(uint8 *)(\$h + 3) =="
	# shellcheck disable=SC2028 # for bpftrace
	echo 'BEGIN { printf("ready\n"); }'
	for hook in first:netif_receive_skb enq:net_dev_queue; do
		echo "tracepoint:net:${hook#*:} { \$s = (uint64)args->skbaddr; $echo 84)"
		echo "	{ @${hook%:*}[str(args->name)] = count(); } }"
	done
	hooks_driver
	hooks_conntrack
	echo "kprobe:netdev_frame_hook { \$s = *(uint64 *)arg0; $echo 84) { @frame_hook = count(); } }"
	for hook in 1:ovs:ovs_vport_receive 0:extract:ovs_ct_fill_key 0:process:ovs_dp_process_packet \
		1:upcall:ovs_dp_upcall 1:send:ovs_vport_send; do
		echo "kprobe:${hook##*:} { \$s = arg${hook%%:*}; $echo 84)"
		hook=${hook#*:}
		echo "	{ @${hook%:*} = count(); } }"
	done
	echo "kprobe:ovs_flow_key_extract_userspace { \$h = *(uint64 *)(arg2 + $(field sk_buff data));"
	# shellcheck disable=SC2016
	echo '	if (*(uint8 *)($h + 23) == 1 && *(uint8 *)($h + 17) == 84) { @userspace = count(); } }'
}

# Of hooks_script, whose $echo it uses. After the driver the packet may be gone: known by its address.
hooks_driver() {
	cat <<-END
	tracepoint:qdisc:qdisc_dequeue { \$s = (uint64)args->skbaddr; if (\$s != 0) { $echo 84)
		{ @deq[args->ifindex] = count(); } } }
	tracepoint:net:net_dev_start_xmit { \$s = (uint64)args->skbaddr; $echo 84)
		{ @start[str(args->name)] = count(); @sending[cpu] = \$s; } }
	tracepoint:net:net_dev_xmit { if (@sending[cpu] == (uint64)args->skbaddr && args->rc == 0)
		{ @xmit[str(args->name)] = count(); } delete(@sending[cpu]); }
	END
	[ ! -d /sys/module/tun ] || echo "kprobe:tun_net_xmit { \$s = arg0; $echo 128) { @tun = count(); } }"
}

# The hosts' own conntrack counts as well, on other devices.
hooks_conntrack() {
	cat <<-END
	kprobe:nf_conntrack_in { \$s = arg0;
		\$d = str(*(uint64 *)(\$s + $(field sk_buff dev)) + $(field net_device name)); $echo 128)
		{ if (\$d == "pa" || \$d == "pb") { @ct = count(); @tracked[tid] = 1; } } }
	kretprobe:nf_conntrack_in { if (@tracked[tid] == 1) { @ct_out = count(); } delete(@tracked[tid]); }
	END
}

# Types of tracepoint fields, for a bpftrace that does not get them from the kernel.
hooks_types() {
	cat <<-'END'
	typedef _Bool bool;
	typedef unsigned char u8;
	typedef unsigned short u16;
	typedef unsigned int u32;
	typedef unsigned long long u64;
	END
}

# shellcheck disable=SC2154 # tool_dir is of tests/live/lib.sh
hooks_start() {
	hooks_script >"$tool_dir/hooks.bt"
	hooks_types >"$tool_dir/hooks.h"
	: >"$tool_dir/hooks"
	bpftrace --include "$tool_dir/hooks.h" "$tool_dir/hooks.bt" >"$tool_dir/hooks" 2>&1 &
	hooks_pid=$!
	at_exit "kill -KILL $hooks_pid 2>/dev/null"
	until grep -q '^ready' "$tool_dir/hooks"; do
		kill -0 "$hooks_pid" 2>/dev/null || fail "bpftrace: $(tail -n 5 "$tool_dir/hooks")"
		sleep 0.5
	done
}

hooks_stop() {
	kill -INT "$hooks_pid"
	wait "$hooks_pid"
}

# hook_count KEY: "ovs", or "first[pa]"
hook_count() {
	local key n
	while read -r key n; do
		[ "$key" != "@$1:" ] || { echo "$n"; return; }
	done <"$tool_dir/hooks"
	echo 0
}

# A hook without a device counts both ways.
same_as_hooks() { # VNET UPLINK
	local stage all=()
	for stage in "first[$1]:from_vm.VNET_RX" "first[$2]:to_vm.PHY_RX" "enq[$2]:from_vm.QDISC_ENQ" \
		"enq[$1]:to_vm.VNET_QDISC_ENQ" "deq[$(<"/sys/class/net/$2/ifindex")]:from_vm.QDISC_DEQ" \
		"deq[$(<"/sys/class/net/$1/ifindex")]:to_vm.VNET_QDISC_DEQ" "start[$2]:from_vm.TX_QUEUE" \
		"start[$1]:to_vm.VNET_TX" "xmit[$2]:from_vm.TX_XMIT"; do
		all+=("$stage" ".stages.${stage#*:}" "$(hook_count "${stage%:*}")")
	done
	tool_expect "${all[@]}"
	for stage in frame_hook:NETDEV_FRAME_HOOK: ovs:OVS_RX:OVS_TX \
		extract:FLOW_EXTRACT_END_RX:FLOW_EXTRACT_END_TX process:DP_PROCESS: \
		upcall:OVS_UPCALL_RX:OVS_UPCALL_TX userspace:OVS_USERSPACE_RX:OVS_USERSPACE_TX \
		send:VPORT_SEND:; do
		hook_same "${stage%%:*}" "${stage#*:}"
	done
}

hook_same() { # HOOK FROM-NAME:[TO-NAME]
	local from=${2%%:*} to=${2#*:}
	tool_expect "$1" "[.stages.from_vm.$from, .stages.to_vm.${to:-$from}] | add" "$(hook_count "$1")"
}

# tcp_sink NAMESPACE BYTES: one connection to port 5201 with at least so many bytes, then it ends.
tcp_sink() {
	ip netns exec "$1" python3 - "$2" <<-'END'
	import socket, sys
	s = socket.socket()
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	s.bind(("", 5201))
	s.listen(1)
	c, _ = s.accept()
	n = 0
	while n < int(sys.argv[1]):
	    got = len(c.recv(65536))
	    n += got or sys.exit(f"{n} bytes, then the end")
	c.close()
	END
}

tcp_transfer() { # BYTES: from ova to ovb
	tcp_sink ovb "$1" &
	local server=$!
	in_ova python3 - "$1" <<-'END'
	import socket, sys, time
	for _ in range(100):
	    try:
	        s = socket.create_connection(("10.8.0.2", 5201))
	        break
	    except ConnectionRefusedError:
	        time.sleep(0.1)
	s.sendall(bytes(int(sys.argv[1])))
	s.shutdown(socket.SHUT_WR)
	s.recv(1)
	END
	wait "$server"
}

# dump_start DEVICE...: tcpdump of ICMP on them; stamps to the microsecond.
dump_start() {
	local dev
	dump_pids=()
	for dev in "$@"; do
		tcpdump -i "$dev" -n -tt -l --immediate-mode icmp >"$tool_dir/dump.$dev" 2>"$tool_dir/dump.err" &
		dump_pids+=($!)
		at_exit "kill -KILL $! 2>/dev/null"
		until grep -q 'listening on' "$tool_dir/dump.err"; do
			kill -0 $! 2>/dev/null || fail "tcpdump: $(cat "$tool_dir/dump.err")"
			sleep 0.2
		done
		: >"$tool_dir/dump.err"
	done
}

dump_stop() {
	sleep 0.5
	kill -INT "${dump_pids[@]}"
	wait "${dump_pids[@]}"
}

# same_as_dump VNET UPLINK: per packet the first stage, the way to the driver and, where the VM sends,
# the total, against the time that tcpdump has of the same packet on both devices. Each within 100 us.
# shellcheck disable=SC2154 # tool_out is of tests/live/lib.sh
same_as_dump() {
	python3 - "$tool_out" "$tool_dir/dump.$1" "$tool_dir/dump.$2" <<-'END' || fail "times differ from tcpdump's"
	import json, re, sys
	from datetime import datetime

	def dump(path):
	    seen = {}
	    for line in open(path):
	        m = re.match(r"(\d+)\.(\d+) IP .* ICMP echo (request|reply), id (\d+), seq (\d+)", line)
	        if m:
	            key = (8 if m[3] == "request" else 0, int(m[4]), int(m[5]))
	            seen[key] = int(m[1]) * 1000000 + int(m[2])
	    return seen

	def wall_us(text):
	    whole, part = text.rstrip("Z").split(".")
	    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 1000000 + int(part) / 1000

	vnet, uplink = dump(sys.argv[2]), dump(sys.argv[3])
	found = {}
	n = 0
	for e in map(json.loads, open(sys.argv[1])):
	    if e["type"] != "event":
	        continue
	    key = (e["flow"]["icmp_type"], e["flow"]["id"], e["flow"]["seq"])
	    sent = e["direction"] == "from_vm"
	    first, last = (vnet, uplink) if sent else (uplink, vnet)
	    at = {s["stage"]: s["at_us"] for s in e["stages"]}
	    start = wall_us(e["time"])
	    way = last[key] - first[key]
	    checks = {"first": start - first[key],
	              "way": at["TX_QUEUE" if sent else "VNET_TX"] - way,
	              "driver": start + at["TX_QUEUE" if sent else "VNET_TX"] - last[key],
	              "total": e["total_us"] - way}
	    for name, value in checks.items():
	        found.setdefault(name, []).append(round(abs(value), 1))
	    n += 1
	for name, values in found.items():
	    print(name, "differs in us by", sorted(values))
	sys.exit(n == 0 or any(max(values) > 100 for values in found.values()))
	END
}
