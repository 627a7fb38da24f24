# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Running the tool under test in a live case:
#
#   tool_start path icmp --src-ip ...   in the router; returns when it is ready
#   tool_stop                           ends it (SIGTERM), checks its exit code
#   tool_expect WHAT FIGURE WANTED ...  expect for as many figures of its summary as there are
#   tool_figure '.counts.complete'      one of them
#   tool_events '.status == "COMPLETE"' how many event lines match; of several, in one line
#   tool_no_loss                        every loss counter is there, and 0 or null
#   tool_valid                          at the end: all lines that tool_stop saw fit the schema
#
# Figures are read from JSON lines in $tool_out. Needs tests/vm/topo/case.sh.

tool_dir=$(mktemp -d)
tool_out=$tool_dir/out
at_exit "tool_kill; rm -rf $tool_dir"

# shellcheck disable=SC2317 # by at_exit
tool_kill() { [ -z "${tool_pid-}" ] || kill -KILL "$tool_pid" 2>/dev/null; }

# A file, not a pipe, for the byte: a look at it cannot lose it. `read` from an idle pipe is a sleep
# without a process.
tool_start() {
	local fd idle limit=$((SECONDS + 120))
	rm -f "$tool_dir/ready" "$tool_dir/idle"
	mkfifo "$tool_dir/idle"
	exec {idle}<>"$tool_dir/idle" {fd}>"$tool_dir/ready"
	# Not by in_r: a function in the background is a subshell, and $! would be that.
	${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} "$NETTRACE" "$@" --json --output "$tool_out" \
		--ready-fd "$fd" 2>"$tool_dir/err" {idle}>&- &
	tool_pid=$!
	exec {fd}>&-
	until [ -s "$tool_dir/ready" ]; do
		kill -0 "$tool_pid" 2>/dev/null || fail "$1 $2 did not start: $(cat "$tool_dir/err")"
		[ "$SECONDS" -lt "$limit" ] || fail "$1 $2 is not ready: $(cat "$tool_dir/err" "$tool_out"
			stuck "$tool_pid")"
		read -r -t 0.05 -u "$idle"
	done
	exec {idle}>&-
}

tool_stop() {
	local rc=0
	# Not SIGINT: a shell without job control has its background jobs ignore that.
	kill -TERM "$tool_pid"
	ended "$tool_pid" || rc=$?
	tool_pid=
	[ "$rc" = 0 ] || fail "exit code $rc: $(cat "$tool_dir/err")"
	cat "$tool_out" >>"$tool_dir/all"
}

# The summary is the last line. What is before it can be a megabyte, for which jq takes a second on an
# emulated CPU.
tool_figure() { tail -n 1 "$tool_out" | jq -r "select(.type == \"summary\") | $1"; }

tool_events() {
	local condition counts=''
	for condition; do counts+=${counts:+, }"([\$e[] | select($condition)] | length)"; done
	jq -rs "[.[] | select(.type == \"event\")] as \$e | [$counts] | join(\" \")" "$tool_out"
}

tool_valid() { valid_lines "$tool_dir/all"; }

# tool_expect WHAT FIGURE WANTED [WHAT FIGURE WANTED]...: in one look at the summary, as each start
# of jq takes an emulated CPU as long as forty pings. A figure that is text comes without quotes.
tool_expect() {
	local n got program='' asked=() wanted=()
	while [ $# -gt 0 ]; do
		asked+=("$1") wanted+=("$3") program+=${program:+, }"($2)"
		shift 3
	done
	mapfile -t got < <(tail -n 1 "$tool_out" | jq -rc "select(.type == \"summary\") | $program")
	[ ${#got[@]} = ${#asked[@]} ] || fail "${asked[*]}: ${#got[@]} figures, expected ${#asked[@]}"
	for n in "${!asked[@]}"; do expect "${asked[n]}" "${got[n]}" "${wanted[n]}"; done
}

# For tool_expect: nothing is lost, and what the kernel held back is told.
tool_nothing_lost=(
	"lost" '[.loss | to_entries[] | select(.value > 0) | "\(.key) \(.value)"] | join(", ") | if . == "" then 0 else . end' 0
	"told of what the kernel held back" '.loss | [has("recursion", "probe_misses")] | all' true
)

tool_no_loss() { tool_expect "${tool_nothing_lost[@]}"; }
