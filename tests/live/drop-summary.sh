#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: each drop is counted where it was made, with its reason or class, flow and device;
# the expectations are the kernel's own words (drop-truth.txt) and its own counters.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

no_ports() { in_b awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp; }
nft_counter() { "$1" nft -j list table inet ntdrop | jq '[.. | .counter? // empty | .packets] | add'; }

before=$(no_ports)
drops_start hiding --record "$drops_dir/tape"
drops_start all --disable-normal-filter
NETTRACE_WITHOUT=tp_btf drops_start raw --disable-normal-filter
drops_ready
causes_rules_up || fail "the nft rules are refused"
at_exit 'causes_rules_down 2>/dev/null'
causes_send
cause_ping
expect "refused by nft (forward, output, input)" \
	"$(nft_counter in_r) $(nft_counter in_a) $(nft_counter in_b)" "17 4 5"
expect "datagrams without a port in b" $(($(no_ports) - before)) 23
causes_rules_down
sleep 0.3
drops_stop

echo "--- counts, flows and devices"
expect "causes and counts" "$(causes hiding | cut -d' ' -f1,2 | paste -sd,)" \
	"ethertype 19,forward 17,input 5,output 4,tcp 3,ttl 13,udp 23,udp6 11,vlan 7"
causes all >"$drops_dir/found"
expect "and with nothing hidden" "$(cut -d' ' -f1,2 "$drops_dir/found" | paste -sd,)" \
	"ethertype 19,forward 17,input 5,output 4,ping 10,tcp 3,ttl 13,udp 23,udp6 11,vlan 7"

echo "--- with a raw tracepoint alone"
probe() { jq -r 'select(.type == "start") | .hooks[] | select(.name == "free") | .probe' "$drops_dir/$1"; }
expect "probes" "$(probe all) $(probe raw)" "tp_btf:kfree_skb raw_tp:kfree_skb"
diff "$drops_dir/found" <(causes raw) || fail "with tp_btf (<) and without (>) differ"

echo "--- normal frees"
expect "pings hidden" "$(drops hiding .hidden.raw_ping_reply)" 10
expect "hidden, nothing hidden" "$(drops all .counts.hidden)" 0
# Of IPv4: of IPv6 the kernel frees something of its own now and then, also between the two ends.
expect "IPv4, and the pings with it" "$(($(sum hiding '.flow.family == 4') + 10))" \
	"$(sum all '.flow.family == 4')"

echo "--- places and reasons as the kernel told bpftrace"
if truth_known; then
	truth | awk '{ print $1, $2, $3, $3, $4 }' | sort >"$drops_dir/truth"
	diff "$drops_dir/truth" <(sort "$drops_dir/found") || fail "truth (<) and findings (>) differ"
	cat "$drops_dir/truth"
fi

echo "--- a recording says the same"
"$NETTRACE" drop summary --interval 0 --top 100000 --json --replay "$drops_dir/tape" \
	--output "$drops_dir/again" || fail "replay: exit code $?"
told='{counts, hidden, rows, locations} | tojson'
[ "$(drops again "$told")" = "$(drops hiding "$told")" ] || fail "the replay differs"
echo ok
