# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2034 # used where this is sourced
# What fetch, run and suite share: where things lie, the kernel table, messages.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
vm_root=$(cd "$vm_dir/../.." && pwd)
vm_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/nettrace/kernels

# A person reads these on stderr; stdout is for results.
note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { note "$@"; exit "${die_code:-1}"; }

kernel_labels() { awk '!/^#/ && NF { print $1 }' "$vm_dir/kernels.txt"; }

# kernel_field LABEL N: the N-th column of that kernel's row, empty when there is no such kernel.
kernel_field() {
	awk -v label="$1" -v n="$2" '!/^#/ && $1 == label { print $n }' "$vm_dir/kernels.txt"
}

# kernel_list all|L1,L2,...: the labels, one a line; an unknown one is an error.
kernel_list() {
	local label
	if [ "$1" = all ]; then
		kernel_labels
		return
	fi
	for label in ${1//,/ }; do
		[ -n "$(kernel_field "$label" 2)" ] ||
			die "no kernel '$label' in kernels.txt; it has: $(kernel_labels | tr '\n' ' ')"
		echo "$label"
	done
}

# "6.1.0-56-amd64 6.1.192-2": the kernel's release, then its Debian version.
kernel_version() { cat "$vm_cache/$1/version" 2>/dev/null; }
