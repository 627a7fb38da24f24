#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel itself says about the drops that the cases of `drop summary` cause: bpftrace's
# kernel stacks, for tests/live/drop-truth.txt. By hand, in the lab or on a machine with tracefs:
#   tests/vm/run 5.10 -- tests/live/by-hand/drop-truth.sh
# shellcheck source-path=SCRIPTDIR source=../drop-causes.sh
. "$(dirname "$0")/../drop-causes.sh"
topo_use router
[ -e /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing || fail "no tracefs"

reason=0
grep -q reason /sys/kernel/tracing/events/skb/kfree_skb/format && reason="args->reason"
[ "$reason" = 0 ] || sed -n 's/^print fmt: //p' /sys/kernel/tracing/events/skb/kfree_skb/format |
	grep -oE '\{ *[0-9]+, *"[A-Z_0-9]+" *\}' | tr -d '{}" ' | head -150 >/tmp/reasons
program="tracepoint:skb:kfree_skb {
	@[$reason, ksym((uint64)args->location), args->protocol, kstack(9)] = count(); }"
bpftrace -e "$program" >/tmp/truth.out 2>/tmp/truth.err &
pid=$!
for _ in $(seq 120); do
	grep -q Attaching /tmp/truth.out /tmp/truth.err && break
	kill -0 "$pid" || fail "$(cat /tmp/truth.err)"
	sleep 0.5
done
sleep 5
causes_all
sleep 1
kill -INT "$pid"
wait "$pid"
uname -r
cat /tmp/truth.out /tmp/truth.err
[ "$reason" = 0 ] || { echo "reasons:"; paste -sd' ' /tmp/reasons; }
grep -E ' (kfree_skb|kfree_skb_list|kfree_skb_reason|kfree_skb_list_reason|sk_skb_reason_drop|tcp_drop|tcp_drop_reason|skb_release_data|__kfree_skb|skb_queue_purge|skb_queue_purge_reason|ping_rcv|icmp_rcv|sk_stream_kill_queues|inet_sock_destruct|packet_rcv|tpacket_rcv)(\.[a-z].*)?$' /proc/kallsyms
