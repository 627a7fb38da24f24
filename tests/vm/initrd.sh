# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the two archives that an initramfs of the lab starts with: busybox and the modules that the
# kernel has to load before it sees a disk or a network. What differs from boot to boot (the init
# script and its settings) is a second, tiny archive behind it: the kernel unpacks both.

# What the VM needs to mount the host's file system, and what the nested guest needs for its NIC.
initrd_vm_modules="virtio_pci 9pnet_virtio 9p overlay"
initrd_guest_modules="virtio_pci virtio_net"

# initrd_unpack FILE OUT: a module as the kernel loads it. Done here, on the host, where it is fast.
initrd_unpack() {
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dqc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac >"$2"
}

# initrd_modules TREE RELEASE DIR MODULE...: copies them and what they need to DIR as 00.ko, 01.ko, ...
# in load order.
initrd_modules() {
	local tree=$1 release=$2 dir=$3 module verb path seen=" " n=0
	shift 3
	for module in "$@"; do
		while read -r verb path _; do
			case $verb in
			insmod) ;;
			builtin) continue ;;
			*) return 1 ;;
			esac
			case $seen in *" $path "*) continue ;; esac
			seen+="$path "
			initrd_unpack "$path" "$dir/$(printf %02d $n).ko" || return 1
			n=$((n + 1))
		done < <(modprobe -d "$tree" -S "$release" --show-depends "$module" ||
			echo failed)
	done
}

# initrd_pack DIR OUT: DIR as a newc archive.
initrd_pack() {
	(cd "$1" && find . -print0 | LC_ALL=C sort -z |
		cpio --null --create --format=newc --quiet --reproducible --owner=0:0) >"$2"
}

# initrd_base TREE RELEASE OUT MODULE...
initrd_base() {
	local tree=$1 release=$2 out=$3 work
	shift 3
	work=$(mktemp -d) || return 1
	mkdir -p "$work"/{bin,mods,proc,sys,dev} &&
		cp "$(command -v busybox)" "$work/bin/busybox" &&
		initrd_modules "$tree" "$release" "$work/mods" "$@" &&
		initrd_pack "$work" "$out"
	local rc=$?
	rm -rf "$work"
	return $rc
}

# initrd_all DIR RELEASE: both archives of the kernel unpacked in DIR/root.
initrd_all() {
	# shellcheck disable=SC2086 # lists of words
	initrd_base "$1/root" "$2" "$1/vm.cpio" $initrd_vm_modules &&
		initrd_base "$1/root" "$2" "$1/guest.cpio" $initrd_guest_modules
}

# Changes when the archives have to be made anew.
initrd_stamp() { cat "${BASH_SOURCE[0]}" "$(command -v busybox)" | cksum; }
