#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary --reason: only drops of these reasons, the kernel's or those derived from the place;
# the others are in no row and in the figure that is told of them.
# topo: router
# kernels: native,5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

groups="all stack fivetuple reason device location"
from=(--src-ip 10.77.1.1)
for group in $groups; do
	drops_start "$group" --reason NETFILTER_DROP --group-by "$group" "${from[@]}"
done
drops_start list --reason netfilter_drop,SKB_DROP_REASON_NO_SOCKET "${from[@]}"
drops_start rare --reason PKT_TOO_BIG --no-stack-trace --protocol icmp6
drops_start nolimit "${from[@]}"
drops_ready
causes_all
sleep 0.3
drops_stop

# 17 + 4 + 5; with the sockets that are not there 23 + 3 besides.
for name in $groups; do
	expect "$name: in rows" "$(drops "$name" .counts.in_rows)" 26
	expect "$name: the rest is told" \
		"$(drops "$name" '.counts | .other_reasons >= 39 and .other_reasons <= .filtered')" true
done
expect "two reasons, any case, prefix" "$(drops list .counts.in_rows)" 52
expect "the 23 and the 17" "$(sum list '.flow.dport == 7023') $(sum list '.flow.dport == 7017')" "23 17"
expect "nothing of another reason" \
	"$(sum list '(.reason // .hint) | test("NETFILTER_DROP|NO_SOCKET") | not')" 0
expect "device: rows as without --reason: two devices, none" "$(drops device '.rows | length')" 3
expect "device: no place" "$(drops device '[.rows[] | has("where", "reason")] | any')" false
expect "fivetuple: a row each" "$(drops fivetuple '.rows | length')" 3
expect "one that does not occur" "$(drops rare '.rows | length')" 0
expect "without --reason none is left out for it" "$(drops nolimit .counts.other_reasons)" 0

# refused LIST TEXT: a usage error with these words.
refused() {
	local rc=0 text
	text=$(in_r "$NETTRACE" drop summary --duration 1 --reason "$1" 2>&1 >/dev/null) || rc=$?
	expect "--reason $1: exit code" "$rc" 2
	[[ $text == *"$2"* && $(wc -l <<<"$text") = 1 ]] || fail "--reason $1: $text"
}
refused no_sockte "did you mean 'NO_SOCKET'?"
refused NETFILTER_DROP,zzzzz "'zzzzz' is no drop reason"
refused NO_SOCKET, "a name is missing"
echo ok
