#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the missing ones of the Debian packages that are needed for WORD...
# (build, demo, test, vm); says nothing if all are there.
set -u
here=$(cd "$(dirname "$0")" && pwd)

wanted() {
	local word
	for word; do
		if [ "$word" = vm ]; then
			sed 's/#.*//' "$here/vm/packages.txt"
		else
			awk -v word="$word" '!/^#/ { for (i = 2; i <= NF; i++) if ($i == word) print $1 }' \
				"$here/packages.txt"
		fi
	done | awk 'NF { print $1 }' | sort -u
}

missing=()
for package in $(wanted "$@"); do
	status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | head -n 1)
	[ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "${0##*/}: not a Debian system; what is needed here is called there: ${missing[*]}" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "${0##*/}: missing packages; run as root: apt-get install ${missing[*]}" >&2
	exit 1
fi
echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
install() {
	apt-get install -y -q --no-install-recommends "${missing[@]}" >"$log" 2>&1
}
# The lists of a fresh image are empty, those of an old one name versions that are gone.
if ! install && ! { apt-get update -q >"$log" 2>&1 && install; }; then
	cat "$log" >&2
	echo "${0##*/}: apt-get could not install ${missing[*]}" >&2
	exit 1
fi
