#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More than there is room for: packets under way, and events that nobody reads. What is not shown
# is counted, to the packet, with a ring buffer and with a perf buffer.
# topo: router
# kernels: 6.1
# timeout: 600
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
tool=(path icmp --rx-iface r0 --tx-iface r1 --src-ip 10.77.1.1)
# An event is some 200 bytes: a ring of 1 MiB and a perf buffer of 512 KiB hold a tenth of these.
many=$([ -n "${NT_KERNEL-}" ] && echo 12000 || echo 50000)

# ICMP echo requests that r0 has received, as the kernel counts them.
received() { in_r nft -j list counter ip ntflood requests | jq '.nftables[] | .counter?.packets // empty'; }
count_on() {
	in_r nft -f - <<-END
	table ip ntflood {
		counter requests { }
		chain pre {
			type filter hook prerouting priority -300;
			iifname r0 icmp type echo-request counter name requests
		}
	}
	END
}
count_off() { in_r nft delete table ip ntflood 2>/dev/null; }
at_exit count_off

for without in '' ringbuf; do
	export NETTRACE_WITHOUT=$without
	echo "--- 2000 pings under way, room for 64; without '$without'"
	in_r ip neigh replace 10.77.2.9 lladdr 02:00:00:00:00:09 dev r1
	tool_start "${tool[@]}" --dst-ip 10.77.2.9 --max-sessions 64 --timeout-ms 60000
	count_on
	in_a ping -q -c 2000 -l 2000 -W 1 10.77.2.9 >/dev/null
	sent=$(received)
	count_off
	tool_stop
	[ "$sent" -ge 1000 ] || fail "only $sent pings were sent"
	expect "started and not tracked, against nftables" \
		"$(tool_figure '.counts.total + .loss.table_full')" "$sent"
	[ "$(tool_figure .loss.table_full)" -gt $((sent / 2)) ] || fail "the table was not full"
	[ "$(tool_figure .counts.total)" -ge 32 ] || fail "hardly anything was tracked"
	expect "all of those are under way" "$(tool_figure '.counts | .in_flight == .total')" true
	expect "other losses" "$(tool_figure '.loss | del(.table_full) | [.[] | select(. != null)] | add')" 0

	echo "--- $many pings, and the reader stands still; without '$without'"
	tool_start "${tool[@]}" --dst-ip 10.77.2.1 --all
	kill -STOP "$tool_pid"
	count_on
	in_a ping -q -f -c "$many" -W 1 10.77.2.1 >/dev/null || fail "pings were lost on the way"
	kill -CONT "$tool_pid"
	for _ in {1..100}; do
		[ "$(tool_events true)" -gt 0 ] && break
		sleep 0.1
	done
	peak=$(sed -n 's/^VmHWM:[\t ]*\([0-9]*\) kB/\1/p' "/proc/$tool_pid/status")
	tool_stop
	expect "complete, against nftables" "$(tool_figure .counts.complete)" "$(received)"
	count_off
	shown=$(tool_events true) lost=$(tool_figure .loss.events_lost)
	expect "shown $shown and lost $lost" $((shown + lost)) "$(tool_figure .counts.complete)"
	[ "$lost" -gt "$shown" ] || fail "the buffer was not full"
	[ "$shown" -gt 1000 ] || fail "the buffer holds less than 1000 events"
	expect "other losses" "$(tool_figure '.loss | del(.events_lost) | [.[] | select(. != null)] | add')" 0
	[ "$peak" -le 24576 ] || fail "peak of $peak kB"
done
echo ok
