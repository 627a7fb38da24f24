#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path tcp: the same figures with raw tracepoints alone, by ring buffer and by perf buffer; IPv6; a
# packet that leaves in parts; a TAP that refuses; no answer at all.
# topo: router
# kernels: native,6.1
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
# shellcheck source=path-tcp-lib.sh
. "$(dirname "$0")/path-tcp-lib.sh"
topo_use router
at_exit 'offload on; for in in in_a in_r in_b; do $in nft delete table inet ntlose; done 2>/dev/null'
serve

for mask in tp_btf,fentry,kprobe tp_btf,fentry,kprobe,ringbuf; do
	echo "--- without $mask"
	NETTRACE_WITHOUT=$mask tcp_start "${v4[@]}" --dst-port 5201
	tcp_lose in_r forward 20 "tcp dport 5201 meta length > 100"
	transfer 10.77.2.1 5201 1000000 0
	tcp_lose_off in_r
	inside=$lost
	tcp_lose in_b prerouting 20 "tcp dport 5201 meta length > 100"
	transfer 10.77.2.1 5201 1000000 0
	tcp_lose_off in_b
	sleep 1.3
	expect "probes" "$(jq -r 'select(.type == "start") | .hooks[].probe' "$tool_out" | paste -sd' ')" \
		"raw_tp:netif_receive_skb raw_tp:net_dev_start_xmit"
	tcp_drops "$inside" 0 "$lost" 0
done

echo "--- IPv6, both ways"
tcp_start "${v6[@]}" --all
tcp_lose in_r forward 20 "tcp sport 5201 meta length > 100"
transfer fd77:2::1 5201 300000 1000000
tcp_lose_off in_r
inside=$lost
tcp_lose in_a prerouting 20 "tcp sport 5201 meta length > 100"
transfer fd77:2::1 5201 300000 1000000
tcp_lose_off in_a
sleep 1.3
tcp_drops 0 "$inside" 0 "$lost"
expect "events of the reverse direction that were not complete" \
	"$(tool_events '.direction == "reverse" and .status != "COMPLETE" and .flow.family == 6')" $((inside + lost))

echo "--- the figures alone"
tcp_start "${v4[@]}" --stats-mode --interval 1
tcp_lose in_r forward 20 "tcp dport 5201 meta length > 100"
transfer 10.77.2.1 5201 1000000 0
tcp_lose_off in_r
inside=$lost
tcp_lose in_b prerouting 20 "tcp dport 5201 meta length > 100"
transfer 10.77.2.1 5201 1000000 0
tcp_lose_off in_b
sleep 1.3
tcp_drops "$inside" 0 "$lost" 0
expect "events" "$(tool_events true)" 0
tool_expect "acknowledgements timed" '.latency.fwd_external.count > 0 and .latency.rep_external.count > 0' true

echo "--- large packets come, small ones leave"
in_r ethtool -K r1 tso off gso off >/dev/null
tcp_start "${v4[@]}" --all
transfer 10.77.2.1 5201 1000000 0
sleep 0.3
tcp_drops 0 0 0 0
large=$(tool_events '.payload > 1448')
in_r ethtool -K r1 tso on gso on >/dev/null
[ "$large" -gt 0 ] || fail "no large packets came"
echo "large ones: $large"

echo "--- nobody answers: all but the last one came again"
in_b nft -f - <<-'END'
	table inet ntlose { chain lose { type filter hook prerouting priority 0; tcp dport 5203 drop; }; }
END
tcp_start "${v4[@]}" --dst-port 5203
in_a timeout 3.5 python3 -c 'import socket; socket.create_connection(("10.77.2.1", 5203))' 2>/dev/null
in_b nft delete table inet ntlose
tool_stop
expect "told" "$(tool_events '.status == "EXTERNAL_DROP" and .flags == "SYN" and .payload == 0')" \
	$(($(tool_figure .counts.total) - 1))
[ "$(tool_figure .counts.fwd_external_drop)" -ge 1 ] || fail "it did not come again"
tool_no_loss

echo "--- a TAP with room for 16: the driver's refusals"
tap_up
tool_start path tcp --rx-iface r0 --tx-iface nttap0 --src-ip 10.77.1.1 --dst-ip 10.77.9.1
in_a python3 -c 'import socket
for _ in range(40):
    s = socket.socket(); s.setblocking(False); s.connect_ex(("10.77.9.1", 5201)); s.close()'
sleep 1.3
tool_stop
tool_expect "left, lost here" '.counts | [.fwd_complete, .fwd_internal_drop, .refused_by_driver] | join(" ")' "16 24 24"
tool_no_loss
tool_valid
echo ok
