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
starts tcp_path_tracer.py "$shown" '["path tcp","on","1000ms","5201",null]' "${path[@]}" -v --dst-port 5201
starts tcp_path_tracer.py "$shown" '["path tcp",null,"1000ms",null,"on"]' "${path[@]}" --stats-mode --stats-interval 2
starts tcp_drop_detector.py "$shown" '["path tcp","on","500ms",null,null]' "${path[@]}" --verbose --timeout-ms 500
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

# Gone again at the end: where it is loaded, fragments can reach a router's rules as whole packets.
modprobe openvswitch || fail "no openvswitch"
at_exit "modprobe -r openvswitch"
starts 'rtt system' "$rtt" '["rtt system","tx",null,"10.77.1.1","10.77.2.1",["a0"]]' \
	--netns nta --src-ip 10.77.1.1 --dst-ip 10.77.2.1 --phy-interface a0
starts system_network_icmp_rtt.py "$rtt" '["rtt system","rx","2.5ms","10.77.1.1","10.77.2.1",["a0"]]' \
	--netns nta --src-ip 10.77.2.1 --dst-ip 10.77.1.1 --phy-iface1 a0 --direction rx --latency-ms 2.5 --disable-kernel-stacks
starts icmp_rtt_latency.py "$rtt" '["rtt system","tx",null,"10.77.1.1","10.77.2.1",["a0","lo"]]' \
	--netns nta -s 10.77.1.1 -d 10.77.2.1 --phy-iface1 a0 --phy-iface2 lo --direction outgoing

drop='.filters.preset, .filters.group_by, .filters.top, .filters.interval, [.devices[].name]'
all='[null,null,"5","10s",[]]'
starts kernel_drop_stack_stats_summary_all.py "$drop" "$all"
starts kernel_drop_stats_summary_all.py "$drop" '[null,null,"7","3s",["r0"]]' -t 7 -i 3 -n r0
starts kernel_drop_stack_stats_summary.py "$drop" '["stack","stack","5","10s",[]]'
starts kernel_drop_stack_stats.bt "$drop" '["bt","stack","3","10s",[]]'
starts kernel_drop_stack_stats.bt "$drop" '["bt","stack","3","7s",["r1"]]' r1 7
# As scripts call it: "$device" that is not set.
starts kernel_drop_stack_stats.bt "$drop" '["bt","stack","3","7s",[]]' '' 7

starts eth_drop.py '.command, .filters.type, .filters.vlan_id, .filters.src_ip, .filters.dst_port, .filters.protocol, .filters.disable_normal_filter, [.devices[].name]' \
	'["drop details","IPV4","0","10.77.1.1","80","tcp","on",["r0"]]' --type IPV4 --vlan-id 0 --src-ip 10.77.1.1 \
	--dst-port 80 --l4-protocol tcp --interface r0 --verbose --no-stack-trace --disable-normal-filter \
	--interval 5 --duration 300

starts phy_net_drop_detector.py '.command, .filters.mode, .filters.port, [.devices[].name]' \
	'["drop probe","receiver","6000",["r0"]]' -m receiver -i r0 -p 6000

iface='.command, .filters.interval, .filters.throughput, .filters.threshold, .filters.sustain, [.devices[].name]'
starts iface_netstat.py "$iface" '["iface stat","0.5s","on",null,null,["r0"]]' --name r0 --interval 0.5 -t
starts pps_monitor_bcc.py "$iface" '["iface pps","1s",null,"5000","4",["r0"]]' --nic r0 --threshold 5000 --duration 4
started+=(nic_irq_numa_map.sh)
expect "nic_irq_numa_map.sh" "$("$links/nic_irq_numa_map.sh" r0 2>&1)" \
	"nettrace iface irq: interface r0 (veth) has no interrupts of its own: ask for the device below it"

# No host answers it; what it would do there is the case mesh-icmp's.
mkdir "$tool_dir/bin" && printf '#!/bin/sh\nexit 255\n' >"$tool_dir/bin/ssh" && chmod +x "$tool_dir/bin/ssh"
started+=(deploy_full_mesh_icmp_tracer.py)
for old in --stop --status; do
	"$links/deploy_full_mesh_icmp_tracer.py" --nodes h1,h2 $old | grep -q 'leaves nothing running' || fail "mesh $old"
done
expect "deploy_full_mesh_icmp_tracer.py --dry-run" "$(PATH=$tool_dir/bin:$PATH "$links/deploy_full_mesh_icmp_tracer.py" \
	--nodes 10.0.0.1,10.0.0.2 --user smartx --password x --network-type storage --tx-latency 0.5 --dry-run --json \
	2>/dev/null | jq -c '[[.nodes[] | .name, .state], .pairs]')" '[["10.0.0.1","failed","10.0.0.2","failed"],0]'

vm=(--vm-interface r0 --phy-interface r1)
seen='.directions, .filters.src_ip, .filters.dst_ip, .filters.protocol'
starts 'vm latency details' "$seen" '[["from_vm"],null,null,null]' "${vm[@]}" --direction rx
starts vm_network_latency_details.py "$seen" '[["to_vm"],"10.77.1.1","10.77.2.1","icmp"]' \
	--vm-interface r0 -P r1 -r rx -s 10.77.1.1 -d 10.77.2.1 -p icmp
starts vm_network_latency_details.py "$seen" '[["from_vm"],null,null,null]' "${vm[@]}" --direction tx

expect "names that were not started" \
	"$("$NETTRACE" list --legacy | cut -f1 | sort | comm -23 - <(printf '%s\n' "${started[@]}" | sort -u))" ""
tool_valid
