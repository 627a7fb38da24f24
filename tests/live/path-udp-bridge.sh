#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path udp with a bridge device as a side: the host itself sends or receives, both instants count.
# topo: router
# kernels: native,5.10
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
# shellcheck source=path-udp-lib.sh
. "$(dirname "$0")/path-udp-lib.sh"
topo_use router
bridge_up

# lost_in HOOK SENDER ADDRESS TOOL-OPTION...
lost_in() {
	tool_start path udp "${@:4}"
	bridge_lose "$1" "udp dport 7000"
	"$2" "$case_root/tests/live/udp-send.py" "$3" 100 100
	bridge_lose_off
	sleep 1.3
	udp_counts 90 10 0
	expect "events" "$(tool_events true)" 10
}

echo "--- every 10th lost between the port and the host"
lost_in input in_b 10.77.8.254 --rx-iface p9 --tx-iface ntbr0 --src-ip 10.77.8.1 --dst-ip 10.77.8.254
echo "--- every 10th lost between the host and the port"
lost_in output in_r 10.77.8.1 --rx-iface ntbr0 --tx-iface p9 --src-ip 10.77.8.254 --dst-ip 10.77.8.1
tool_valid
echo ok
