#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doctor: text and JSON agree, of each command it says what it says of that one alone, and a hook that
# this kernel has no need of is not called missing.
# timeout: 60
set -u
. "$(dirname "$0")/lib.sh"
scratch
nettrace=${NETTRACE:-$root/build/dev/nettrace}
unset NETTRACE_WITHOUT NETTRACE_BTF

"$nettrace" doctor >"$work/text" 2>"$work/err" || rc=$?
[ "${rc:-0}" = 0 ] || [ "$rc" = 3 ] || complain "exit code $rc: $(cat "$work/err")"
"$nettrace" doctor --json >"$work/json" 2>"$work/err"
[ $? = "${rc:-0}" ] || complain "other exit code with --json"
"$root/tests/cli/validate_json.py" "$work/json" || complain "the JSON is not what the schema says"
# A column of states may be as wide as a probe's name, so words are compared.
jq -r '.commands[].hooks[] | "\(.name) \(.probe // "-")"' "$work/json" | while read -r name probe; do
	case $probe in
	-) grep -qE "^    $name +(MISSING|missing|not needed) " "$work/text" ;;
	*) grep -qE "^    $name +$probe( |$)" "$work/text" ;;
	esac || echo "$name: $probe"
done >"$work/differ"
[ ! -s "$work/differ" ] || complain "the text says otherwise than the JSON of: $(cat "$work/differ")"
jq -r '.commands[].name' "$work/json" >"$work/commands"
[ "$(wc -l <"$work/commands")" -ge 3 ] || complain "commands: $(cat "$work/commands")"
while read -r words; do
	# shellcheck disable=SC2086 # words
	"$nettrace" doctor --json $words 2>"$work/err" | jq -c .commands >"$work/alone"
	jq -c --arg words "$words" '[.commands[] | select(.name == $words)]' "$work/json" |
		cmp -s - "$work/alone" || complain "$words: otherwise alone: $(head -c 300 "$work/alone")"
done <"$work/commands"
if grep -qw kfree_skb_list_reason /proc/kallsyms; then
	grep -qE '^    tcp_drop +not needed +this kernel has kfree_skb_list_reason$' "$work/text" ||
		complain "tcp_drop: $(grep -w tcp_drop "$work/text")"
fi
"$nettrace" doctor --json --btf "$work/none" >"$work/json" 2>"$work/err"
jq -e '.btf == null and (.btf_why | test("none: No such file"))' "$work/json" >/dev/null ||
	complain "no reason for want of type information: $(head -c 300 "$work/json")"
exit $failed
