# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases of path tcp on the router topology share. Sourced after lib.sh and path-lib.sh.

# All on one processor: on two, packets of a connection overtake each other, and a sender that takes
# them for lost sends them again though none was.
tcp_cpu=$(taskset -pc $$ | sed 's/.*[ ,-]//')

tcp_start() { tool_start path tcp --rx-iface r0 --tx-iface r1 "$@"; }

# In b: a server on ports 5201 and 5202. Of each connection it takes as many bytes as the first line
# says, and sends as many as it says further.
serve() {
	local up=$tool_dir/served
	# Each acknowledgement of a packet that arrives twice is sent: some of what it says gets lost
	# where the kernel puts several together, and then nobody knows that it had arrived.
	in_b sysctl -qw net.ipv4.tcp_comp_sack_nr=0
	at_exit 'in_b sysctl -qw net.ipv4.tcp_comp_sack_nr=44'
	rm -f "$up"
	ip netns exec ntb taskset -c "$tcp_cpu" python3 - "$up" <<-'END' &
	import socket, sys, threading
	def one(c):
	    f = c.makefile("rwb")
	    take, give = map(int, f.readline().split())
	    while take:
	        take -= len(f.read(min(take, 65536)))
	    f.write(bytes(give))
	    f.flush()
	    c.shutdown(socket.SHUT_WR)
	    f.read(1)
	def listen(port):
	    s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
	    while True:
	        threading.Thread(target=one, args=(s.accept()[0],), daemon=True).start()
	for port in 5201, 5202:
	    threading.Thread(target=listen, args=(port,), daemon=True).start()
	open(sys.argv[1], "w").close()
	threading.Event().wait(900)
	END
	at_exit "kill $!"
	for _ in {1..100}; do
		[ -e "$up" ] && in_b ss -Hltn 'sport = 5202' | grep -q . && return
		sleep 0.1
	done
	fail "no server in b"
}

# transfer ADDRESS PORT BYTES-THERE BYTES-BACK: one connection, from its first packet to its last.
transfer() {
	in_a timeout 100 taskset -c "$tcp_cpu" python3 - "$@" <<-'END' || fail "the transfer: $*"
	import socket, sys, threading
	there, back = int(sys.argv[3]), int(sys.argv[4])
	s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=60)
	s.sendall(b"%d %d\n" % (there, back) + bytes(there))
	got = 0
	while True:
	    data = s.recv(1 << 16)
	    if not data:
	        break
	    got += len(data)
	s.close()
	sys.exit(got != back)
	END
}

# offload on|off: large packets, on every device.
offload() {
	local pair
	for pair in in_a:a0 in_r:r0 in_r:r1 in_b:b0; do
		"${pair%:*}" ethtool -K "${pair#*:}" tso "$1" gso "$1" gro "$1" >/dev/null || fail "no offloading $1"
	done
}

# tcp_lose IN CHAIN-TYPE N MATCH: there (in_r, in_b) every N-th packet is dropped that nftables' MATCH fits.
tcp_lose() {
	"$1" nft -f - <<-END || fail "the rule is refused"
	table inet ntlose {
		counter lost { }
		chain lose {
			type filter hook $2 priority 0; policy accept;
			$4 numgen inc mod $3 == $(($3 - 1)) counter name lost drop
		}
	}
	END
}

# tcp_lose_off IN: sets lost, what nftables counted.
tcp_lose_off() {
	# shellcheck disable=SC2034 # used by the cases
	lost=$("$1" nft -j list counter inet ntlose lost | jq '[.nftables[].counter // empty][0].packets')
	"$1" nft delete table inet ntlose
}

# tcp_drops FWD-INTERNAL REP-INTERNAL FWD-EXTERNAL REP-EXTERNAL: and the sum is right.
tcp_drops() {
	tool_stop
	tool_expect "internal forward, reverse, external forward, reverse" \
		'.counts | [.fwd_internal_drop, .rep_internal_drop, .fwd_external_drop, .rep_external_drop] | join(" ")' \
		"$1 $2 $3 $4" \
		"sum" '.counts | .total - .fwd_complete - .rep_complete - .fwd_internal_drop - .rep_internal_drop -
			.fwd_external_drop - .rep_external_drop - .in_flight' 0 \
		"in flight, untracked, late" '.counts | "\(.in_flight) \(.untracked) \(.late)"' "0 0 0" "${tool_nothing_lost[@]}"
}
