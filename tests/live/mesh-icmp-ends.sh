#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mesh icmp over three hosts with an sshd each: one dies, Ctrl-C, SIGKILL: nothing is left on any of them.
# What a kernel decides of it is in mesh-icmp: each login takes an emulated CPU half a minute.
# topo: router
# kernels: 6.1
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=mesh-lib.sh
. "$(dirname "$0")/mesh-lib.sh"
topo_use router
[ -n "${NT_KERNEL-}" ] || "$NETTRACE" doctor | grep -q '^  rtt kernel: possible' ||
	skip "rtt kernel is not possible on this kernel: see nettrace doctor"
[ -x /usr/sbin/sshd ] || skip "no sshd: install openssh-server"
at_exit 'mesh_down 2>/dev/null'
mesh_up

echo "--- one dies in the middle; then Ctrl-C"
mesh_start --no-ping
kill_host 2
in_h 1 ping -q -c 3 -i 0.05 10.77.9.3 >/dev/null
sleep 1.5
mesh_end INT 1
expect "failed, sent" "$(figure '.counts | [.nodes_failed, .total, .complete] | join(" ")')" "1 3 3"
expect "who" "$(figure '.nodes[] | select(.state == "failed").name')" h2
start_host 2
nothing_left

echo "--- the mesh itself is killed"
mesh_start --no-ping
kill -KILL "$mesh_pid"
ended "$mesh_pid"
mesh_pid=
nothing_left
tool_valid
