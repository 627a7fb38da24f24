# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of the drop tools start with: exact faults on the router topology. Sourced.
# Each cause_* makes the drops that its first comment line names, and no others.

# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/topo/case.sh"
drop_send=$(dirname "${BASH_SOURCE[0]}")/drop-send.py

# Rules of the three hooks, all by port: counters tell what they did.
causes_rules_up() {
	in_r nft -f - <<-'END' || return 1
	table inet ntdrop {
		chain forward { type filter hook forward priority 0; udp dport 7017 counter drop; }
	}
	END
	in_a nft -f - <<-'END' || return 1
	table inet ntdrop {
		chain output { type filter hook output priority 0; udp dport 7004 counter drop; }
	}
	END
	in_b nft -f - <<-'END'
	table inet ntdrop {
		chain input { type filter hook input priority 0; udp dport 7005 counter drop; }
	}
	END
}

causes_rules_down() {
	in_r nft delete table inet ntdrop
	in_a nft delete table inet ntdrop
	in_b nft delete table inet ntdrop
}

# 23 datagrams to a closed port of b, 17 refused in the router's forward hook, 13 with TTL 1,
# 4 refused in a's own output hook, 5 in b's input hook, 11 by IPv6 to a closed port,
# 3 connections refused, 7 frames of a VLAN that r0 has not, 19 frames of an unknown EtherType.
causes_send() {
	in_a "$drop_send" udp:10.77.2.1:7023:23:size=123:sport=7000 udp:10.77.2.1:7017:17:size=117 \
		udp:10.77.2.1:7013:13:ttl=1:size=113 udp:10.77.2.1:7004:4:size=104 \
		udp:10.77.2.1:7005:5:size=105 'udp:[fd77:2::1]:7011:11:size=111' \
		tcp:10.77.2.1:7003:3 tagged:a0:100:10.77.1.254:7 frame:a0:9898:19
}

# 10 replies that a raw socket gets: normal frees.
cause_ping() { in_a ping -q -c 10 -i 0.01 10.77.2.1 >/dev/null; }

causes_all() {
	causes_rules_up && causes_send && cause_ping
	causes_rules_down
}

# --- running the tool: several at once, because each sees all drops ---

drops_dir=$(mktemp -d)
declare -A drops_pid=()
at_exit "drops_kill; rm -rf $drops_dir"

# shellcheck disable=SC2317 # by at_exit
drops_kill() { [ ${#drops_pid[@]} = 0 ] || kill -KILL "${drops_pid[@]}" 2>/dev/null; }

# What is started, and what holds for each of its figures.
drops_command=(drop summary --interval 0 --top 100000)
drops_sums='.counts.matching == .counts.in_rows + .counts.other and
	([.rows[].count] | add // 0) == .counts.in_rows'

# From now on drop details; its events are rows for sum() and causes().
drops_are_details() {
	drops_command=(drop details)
	drops_sums='.counts.matching == .counts.shown + .counts.rate_limited + .counts.sampled_out and
		([.reasons[].count] | add // 0) == .counts.shown and
		([.locations[].count] | add // 0) == .counts.shown and
		([.protocols[].count] | add // 0) == .counts.shown'
}

# drops_start NAME [OPTION...]: begin to start it in the router.
drops_start() {
	local name=$1 fd
	shift
	# A file: of a pipe, a look with a time limit loses the byte that comes just when it is over.
	exec {fd}>"$drops_dir/$name.ready"
	${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} "$NETTRACE" "${drops_command[@]}" \
		"$@" --json --output "$drops_dir/$name" --ready-fd "$fd" 2>"$drops_dir/$name.err" &
	drops_pid[$name]=$!
	exec {fd}>&-
}

# drops_ready: until all have begun.
drops_ready() {
	local name limit=$((SECONDS + 120))
	for name in "${!drops_pid[@]}"; do
		until [ -s "$drops_dir/$name.ready" ]; do
			kill -0 "${drops_pid[$name]}" 2>/dev/null ||
				fail "$name did not start: $(cat "$drops_dir/$name.err")"
			[ "$SECONDS" -lt "$limit" ] || fail "$name is not ready: $(cat "$drops_dir/$name.err"
				stuck "${drops_pid[$name]}")"
			sleep 0.1
		done
	done
}

# drops_stop: end all, check their exit codes, and what holds for every one of them.
drops_stop() {
	local name rc files=()
	kill -TERM "${drops_pid[@]}"
	for name in "${!drops_pid[@]}"; do
		rc=0
		ended "${drops_pid[$name]}" || rc=$?
		[ "$rc" = 0 ] || fail "$name: exit code $rc: $(cat "$drops_dir/$name.err")"
		files+=("$drops_dir/$name")
	done
	drops_pid=()
	drops_sound "${files[@]}"
}

# drops NAME FILTER: of the summary.
drops() { jq -r "select(.type == \"summary\") | $2" "$drops_dir/$1"; }

# sum NAME CONDITION: drops in the rows that match.
sum() { drops "$1" "[.rows[] | select($2) | .count] | add // 0"; }

# Every free is in one figure, every figure of the rows is in the sum, nothing is lost, and the lines
# are what the schema promises. (Few processes: each costs an emulated CPU half a second.)
drops_sound() {
	local wrong
	wrong=$(jq -c 'select(.type == "report" or .type == "summary") | select((
		.counts.total == .counts.matching + .counts.hidden + .counts.filtered and
		'"$drops_sums"' and
		([.hidden[]] | add) == .counts.hidden and
		([.loss | has("recursion", "probe_misses")] | all) and
		([.loss[] | select(. != null)] | add) == 0) | not) |
		[input_filename, .counts, .hidden, .loss]' "$@")
	[ -z "$wrong" ] || fail "the figures do not add up: $wrong"
	cat "$@" >"$drops_dir/.lines"
	valid_lines "$drops_dir/.lines"
}

# rows_of NAME: of the events of drop details, as if they were rows, into NAME.rows.
rows_of() {
	jq -cs '{type: "summary", rows: [.[] | select(.type == "event") | .count = 1]}' "$drops_dir/$1" \
		>"$drops_dir/$1.rows"
	expect "$1: events" "$(drops "$1.rows" '.rows | length')" "$(drops "$1" .counts.shown)"
}

# truth_of RELEASE TABLE [newest]: the lines "CAUSE COUNT TOP REASON" of that kernel; with a third
# word, of the newest row that is not above it. None: not in the table.
truth_of() {
	awk -v release="${1%%-*}" -v newest="${3-}" '
		function order(version, part) {
			split(version, part, "[.+]")
			return part[1] * 1000000 + part[2] * 1000 + part[3]
		}
		/^#/ || !NF { next }
		index(release ".", $1 ".") == 1 || (newest != "" && order($1) <= order(release)) {
			if (order($1) > order(best)) { best = $1; lines = "" }
			if ($1 == best) lines = lines $2 " " $3 " " $4 " " $5 "\n"
		}
		END { printf "%s", lines }' "$2"
}

# The truth about this kernel. The lab's kernels follow their distribution: one that is newer than
# the table must still fit its newest row, else somebody looks at why. Another machine's kernel is
# only compared with a row of its own.
truth() {
	truth_of "$(uname -r)" "$(dirname "${BASH_SOURCE[0]}")/drop-truth.txt" ${NT_KERNEL:+newest}
}

# truth_known: whether there is one; in the lab there must be.
truth_known() {
	[ -z "$(truth)" ] || return 0
	[ -z "${NT_KERNEL-}" ] || fail "no row of drop-truth.txt is for $(uname -r) or older"
	echo "$(uname -r) is not in drop-truth.txt: places and reasons are not compared"
	return 1
}

# What rows each cause makes, as jq functions.
causes_jq='
def causes: {
	udp: (.flow.dport == 7023 and .flow.protocol == "udp" and .flow.sport == 7000 and
		.flow.src == "10.77.1.1" and .flow.dst == "10.77.2.1" and .device == "b0"),
	forward: (.flow.dport == 7017 and .flow.protocol == "udp" and .device == "r0"),
	ttl: (.flow.dport == 7013 and .device == "r0"),
	output: (.flow.dport == 7004 and .device == null),
	input: (.flow.dport == 7005 and .device == "b0"),
	udp6: (.flow.dport == 7011 and .flow.src == "fd77:1::1" and .flow.dst == "fd77:2::1" and .device == "b0"),
	tcp: (.flow.dport == 7003 and .flow.protocol == "tcp" and .device == "b0"),
	vlan: (.flow.src == "192.0.2.1" and .flow.dport == 9 and .device == "r0" and .flow.vlan == null),
	ethertype: (.flow.ethertype == "0x9898" and .device == "r0"),
	ping: (.flow.protocol == "icmp" and .flow.src == "10.77.2.1" and .device == "a0")
} | to_entries[] | select(.value) | .key;
def one: unique | join("|");'

# causes NAME: lines "CAUSE COUNT PLACE TOP-OF-STACK REASON" of the summary, sorted.
causes() {
	jq -r "$causes_jq"'
		select(.type == "summary") | [.rows[] | . + {cause: ([causes] | first)} | select(.cause)] |
		group_by(.cause)[] | [.[0].cause, ([.[].count] | add), ([.[].function] | one),
			([.[].stack[0] | sub("[.+].*"; "")] | one),
			([.[] | .reason // "~\(.hint)"] | one)] | join(" ")
		' "$drops_dir/$1"
}
