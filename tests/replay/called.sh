# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first word of NAME.args may be the name of a program that nettrace replaces.
#
#   called_links NETTRACE DIR   makes the links of those names in DIR
#   called_as WORD...           sets called=(PROGRAM WORD...)

called_links() {
	called_nettrace=$(realpath "$1")
	called_dir=$2
	"$called_nettrace" links "$called_dir" >/dev/null
}

called_as() {
	called=("$called_nettrace" "$@")
	if [ -e "$called_dir/$1" ]; then called=("$called_dir/$1" "${@:2}"); fi
}
