#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: traffic without faults makes no rows, and what the kernel frees as a "drop" all the
# same is counted by class.
# topo: router
# kernels: all
# timeout: 360
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

transfer() {
	in_b timeout 60 python3 - <<-'END' &
	import socket
	s = socket.create_server(("10.77.2.1", 7100))
	c, _ = s.accept()
	while c.recv(1 << 20):
	    pass
	END
	in_a timeout 60 python3 - <<-'END'
	import socket, time
	for _ in range(100):
	    try:
	        s = socket.create_connection(("10.77.2.1", 7100))
	        break
	    except ConnectionRefusedError:
	        time.sleep(0.1)
	for _ in range(80):
	    s.sendall(b"x" * 100000)
	s.close()
	END
	wait $!
}

# Eleven datagrams that their socket has when it is closed.
unread() {
	in_b timeout 60 python3 - <<-'END'
	import socket
	r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	r.bind(("10.77.2.1", 7101))
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for _ in range(11):
	    s.sendto(b"x", ("10.77.2.1", 7101))
	r.close()
	END
}

drops_start normal
drops_ready
in_a ping -q -f -c 2000 10.77.2.1 >/dev/null
in_a ping -q -f -c 200 fd77:2::1 >/dev/null
transfer
sleep 0.3
drops_stop
# Apart from the transfer, whose sockets may have something unread as well when they are closed.
drops_start closed
drops_ready
unread
sleep 0.3
drops_stop

# A listener that was not there yet refuses connections: those are real. What a late timer sent twice
# is informational.
expect "rows but what is informational and refused connections" \
	"$(sum normal '(.informational | not) and (.flow.dport != 7100) and (.flow.sport != 7100)')" 0
expect "rows of the transfer but refused connections" \
	"$(drops normal '[.rows[] | select((.informational | not) and
		(.flow.dport == 7100 or .flow.sport == 7100) and .function != "tcp_v4_rcv")] | length')" 0
expect "echo replies" "$(drops normal .hidden.raw_ping_reply)" 2200
expect "datagrams of a closed socket" "$(drops closed .hidden.socket_teardown)" 11
echo ok
