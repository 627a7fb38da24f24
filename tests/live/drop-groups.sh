#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: every way to group gives the same sum, and the rows that it should.
# topo: router
# kernels: native,5.10
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

# From a: 23 + 17 + 13 + 4 + 5 + 3 drops.
only=(--src-ip 10.77.1.1)
groups="all stack fivetuple reason device location"
for group in $groups; do drops_start "$group" --group-by "$group" "${only[@]}"; done
drops_start bare --no-stack-trace "${only[@]}"
drops_start shallow --group-by stack --stack-depth 3 "${only[@]}"
drops_start deep --group-by stack --stack-depth 127 "${only[@]}"
drops_ready
causes_all
sleep 0.3
drops_stop

for name in $groups bare shallow deep; do
	expect "$name: in rows" "$(drops "$name" .counts.in_rows)" 65
done

expect "fivetuple: rows of the 23" "$(drops fivetuple "[.rows[] | select(.flow.dport == 7023)] | length")" 1
expect "fivetuple: the 23" "$(sum fivetuple '.flow.dport == 7023')" 23
expect "fivetuple: no stack, place or reason" \
	"$(drops fivetuple '[.rows[] | has("stack", "where", "reason")] | any')" false
expect "device: r0, b0, none" \
	"$(sum device '.device == "r0"') $(sum device '.device == "b0"') $(sum device '.device == null')" "30 31 4"
expect "device: rows" "$(drops device '.rows | length')" 3
expect "stack: all have one" "$(drops stack '[.rows[].stack | length > 3] | all')" true
expect "stack: no flow" "$(drops stack '[.rows[] | has("flow")] | any')" false
expect "bare: no stack" "$(drops bare '[.rows[] | has("stack")] | any')" false
expect "shallow: frames, cut" "$(drops shallow '[.rows[] | "\(.stack | length) \(.stack_cut)"] | unique | join(",")')" "3 true"
expect "deep: cut" "$(drops deep '[.rows[].stack_cut] | any')" false
expect "deep: outermost frames are the system call's" \
	"$(drops deep '[.rows[].stack[-1] | test("^(entry_SYSCALL|ret_from_fork|do_syscall|common_startup|secondary_startup)")] | any')" true

if truth_known; then
	for what in "location .function 3" "bare .function 3" 'reason .reason//"~\(.hint)" 4'; do
		read -r name field column <<<"$what"
		expect "$name" \
			"$(drops "$name" "[.rows[] | {k: ($field), c: .count}] | group_by(.k) | map(\"\\(.[0].k) \\(map(.c) | add)\") | join(\", \")")" \
			"$(truth | awk -v c="$column" '$1 ~ /^(udp|forward|ttl|output|input|tcp)$/ { n[$c] += $2 } END { for (k in n) print k, n[k] }' |
				jq -R . | jq -rs 'sort | join(", ")')"
	done
fi
echo ok
