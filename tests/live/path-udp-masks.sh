#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path udp: the same figures with raw tracepoints alone, by ring buffer and by perf buffer.
# topo: router
# kernels: native,5.10
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
# shellcheck source=path-udp-lib.sh
. "$(dirname "$0")/path-udp-lib.sh"
topo_use router
at_exit 'in_r nft delete table inet ntlose 2>/dev/null'

for mask in tp_btf,fentry,kprobe tp_btf,fentry,kprobe,ringbuf; do
	echo "--- datagrams, fragments, numbers of 0 and IPv6, without $mask"
	NETTRACE_WITHOUT=$mask udp_start "${v4[@]}" --dst-port 7000 --all
	udp_lose 10 "udp dport 7000 ip frag-off & 0x3fff == 0"
	send 10.77.2.1 100 100
	send 10.77.2.1 100 100 df
	udp_lose_off
	udp_lose 7 "ip frag-off & 0x3fff != 0"
	send 10.77.2.1 100 4000
	udp_lose_off
	sleep 1.3
	expect "probes" "$(jq -r 'select(.type == "start") | .hooks[].probe' "$tool_out" | paste -sd' ')" \
		"raw_tp:netif_receive_skb raw_tp:net_dev_start_xmit"
	udp_counts $((90 + 90 + 57)) 20 43
	expect "events" "$(tool_events true)" 300
	NETTRACE_WITHOUT=$mask udp_start "${v6[@]}"
	udp_lose 10 "udp dport 7000"
	send fd77:2::1 100 100
	udp_lose_off
	sleep 1.3
	udp_counts 90 10 0
done
tool_valid
echo ok
