#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: nothing is lost between intervals, and what finds no row is counted as such.
# topo: router
# kernels: native,5.10
# timeout: 360
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

# reports NAME FILTER: of each interval's report.
reports() { jq -c "select(.type == \"report\") | $2" "$drops_dir/$1"; }
no_ports() { in_b awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp; }

before=$(no_ports)
drops_start each --interval 1 --dst-port 7023
drops_start total --interval 1 --dst-port 7023 --cumulative --group-by fivetuple
drops_start small --dst-ip 10.77.2.1 --max-entries 16 --group-by fivetuple
drops_start bt --preset bt --interval 1 --dst-port 7023
drops_ready
# While one is read the other generation is filled: bursts over some seconds.
for _ in 1 2 3 4 5 6; do
	in_a "$drop_send" udp:10.77.2.1:7023:500:sport=7000
	sleep 0.4
done
# 120 flows for 2 x 16 rows.
mapfile -t flows < <(seq -f 'udp:10.77.2.1:7099:5:sport=%.0f' 8001 8120)
in_a "$drop_send" "${flows[@]}"
sleep 1.2
drops_stop
sent=$(($(no_ports) - before))
expect "datagrams to closed ports" "$sent" 3600

expect "sum of the intervals" "$(reports each .counts.matching | paste -sd+ | bc)" 3000
expect "summary" "$(drops each .counts.matching)" 3000
expect "intervals with drops > 1" "$(($(reports each '.counts.matching' | grep -vc '^0$') > 1))" 1
expect "cumulative, the last" "$(reports total .rows[0].count | tail -n 1)" 3000
expect "cumulative, it only grows" \
	"$(jq -s '[.[] | select(.type == "report") | .counts.matching] | . == sort' "$drops_dir/total")" true
expect "cumulative, sum of the differences" \
	"$(reports total '.rows[0].interval_count // 0' | paste -sd+ | bc)" 3000
expect "a full table: drops" "$(drops small .counts.matching)" 3600
expect "a full table: rows" "$(drops small '.counts.rows <= 32 and .counts.other > 0')" true
expect "preset bt: device totals" "$(drops bt '.devices | map("\(.device) \(.count)") | join(",")')" "b0 3000"
expect "preset bt: by stack" "$(drops bt '.group_by + " " + (.cumulative | tostring)')" "stack true"
echo ok
