#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm latency details on a switch without a guest: every packet, every stage, every direction, and
# each stage's count is the one that bpftrace counts at the same hook.
# topo: ovs
# kernels: all
# timeout: 480
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=vm-lib.sh
. "$(dirname "$0")/vm-lib.sh"
topo_use ovs

details_start() { tool_start vm latency details --vm-interface pa --phy-interface pb "$@"; }
pings() { in_ova ping -q -c "$1" -i 0.02 -W 2 "${@:2}" 10.8.0.2 >/dev/null; }
# Of the lowest priority, as a bridge begins: a flow without one has 32768, above those of the tests.
flows() { ovs-ofctl del-flows br0 && ovs-ofctl add-flow br0 priority=0,actions=NORMAL; }

switch_quiet ova 10.8.0.2 ovb 10.8.0.1
# A flow that has expired means an upcall, after which conntrack sees the packet again.
ovs-vsctl set Open_vSwitch . other_config:max-idle=600000
at_exit 'flows; ovs-vsctl remove Open_vSwitch . other_config max-idle'
at_exit 'tc qdisc del dev pa root 2>/dev/null; tc qdisc del dev pb root 2>/dev/null'
pings 2

echo "--- 50 pings: all stages, each way, as bpftrace counts them"
hooks_start
# A queue that no packet goes around, also not when it is empty.
tc qdisc add dev pa root prio || fail "no prio queue"
tc qdisc add dev pb root prio
details_start --protocol icmp --all
ovs-appctl dpctl/del-flows
pings 50
tool_stop
tc qdisc del dev pa root
tc qdisc del dev pb root
cp "$tool_out" "$tool_dir/first"
counts 50 50 0
expect "events from the VM" "$(tool_events '.status == "COMPLETE" and .direction == "from_vm"')" 50
expect "events to the VM" "$(tool_events '.status == "COMPLETE" and .direction == "to_vm"')" 50
expect "stages out of order" "$(tool_events '.stages | [.[].at_us] | . != sort')" 0
expect "sequence numbers" "$(jq -r 'select(.direction == "from_vm") | .flow.seq' "$tool_out" | sort -nu | wc -l)" 50
expect "ICMP types" "$(jq -r 'select(.type == "event") | "\(.direction) \(.flow.icmp_type)"' "$tool_out" | sort -u | xargs)" \
	"from_vm 8 to_vm 0"
expect "last stage has the total" "$(tool_events '.stages[-1].at_us != .total_us')" 0
expect "interfaces" "$(jq -c 'select(.direction == "from_vm") | [.stages[0].interface, .stages[-1].interface]' "$tool_out" | sort -u)" '["pa","pb"]'

echo "--- conntrack: only when asked for"
ovs-ofctl del-flows br0
ovs-ofctl add-flows br0 - <<END
table=0,priority=10,arp,actions=NORMAL
table=0,priority=5,ip,ct_state=-trk,actions=ct(table=1)
table=1,ip,ct_state=+trk+new,actions=ct(commit),NORMAL
table=1,ip,ct_state=+trk+est,actions=NORMAL
END
pings 2 -s 10
details_start --protocol icmp --enable-ct --all
pings 18 -s 100
tool_stop
hooks_stop
counts 18 18 0
hook_same ct CT_RX:CT_TX
hook_same ct_out CT_OUT_RX:CT_OUT_TX
tool_out=$tool_dir/first same_as_hooks pa pb
expect "through the queues" "$(hook_count "deq[$(</sys/class/net/pa/ifindex)]") $(hook_count "deq[$(</sys/class/net/pb/ifindex)]")" "50 50"
expect "conntrack stages" "$(tool_figure '.stages | [.from_vm.CT_RX, .from_vm.CT_OUT_RX, .to_vm.CT_TX, .to_vm.CT_OUT_TX] | join(" ")')" "18 18 18 18"
expect "repeats told" "$(tool_events '.repeats > 0')" 36
cp "$tool_out" "$tool_dir/ct"
details_start --protocol icmp
pings 3
tool_stop
expect "conntrack not asked for" "$(tool_figure .stages.from_vm.CT_RX)" null
flows

echo "--- doctor promises the probes that are used, with --enable-ct all but the one of taps"
hooks='.hooks[] | .name + " " + (.probe // "null")'
jq -r "select(.type == \"start\") | $hooks" "$tool_dir/ct" | sort >"$tool_dir/used"
"$NETTRACE" doctor --json vm latency details | jq -r ".commands[] | $hooks" | sort >"$tool_dir/promised"
expect "not in use" "$(comm -23 "$tool_dir/promised" "$tool_dir/used" | cut -d' ' -f1)" tun
expect "in use, not promised" "$(comm -13 "$tool_dir/promised" "$tool_dir/used")" ""
expect "hooks without a probe" "$(grep -c ' null$' "$tool_dir/used")" 0

echo "--- upcalls: without flows in the datapath the packet goes to user space and back"
details_start --protocol icmp --all
for _ in 1 2 3 4 5; do
	ovs-appctl dpctl/del-flows
	pings 1
done
tool_stop
counts 5 5 0
expect "with both upcall stages" "$(tool_events '[.stages[].stage] | any(startswith("OVS_UPCALL")) and any(startswith("OVS_USERSPACE"))')" 10
pings 1

echo "--- dropped by the switch: unfinished, with the place where it was last seen"
ovs-ofctl add-flow br0 priority=100,icmp,nw_dst=10.8.0.2,actions=drop
ovs-appctl dpctl/del-flows
in_ova ping -q -c 2 -i 0.02 -W 1 10.8.0.2 >/dev/null
details_start --protocol icmp
in_ova ping -q -c 7 -i 0.02 -W 1 10.8.0.2 >/dev/null
sleep 1.5
tool_stop
flows
ovs-appctl dpctl/del-flows
pings 1
counts 0 0 7
expect "last seen at" "$(jq -r 'select(.status == "UNFINISHED") | .last_stage' "$tool_out" | sort | uniq -c | xargs)" "7 DP_PROCESS"

echo "--- the old program's name: its words, its stages"
ln -sf "$NETTRACE" "$tool_dir/vm_network_latency_details.py"
NETTRACE=$tool_dir/vm_network_latency_details.py tool_start --vm-interface pa --phy-interface pb --direction rx --protocol icmp
pings 5
tool_stop
counts 0 5 0
expect "every packet is shown, and its stages" \
	"$(jq -r 'select(.type == "event") | [.stages[].stage] | join(" ")' "$tool_out" | sort | uniq -c | xargs)" \
	"5 TX_S0_netif_receive_skb TX_S1_netdev_frame_hook TX_S2_ovs_dp_process TX_S5_ovs_vport_send"
tool_valid
echo ok
