#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command is on a man page, the pages format without a warning, and have
# the sections that people look for.
# timeout: 60
set -u
. "$(dirname "$0")/lib.sh"
nettrace=${NETTRACE:-$root/build/dev/nettrace}
pages=$(dirname "$nettrace")/man
scratch

for page in "$pages"/*.8; do
	[ -s "$page" ] || {
		echo "no man pages in $pages" >&2
		exit 1
	}
	LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l -P cat "$page" >"$work/${page##*/}" 2>"$work/err"
	[ ! -s "$work/err" ] || complain "${page##*/}: $(cat "$work/err")"
	for section in NAME SYNOPSIS DESCRIPTION EXAMPLES 'SEE ALSO'; do
		grep -q "^\.SH \"\?$section\"\?\$" "$page" || complain "${page##*/}: no section $section"
	done
	wide=$(awk 'length > 80' "$work/${page##*/}")
	[ -z "$wide" ] || complain "${page##*/}: wider than 80 columns: $wide"
done

# Every counter of what was lost is explained.
while read -r key; do
	grep -qx -- "\.B $key" "$pages/nettrace.8" || complain "the loss counter $key is not on nettrace.8"
done < <(cat "$root"/tests/replay/*.json | jq -r 'select(.loss) | .loss | keys[]' | sort -u)

# Families have a page of their own, what belongs to none is on nettrace(8).
"$nettrace" list --json >"$work/list" || complain "list --json ends with $?"
[ -s "$work/list" ] || complain "list --json prints nothing"
while read -r words; do
	page=$pages/nettrace-${words%% *}.8
	[ -e "$page" ] || page=$pages/nettrace.8
	grep -qF -- "${words//-/\\-}" "$page" || grep -qF -- "$words" "$page" ||
		complain "$words is not on ${page##*/}"
done < <(jq -r 'select(.name) | .name' "$work/list")
exit $failed
