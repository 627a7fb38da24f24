#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: a bridge of this host as a side. What the host itself sends into it is a request that
# arrives, what it hands up a reply that leaves.
# topo: router
# kernels: native,6.1
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router

bridge_up

bridge_start() {
	tool_start path icmp --rx-iface ntbr0 --tx-iface p9 --src-ip 10.77.8.254 --dst-ip 10.77.8.1 --all
}
bridge_lose_echo() { bridge_lose "$1" "icmp type $2"; }
local_pings() { in_r ping -q -c 100 -i 0.01 -W 1 10.77.8.1 >/dev/null; }

echo "--- every 10th request lost between the host and the port"
bridge_start
bridge_lose_echo output echo-request
local_pings
bridge_lose_off
sleep 1.3
counts 90 10 0 0
expect "the way of the complete ones" \
	"$(jq -c 'select(.status == "COMPLETE") | [.direction, .stages[].interface]' "$tool_out" | sort -u)" \
	'["forward","ntbr0","p9","p9","ntbr0"]'

echo "--- every 10th reply lost between the port and the host"
bridge_start
bridge_lose_echo input echo-reply
local_pings
bridge_lose_off
sleep 1.3
counts 90 0 0 10

echo "--- pinged from beyond the port"
bridge_start
in_b ping -q -c 10 -i 0.01 -W 1 10.77.8.254 >/dev/null
counts 10 0 0 0
expect "the way" "$(jq -c 'select(.type == "event") | [.direction, .stages[].interface]' "$tool_out" | sort -u)" \
	'["reverse","p9","ntbr0","ntbr0","p9"]'
tool_valid
echo ok
