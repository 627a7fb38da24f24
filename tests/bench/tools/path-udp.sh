# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# path udp: instructions of all programs for each forwarded datagram, of which a ping is two, and for
# each packet that is not asked for. In UDP the port is the last thing that is looked at.

datagrams=200
traffic_datagrams() { udp $datagrams; }
# As many packets as of the others: each in three fragments.
traffic_fragments() {
	in_a python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])): s.sendto(b"x" * 4000, ("10.77.2.1", 9))' $datagrams
}

# per_datagram NAME TRAFFIC ENV -- ARGS
per_datagram() {
	local name=$1 traffic=$2 a b ra rb
	shift 2
	start "$@"
	$traffic
	read -r a ra < <(prog_totals)
	$traffic
	read -r b rb < <(prog_totals)
	stop
	say "$name.programs_per_datagram" $(((b - a) / ns_per_insn / datagrams))
	say "$name.events_per_datagram" $(((rb - ra) / datagrams))
}

udp=(path udp --src-ip 10.77.1.1 --dst-ip 10.77.2.1)
per_datagram path_udp.stats traffic_datagrams -- "${udp[@]}" "${ends[@]}" --stats-mode
per_datagram path_udp.all traffic_datagrams -- "${udp[@]}" "${ends[@]}" --all
per_datagram path_udp.stats_raw traffic_datagrams NETTRACE_WITHOUT=tp_btf -- "${udp[@]}" "${ends[@]}" \
	--stats-mode
per_datagram path_udp.fragments traffic_fragments -- "${udp[@]}" "${ends[@]}" --stats-mode
per_event path_udp.reject_device traffic_udp "$tp" '' -- "${udp[@]}" --rx-iface idle0 --tx-iface idle1 \
	--stats-mode
device=$net
per_event path_udp.reject_protocol traffic_ping "$tp" "$device" -- "${udp[@]}" "${ends[@]}" --stats-mode
per_event path_udp.reject_address traffic_udp "$tp" "$device" -- path udp --src-ip 10.9.9.9 \
	--dst-ip 10.9.9.8 "${ends[@]}" --stats-mode
per_event path_udp.reject_port traffic_udp "$tp" "$device" -- "${udp[@]}" "${ends[@]}" --dst-port 7000 \
	--stats-mode
per_event path_udp.reject_device_raw traffic_udp "$raw" '' NETTRACE_WITHOUT=tp_btf -- "${udp[@]}" \
	--rx-iface idle0 --tx-iface idle1 --stats-mode
per_event path_udp.reject_address_raw traffic_udp "$raw" "$net" NETTRACE_WITHOUT=tp_btf -- path udp \
	--src-ip 10.9.9.9 --dst-ip 10.9.9.8 "${ends[@]}" --stats-mode
started path_udp "${udp[@]}" "${ends[@]}" --stats-mode
