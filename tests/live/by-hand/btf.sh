#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# By hand, not in CI (it fetches 800 MB and needs 8 GB of disk): make the type
# information file of a Debian 5.10 kernel from its debug package, with the
# modules whose types 5.10's own BTF does not have, and show what is in it.
#
#	btf.sh NETTRACE FOLDER [PACKAGE | FILE.deb]
#
# NETTRACE is the built executable. FOLDER keeps the package, what was unpacked
# of it, and the result <release>.btf. PACKAGE: linux-image-<release>-dbg, by
# default the newest 5.10 of Debian 11; linux-image-<release>-cloud-amd64-dbg
# has a third of the size. Needs apt, binutils (ar), xz-utils, dwarves (pahole).
# The machine's own apt settings stay as they are.
set -euo pipefail

nettrace=$(realpath "${1:?nettrace executable}")
folder=${2:?folder for downloads and result}
package=${3:-}
modules=(openvswitch tun tap vhost vhost_net kvm nf_conntrack virtio_net virtio_ring)

die() {
	echo "btf.sh: $*" >&2
	exit 1
}

for tool in apt-get ar xz pahole; do
	command -v "$tool" >/dev/null || die "$tool not found"
done
[[ $package != *.deb ]] || package=$(realpath "$package")
mkdir -p "$folder"
cd "$folder"

# apt with lists, cache and sources of its own; a Debian 11 mirror's Release
# file may have expired, its signature has not.
private_apt() {
	local tool=$1
	shift
	mkdir -p apt/lists/partial apt/cache/archives/partial
	"$tool" -q -o Dir::Etc::SourceList="$PWD/apt/sources" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache" \
		-o Dir::State::status=/dev/null -o APT::Sandbox::User="$(id -un)" \
		-o APT::Architecture=amd64 -o APT::Architectures::=amd64 \
		-o Acquire::Check-Valid-Until=false -o Acquire::Languages=none "$@"
}

fetch() {
	mkdir -p apt
	local by="deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
	printf '%s http://deb.debian.org/%s main\n' "$by" "debian bullseye" \
		"$by" "debian-security bullseye-security" >apt/sources
	private_apt apt-get update >/dev/null
	[ -n "$package" ] ||
		package=$(private_apt apt-cache pkgnames linux-image-5.10 |
			grep -E '^linux-image-5\.10\.0-[0-9]+-amd64-dbg$' | sort -V | tail -n 1)
	[ -n "$package" ] || die "no 5.10 debug package on offer"
	private_apt apt-get download "$package"
	package=$(find "$PWD" -maxdepth 1 -name "${package}_*.deb" | sort -V | tail -n 1)
}

[[ $package == *.deb ]] || fetch

# Only what is used: vmlinux and the debug files of the modules.
patterns=('*/boot/vmlinux-*')
for module in "${modules[@]}"; do
	patterns+=("*/$module.ko" "*/${module//_/-}.ko")
done
rm -rf tree
mkdir tree
# A kernel need not have every module: tar tells, the list below shows.
ar p "$package" data.tar.xz | xz -dc | tar -x -C tree --wildcards "${patterns[@]}" 2>/dev/null || true

vmlinux=$(find tree -path '*/boot/vmlinux-*' -type f | head -n 1)
[ -n "$vmlinux" ] || die "no vmlinux in $package"
release=${vmlinux##*/vmlinux-}
mapfile -t found < <(find tree -name '*.ko' -type f | sort)
echo "release $release, ${#found[@]} modules:"
printf '\t%s\n' "${found[@]##*/}"

list=$(IFS=, && echo "${found[*]}")
time "$nettrace" btf build --verbose --vmlinux "$vmlinux" --modules "$list" "$release.btf"
ls -l "$release.btf"
"$nettrace" btf show --verbose "$release.btf"
