#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is not loaded costs its stages and is named; one that goes while its functions are
# hooked is either held by the kernel or told: which hook, and when.
# topo: none
# kernels: 6.1
# timeout: 360
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
"$NETTRACE" list --names | grep -qx 'vm latency details' || skip "no command on a module's functions"
[ -n "${NT_KERNEL-}" ] || skip "loads and unloads openvswitch: in the lab only"
NT_ROUTER_NS=
ip link add ntm0 type veth peer name ntm1 || fail "no veth"
at_exit 'ip link del ntm0'
tool=(vm latency details --vm-interface ntm0 --phy-interface ntm1 --src-ip 192.0.2.1)
hook() { jq -r "select(.type == \"start\") | .hooks[] | select(.name == \"process\") | $1" "$tool_out"; }

echo "--- not loaded"
modprobe -r openvswitch 2>/dev/null
[ ! -e /sys/module/openvswitch ] || skip "openvswitch is in use"
tool_start "${tool[@]}"
tool_stop
expect "hook process" "$(hook .probe)" null
hook .why | grep -q 'module openvswitch is not loaded' || fail "why: $(hook .why)"

echo "--- unloaded while it is traced"
modprobe openvswitch || fail "openvswitch does not load"
tool_start "${tool[@]}"
hook '"\(.probe) \(.why)"'
expect "hook process is there" "$(hook '.probe != null')" true
if modprobe -r openvswitch 2>/dev/null; then
	for _ in {1..50}; do
		[ "$(tool_events '.status == "HOOK_GONE" and .hook == "process"')" = 1 ] && break
		sleep 0.2
	done
	expect "told once" "$(tool_events '.status == "HOOK_GONE" and .hook == "process"')" 1
	expect "hooks of other modules" "$(tool_events '.module != "openvswitch"')" 0
	# Loaded again, it is not hooked again.
	modprobe openvswitch
	sleep 1.5
	expect "told once, still" "$(tool_events '.status == "HOOK_GONE" and .hook == "process"')" 1
else
	echo "the kernel holds the module"
	[ -e /sys/module/openvswitch ] || fail "it is gone all the same"
	expect "lines about hooks" "$(tool_events '.status == "HOOK_GONE"')" 0
fi
tool_stop
tool_no_loss
modprobe -r openvswitch || fail "openvswitch is held although nothing traces it"
echo ok
