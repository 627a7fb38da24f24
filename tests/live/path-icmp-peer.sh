#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path icmp: which pings are looked at, a peer that does not answer, and one that answers with an error.
# topo: router
# kernels: native,5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=path-lib.sh
. "$(dirname "$0")/path-lib.sh"
topo_use router
at_exit 'in_b nft flush ruleset 2>/dev/null'

echo "--- a reverse ping is recognised"
path_start "${v4[@]}" --all
in_b ping -q -c 10 -i 0.01 -W 1 10.77.1.1 >/dev/null
counts 10 0 0 0
expect "direction" "$(tool_events '.direction == "reverse"')" 10

echo "--- filters that do not match"
path_start --src-ip 10.77.9.9 --dst-ip 10.77.2.1 --all
pings 20 10.77.2.1
pings 20 fd77:2::1
counts 0 0 0 0
expect "events" "$(tool_events true)" 0

echo "--- a prefix and a list match"
path_start --src-ip 10.77.1.0/24,192.0.2.1 --dst-ip 192.0.2.7,10.77.2.1 --all
pings 10 10.77.2.1
counts 10 0 0 0

echo "--- a peer that is silent for 10 of 100"
path_start "${v4[@]}"
in_b sysctl -qw net.ipv4.icmp_echo_ignore_all=1
pings 10 10.77.2.1
in_b sysctl -qw net.ipv4.icmp_echo_ignore_all=0
pings 90 10.77.2.1
sleep 1.3
counts 90 0 10 0
expect "events, all of them external" \
	"$(tool_events true '.status == "EXTERNAL_DROP" and (has("icmp_error") | not)')" "10 10"

echo "--- a peer that is away"
path_start --src-ip 10.77.1.1 --dst-ip 10.77.2.9
in_r ip neigh replace 10.77.2.9 lladdr 02:00:00:00:00:09 dev r1
pings 5 10.77.2.9
in_r ip neigh del 10.77.2.9 dev r1
sleep 1.3
counts 0 0 5 0

# errors COUNT JSON: so many events of lost packets with this error, and no others.
errors() {
	expect "ICMP errors" "$(tool_figure .counts.icmp_errors)" "$1"
	expect "events: type, code and sender of the error" \
		"$(jq -c 'select(.type == "event") | [.status, .icmp_error.type, .icmp_error.code, .icmp_error.text, .icmp_error.from]' "$tool_out" | sort | uniq -c | sed 's/^ *//')" \
		"$1 $2"
}

echo "--- a peer that answers every 10th with an ICMP error"
path_start "${v4[@]}"
in_b sysctl -qw net.ipv4.icmp_ratelimit=0
in_b nft -f - <<END
table ip refuse {
	chain in {
		type filter hook input priority 0;
		icmp type echo-request numgen inc mod 10 == 0 reject with icmp type host-unreachable
	}
}
END
pings 100 10.77.2.1
in_b nft delete table ip refuse
sleep 1.3
counts 90 0 10 0
errors 10 '["EXTERNAL_DROP",3,1,"host unreachable","10.77.2.1"]'

echo "--- a peer that answers every 10th with an ICMPv6 error"
path_start "${v6[@]}"
in_b sysctl -qw net.ipv6.icmp.ratelimit=0
in_b nft -f - <<END
table ip6 refuse {
	chain in {
		type filter hook input priority 0;
		icmpv6 type echo-request numgen inc mod 10 == 0 reject with icmpv6 type addr-unreachable
	}
}
END
pings 100 fd77:2::1
in_b nft delete table ip6 refuse
sleep 1.3
counts 90 0 10 0
errors 10 '["EXTERNAL_DROP",1,3,"address unreachable","fd77:2::1"]'

echo "--- a router behind that has no way to go on: the error has other addresses than the ping"
in_r ip -6 route add fd77:9::/64 via fd77:2::1
in_b ip -6 route add unreachable fd77:9::/64
in_b sysctl -qw net.ipv6.conf.all.forwarding=1
path_start --src-ip fd77:1::1 --dst-ip fd77:9::1
pings 7 fd77:9::1
in_b sysctl -qw net.ipv6.conf.all.forwarding=0
in_r ip -6 route del fd77:9::/64
in_b ip -6 route del fd77:9::/64
sleep 1.3
counts 0 0 7 0
errors 7 '["EXTERNAL_DROP",1,0,"no route","fd77:2::1"]'

echo "--- the JSON of all these runs"
tool_valid
echo ok
