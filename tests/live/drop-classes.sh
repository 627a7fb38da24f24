#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# drop summary: the classes of normal frees, each made on purpose and counted exactly.
# topo: router
# kernels: all
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=drop-causes.sh
. "$(dirname "$0")/drop-causes.sh"
topo_use router

# In b: reads seven datagrams, each of three fragments.
ip netns exec ntb timeout 120 python3 - "$drops_dir/b-up" "$drops_dir/b-done" <<'END' &
import socket, sys
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("10.77.2.1", 7040))
open(sys.argv[1], "w").close()
for _ in range(7):
    assert len(u.recv(5000)) == 4000
open(sys.argv[2], "w").close()
END
# In the router: a packet socket for an EtherType, with a small buffer that nobody reads; tells how
# many frames it had no room for.
${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} timeout 120 python3 - "$drops_dir/r-up" "$drops_dir/r-end" >"$drops_dir/no-room" <<'END' &
import os, socket, struct, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x9898))
s.bind(("r0", 0x9898))
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
open(sys.argv[1], "w").close()
while not os.path.exists(sys.argv[2]):
    time.sleep(0.05)
print(struct.unpack("=II", s.getsockopt(263, 6, 8))[1])
s.setblocking(False)
try:
    while s.recv(100):
        pass
except BlockingIOError:
    pass
END
socket_pid=$!

# wait_file NAME...
wait_file() {
	local name
	for name; do
		for _ in {1..300}; do
			[ ! -e "$drops_dir/$name" ] || continue 2
			sleep 0.2
		done
		fail "no $name after 60 s"
	done
}

wait_file b-up r-up
in_r nft -f - <<-END || fail "the rule is refused"
	table ip ntigmp { chain i { type filter hook input priority 0; ip protocol igmp ip saddr 10.77.1.1 counter; }; }
END
at_exit 'in_r nft delete table ip ntigmp 2>/dev/null'
drops_start merged --src-ip 10.77.1.1 --protocol udp
drops_start igmp --src-ip 10.77.1.1 --protocol 2
drops_start frames --interface r0
drops_start shown --disable-normal-filter --group-by location
drops_start local
drops_ready
in_a python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(7):
    s.sendto(b"x" * 4000, ("10.77.2.1", 7040))
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
for _ in range(13):
    a.send(b"x")
b.close()'
in_a "$drop_send" frame:a0:9898:60 leave:10.77.1.1:12
wait_file b-done
sleep 0.3
: >"$drops_dir/r-end"
wait "$socket_pid" || fail "the packet socket"
drops_stop
no_room=$(<"$drops_dir/no-room")

# hidden NAME: classes and their counts that are not 0.
hidden() { drops "$1" '[.hidden | to_entries[] | select(.value > 0) | "\(.key) \(.value)"] | join(", ")'; }

echo "--- the rest of reassembled datagrams: two fragments each, until the kernel frees them as consumed"
case $(uname -r) in
5.10.* | 6.1.*) expect "hidden" "$(hidden merged)" "merged_packet 14" ;;
*) expect "hidden" "$(hidden merged)" "" ;;
esac
expect "rows" "$(drops merged .counts.matching)" 0

echo "--- IGMP messages"
# Its own reports may be among them.
received=$(in_r nft -j list table ip ntigmp | jq '[.. | .counter? // empty | .packets] | add')
[ "$received" -ge 12 ] || fail "received, by nft: $received, expected 12 or more"
expect "hidden, against nft" "$(hidden igmp)" "control_message $received"
expect "rows" "$(drops igmp .counts.matching)" 0

echo "--- frames that a packet socket had no room for"
[ "$no_room" -ge 40 ] || fail "it took $((60 - no_room)) of 60"
expect "hidden, against the socket's own figure" \
	"$(drops frames .hidden.packet_socket_copy)" "$no_room"
expect "rows" "$(sum frames '.flow.ethertype == "0x9898"')" 0

# 13 in a Unix socket that is closed; kernels that give its reason (SOCKET_CLOSE) make it a teardown.
# Other programs of this machine have such sockets too, those of the lab do not.
echo "--- messages of a Unix socket"
classes='[.hidden.not_network, .hidden.socket_teardown] | add'
if [ -n "${NT_KERNEL-}" ]; then
	expect "hidden" "$(drops local "$classes")" 13
else
	expect "hidden: at least 13" "$(drops local "$classes >= 13")" true
fi
expect "with nothing hidden" "$(sum shown '.function == "unix_release_sock"')" 13
case ${NT_KERNEL-} in
5.10 | 6.1) expect "class" "$(drops local .hidden.not_network)" 13 ;;
?*) expect "class: by its reason" "$(drops local .hidden.socket_teardown)" 13 ;;
esac

echo "--- nothing hidden"
expect "hidden" "$(hidden shown)" ""
expect "IGMP, copies" "$(sum shown '.function == "igmp_rcv"') $(sum shown '.function == "packet_rcv"')" \
	"$received $no_room"
echo ok
