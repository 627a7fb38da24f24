#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: a TAP whose reader stands still takes as many pings as its ring holds, and its driver
# refuses the rest: internal drops, as many as the device's own counter says.
# topo: router
# kernels: all
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
tap_up

tool_start path icmp --rx-iface r0 --tx-iface nttap0 --src-ip 10.77.1.1 --dst-ip 10.77.9.1
in_a ping -q -c 40 -i 0.01 -W 1 10.77.9.1 >/dev/null
sleep 1.3
tool_stop
dropped=$(in_r ip -s -j link show nttap0 | jq '.[0].stats64.tx.dropped')
tool_no_loss
expect "flows" "$(tool_figure .counts.total)" 40
expect "refused by the driver, against the device's counter" \
	"$(tool_figure .counts.refused_by_driver)" "$dropped"
expect "internal drops" "$(tool_figure .counts.internal_drop_req)" "$dropped"
expect "external drops: what the ring holds" "$(tool_figure .counts.external_drop)" \
	$((40 - dropped))
[ "$dropped" -ge 20 ] || fail "the ring of 16 took $((40 - dropped))"
expect "events with the driver's result" "$(tool_events '.rc == 1')" "$dropped"
echo ok
