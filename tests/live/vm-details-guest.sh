#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm latency details with a real guest on vhost-net: every ping each way, the vhost worker's name,
# TCP with segmentation in the guest, and what happens while the guest stands still.
# topo: guest
# kernels: all
# timeout: 840
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=vm-lib.sh
. "$(dirname "$0")/vm-lib.sh"
topo_use guest

details_start() { tool_start vm latency details --vm-interface vnet0 --phy-interface up0 "$@"; }
pings() { in_ext ping -q -c "$1" -i 0.05 -W 5 "${@:2}" >/dev/null; }

for _ in $(seq 20); do pings 1 10.9.0.2 && break; done

echo "--- 50 pings to the guest, and their 50 replies"
hooks_start
details_start --protocol icmp
pings 50 10.9.0.2
tool_stop
hooks_stop
counts 50 50 0
same_as_hooks vnet0 up0
expect "sequence numbers" "$(jq -r 'select(.direction == "to_vm") | .flow.seq' "$tool_out" | sort -nu | wc -l)" 50
expect "stages out of order" "$(tool_events '.stages | [.[].at_us] | . != sort')" 0
# shellcheck disable=SC2154 # of the topology
expect "who sends" "$(jq -r 'select(.direction == "from_vm") | .process.comm' "$tool_out" | sort -u)" \
	"vhost-$(cat "$guest_dir/pid")"

echo "--- pings of the guest's own, known by its address"
details_start --vm-ip 10.9.0.2 --protocol icmp
guest_run "ping -q -c 10 -W 5 10.9.0.3" >/dev/null
tool_stop
counts 10 10 0
expect "the guest asks" "$(tool_events '.direction == "from_vm" and .flow.icmp_type == 8')" 10

echo "--- IPv6"
pings 1 fd09::2
details_start --protocol icmp6 --vm-ip fd09::2
pings 10 fd09::2
tool_stop
expect "echo events" "$(tool_events '.flow.icmp_type == 128 or .flow.icmp_type == 129')" 20
expect "unfinished" "$(tool_figure .counts.unfinished)" 0
tool_no_loss

echo "--- the old program's name ends at tun_net_xmit"
ln -sf "$NETTRACE" "$tool_dir/vm_network_latency_details"
NETTRACE=$tool_dir/vm_network_latency_details tool_start --vm-interface vnet0 --phy-interface up0 --direction rx --protocol icmp
pings 5 10.9.0.2
tool_stop
counts 0 5 0
expect "last stage" "$(jq -r 'select(.type == "event") | .last_stage' "$tool_out" | sort -u)" TX_S6_tun_net_xmit
echo ok
