# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash source-path=SCRIPTDIR disable=SC2154
# rtt system: all of its programs for a ping of this host through Open vSwitch, whose flows are there.

# shellcheck source=../../vm/topo/ovs.sh
. "$(dirname "$0")/../vm/topo/ovs.sh"
# shellcheck source=../../live/rtt-lib.sh
. "$(dirname "$0")/../live/rtt-lib.sh"
at_exit 'system_down; ovs_host_gone ovb pb; ovs_stop'
{ ovs_start && ovs_host ovb pb 10.8.0.2/24 fd08::2/64; } || fail "no switch"
system_up

# per_system_ping NAME [ENV...] -- OPTION...
per_system_ping() {
	local name=$1 a b ra rb
	shift
	start "$@"
	ping -q -c 3 -i 0.01 10.8.0.2 >/dev/null
	read -r a ra < <(prog_totals)
	ping -q -c "$pings" -i 0.01 10.8.0.2 >/dev/null
	read -r b rb < <(prog_totals)
	stop
	say "$name.programs_per_ping" $(((b - a) / ns_per_insn / pings))
	say "$name.events_per_ping" $(((rb - ra) / pings))
}

system=(rtt system "${v4[@]}" --phy-interface pb)
per_system_ping rtt_system.stats -- "${system[@]}" --stats-mode
per_system_ping rtt_system.all -- "${system[@]}" --all
per_system_ping rtt_system.stats_kprobe NETTRACE_WITHOUT=fentry -- "${system[@]}" --stats-mode
started rtt_system "${system[@]}" --stats-mode
system_down
ovs_host_gone ovb pb
ovs_stop
