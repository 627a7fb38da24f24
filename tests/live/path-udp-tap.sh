#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path udp: a TAP whose reader stands still takes as many packets as its ring holds, and its driver
# refuses the rest: they have not left, as many as the device's own counter says.
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
tap_up

# The ring holds 16: five groups and the first fragment of the sixth.
tool_start path udp --rx-iface r0 --tx-iface nttap0 --src-ip 10.77.1.1 --dst-ip 10.77.9.1
send 10.77.9.1 20 4000
sleep 1.3
tool_stop
dropped=$(in_r ip -s -j link show nttap0 | jq '.[0].stats64.tx.dropped')
left=$((60 - dropped))
tool_no_loss
[ "$left" -le 20 ] || fail "the ring of 16 took $left"
expect "refused by the driver, against the device's counter" \
	"$(tool_figure .counts.refused_by_driver)" "$dropped"
expect "complete, partial, internal" \
	"$(tool_figure '.counts | [.complete, .partial_fragment_drop, .internal_drop] | join(" ")')" \
	"$((left / 3)) $((left % 3 > 0)) $((20 - (left + 2) / 3))"
expect "events with the driver's result" "$(tool_events '.rc == 1')" $((20 - left / 3))

before=$dropped
tool_start path udp --rx-iface r0 --tx-iface nttap0 --src-ip 10.77.1.1 --dst-ip 10.77.9.1 \
	--dst-port 7000
send 10.77.9.1 40 100
sleep 1.3
tool_stop
dropped=$(in_r ip -s -j link show nttap0 | jq '.[0].stats64.tx.dropped')
tool_no_loss
expect "all refused: the ring is full" "$((dropped - before))" 40
expect "complete, internal, refused" \
	"$(tool_figure '.counts | [.complete, .internal_drop, .refused_by_driver] | join(" ")')" "0 40 40"
tool_valid
echo ok
