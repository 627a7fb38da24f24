# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the cases of this folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
failed=0

# complain WORDS...: the case fails, but goes on.
complain() {
	echo "${0##*/}: $*" >&2
	failed=1
}

# scratch: a folder in $work that is gone at the end of the case.
scratch() {
	work=$(mktemp -d) || exit 1
	trap 'rm -rf "$work"' EXIT
}
