#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is not loaded costs its stages and is named; one that goes while its functions are
# hooked is either held by the kernel or told: which hooks, and since when.
# topo: none
# kernels: 6.1
# timeout: 360
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
[ -n "${NT_KERNEL-}" ] || skip "loads and unloads openvswitch: in the lab only"
NT_ROUTER_NS=
ip link add ntm0 type veth peer name ntm1 || fail "no veth"
at_exit 'ip link del ntm0'
tool=(vm latency details --vm-interface ntm0 --phy-interface ntm1 --src-ip 192.0.2.1)
hook() { jq -r "select(.type == \"start\") | .hooks[] | select(.name == \"process\") | $1" "$tool_out"; }
# A stage of the module and one of the kernel itself.
stages='.stages.from_vm | "\(.DP_PROCESS) \(.VNET_RX)"'
# reports FILTER: how many match.
reports() { jq -s "[.[] | select(.type == \"report\") | select($1)] | length" "$tool_out"; }
# until_is WANTED COMMAND...: it prints that within some seconds.
until_is() {
	for _ in {1..50}; do
		[ "$("${@:2}")" = "$1" ] && return
		sleep 0.2
	done
	fail "${*:2}: $("${@:2}"), expected $1"
}
now() { date -u +%Y-%m-%dT%H:%M:%S.%NZ; }

echo "--- not loaded"
modprobe -r openvswitch 2>/dev/null
[ ! -e /sys/module/openvswitch ] || fail "openvswitch is in use"
tool_start "${tool[@]}"
tool_stop
expect "hook process" "$(hook .probe)" null
hook .why | grep -q 'module openvswitch is not loaded' || fail "why: $(hook .why)"
expect "its stage, another" "$(tool_figure "$stages")" "null 0"

# Functions by kprobe do not hold their module; every other kind of probe does.
held_by() {
	jq -r 'select(.type == "start") | [.hooks[] | .probe // empty |
		select(test("ovs_|netdev_frame_hook") and (startswith("kprobe:") | not))] | length' "$tool_out"
}

held() {
	modprobe -r openvswitch 2>/dev/null && fail "unloaded although functions of it are hooked"
	[ -e /sys/module/openvswitch ] || fail "it is gone all the same"
	sleep 2.5
	expect "lines about hooks, reports with some" \
		"$(tool_events '.status == "HOOK_GONE"') $(reports 'has("hooks_gone")')" "0 0"
	tool_stop
	expect "its stage, another" "$(tool_figure "$stages")" "0 0"
}

gone() {
	local hooks before after
	hooks=$(jq -r 'select(.type == "start") | [.hooks[] | select(.probe // "" |
		test("ovs_|netdev_frame_hook")) | .name] | sort | join(" ")' "$tool_out")
	before=$(now)
	modprobe -r openvswitch || fail "openvswitch is held by kprobes"
	until_is 1 tool_events '.status == "HOOK_GONE" and .hook == "process"'
	after=$(now)
	gone_lines() { jq -rs "[.[] | select(.status == \"HOOK_GONE\") | $1] | sort | join(\" \")" "$tool_out"; }
	expect "told, each once" "$(gone_lines .hook)" "$hooks"
	expect "their module" "$(gone_lines .module | tr ' ' '\n' | sort -u)" openvswitch
	expect "told when" "$(gone_lines "select(.time < \"$before\" or .time > \"$after\") | .time")" ""
	expect "other lines" "$(tool_events '.status != "HOOK_GONE"')" 0
	# Loaded again, it is not hooked again.
	modprobe openvswitch
	seen=$(reports true)
	for _ in {1..50}; do [ "$(reports true)" -ge $((seen + 2)) ] && break; sleep 0.2; done
	expect "told, still" "$(gone_lines .hook)" "$hooks"
	tool_stop
	expect "its stage, another" "$(tool_figure "$stages")" "null 0"
	expect "hooks of the summary" "$(tool_figure '[.hooks_gone[].hook] | sort | join(" ")')" "$hooks"
	expect "since when, as told" "$(tool_figure '[.hooks_gone[].since] | unique | join(" ")')" \
		"$(gone_lines .time | tr ' ' '\n' | sort -u | paste -sd' ')"
	expect "reports with the stage and hooks gone" \
		"$(reports 'has("hooks_gone") and .stages.from_vm.DP_PROCESS != null')" 0
	expect "reports without both" \
		"$(reports '(has("hooks_gone") | not) and .stages.from_vm.DP_PROCESS != 0')" 0
	[ "$(reports 'has("hooks_gone")')" -ge 2 ] || fail "the reports do not say so"
	"$NETTRACE" "${tool[@]}" --interval 1 --replay "$tool_dir/tape" >"$tool_dir/text" ||
		fail "replay: exit code $?"
	expect "in text, when it happened" \
		"$(grep -c '^\[.*\] hook process is gone: module openvswitch was unloaded; no DP_PROCESS stage$' "$tool_dir/text")" 1
	expect "in the text of the summary" "$(sed '1,/^Summary/d' "$tool_dir/text" |
		grep -c '^Hook process is gone since [0-9-]* [0-9:.]* (module openvswitch): no DP_PROCESS stage$')" 1
}

echo "--- unloaded while it is traced"
modprobe openvswitch || fail "openvswitch does not load"
tool_start "${tool[@]}" --interval 1 --record "$tool_dir/tape"
hook '"\(.probe) \(.why)"'
expect "hook process is there" "$(hook '.probe != null')" true
for _ in {1..50}; do [ "$(reports true)" -ge 1 ] && break; sleep 0.2; done
expect "its stage, another, in the first report" \
	"$(jq -r "select(.type == \"report\") | $stages" "$tool_out" | head -n 1)" "0 0"
holds=$(held_by)
# No module of 5.10 has type information: nothing there can hold it.
[ "$NT_KERNEL" != 5.10 ] || expect "hooks that hold the module" "$holds" 0
if [ "$holds" = 0 ]; then gone; else held; fi
tool_no_loss
modprobe -r openvswitch || fail "openvswitch is held although nothing traces it"
tool_valid
echo ok
