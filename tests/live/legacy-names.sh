#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each legacy name, started as such: the settings that its options and defaults come to.
# topo: router
# kernels: 6.1
# timeout: 180
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router

links=$tool_dir/links
"$NETTRACE" links "$links" >/dev/null || fail "links"

# starts NAME FILTER WANTED ARGUMENT...: what its start line says. NAME may be "path icmp".
starts() {
	case $1 in
	*' '*) read -r -a words <<<"$1"; tool_start "${words[@]}" "${@:4}" ;;
	*) started+=("$1"); NETTRACE=$links/$1 tool_start "${@:4}" ;;
	esac
	tool_stop
	expect "$1 ${*:4}" "$(jq -c "select(.type == \"start\") | [$2]" "$tool_out")" "$3"
}

path=(--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --rx-iface r0 --tx-iface r1)
shown='.command, .filters.all, .filters.timeout_ms'
starts 'path icmp' "$shown" '["path icmp",null,"1000ms"]' "${path[@]}" -v
starts icmp_path_tracer.py "$shown" '["path icmp","on","1000ms"]' "${path[@]}" -v
starts icmp_drop_detector.py "$shown" '["path icmp","on","500ms"]' "${path[@]}" --verbose --timeout-ms 500
shown+=', .filters.dst_port, .filters.stats_mode'
starts 'path udp' "$shown" '["path udp",null,"1000ms","7000",null]' "${path[@]}" -v --dst-port 7000
starts udp_path_tracer.py "$shown" '["path udp","on","1000ms",null,null]' "${path[@]}" -v
starts udp_path_tracer.py "$shown" '["path udp",null,"1000ms",null,"on"]' "${path[@]}" --stats-mode --stats-interval 2
starts udp_drop_detector.py "$shown" '["path udp","on","500ms","7000",null]' "${path[@]}" --verbose --timeout-ms 500 --dst-port 7000

# Local and remote, however they are told.
rtt='.command, .direction, .filters.latency_ms, .local, .remote, [.devices[].name]'
starts 'rtt kernel' "$rtt" '["rtt kernel","tx",null,"10.77.1.1","10.77.2.1",[]]' \
	--netns nta --src-ip 10.77.1.1 --dst-ip 10.77.2.1
starts kernel_icmp_rtt.py "$rtt" '["rtt kernel","rx","2.5ms","10.77.1.1","10.77.2.1",["a0"]]' \
	--netns nta -s 10.77.1.1 -d 10.77.2.1 -r rx -i a0 -l 2.5 -k --debug

drop='.filters.preset, .filters.group_by, .filters.top, .filters.interval, [.devices[].name]'
all='[null,null,"5","10s",[]]'
starts kernel_drop_stack_stats_summary_all.py "$drop" "$all"
starts kernel_drop_stats_summary_all.py "$drop" '[null,null,"7","3s",["r0"]]' -t 7 -i 3 -n r0
starts kernel_drop_stack_stats_summary.py "$drop" '["stack","stack","5","10s",[]]'
starts kernel_drop_stack_stats.bt "$drop" '["bt","stack","3","10s",[]]'
starts kernel_drop_stack_stats.bt "$drop" '["bt","stack","3","7s",["r1"]]' r1 7
# As scripts call it: "$device" that is not set.
starts kernel_drop_stack_stats.bt "$drop" '["bt","stack","3","7s",[]]' '' 7

starts phy_net_drop_detector.py '.command, .filters.mode, .filters.port, [.devices[].name]' \
	'["drop probe","receiver","6000",["r0"]]' -m receiver -i r0 -p 6000

vm=(--vm-interface r0 --phy-interface r1)
seen='.directions, .filters.src_ip, .filters.dst_ip, .filters.protocol'
starts 'vm latency details' "$seen" '[["from_vm"],null,null,null]' "${vm[@]}" --direction rx
starts vm_network_latency_details.py "$seen" '[["to_vm"],"10.77.1.1","10.77.2.1","icmp"]' \
	--vm-interface r0 -P r1 -r rx -s 10.77.1.1 -d 10.77.2.1 -p icmp
starts vm_network_latency_details.py "$seen" '[["from_vm"],null,null,null]' "${vm[@]}" --direction tx

expect "names that were not started" \
	"$("$NETTRACE" list --legacy | cut -f1 | sort | comm -23 - <(printf '%s\n' "${started[@]}" | sort -u))" ""
tool_valid
