# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of drop probe on the router topology share. Sourced after lib.sh.

at_exit 'clean_up 2>/dev/null'

received=$tool_dir/received sent=$tool_dir/sent all=$tool_dir/all

# shellcheck disable=SC2317 # by at_exit
clean_up() {
	[ -z "${receiver-}" ] || kill -KILL "$receiver"
	[ -z "${sender-}" ] || kill -KILL "$sender"
	in_a tc qdisc del dev a0 root
	in_b nft flush ruleset
	in_r nft delete table inet ntlose
}

# started PID FILE: until it has said that it is ready.
started() {
	local limit=$((SECONDS + 60))
	until [ -s "$2" ]; do
		kill -0 "$1" 2>/dev/null || fail "did not start: $(cat "$tool_dir/err")"
		[ "$SECONDS" -lt "$limit" ] || fail "is not ready"
		sleep 0.1
	done
}

receiver_start() {
	rm -f "$tool_dir/ready"
	# Not by in_b: $! would be a subshell.
	ip netns exec ntb "$NETTRACE" drop probe --mode receiver --interface b0 --json \
		--output "$received" --ready-fd 9 "$@" 2>"$tool_dir/err" 9>"$tool_dir/ready" &
	receiver=$!
	started $receiver "$tool_dir/ready"
}

receiver_stop() {
	local rc=0
	kill -TERM "$receiver"
	ended "$receiver" || rc=$?
	receiver=
	expect "the receiver's exit code" $rc 0
	cat "$received" >>"$all"
}

sender_start() {
	rm -f "$tool_dir/ready"
	ip netns exec nta "$NETTRACE" drop probe --mode sender --interface a0 --rate 200 --json \
		--output "$sent" --ready-fd 9 "$@" 2>"$tool_dir/sender-err" 9>"$tool_dir/ready" &
	sender=$!
	started $sender "$tool_dir/ready"
}

# sender_end CODE: how it ended.
sender_end() {
	local rc=0
	ended "$sender" || rc=$?
	sender=
	expect "the sender's exit code" "$rc $(cat "$tool_dir/sender-err")" "$1"
	cat "$sent" >>"$all"
}

probes() { sender_start --peer 10.77.2.1 --count "$@" && sender_end "0 "; }

figure() { jq -r "select(.type == \"summary\") | $1" "$sent"; }

# verdict NAME SENT LOST DUPLICATE: of the sender, and the receiver's last one agrees.
verdict() {
	local what='[.verdict, .counts.sent, .counts.lost, .counts.duplicate] | join(" ")'
	expect "verdict, sent, lost, duplicate" "$(figure "$what")" "$*"
	expect "received" "$(figure '.counts | .sent == .received + .lost')" true
	expect "explained, all told" "$(figure '.counts.lost == ([.explained[]] | add // 0) + .unexplained')" true
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(figure .session)" != "$(jq -rs '[.[] | select(.type == "summary")][-1].session' "$received")" ] || break
		sleep 0.2
	done
	expect "the receiver tells the same" \
		"$(jq -cs '[.[] | select(.type == "summary")][-1] | [.counts.sent, .counts.received, .counts.lost, .verdict, .explained, .session]' "$received")" \
		"$(figure '[.counts.sent, .counts.received, .counts.lost, .verdict, .explained, .session]' | tr -d '\n ')"
}

# udp_counter NAMESPACE NAME
udp_counter() {
	ip netns exec "$1" awk -v name="$2" '/^Udp:/ && !at { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
		/^Udp:/ { print $at }' /proc/net/snmp
}

# lose N HOOK COMMAND...: every Nth probe is dropped there; lost_there says how many that were.
lose() {
	"${@:3}" nft -f - <<-END
	table inet ntlose {
		chain lose {
			type filter hook $2 priority 0; policy accept;
			udp dport 5555 numgen inc mod $1 == 0 counter drop
		}
	}
	END
}
lost_there() {
	"$@" nft -j list table inet ntlose | jq '[.. | objects | select(has("counter")) | .counter.packets] | add'
	"$@" nft delete table inet ntlose
}
