#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# rtt kernel: a host that does not answer, an id that comes again, an ICMP error, what others ping,
# and addresses that it refuses.
# topo: router
# kernels: native,5.10,7
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=rtt-lib.sh
. "$(dirname "$0")/rtt-lib.sh"
topo_use router
at_exit 'router_lose_off; in_r nft delete table ip refuse 2>/dev/null'

echo "--- b does not answer"
rtt_start ntb "${v4[@]}" --direction rx --stats-mode
in_b sysctl -qw net.ipv4.icmp_echo_ignore_all=1
pings 5 10.77.2.1
in_b sysctl -qw net.ipv4.icmp_echo_ignore_all=0
pings 10 10.77.2.1
sleep 1.3
counts 10 0 5 0
expect "events in stats mode" "$(tool_events true)" 0

echo "--- an id and sequence number that comes again"
rtt_start nta "${v4[@]}" --all --timeout-ms 3000
router_lose 1 request
echo_request 10.77.2.1 4711 1
router_lose_off
sleep 1
echo_request 10.77.2.1 4711 1
sleep 0.3
counts 1 0 1 0
expect "round trips of a second and more" "$(tool_events '.segments_us.total_rtt >= 1000000')" 0

echo "--- an ICMP error is told"
in_r nft -f - <<END
table ip refuse {
	chain forward {
		type filter hook forward priority 0;
		icmp type echo-request reject with icmp type host-unreachable
	}
}
END
rtt_start nta "${v4[@]}"
in_r sysctl -qw net.ipv4.icmp_ratelimit=0
pings 5 10.77.2.1
in_r nft delete table ip refuse
sleep 1.3
counts 0 0 5 0
expect "errors" "$(jq -c 'select(.type == "event") | [.icmp_error.text, .icmp_error.from]' "$tool_out" | sort | uniq -c | sed 's/^ *//')" \
	'5 ["host unreachable","10.77.1.254"]'

echo "--- what others ping, and what the router forwards, does not count"
router=${NT_ROUTER_NS:-1}
rtt_start "$router" --src-ip 10.77.0.0/16 --dst-ip 10.77.2.1 --all
pings 20 10.77.2.1
in_r ping -q -c 7 -i 0.01 -W 1 10.77.2.1 >/dev/null
counts 7 0 0 0
rtt_start "$router" --src-ip 10.77.1.1 --dst-ip 10.77.0.0/16 --direction rx --all
pings 20 10.77.2.1
pings 7 10.77.1.254
counts 7 0 0 0
expect "local" "$(jq -r 'select(.type == "start") | .local' "$tool_out" | tr , '\n' | sort | paste -sd,)" \
	"10.77.1.254,10.77.2.254"
rtt_start nta "${v4[@]}" --all
in_b ping -q -c 20 -i 0.01 -W 1 10.77.1.1 >/dev/null
pings 20 10.77.1.254
pings 20 fd77:2::1
counts 0 0 0 0
expect "events" "$(tool_events true)" 0

echo "--- which address is this host's"
# refused WANTED OPTION...: exit code 3, and what it says.
refused() {
	local rc=0
	in_r "$NETTRACE" rtt kernel --netns nta "${@:2}" >/dev/null 2>"$tool_dir/err" || rc=$?
	expect "exit code" "$rc" 3
	grep -q -e "$1" "$tool_dir/err" || fail "$(cat "$tool_dir/err")"
}
refused "give --direction rx" --src-ip 10.77.2.1 --dst-ip 10.77.1.1
refused "neither --src-ip nor --dst-ip" --src-ip 10.77.9.1 --dst-ip 10.77.2.1 --direction rx
refused "are both addresses" --src-ip 10.77.1.1 --dst-ip 127.0.0.1

echo "--- the JSON of all these runs"
tool_valid
echo ok
