#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm latency details with a real guest on vhost-net: every ping each way, the vhost worker's name,
# TCP with segmentation in the guest, and what happens while the guest stands still.
# topo: guest
# kernels: all
# timeout: 480
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=vm-lib.sh
. "$(dirname "$0")/vm-lib.sh"
topo_use guest

details_start() { tool_start vm latency details --vm-interface vnet0 --phy-interface up0 "$@"; }
pings() { in_ext ping -q -c "$1" -i 0.05 -W 5 "${@:2}" >/dev/null; }
tap_dropped() { ip -s -j link show vnet0 | jq '.[0].stats64.tx.dropped'; }

for _ in $(seq 20); do pings 1 10.9.0.2 && break; done
# Nothing else reaches the tap: it would be dropped, too, while the guest stands still.
for ip in 10.9.0.2 fd09::2; do
	ip -n ext neigh replace $ip lladdr 52:54:00:77:09:02 dev e0 nud permanent
done
# A flow that has expired means an upcall; one that was made before the switch knew both addresses
# floods, and the packet leaves it several times.
ovs-vsctl set Open_vSwitch . other_config:max-idle=600000
ovs-appctl dpctl/del-flows
pings 1 10.9.0.2
at_exit 'ip -n ext neigh del 10.9.0.2 dev e0; ip -n ext neigh del fd09::2 dev e0; ovs-vsctl remove Open_vSwitch . other_config max-idle'

echo "--- 50 pings to the guest, and their 50 replies"
hooks_start
details_start --protocol icmp --all
pings 50 10.9.0.2
tool_stop
cp "$tool_out" "$tool_dir/first"
counts 50 50 0
expect "sequence numbers" "$(jq -r 'select(.direction == "to_vm") | .flow.seq' "$tool_out" | sort -nu | wc -l)" 50
expect "stages out of order" "$(tool_events '.stages | [.[].at_us] | . != sort')" 0
# shellcheck disable=SC2154 # of the topology
expect "who sends" "$(jq -r 'select(.direction == "from_vm") | .process.comm' "$tool_out" | sort -u)" \
	"vhost-$(cat "$guest_dir/pid")"

echo "--- the old program's name ends at tun_net_xmit"
ln -sf "$NETTRACE" "$tool_dir/vm_network_latency_details"
NETTRACE=$tool_dir/vm_network_latency_details tool_start --vm-interface vnet0 --phy-interface up0 --direction rx --protocol icmp
pings 5 -s 100 10.9.0.2
tool_stop
hooks_stop
counts 0 5 0
expect "last stage" "$(jq -r 'select(.type == "event") | .last_stage' "$tool_out" | sort -u)" TX_S6_tun_net_xmit
expect "at tun_net_xmit" "$(tool_figure .stages.to_vm.TX_S6_tun_net_xmit) $(hook_count tun)" "5 5"
tool_out=$tool_dir/first same_as_hooks vnet0 up0

echo "--- pings of the guest's own, known by its address"
details_start --vm-ip 10.9.0.2 --protocol icmp --all
guest_run "ping -q -c 10 -W 5 10.9.0.3" >/dev/null
tool_stop
counts 10 10 0
expect "the guest asks" "$(tool_events '.direction == "from_vm" and .flow.icmp_type == 8')" 10

echo "--- IPv6"
pings 1 fd09::2
details_start --protocol icmp6 --vm-ip fd09::2 --all
pings 10 fd09::2
tool_stop
expect "echo events" "$(tool_events '.flow.icmp_type == 128 or .flow.icmp_type == 129')" 20
expect "unfinished" "$(tool_figure .counts.unfinished)" 0
tool_no_loss

echo "--- TCP out of the guest, in segments of up to 64 KB: every byte of it was in a packet"
# Answers that take a while let bytes gather, however slowly the guest writes them.
in_ext tc qdisc add dev e0 root netem delay 300ms || fail "no netem on this kernel"
tcp_sink ext 300000 &
sink=$!
until in_ext ss -Hltn 'sport = 5201' | grep -q .; do sleep 0.2; done
details_start --protocol tcp --all
guest_run "dd if=/dev/zero bs=1000 count=300 2>/dev/null | nc 10.9.0.3 5201"
ended "$sink" 240 || fail "the guest's bytes did not arrive"
in_ext tc qdisc del dev e0 root
sleep 0.5
tool_stop
expect "unfinished" "$(tool_figure .counts.unfinished)" 0
expect "neither complete nor in flight" "$(tool_figure '.counts.started - .counts.complete - .counts.in_flight')" 0
tool_no_loss
# The first is the SYN, whose number is before the first byte's; data has 52 bytes of headers.
expect "bytes without a gap" "$(jq -s '[.[] | select(.direction == "from_vm")] | .[0].flow.seq as $isn |
	map({from: ((.flow.seq - $isn + 4294967296) % 4294967296), n: ([.len - 52, 0] | max)}) | .[1:] | sort_by(.from) |
	reduce .[] as $p (1; if $p.from <= . then [., $p.from + $p.n] | max else . end) - 1' "$tool_out")" 300000
expect "packets over 1500 bytes" "$(($(tool_events '.direction == "from_vm" and .len > 1500') > 0))" 1

echo "--- the guest stands still, its tap's ring is full: what the driver refuses is told"
ip link set vnet0 txqueuelen 10
before=$(tap_dropped)
guest_pause
at_exit 'ip link set vnet0 txqueuelen 1000; guest_resume'
details_start --protocol icmp --direction to-vm --timeout-ms 300
in_ext ping -q -c 450 -i 0.002 -W 1 10.9.0.2 >/dev/null
sleep 2
tool_stop
dropped=$(($(tap_dropped) - before))
guest_resume
ip link set vnet0 txqueuelen 1000
expect "the tap dropped some, not all" "$((dropped > 0 && dropped < 450))" 1
counts 0 $((450 - dropped)) "$dropped"
expect "refused" "$(tool_figure .counts.refused_by_driver)" "$dropped"
expect "unfinished with the driver's answer" "$(tool_events '.status == "UNFINISHED" and .rc == 1 and (.last_stage | startswith("VNET_QDISC_"))')" "$dropped"
expect "complete with one" "$(tool_events '.status == "COMPLETE" and has("rc")')" 0
for _ in $(seq 20); do pings 1 10.9.0.2 && break; done
details_start --protocol icmp
pings 5 10.9.0.2
tool_stop
counts 5 5 0
tool_valid
echo ok
