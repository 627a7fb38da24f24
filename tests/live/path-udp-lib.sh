# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of path udp on the router topology share. Sourced after lib.sh and path-lib.sh.

udp_start() { tool_start path udp --rx-iface r0 --tx-iface r1 "$@"; }

# send ADDRESS COUNT SIZE [WORD...]: see udp-send.py. The last ones are forwarded when it returns.
send() { in_a "$case_root/tests/live/udp-send.py" "$@"; }

# udp_lose N MATCH: the router drops every N-th packet that nftables' MATCH fits: the 1st, the N+1st.
udp_lose() {
	in_r nft -f - <<-END
	table inet ntlose {
		counter lost { }
		chain forward {
			type filter hook forward priority 0; policy accept;
			$2 numgen inc mod $1 == 0 counter name lost drop
		}
	}
	END
}

# udp_lose_off: sets lost, what nftables counted.
udp_lose_off() {
	# shellcheck disable=SC2034 # used by the cases
	lost=$(in_r nft -j list counter inet ntlose lost | jq '[.nftables[].counter // empty][0].packets')
	in_r nft delete table inet ntlose
}

# udp_counts COMPLETE INTERNAL PARTIAL [EXTERNAL [UNKNOWN]]: and nothing else, and the sum is right.
udp_counts() {
	tool_stop
	tool_expect "complete, internal, partial, external, unknown port" \
		'.counts | [.complete, .internal_drop, .partial_fragment_drop, .external_fragment_drop, .unknown_port] | join(" ")' \
		"$1 $2 $3 ${4-0} ${5-0}" \
		"total" .counts.total $(($1 + $2 + $3 + ${4-0} + ${5-0})) \
		"in flight, untracked" '.counts | "\(.in_flight) \(.untracked)"' "0 0" "${tool_nothing_lost[@]}"
}
