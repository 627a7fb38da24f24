#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run's outer life: when it is ready, how it ends, where its output goes, what it holds. And what
# is left when it is killed: nothing.
# topo: router
# kernels: 6.1
# timeout: 480
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
tool=(path icmp --rx-iface r0 --tx-iface r1 --src-ip 10.77.1.1 --dst-ip 10.77.2.1)
d=$tool_dir
pings() { in_a ping -q -c "$1" -i 0.01 -W 1 10.77.2.1 >/dev/null; }

# ends SECONDS ARGUMENT...: in the router, ends by itself within that time; $rc, $d/text, $d/err.
ends() {
	rc=0
	timeout -s KILL "$1" ${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} "$NETTRACE" "${@:2}" \
		>"$d/text" 2>"$d/err" </dev/null || rc=$?
}

echo "--- ready: one byte, when everything is attached; --quiet: no start block"
exec 9>"$d/bytes"
ends 60 "${tool[@]}" --duration 1 --ready-fd 9
exec 9>&-
expect "exit code ($(cat "$d/err"))" $rc 0
expect "bytes" "$(stat -c %s "$d/bytes")" 1
expect "ready lines" "$(grep -c '^ready;' "$d/text")" 1
expect "start block, ready, summary in order" \
	"$(grep -oE '^(===|ready|Summary)' "$d/text" | tr '\n' ' ')" "=== ready Summary "
expect "a line for what is traced" "$(grep -cE '^  (rx|tx) +r[01] \(ifindex=[0-9]+, veth\)$' "$d/text")" 2
expect "no setting that is not in force" "$(grep -cE '^  (interval|latency|stats)' "$d/text")" 0
ends 60 "${tool[@]}" --duration 1 --quiet
expect "first line when quiet" "$(head -n 1 "$d/text" | cut -d: -f1)" Summary
ends 60 "${tool[@]}" --duration 1 --quiet --json
expect "types when quiet" "$(jq -r .type "$d/text" | tr '\n' ' ')" "summary "

echo "--- what cannot begin prints no start block and leaves the output file alone"
echo old >"$d/keep"
ends 60 "${tool[@]}" --rx-iface no-such --output "$d/keep"
expect "exit code, output" "$rc $(cat "$d/text" "$d/keep")" "3 old"
NETTRACE_WITHOUT=tp_btf,raw_tp ends 60 "${tool[@]}" --output "$d/keep"
expect "exit code, output" "$rc $(cat "$d/text" "$d/keep")" "3 old"
ends 60 "${tool[@]}" --output "$d/no/such"
expect "exit code, output" "$rc $(cat "$d/text")" "1 "
expect "lines of error" "$(wc -l <"$d/err")" 1

echo "--- it ends: --duration, --count, Ctrl-C, SIGTERM"
begin=$(date +%s)
ends 60 "${tool[@]}" --duration 2s --json
expect "exit code" $rc 0
took=$(($(date +%s) - begin))
[ $took -ge 2 ] || fail "--duration 2s ended after $took s"
expect "traced two seconds" "$(jq 'select(.type == "summary") | .period_us > 2e6 and .period_us < 4e6' "$d/text")" true
tool_start "${tool[@]}" --all --count 3
pings 10
wait "$tool_pid" || fail "--count: exit code $?"
tool_pid=
expect "events with --count 3" "$(tool_events true)" 3
for signal in INT TERM; do
	rm -f "$d/ready"
	mkfifo "$d/ready"
	exec 9<>"$d/ready"
	# A shell's background jobs ignore SIGINT.
	${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} env --default-signal=INT "$NETTRACE" \
		"${tool[@]}" --ready-fd 9 >"$d/text" 2>"$d/err" &
	tool_pid=$!
	read -r -t 60 -n 1 -u 9 || fail "not ready"
	exec 9>&-
	pings 4
	kill "-$signal" $tool_pid
	rc=0
	wait $tool_pid || rc=$?
	tool_pid=
	expect "exit code after SIG$signal" $rc 0
	expect "summary after SIG$signal" "$(grep -o '^Summary: flows=[0-9]*' "$d/text")" "Summary: flows=4"
done

echo "--- outputs that do not take what is written: it ends, the exit code tells"
for json in '' --json; do
	ends 60 "${tool[@]}" --duration 50 ${json:+"$json"} --output /dev/full
	expect "exit code with a full disk $json" $rc 1
	expect "error" "$(cat "$d/err")" \
		"nettrace path icmp: output is not complete: No space left on device; make room or write elsewhere"
	rc=$({
		ends 60 "${tool[@]}" --duration 2 ${json:+"$json"} --output /dev/fd/4 4>&1 >/dev/null
		echo "$rc" >"$d/rc"
	} | head -n 1 >/dev/null; cat "$d/rc")
	expect "exit code with a closed pipe $json" "$rc" 1
	expect "words about it" "$(cat "$d/err")" ""
done

echo "--- SIGHUP opens the output again"
tool_start "${tool[@]}" --all
pings 3
for _ in {1..50}; do
	[ "$(tool_events true)" = 3 ] && break
	sleep 0.1
done
mv "$tool_out" "$d/old"
kill -HUP "$tool_pid"
for _ in {1..50}; do
	[ -e "$tool_out" ] && break
	sleep 0.1
done
pings 4
tool_stop
expect "events in the old file" "$(jq -s '[.[] | select(.type == "event")] | length' "$d/old")" 3
expect "events in the new file" "$(tool_events true)" 4
expect "summary" "$(tool_figure .counts.complete)" 7

# status KEY: of the running tool.
status() { sed -n "s/^$1:[\t ]*//p" "/proc/$tool_pid/status"; }
count_fds() {
	local all=("/proc/$tool_pid/fd/"*)
	echo ${#all[@]}
}
# holds ARGUMENT...: starts that tool; memory, descriptors and capabilities when it is ready.
holds() {
	local kept rss peak
	echo "--- what $1 $2 holds, and what it gave up"
	tool_start "$@"
	expect "no_new_privs" "$(status NoNewPrivs)" 1
	kept=$(status CapEff)
	expect "permitted as effective" "$(status CapPrm)" "$kept"
	expect "inheritable and ambient" "$(status CapInh) $(status CapAmb)" \
		"0000000000000000 0000000000000000"
	# Only where reading a map takes it: CAP_BPF (39), CAP_SYS_ADMIN (21) before 5.8.
	[ "$kept" = 0000000000000000 ] ||
		expect "kept with unprivileged_bpf_disabled=$(cat /proc/sys/kernel/unprivileged_bpf_disabled)" \
			"$(echo "$kept" | grep -cE '^00000(08000000000|00000200000)$')" 1
	rss=$(status VmRSS) peak=$(status VmHWM)
	[ "${rss% kB}" -le 8192 ] || fail "RSS after ready: $rss"
	[ "${peak% kB}" -le 24576 ] || fail "peak: $peak"
	echo "RSS after ready: $rss, peak $peak, $(count_fds) descriptors"
	[ "$(count_fds)" -le 64 ] || fail "too many descriptors"
}
if "$NETTRACE" list --names | grep -qx 'drop summary'; then
	holds drop summary
	tool_stop
fi
if "$NETTRACE" list --names | grep -qx 'vm latency details'; then
	holds vm latency details --vm-interface r0 --phy-interface r1 --src-ip 10.77.1.1
	tool_stop
fi
holds "${tool[@]}" --all
fds=$(count_fds)
pings 50
expect "descriptors after some work" "$(count_fds)" "$fds"

echo "--- SIGKILL: the kernel takes everything back"
ids() { cat "/proc/$tool_pid"/fdinfo/* 2>/dev/null | sed -n "s/^$1:[\t ]*//p" | sort -un; }
mapfile -t progs < <(ids prog_id)
mapfile -t maps < <(ids map_id)
[ $((${#progs[@]} >= 2 && ${#maps[@]} >= 3)) = 1 ] || fail "${#progs[@]} programs, ${#maps[@]} maps"
there() {
	local id n=0
	for id in "${progs[@]}"; do bpftool prog show id "$id" >/dev/null 2>&1 && n=$((n + 1)); done
	for id in "${maps[@]}"; do bpftool map show id "$id" >/dev/null 2>&1 && n=$((n + 1)); done
	echo $n
}
expect "programs and maps while it runs" "$(there)" $((${#progs[@]} + ${#maps[@]}))
kill -KILL "$tool_pid"
wait "$tool_pid" 2>/dev/null
tool_pid=
for _ in {1..100}; do
	[ "$(there)" = 0 ] && break
	sleep 0.1
done
expect "programs and maps after SIGKILL" "$(there)" 0
echo ok
