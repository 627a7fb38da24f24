#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm latency details: a delay in a queue is found at that step and nowhere else, and its times are
# those of tcpdump. On the exact clock. By hand with a guest, too, whose boot takes too long on that
# clock to be waited for each time: tests/vm/run --icount --timeout 1500 5.10 -- THIS guest
# topo: ovs
# kernels: 5.10
# timeout: 240
# icount: yes
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=vm-lib.sh
. "$(dirname "$0")/vm-lib.sh"
topo=${1-ovs}
topo_use "$topo"

# The side that pings counts as the VM's in the one topology, as the wire's in the other.
case $topo in
ovs)
	vnet=pa phy=pb
	pings() { in_ova ping -q -c "$1" -i 0.05 -W 2 10.8.0.2 >/dev/null; }
	switch_quiet ova 10.8.0.2 ovb 10.8.0.1
	;;
guest)
	vnet=vnet0 phy=up0
	pings() { in_ext ping -q -c "$1" -i 0.05 -W 5 10.9.0.2 >/dev/null; }
	for _ in $(seq 20); do pings 1 && break; done
	ip -n ext neigh replace 10.9.0.2 lladdr 52:54:00:77:09:02 dev e0 nud permanent
	at_exit 'ip -n ext neigh del 10.9.0.2 dev e0'
	;;
esac
details_start() { tool_start vm latency details --vm-interface "$vnet" --phy-interface "$phy" --protocol icmp "$@"; }

ovs-vsctl set Open_vSwitch . other_config:max-idle=600000
at_exit "tc qdisc del dev $phy root 2>/dev/null; ovs-vsctl remove Open_vSwitch . other_config max-idle"
pings 2

echo "--- times against tcpdump's"
dump_start "$vnet" "$phy"
details_start --all
pings 10
tool_stop
dump_stop
counts 10 10 0
same_as_dump "$vnet" "$phy"

echo "--- 5 of 10 pings delayed by 20 ms in the uplink's queue, shown are those over 10 ms"
tc qdisc add dev "$phy" root netem delay 0ms || fail "no netem on this kernel"
tc qdisc del dev "$phy" root
details_start --latency-ms 10
pings 5
tc qdisc add dev "$phy" root netem delay 20ms
pings 5
tool_stop
counts 10 10 0
expect "below the threshold" "$(tool_figure .counts.below_threshold)" 15
expect "shown" "$(tool_events true)" 5
expect "their direction" "$(jq -r 'select(.type == "event") | .direction' "$tool_out" | sort -u)" from_vm
steps=$(jq -c 'select(.type == "event") | [.stages as $s | range(1; $s | length) |
	{step: $s[.].stage, us: ($s[.].at_us - $s[. - 1].at_us)}]' "$tool_out")
expect "20 ms before leaving the queue" "$(jq -s 'map(.[] | select(.step == "QDISC_DEQ" and .us >= 20000 and .us < 21000)) | length' <<<"$steps")" 5
expect "other steps over 1 ms" "$(jq -s 'map(.[] | select(.step != "QDISC_DEQ" and .us > 1000)) | length' <<<"$steps")" 0
tool_valid
echo ok
