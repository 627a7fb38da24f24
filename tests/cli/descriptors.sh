#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Closed standard descriptors: no file gets their numbers, and who writes there is told.
set -u
. "$(dirname "$0")/lib.sh"
scratch
export TZ=UTC
tapes=$root/tests/replay
name=path-icmp-lost
read -r -a args <"$tapes/$name.args"
replay() { "$NETTRACE" "${args[@]}" --replay "$work/tape" --output "$work/out"; }

# The output alone is in its file, whichever are closed.
cp "$tapes/$name.tape" "$work/tape"
for closed in '<&-' '>&-' '2>&-' '<&- >&-' '>&- 2>&-' '<&- >&- 2>&-'; do
	eval "replay $closed"
	code=$?
	[ $code = 0 ] || complain "exit code $code with $closed"
	cmp -s "$work/out" "$tapes/$name.txt" || complain "wrong output with $closed"
done

# An error message does not get into the output file, with which it shares nothing.
head -c 3000 "$tapes/$name.tape" >"$work/tape"
replay 2>&-
code=$?
[ $code = 1 ] || complain "exit code $code of a cut recording with 2>&-"
grep -q '^=== nettrace' "$work/out" || complain "no start block in the output"
grep -q 'recording' "$work/out" && complain "the message is in the output file"

# Standard output that is closed cannot be written to, which is an error.
for command in 'list' 'version' '--help' "${args[*]} --replay $tapes/$name.tape"; do
	# shellcheck disable=SC2086 # words
	"$NETTRACE" $command >&- 2>"$work/err"
	code=$?
	[ $code = 1 ] || complain "exit code $code of '$command' with >&-"
	[ "$(wc -l <"$work/err")" = 1 ] || complain "$(wc -l <"$work/err") lines about it from '$command'"
done
exit $failed
