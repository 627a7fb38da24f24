# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# vm latency details on a router, whose two devices stand for vnet and uplink. Conntrack is on in the
# router alone, so that every run of its hook is a packet that is followed.

# program NAME: time and number of its runs.
program() {
	bpftool -j prog show | jq -r --arg name "$1" '[.[] | select(.name == $name)] |
		"\([.[].run_time_ns // 0] | add // 0) \([.[].run_cnt // 0] | add // 0)"'
}

# per_run FIGURE PROGRAM PER [TRAFFIC [FLOOR]]: instructions of a program's runs for each of PER
# packets; 0: for each run. Net of the floor, if it is given.
per_run() {
	local name=$1 a b ra rb n=$3
	read -r a ra < <(program "$2")
	${4-traffic_ping}
	read -r b rb < <(program "$2")
	[ "$n" -gt 0 ] || n=$((rb - ra))
	[ "$n" -gt 0 ] || fail "$name: $2 did not run"
	say "$name" $(((b - a) / ns_per_insn / n - ${5-0}))
}

# rejects KIND FLOOR: packets at a later hook that are not followed, by protocol and by port.
rejects() {
	per_run "vm_details.reject_protocol_$1" "ct__$1" 0 traffic_ping "$2"
	per_run "vm_details.reject_port_$1" "ct__$1" 0 traffic_udp "$2"
}

in_r nft add table ip bench
in_r nft 'add chain ip bench in { type filter hook prerouting priority 0; }'
in_r nft add rule ip bench in ct state invalid counter
vm=(vm latency details --vm-interface r0 --phy-interface r1 --vm-ip 10.77.1.1 --enable-ct --all --timeout 1s)

start -- "${vm[@]}"
traffic_ping
packets=$((2 * pings))
if bpftool -j prog show | jq -e 'any(.[]; .name == "ct__fentry")' >/dev/null; then
	per_run vm_details.hit_fentry ct__fentry 0
fi
per_run vm_details.first_per_packet first__tp_btf $packets
per_run vm_details.finish_per_packet xmit__tp_btf $packets
read -r a ra < <(prog_totals)
traffic_ping
read -r b rb < <(prog_totals)
say vm_details.programs_per_packet $(((b - a) / ns_per_insn / packets))
say vm_details.runs_per_packet $(((rb - ra) / packets))
stop

start NETTRACE_WITHOUT=fentry -- "${vm[@]}"
traffic_ping
per_run vm_details.hit_kprobe ct__kprobe 0
stop
started vm_details "${vm[@]}"

other=(vm latency details --vm-interface r0 --phy-interface r1 --enable-ct --protocol udp --dst-port 53)
start -- "${other[@]}"
if bpftool -j prog show | jq -e 'any(.[]; .name == "ct__fentry")' >/dev/null; then
	rejects fentry "$fentry"
fi
stop
start NETTRACE_WITHOUT=fentry -- "${other[@]}"
rejects kprobe "$kprobe"
stop
in_r nft delete table ip bench
