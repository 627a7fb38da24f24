#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: the same figures with raw tracepoints alone, by ring buffer and by perf buffer.
# topo: router
# kernels: native,5.10
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
at_exit router_lose_off

# What the kernel calls the tool's map of events: 4 is a perf event array, 27 a ring buffer.
events_map() {
	awk '$1 == "map_type:" && ($2 == 4 || $2 == 27) { print $2 }' \
		"/proc/$tool_pid/fdinfo/"* 2>/dev/null | paste -sd,
}

for run in "tp_btf,fentry,kprobe 27" "tp_btf,fentry,kprobe,ringbuf,map_value 4"; do
	read -r mask map <<<"$run"
	echo "--- every 10th request lost in the router, without $mask"
	NETTRACE_WITHOUT=$mask path_start "${v4[@]}" --all
	expect "type of the map of events" "$(events_map)" "$map"
	router_lose 10 request
	pings 100 10.77.2.1
	router_lose_off
	sleep 1.3
	counts 90 10 0 0
	expect "probes" "$(jq -r 'select(.type == "start") | .hooks[].probe' "$tool_out" | paste -sd' ')" \
		"raw_tp:netif_receive_skb raw_tp:net_dev_start_xmit"
	expect "events of complete and lost pings" \
		"$(tool_events '.status == "COMPLETE"' '.status == "INTERNAL_DROP_REQ"')" "90 10"
done
tool_valid
echo ok
