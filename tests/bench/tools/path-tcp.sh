# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# path tcp: instructions of all programs for each packet of a connection that is forwarded, half of them
# data and half acknowledgements, and for each one that is not asked for.

# A request and a reply of a byte each, so many times, on one connection.
exchanges=200
tcp_server() {
	ip netns exec ntb python3 -c 'import socket
s = socket.create_server(("", 5201))
while True:
    c = s.accept()[0]
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while c.recv(1): c.send(b"x")' &
	at_exit "kill $!"
	for _ in {1..100}; do in_b ss -Hltn 'sport = 5201' | grep -q . && return; sleep 0.1; done
	fail "no server"
}
traffic_exchanges() {
	in_a python3 -c 'import socket
s = socket.create_connection(("10.77.2.1", 5201))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _ in range('$exchanges'):
    s.send(b"x")
    s.recv(1)'
}

# per_segment NAME ENV -- ARGS: for each packet that came and left.
per_segment() {
	local name=$1 a b n
	shift
	start "$@"
	traffic_exchanges
	sleep 0.2
	read -r a _ < <(prog_totals)
	traffic_exchanges
	sleep 0.2
	read -r b _ < <(prog_totals)
	stop
	n=$(tail -n 1 /tmp/out | jq '.counts.total / 2 | floor')
	[ "$n" -gt $exchanges ] || fail "$name: $n packets"
	say "$name" $(((b - a) / ns_per_insn / n))
}

tcp_server
tcp=(path tcp --src-ip 10.77.1.1 --dst-ip 10.77.2.1)
per_segment path_tcp.stats.programs_per_packet -- "${tcp[@]}" "${ends[@]}" --stats-mode
per_segment path_tcp.all.programs_per_packet -- "${tcp[@]}" "${ends[@]}" --all
per_segment path_tcp.stats_raw.programs_per_packet NETTRACE_WITHOUT=tp_btf -- "${tcp[@]}" "${ends[@]}" --stats-mode
per_event path_tcp.reject_device traffic_udp "$tp" '' -- "${tcp[@]}" --rx-iface idle0 --tx-iface idle1 \
	--stats-mode
device=$net
per_event path_tcp.reject_protocol traffic_ping "$tp" "$device" -- "${tcp[@]}" "${ends[@]}" --stats-mode
per_event path_tcp.reject_address traffic_exchanges "$tp" "$device" -- path tcp --src-ip 10.9.9.9 \
	--dst-ip 10.9.9.8 "${ends[@]}" --stats-mode
per_event path_tcp.reject_port traffic_exchanges "$tp" "$device" -- "${tcp[@]}" "${ends[@]}" --dst-port 7000 \
	--stats-mode
per_event path_tcp.reject_device_raw traffic_udp "$raw" '' NETTRACE_WITHOUT=tp_btf -- "${tcp[@]}" \
	--rx-iface idle0 --tx-iface idle1 --stats-mode
per_event path_tcp.reject_address_raw traffic_exchanges "$raw" "$net" NETTRACE_WITHOUT=tp_btf -- path tcp \
	--src-ip 10.9.9.9 --dst-ip 10.9.9.8 "${ends[@]}" --stats-mode
started path_tcp "${tcp[@]}" "${ends[@]}" --stats-mode
