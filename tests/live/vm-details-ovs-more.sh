#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm latency details on a switch without a guest: one direction, filters, other probes, IPv6,
# fragments, TCP in segments. What every kernel has to show is in vm-details-ovs.
# topo: ovs
# kernels: 5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=vm-lib.sh
. "$(dirname "$0")/vm-lib.sh"
topo_use ovs

details_start() { tool_start vm latency details --vm-interface pa --phy-interface pb "$@"; }
pings() { in_ova ping -q -c "$1" -i 0.02 -W 2 "${@:2}" 10.8.0.2 >/dev/null; }

switch_quiet ova 10.8.0.2 ovb 10.8.0.1
# A flow that has expired means an upcall, after which conntrack sees the packet again.
ovs-vsctl set Open_vSwitch . other_config:max-idle=600000
at_exit 'ovs-vsctl remove Open_vSwitch . other_config max-idle'
pings 2

echo "--- one way only, and both words for it"
for word in rx from-vm; do
	details_start --direction $word --protocol icmp --latency-us 0
	pings 5
	tool_stop
	counts 5 0 0
	expect "took 0 us or longer" "$(tool_events true)" 5
done
details_start --direction to-vm --vm-ip 10.8.0.1
pings 5
tool_stop
counts 0 5 0

echo "--- filters: the VM's address, and one that does not match"
details_start --vm-ip 10.8.0.1 --protocol icmp
pings 5
tool_stop
counts 5 5 0
expect "shown without --all" "$(tool_events true)" 0
expect "not shown" "$(tool_figure .counts.below_threshold)" 10
for filter in "--vm-ip 10.8.0.9" "--src-ip 10.8.0.2 --direction rx" "--protocol tcp --dst-port 53"; do
	# shellcheck disable=SC2086 # words
	details_start $filter --all
	pings 5
	tool_stop
	counts 0 0 0
	expect "events of $filter" "$(tool_events true)" 0
done

echo "--- kprobes, raw tracepoints and the perf buffer see the same"
NETTRACE_WITHOUT=fentry,tp_btf,ringbuf details_start --protocol icmp
pings 7
tool_stop
counts 7 7 0
expect "probes" "$(jq -r 'select(.type == "start") | .hooks[].probe | split(":")[0]' "$tool_out" | sort -u | xargs)" "kprobe raw_tp"
expect "stages" "$(tool_figure '.stages.from_vm | [.VNET_RX, .NETDEV_FRAME_HOOK, .OVS_RX, .FLOW_EXTRACT_END_RX, .DP_PROCESS, .VPORT_SEND, .QDISC_ENQ, .TX_QUEUE, .TX_XMIT] | unique | join(" ")')" 7

echo "--- IPv6"
in_ova ping -q -c 1 fd08::2 >/dev/null
details_start --protocol icmp6 --vm-ip fd08::1 --all
in_ova ping -q -c 10 -i 0.02 fd08::2 >/dev/null
tool_stop
expect "echo events" "$(tool_events '.flow.icmp_type == 128 or .flow.icmp_type == 129')" 20
expect "unfinished" "$(tool_figure .counts.unfinished)" 0
tool_no_loss

echo "--- a datagram of 4000 bytes: three records, known by their offsets"
details_start --protocol udp --all
in_ova python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(bytes(4000), ("10.8.0.2", 9))'
sleep 0.3
tool_stop
counts 3 0 0
expect "offsets" "$(jq -c 'select(.type == "event") | .flow.frag_off' "$tool_out" | sort -n | xargs)" "0 1480 2960"

echo "--- TCP, whole and in segments"
for offload in on off; do
	ethtool -K pb tso $offload gso $offload >/dev/null || fail "offloading $offload"
	tcp_transfer 200000
	details_start --protocol tcp
	tcp_transfer 2000000
	tool_stop
	expect "tso $offload: unfinished" "$(tool_figure .counts.unfinished)" 0
	expect "started and complete" "$(tool_figure '.counts.started - .counts.complete - .counts.in_flight')" 0
	echo "packets: $(tool_figure '.counts | [.from_vm_complete, .to_vm_complete, .duplicate] | join(" ")')"
	tool_no_loss
done
ethtool -K pb tso on gso on >/dev/null || fail "offloading on"
tool_valid
echo ok
