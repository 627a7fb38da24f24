#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody reads the pipe that the output goes to: SIGTERM still ends the program, and says what it did.
# topo: router
# kernels: native
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router

mkfifo "$tool_dir/pipe" "$tool_dir/ready"
exec 8<>"$tool_dir/pipe" 9<>"$tool_dir/ready"
${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} "$NETTRACE" path icmp --rx-iface r0 --tx-iface r1 \
	--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --all --json --ready-fd 9 \
	>"$tool_dir/pipe" 2>"$tool_dir/err" 8>&- &
tool_pid=$!
read -r -t 60 -n 1 -u 9 || fail "not ready"
# Each ping's line is some 700 bytes, a pipe takes 64 KiB.
in_a ping -q -f -c 400 10.77.2.1 >/dev/null

asleep() { [ "$(sed 's/.*) //; s/ .*//' "/proc/$tool_pid/stat")" = S ]; }
for _ in {1..50}; do
	before=$(awk '{ print $14 + $15 }' "/proc/$tool_pid/stat")
	sleep 0.3
	[ "$before" = "$(awk '{ print $14 + $15 }' "/proc/$tool_pid/stat")" ] && asleep && break
done
asleep || fail "it does not wait for its reader"
begin=$(date +%s)
kill -TERM "$tool_pid"
rc=0
wait "$tool_pid" || rc=$?
tool_pid=
took=$(($(date +%s) - begin))
expect "exit code" "$rc" 1
[ "$took" -le 20 ] || fail "it ended after $took s"
expect "error" "$(cat "$tool_dir/err")" \
	"nettrace path icmp: output is not complete: nobody took it after the signal to stop"
echo ok
