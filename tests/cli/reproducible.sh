#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two release builds, in two folders, with other users' settings, at two times:
# the same bytes.
# timeout: 900
# native: no
set -u
. "$(dirname "$0")/lib.sh"
scratch

# build_in FOLDER UMASK LOCALE
build_in() {
	mkdir -p "$1"
	(
		umask "$2"
		export LC_ALL=$3 LANG=$3
		tar -x -C "$1" -f "$work/source.tar" && cd "$1" &&
			cmake --preset release && cmake --build --preset release
	) >"$work/log" 2>&1 || {
		tail -n 30 "$work/log" >&2
		complain "no build in $1"
		exit 1
	}
}

# One copy for both: somebody may be editing.
(
	cd "$root" && git ls-files -z --cached --others --exclude-standard |
		while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done |
		tar --null --no-recursion -T - -c -f "$work/source.tar"
)
build_in "$work/a" 022 C
build_in "$work/a-much-longer-name/and/deeper" 077 C.UTF-8
one=$work/a/build/release two=$work/a-much-longer-name/and/deeper/build/release
sha256sum "$one/nettrace" "$two/nettrace"
cmp "$one/nettrace" "$two/nettrace" || complain "the executables differ"
for object in "$one"/bpf/*.bpf.o; do
	cmp "$object" "$two/bpf/${object##*/}" || complain "${object##*/} differs"
done
grep -aqF "$work" "$one/nettrace" && complain "a path of the build is in the executable"
exit $failed
