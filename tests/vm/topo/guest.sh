# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Topology: a KVM guest with vhost-net on an Open vSwitch bridge, and a host beyond the uplink.
# For use in a VM of the lab: TCG's CPU has SVM, so there the guest runs under KVM proper.
#
#   guest: eth0 10.9.0.2 fd09::2 -- vnet0 [br0] up0 -- e0 10.9.0.3 fd09::3 :ext
#
# Functions: guest_up, guest_down, guest_run COMMAND (a line for the guest's busybox sh; its output
# and exit code), guest_pause and guest_resume (its QEMU stops: the tap ring fills), guest_halt,
# guest_boot, in_ext COMMAND... Commands go over a serial line: nothing of them is seen by the
# network, vhost or the tap.
#
# NT_GUEST_FILES: files to put into /nt of the guest (default: the binary under test).
# NT_GUEST_APPEND: more of the guest's kernel command line. NT_GUEST_QUEUES: pairs of queues (1).

guest_lab=$(dirname "${BASH_SOURCE[0]}")/..
# shellcheck source-path=SCRIPTDIR source=ovs.sh
. "$guest_lab/topo/ovs.sh"
# shellcheck source-path=SCRIPTDIR source=../initrd.sh
. "$guest_lab/initrd.sh"

guest_dir=/tmp/nt-guest
guest_kernel=/run/lab-kernel

in_ext() { ip netns exec ext "$@"; }

guest_initrd() {
	local work=$guest_dir/files file
	mkdir -p "$work/nt"
	cp "$guest_lab/boot/guest-init" "$work/init" || return 1
	for file in ${NT_GUEST_FILES-${NETTRACE-}}; do
		[ ! -f "$file" ] || cp "$file" "$work/nt/" || return 1
	done
	initrd_pack "$work" "$guest_dir/init.cpio" &&
		cat "$guest_kernel/guest.cpio" "$guest_dir/init.cpio" >"$guest_dir/initrd"
	rm -rf "$work"
}

# -cpu host panics guests of 5.10 and 7.x under TCG's SVM: their init dies in the FPU set-up.
# modern-pio-notify, hpet=off: KVM of 6.14 and later ends a guest whose access to emulated memory is
# the first exit after an exception ("KVM internal error. Suberror: 3"): svm_check_emulate_instruction
# tests the type in exit_int_info without its valid bit, and TCG leaves the type of a delivered event
# there. So a packet must be announced by port, not by memory; what is left is the guest's boot.
guest_qemu() {
	local queues=${NT_GUEST_QUEUES:-1} nic=virtio-net-pci,modern-pio-notify=on tap=tap
	if [ "$queues" -gt 1 ]; then
		nic+=,mq=on,vectors=$((2 * queues + 2))
		tap+=,queues=$queues
	fi
	qemu-system-x86_64 -machine pc,hpet=off -accel kvm -cpu qemu64 -smp "$queues" -m 256M -nodefaults -no-user-config \
		-display none -no-reboot -kernel "$guest_kernel/vmlinuz" -initrd "$guest_dir/initrd" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off noxsave ${NT_GUEST_APPEND-}" \
		-serial "file:$guest_dir/console" -serial "pipe:$guest_dir/line" \
		-netdev "$tap,id=n0,ifname=vnet0,script=no,downscript=no,vhost=on" \
		-device "$nic,netdev=n0,mac=52:54:00:77:09:02" \
		</dev/null >"$guest_dir/qemu.log" 2>&1 &
	echo $! >"$guest_dir/pid"
}

guest_tap() {
	local queues=()
	[ "${NT_GUEST_QUEUES:-1}" -le 1 ] || queues=(multi_queue)
	ip tuntap add vnet0 mode tap vnet_hdr "${queues[@]}" &&
		sysctl -qw net.ipv6.conf.vnet0.disable_ipv6=1 &&
		ip link set vnet0 up
}

guest_start() {
	mkfifo "$guest_dir/line.in" "$guest_dir/line.out" 2>/dev/null
	guest_qemu
}

# guest_boot, after a guest_halt: the guest alone; the network around it stays.
guest_boot() { guest_start && guest_answers; }

# guest_answers: waits for a started guest. One that emulation ended (see guest_qemu) starts again.
guest_answers() {
	local try start=$SECONDS
	for try in 1 2 3; do
		guest_wait "${NT_GUEST_LIMIT:-240}" && return
		guest_crashed || break
		echo "KVM ended the guest while it booted, attempt $try"
		[ "$try" = 3 ] || { guest_halt; guest_start; }
	done
	echo "the guest does not answer after $((SECONDS - start)) s (its QEMU: $(guest_state)); its console ends:"
	tail -n 30 "$guest_dir/console" "$guest_dir/qemu.log"
	return 1
}

guest_state() { ps -o stat=,time= -p "$(cat "$guest_dir/pid")" || echo ended; }

# Its QEMU stays, paused.
guest_crashed() { grep -q 'KVM internal error' "$guest_dir/qemu.log"; }

# guest_wait SECONDS: until it says that it listens. Nothing is sent before: what reaches a serial
# line while the guest opens it can stop that line for good.
guest_wait() {
	local end=$((SECONDS + $1)) line answer rc=1
	exec {answer}<>"$guest_dir/line.out"
	while [ "$SECONDS" -lt "$end" ]; do
		kill -0 "$(cat "$guest_dir/pid" 2>/dev/null || echo x)" 2>/dev/null || break
		! guest_crashed || break
		read -r -t 1 -u "$answer" line || continue
		[ "${line%$'\r'}" != "lab ready" ] || { rc=0; break; }
	done
	exec {answer}>&-
	return $rc
}

# guest_run COMMAND: the command goes over in base64, on one line, so that no byte of it means
# anything to a terminal; output and code come back the same way (compressed: the line carries 3 KB a second). One at a time. The pipes are opened
# for both directions: opening one whose QEMU has gone would wait for ever. 124 when nothing came.
guest_run() {
	local id=$BASHPID.$RANDOM$RANDOM line output='' code=124 lock ask answer
	exec {lock}>"$guest_dir/lock" {ask}<>"$guest_dir/line.in" {answer}<>"$guest_dir/line.out"
	flock "$lock"
	printf '%s %s\n' "$id" "$(printf %s "$*" | base64 -w0)" >&"$ask"
	while read -r -t "${NT_GUEST_RUN_LIMIT:-60}" -u "$answer" line; do
		line=${line%$'\r'}
		case $line in
		"$id out "*) output+=${line#"$id out "} ;;
		"$id rc "*) code=${line#"$id rc "}; break ;;
		esac
	done
	exec {lock}>&- {ask}>&- {answer}>&-
	[ "$code" != 124 ] || ! guest_crashed || echo "KVM ended the guest: $guest_dir/qemu.log" >&2
	[ -z "$output" ] || base64 -d <<<"$output" | gzip -dc
	return "$code"
}

guest_halt() {
	local pid
	pid=$(cat "$guest_dir/pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null
	for _ in $(seq 100); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null
	rm -f "$guest_dir/pid" "$guest_dir/line.in" "$guest_dir/line.out"
}

guest_pause() { kill -STOP "$(cat "$guest_dir/pid")"; }
guest_resume() { kill -CONT "$(cat "$guest_dir/pid")"; }

guest_modules() {
	local vendor=kvm_intel
	grep -q -w svm /proc/cpuinfo && vendor=kvm_amd
	modprobe "$vendor" && modprobe vhost_net && modprobe tun
}

guest_up() {
	[ -e "$guest_kernel/guest.cpio" ] || { echo "the guest topology needs a VM of the lab"; return 1; }
	rm -rf "$guest_dir"
	mkdir -p "$guest_dir"
	# The bridge is built while the guest boots: the tap is all that its QEMU asks for.
	guest_modules && guest_initrd && guest_tap && guest_start &&
		ovs_start && ovs_host ext up0 10.9.0.3/24 fd09::3/64 &&
		ovs-vsctl --timeout=60 add-port br0 vnet0 && guest_answers
}

guest_down() {
	guest_halt
	ip link del vnet0 2>/dev/null
	ovs_host_gone ext up0
	ovs_stop
	rm -rf "$guest_dir"
}
