#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# iface irq in a guest: the interrupts of its virtio NIC, as /proc/interrupts and /proc/irq have them.
# topo: guest
# kernels: 6.1
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
topo_use guest

dir=$(mktemp -d)
at_exit "rm -rf $dir"
for _ in $(seq 20); do in_ext ping -q -c 1 -W 5 10.9.0.2 >/dev/null && break; done

# All in one command: the interrupts stand still while it looks. 5 datagrams of its own in the rates.
tool=${NETTRACE##*/}
guest_run "tool=$tool"'
	cat /proc/interrupts
	for n in $(sed -n "s/^ *\([0-9]*\):.*virtio0-.*/\1/p" /proc/interrupts); do
		echo "irq $n $(cat /proc/irq/$n/smp_affinity_list) $(cat /proc/irq/$n/effective_affinity_list)" \
			"$(head -n 1 /proc/irq/$n/spurious)"
	done
	$tool iface irq eth0 --json --cpus 3
	$tool iface irq lo; echo "lo $?"
	(sleep 0.5; ping -q -c 5 -i 0.1 10.9.0.3 >/dev/null) & $tool iface irq eth0 --rates --interval 3 --json' >"$dir/out"
grep '^{' "$dir/out" >"$dir/json" || fail "no JSON: $(cat "$dir/out")"
head -n 1 "$dir/json" >"$dir/now"

# Number, count on the one CPU, name: of /proc/interrupts, and of ours.
awk '/^ *[0-9]+:.*virtio0-/ { print $1 + 0, $2, $NF }' "$dir/out" | sort -n >"$dir/wanted"
jq -r '.irqs[] | "\(.irq) \(.count) \(.name)"' "$dir/now" | sort -n >"$dir/got"
expect "configuration, input, output" "$(wc -l <"$dir/wanted")" 3
expect "as /proc/interrupts" "$(cat "$dir/got")" "$(cat "$dir/wanted")"
expect "as /proc/irq" "$(jq -r '.irqs[] | "irq \(.irq) \(.allowed | map(tostring) | join(",")) \(.effective | map(tostring) | join(",")) count \(.spurious.count)"' "$dir/now")" \
	"$(grep '^irq ' "$dir/out")"
expect "queues" "$(jq -c '[.irqs[] | [.kind, .queue]]' "$dir/now")" '[[null,null],["rx",0],["tx",0]]'
expect "driver, interface" "$(jq -r '"\(.driver) \(.interface)"' "$dir/now")" "virtio_net eth0"
expect "outside of --cpus" "$(jq -c '[.irqs[].outside]' "$dir/now")" '[false,true,true]'
expect "one without interrupts" "$(grep -A1 'no interrupts of its own' "$dir/out" | tail -n 1)" "lo 3"
expect "a rate while it pings" "$(tail -n 1 "$dir/json" | jq '(.irqs[1] | .per_s > 0 and .per_s < 100) and .period_us >= 3000000')" true
valid_lines "$dir/json"
echo ok
