# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a live case starts with:
#
#   . "$(dirname "$0")/../vm/topo/case.sh"
#   topo_use router
#
# Under the suite the topology is up already (NT_TOPO names it). Started by hand, natively or with
# tests/vm/run, the case gets one of its own and takes it down at its end; natively the router
# then lives in the namespace ntr, away from the machine's own network.
# Functions: topo_use NAME, skip REASON, fail REASON, expect WHAT GOT WANTED, at_exit COMMAND,
# ended PID, valid_lines FILE, and jq.

case_vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case_root=$(cd "$case_vm_dir/../.." && pwd)
export NETTRACE=${NETTRACE:-$case_root/build/release/nettrace}
case_at_exit=()

# The last line is the reason that the suite prints.
skip() { echo "$*"; exit 77; }
fail() { echo "FAIL: $*"; exit 1; }

expect() {
	[ "$2" = "$3" ] || fail "$1: $2, expected $3"
	echo "$1: $2"
}

# The same language, ready in 3 ms instead of 30: on an emulated CPU that is seconds each time.
jq() { gojq "$@"; }

# valid_lines FILE: its lines of JSON are what the schema promises. Under the suite they are put
# aside, and the host looks at them when the boot is over (see suite): there it takes no time.
valid_lines() {
	expect "lines of JSON" "$(wc -l <"$1")" "$(grep -c '^{.*}$' "$1")"
	if [ -n "${NT_LINES-}" ]; then
		cp "$1" "$(mktemp "$NT_LINES/XXXXXX")"
	else
		python3 "$case_root/tests/cli/validate_json.py" "$1" || fail "the JSON is not as promised"
	fi
}

# stuck PID: where it is, for a case that has waited for it in vain.
stuck() {
	local task
	for task in "/proc/$1/task"/*; do
		echo "$(<"$task/comm"), $(sed -n 's/^State:[[:space:]]*//p' "$task/status"): $(<"$task/syscall")"
		cat "$task/stack"
	done 2>/dev/null
}

# ended PID [SECONDS]: wait for this child, which is about to end, for a minute at most; its exit code.
ended() {
	local limit=$((SECONDS + ${2:-60}))
	while kill -0 "$1" 2>/dev/null; do
		[ "$SECONDS" -lt "$limit" ] || fail "process $1 does not end: $(stuck "$1")"
		sleep 0.05
	done
	wait "$1"
}

# Last registered, first done.
at_exit() { case_at_exit=("$*" "${case_at_exit[@]}"); }

# shellcheck disable=SC2317 # reached by the trap
case_end() {
	local rc=$? command
	for command in "${case_at_exit[@]}"; do eval "$command"; done
	exit "$rc"
}
trap case_end EXIT
trap 'exit 143' TERM INT HUP

# The names of namespaces and devices are the machine's: one case at a time has them.
topo_use() {
	[ -n "${NT_KERNEL-}" ] || export NT_ROUTER_NS=${NT_ROUTER_NS-ntr}
	# shellcheck source=/dev/null
	. "$case_vm_dir/topo/$1.sh"
	[ "${NT_TOPO-}" = "$1" ] && return
	[ "$(id -u)" = 0 ] || skip "the topology $1 needs root"
	exec {case_lock}>/run/nettrace-lab.lock
	flock -w 600 "$case_lock" || fail "another case holds the topology"
	# Not left to close(): a process that the case left behind has the file open too.
	at_exit "flock -u $case_lock"
	"${1}_down" >/dev/null 2>&1
	at_exit "${1}_down"
	"${1}_up" || fail "the topology $1 could not be set up"
}
