#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `cmake --install` under any prefix, and under DESTDIR: everything is in its
# place, and the legacy links lead to the installed executable.
# timeout: 120
set -u
. "$(dirname "$0")/lib.sh"
scratch

# check_tree ROOT
check_tree() {
	local file link links=0
	for file in bin/nettrace share/man/man8/nettrace.8 share/doc/nettrace-virt/COPYING \
		share/doc/nettrace-virt/NOTICES share/doc/nettrace-virt/README.md \
		share/bash-completion/completions/nettrace share/zsh/vendor-completions/_nettrace \
		share/zsh/site-functions/_nettrace share/fish/vendor_completions.d/nettrace.fish; do
		[ -s "$1/$file" ] || complain "$1/$file is missing or empty"
	done
	for link in "$1"/lib/nettrace/legacy/*; do
		links=$((links + 1))
		[ "$(readlink "$link")" = ../../../bin/nettrace ] ||
			complain "$link leads to $(readlink "$link")"
	done
	[ "$links" -gt 1 ] || complain "no legacy links in $1"
	cmp -s "$1/bin/nettrace" "$root/build/release/nettrace" || complain "another executable"
	"$1/bin/nettrace" version >/dev/null || complain "the installed executable does not run"
}

cmake --install "$root/build/release" --prefix "$work/opt/my tools" >/dev/null || exit 1
check_tree "$work/opt/my tools"
DESTDIR=$work/stage cmake --install "$root/build/release" --prefix /usr >/dev/null || exit 1
check_tree "$work/stage/usr"
exit $failed
