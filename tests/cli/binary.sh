#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The shipped file itself: static, stripped, small, without traces of the
# machine that built it.
# timeout: 60
set -u
. "$(dirname "$0")/lib.sh"
file=${NETTRACE_RELEASE:-$root/build/release/nettrace}
limit=$((8 << 20))

[ -x "$file" ] || {
	echo "no release build at $file" >&2
	exit 1
}
size=$(stat -c %s "$file")
[ "$size" -le $limit ] || complain "$size bytes, at most $limit"
segments=$(readelf -lW "$file")
grep -q INTERP <<<"$segments" && complain "has an interpreter: not static"
grep -q GNU_RELRO <<<"$segments" || complain "no RELRO"
grep -E 'GNU_STACK.* RWE' <<<"$segments" && complain "executable stack"
readelf -dW "$file" | grep NEEDED && complain "needs shared libraries"
sections=$(readelf -SW "$file")
grep -E '\.(symtab|debug_)' <<<"$sections" && complain "not stripped"
grep build-id <<<"$sections" && complain "has a build id"
grep -aqF "$root" "$file" && complain "the source folder's path is in it"
exit $failed
