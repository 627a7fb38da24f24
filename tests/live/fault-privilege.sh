#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Privileges: the missing capability is named, the two that are needed are enough, and the rest is
# given up where the kernel lets a process read its maps without.
# topo: none
# kernels: native
# timeout: 360
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
[ "$(id -u)" = 0 ] || skip "needs root to give privileges away"
d=$(mktemp -d)
at_exit "rm -rf $d"
chmod 755 "$d"
# Where nobody can read it, whatever the build folder allows.
install -m 755 "$NETTRACE" "$d/nettrace"
ip link add ntpriv0 type veth peer name ntpriv1 || fail "no veth"
at_exit 'ip link del ntpriv0'
path=("$d/nettrace" path icmp --rx-iface ntpriv0 --tx-iface ntpriv1 --src-ip 192.0.2.1 --dst-ip 192.0.2.2
	--duration 0.2)
drop=("$d/nettrace" drop summary --interface ntpriv0 --duration 0.2)
vm=("$d/nettrace" vm latency details --vm-interface ntpriv0 --phy-interface ntpriv1 --src-ip 192.0.2.1
	--duration 0.2)
tools=(path drop vm)
use() {
	local -n of=$1
	tool=("${of[@]}")
}

# with CAPS COMMAND...: as nobody with these capabilities only; $rc, $d/out, $d/err.
with() {
	local caps=$1
	shift
	rc=0
	timeout -s KILL 100 setpriv --reuid 65534 --regid 65534 --clear-groups \
		--inh-caps="-all$caps" --ambient-caps="-all$caps" --bounding-set="-all$caps" "$@" \
		>"$d/out" 2>"$d/err" </dev/null || rc=$?
}

# refused PATTERN: exit code 3, nothing on stdout, one line that fits.
refused() {
	expect "exit code" $rc 3
	expect "output" "$(cat "$d/out")" ""
	expect "lines of error" "$(wc -l <"$d/err")" 1
	grep -qE -- "$1" "$d/err" || fail "'$(cat "$d/err")' is not '$1'"
	cat "$d/err"
}

# Kernels before 5.8 have neither CAP_BPF nor CAP_PERFMON.
too_little() {
	if [ "$(cat /proc/sys/kernel/cap_last_cap)" -ge 39 ]; then
		remedy="run as root or 'setcap cap_bpf,cap_perfmon\+ep $d/nettrace'"
		with '' "${tool[@]}"
		refused "needs CAP_BPF and CAP_PERFMON: missing both; $remedy"
		with ,+bpf "${tool[@]}"
		refused "missing CAP_PERFMON; $remedy"
		with ,+perfmon,+net_admin "${tool[@]}"
		refused "missing CAP_BPF; $remedy"
		enough=,+bpf,+perfmon
	else
		with ,+net_admin "${tool[@]}"
		refused "needs CAP_SYS_ADMIN \(this kernel has no CAP_BPF\): .*'setcap cap_sys_admin\+ep $d/nettrace'"
		enough=,+sys_admin
	fi
}

# Before 5.11 maps count as locked memory: beyond RLIMIT_MEMLOCK that takes one more, which is said.
sufficient() {
	with "$enough" "${tool[@]}"
	if [ "${NT_KERNEL-}" = 5.10 ]; then
		refused CAP_SYS_RESOURCE
		enough+=,+sys_resource
		with "$enough" "${tool[@]}"
	elif [ $rc = 3 ] && grep -q CAP_SYS_RESOURCE "$d/err"; then
		[ -z "${NT_KERNEL-}" ] || fail "this kernel charges no locked memory: $(cat "$d/err")"
		expect "lines of error" "$(wc -l <"$d/err")" 1
		enough+=,+sys_resource
		with "$enough" "${tool[@]}"
	fi
	expect "exit code with $enough ($(cat "$d/err"))" $rc 0
	expect "start and summary" "$(grep -cE '^=== nettrace|^Summary:|^=== Final Summary' "$d/out")" 2
}

for name in "${tools[@]}"; do
	use $name
	echo "--- ${tool[*]:1:2}: too little"
	too_little
	echo "--- ${tool[*]:1:2}: $enough is enough"
	sufficient
done
use path

echo "--- another namespace takes more, and it is said what"
ip netns add ntpriv
at_exit 'ip netns del ntpriv'
with "$enough" "${tool[@]}" --netns ntpriv
case $enough in
*sys_admin*) expect "exit code" $rc 0 ;;
*) refused "no permission to enter network namespace 'ntpriv': needs root or CAP_SYS_ADMIN" ;;
esac

echo "--- the capabilities of a user namespace are none"
if unshare -Ur true 2>/dev/null; then
	rc=0
	timeout -s KILL 100 unshare -Ur "${tool[@]}" >"$d/out" 2>"$d/err" || rc=$?
	refused "user namespace.*run it on the host"
else
	echo "no user namespaces on this kernel: that case did not run"
fi

echo "--- doctor says the same"
with '' "$d/nettrace" doctor --json path
expect "exit code" $rc 3
expect "possible" "$(jq '[.commands[] | .possible] | any' "$d/out")" false
expect "why" "$(jq -r '[.commands[].why | test("needs CAP_")] | all' "$d/out")" true
expect "what was not tried is not said to be absent" \
	"$(jq -c '[.features[] | select(.name == ("ringbuf", "raw_tp")) | .available]' "$d/out")" '[null,null]'

echo "--- given up after attaching; in the lab with each kernel.unprivileged_bpf_disabled"
was=$(cat /proc/sys/kernel/unprivileged_bpf_disabled)
values=$was
# 1 cannot be taken back.
if [ -n "${NT_KERNEL-}" ] && [ "$was" != 1 ]; then
	values='0 2'
	at_exit "sysctl -qw kernel.unprivileged_bpf_disabled=$was"
fi
for value in $values; do
	[ "$value" = "$was" ] || sysctl -qw kernel.unprivileged_bpf_disabled="$value" ||
		fail "kernel.unprivileged_bpf_disabled=$value"
	rm -f "$d/ready"
	mkfifo "$d/ready"
	exec 9<>"$d/ready"
	"${tool[@]}" --duration 100 --ready-fd 9 >"$d/out" 2>"$d/err" &
	pid=$!
	at_exit "kill -KILL $pid 2>/dev/null"
	read -r -t 100 -n 1 -u 9 || fail "not ready: $(cat "$d/err")"
	exec 9>&-
	kept=$(sed -n 's/^CapEff:[\t ]*//p' "/proc/$pid/status")
	bounding=$(sed -n 's/^CapBnd:[\t ]*//p' "/proc/$pid/status")
	expect "bounding set as the effective one" "$bounding" "$kept"
	if [ "$kept" = 0000000000000000 ]; then
		expect "with $value kept, said" "$(grep -c ' is kept' "$d/out")" 0
	else
		expect "with $value one is kept: CAP_BPF or CAP_SYS_ADMIN" \
			"$(echo "$kept" | grep -cE '^00000(08000000000|00000200000)$')" 1
		expect "said" "$(grep -cE '^  CAP_(BPF|SYS_ADMIN) is kept' "$d/out")" 1
	fi
	# The figures can be read: the summary comes.
	kill -TERM $pid
	rc=0
	wait $pid || rc=$?
	expect "exit code" $rc 0
	expect "summaries" "$(grep -c '^Summary: flows=0' "$d/out")" 1
done
echo ok
