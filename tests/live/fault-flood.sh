#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More than there is room for: packets under way, and ten times the events that the buffer holds
# while nobody reads. What is not shown is counted, to the packet, with a ring buffer and with a
# perf buffer.
# topo: router
# kernels: native
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
tool=(path icmp --rx-iface r0 --tx-iface r1 --src-ip 10.77.1.1)
vm=(vm latency details --vm-interface r0 --phy-interface r1 --direction from-vm --src-ip 10.77.1.1)
# One CPU, so that it is one perf buffer that overflows.
cpu=$(sed -n 's/^Cpus_allowed_list:[\t ]*\([0-9]*\).*/\1/p' /proc/self/status)

# counted requests|replies: ICMP echoes that r0 has received or is about to send, as the kernel
# counts them.
counted() { in_r nft -j list counter ip ntflood "$1" | jq '.nftables[] | .counter?.packets // empty'; }
# count_on [RULE]: from now on; a rule about what is forwarded.
count_on() {
	in_r nft -f - <<-END
	table ip ntflood {
		counter requests { }
		counter replies { }
		chain pre {
			type filter hook prerouting priority -300;
			iifname r0 icmp type echo-request counter name requests
		}
		chain post {
			type filter hook postrouting priority 300;
			oifname r0 icmp type echo-reply counter name replies
		}
		chain unfinished {
			type filter hook forward priority 0;
			${1-}
		}
	}
	END
}
count_off() { in_r nft delete table ip ntflood 2>/dev/null; }
at_exit count_off

# flood_full STARTED TOTAL: the tool, with room for 64, had 2000 packets that do not end.
flood_full() {
	local sent
	in_r ip neigh replace 10.77.2.9 lladdr 02:00:00:00:00:09 dev r1
	count_on "${2-}"
	in_a ping -q -c 2000 -l 2000 -W 1 10.77.2.9 >/dev/null
	sent=$(counted requests)
	count_off
	tool_stop
	[ "$sent" -ge 1000 ] || fail "only $sent pings were sent"
	expect "started and not tracked, against nftables" \
		"$(tool_figure "$1 + .loss.table_full")" "$sent"
	[ "$(tool_figure .loss.table_full)" -gt $((sent / 2)) ] || fail "the table was not full"
	[ "$(tool_figure "$1")" -ge 32 ] || fail "hardly anything was tracked"
	expect "all of those are under way" "$(tool_figure ".counts.in_flight == $1")" true
	expect "other losses" "$(tool_figure '.loss | del(.table_full) | [.[] | select(. != null)] | add')" 0
}

# flood_buffer N: that many pings while the tool stands still.
flood_buffer() {
	local sent back shown lost peak
	# Busy emulated CPUs can hold a packet for seconds: none times out here.
	tool_start "${tool[@]}" --dst-ip 10.77.2.1 --all --timeout-ms 60000
	kill -STOP "$tool_pid"
	count_on
	in_a taskset -c "$cpu" ping -q -f -c "$1" -W 1 10.77.2.1 >/dev/null
	kill -CONT "$tool_pid"
	for _ in {1..100}; do
		[ "$(tool_events true)" -gt 0 ] && break
		sleep 0.1
	done
	peak=$(sed -n 's/^VmHWM:[\t ]*\([0-9]*\) kB/\1/p' "/proc/$tool_pid/status")
	tool_stop
	sent=$(counted requests) back=$(counted replies)
	count_off
	[ "$back" -gt $(($1 * 9 / 10)) ] || fail "of $1 pings only $back came back"
	expect "total, complete, in flight, in the histogram, against nftables" \
		"$(tool_figure '[.counts.total, .counts.complete, .counts.in_flight, .latency.total.count] | join(" ")')" \
		"$sent $back $((sent - back)) $back"
	shown=$(tool_events true) lost=$(tool_figure .loss.events_lost)
	expect "shown $shown and lost $lost" $((shown + lost)) "$back"
	[ "$back" -ge $((shown * 10)) ] || fail "these are not ten times the events that the buffer holds"
	[ "$shown" -gt 1000 ] || fail "the buffer holds less than 1000 events"
	expect "shown twice" "$(jq -r 'select(.type == "event") | "\(.flow.id) \(.flow.seq)"' "$tool_out" |
		sort | uniq -d | wc -l)" 0
	expect "other losses" "$(tool_figure '.loss | del(.events_lost) | [.[] | select(. != null)] | add')" 0
	[ "$peak" -le 24576 ] || fail "peak of $peak kB"
}

for without in '' ringbuf; do
	export NETTRACE_WITHOUT=$without
	echo "--- 2000 pings under way, room for 64; without '$without'"
	tool_start "${tool[@]}" --dst-ip 10.77.2.9 --max-sessions 64 --timeout-ms 60000
	flood_full .counts.total
	echo "--- the same of a VM's, that are not sent on"
	tool_start "${vm[@]}" --dst-ip 10.77.2.9 --max-sessions 64 --timeout-ms 60000
	flood_full .counts.started 'ip daddr 10.77.2.9 drop'
	# A ring of 1 MiB holds some 5000 events, a perf buffer of 512 KiB half of that.
	many=$([ -n "$without" ] && echo 32000 || echo 64000)
	echo "--- $many pings, and the reader stands still; without '$without'"
	flood_buffer "$many"
done
tool_valid
echo ok
