#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run's outer life: when it is ready, how it ends, where its output goes, what it holds. And what
# is left when it is killed: nothing.
# topo: router
# kernels: native
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
topo_use router
# The three kinds of tools; most sections are for all.
path=(path icmp --rx-iface r0 --tx-iface r1 --src-ip 10.77.1.1 --dst-ip 10.77.2.1)
drop=(drop summary --interface r0)
vm=(vm latency details --vm-interface r0 --phy-interface r1 --src-ip 10.77.1.1)
tools=(path drop vm)
tool=("${path[@]}")
# use NAME: $tool and $words are that one's.
use() {
	local -n of=$1
	tool=("${of[@]}")
	words=${tool[*]}
	words=${words%% --*}
}
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

echo "--- what cannot begin prints no start block and leaves the files alone"
for name in "${tools[@]}"; do
	use $name
	echo old >"$d/keep"
	cp "$d/keep" "$d/log"
	# The last of an option counts.
	case $name in
	path) wrong=(--rx-iface no-such) ;;
	drop) wrong=(--interface no-such) ;;
	vm) wrong=(--vm-interface no-such) ;;
	esac
	ends 60 "${tool[@]}" "${wrong[@]}" --output "$d/keep" --log-file "$d/log"
	expect "$words: exit code, output" "$rc $(cat "$d/text" "$d/keep" "$d/log" | paste -sd,)" "3 old,old"
	expect "error" "$(cat "$d/err")" "nettrace $words: interface 'no-such' does not exist in this network \
namespace ('ip link' shows the names, --netns chooses another one)"
	# What each cannot do without.
	NETTRACE_WITHOUT=tp_btf,raw_tp ends 60 "${tool[@]}" --output "$d/keep" --log-file "$d/log"
	expect "$words: exit code, output" "$rc $(cat "$d/text" "$d/keep" "$d/log" | paste -sd,)" "3 old,old"
	expect "lines of error" "$(wc -l <"$d/err") $(grep -c "^nettrace $words: hook '.*' is not possible here: .*; see 'nettrace doctor'" "$d/err")" "1 1"
	ends 60 "${tool[@]}" --output "$d/no/such"
	expect "$words: exit code, output" "$rc $(cat "$d/text")" "1 "
	expect "lines of error" "$(wc -l <"$d/err")" 1
done
use path

echo "--- it ends: --duration, --count, Ctrl-C, SIGTERM, a terminal that hangs up"
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
for signal in INT TERM HUP; do
	rm -f "$d/ready"
	mkfifo "$d/ready"
	exec 9<>"$d/ready"
	# A shell's background jobs ignore SIGINT; the tests may run under nohup.
	${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} env --default-signal=INT,HUP "$NETTRACE" \
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
rm -f "$d/ready"
mkfifo "$d/ready"
exec 9<>"$d/ready"
${NT_ROUTER_NS:+ip netns exec "$NT_ROUTER_NS"} env --ignore-signal=HUP "$NETTRACE" \
	"${tool[@]}" --ready-fd 9 --duration 2 >"$d/text" 2>"$d/err" &
tool_pid=$!
read -r -t 60 -n 1 -u 9 || fail "not ready"
exec 9>&-
kill -HUP $tool_pid
pings 4
rc=0
wait $tool_pid || rc=$?
tool_pid=
expect "with nohup it goes on: exit code, summary" \
	"$rc $(grep -o '^Summary: flows=[0-9]*' "$d/text")" "0 Summary: flows=4"

echo "--- outputs that do not take what is written: it ends, the exit code tells"
for name in "${tools[@]}"; do
	use $name
	for json in '' --json; do
		ends 60 "${tool[@]}" --duration 50 ${json:+"$json"} --output /dev/full
		expect "$words: exit code with a full disk $json" $rc 1
		expect "error" "$(cat "$d/err")" \
			"nettrace $words: output is not complete: No space left on device; make room or write elsewhere"
		rc=$({
			ends 60 "${tool[@]}" --duration 2 ${json:+"$json"} --output /dev/fd/4 4>&1 >/dev/null
			echo "$rc" >"$d/rc"
		} | head -n 1 >/dev/null; cat "$d/rc")
		expect "$words: exit code with a closed pipe $json" "$rc" 1
		expect "words about it" "$(cat "$d/err")" ""
	done
done
ends 60 "${tool[@]}" --duration 50 --output "$d/text2" --log-file /dev/full
expect "exit code with a full log" $rc 1
expect "error" "$(cat "$d/err")" \
	"nettrace $words: output is not complete: No space left on device; make room or write elsewhere"
use path

echo "--- --log-file: a copy of the output, from its beginning"
for json in '' --json; do
	echo old >"$d/log"
	ends 60 "${tool[@]}" --duration 1 ${json:+"$json"} --log-file "$d/log"
	expect "exit code" $rc 0
	expect "start and summary" "$(grep -cE '^===|^Summary|"type":"(start|summary)"' "$d/log")" 2
	cmp "$d/text" "$d/log" || fail "the log is not a copy"
done
ends 60 "${tool[@]}" --output "$d/log" --log-file "$d/log"
expect "the same file twice" "$rc $(cat "$d/err")" \
	"2 nettrace $words: '$d/log' is both output and log file: leave one out"

echo "--- --output-size: two files at most, no line is cut or missing between them"
tool_start "${tool[@]}" --all --output-size 16K
pings 80
tool_stop
mapfile -t sizes < <(stat -c %s "$tool_out".* "$tool_out")
expect "files" ${#sizes[@]} 2
[ "${sizes[0]}" -le 16384 ] && [ "${sizes[1]}" -le 16384 ] || fail "sizes: ${sizes[*]}"
expect "complete" "$(tool_figure .counts.complete)" 80
jq -r 'select(.type == "event") | .flow.seq' "$tool_out.1" "$tool_out" >"$d/seqs"
[ "$(wc -l <"$d/seqs")" -gt 20 ] || fail "only $(wc -l <"$d/seqs") events in the two files"
diff "$d/seqs" <(seq "$(head -n 1 "$d/seqs")" 80) || fail "events are missing or out of order"
rm "$tool_out.1"
ends 60 "${tool[@]}" --output-size 16K --output /dev/null
expect "no file that can be renamed" "$rc $(cat "$d/err")" \
	"2 nettrace $words: cannot limit the size of '/dev/null': not a regular file"

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
# ids KIND: of the programs or maps that the running tool has open.
ids() { cat "/proc/$tool_pid"/fdinfo/* 2>/dev/null | sed -n "s/^$1_id:[\t ]*//p" | sort -un; }
# there PROGRAMS MAPS: how many of these the kernel has.
there() {
	{
		bpftool -j prog show | jq '.[].id' | grep -cxF "$1"
		bpftool -j map show | jq '.[].id' | grep -cxF "$2"
	} | paste -sd' '
}

killed() {
	local progs maps
	echo "--- SIGKILL: the kernel takes everything back from $words"
	progs=$(ids prog) maps=$(ids map)
	[ -n "$progs" ] && [ "$(wc -l <<<"$maps")" -ge 3 ] || fail "programs $progs, maps $maps"
	expect "programs and maps while it runs" "$(there "$progs" "$maps")" \
		"$(wc -l <<<"$progs") $(wc -l <<<"$maps")"
	kill -KILL "$tool_pid"
	wait "$tool_pid" 2>/dev/null
	tool_pid=
	for _ in {1..100}; do
		[ "$(there "$progs" "$maps")" = "0 0" ] && break
		sleep 0.1
	done
	expect "programs and maps after SIGKILL" "$(there "$progs" "$maps")" "0 0"
}

for name in drop vm; do
	use $name
	holds "${tool[@]}"
	killed
done
use path
holds "${tool[@]}" --all
fds=$(count_fds)
pings 50
expect "descriptors after some work" "$(count_fds)" "$fds"
killed

echo "--- --overhead: what the tool itself costs, as the kernel has it"
for name in "${tools[@]}"; do
	use $name
	tool_start "${tool[@]}" --overhead
	pings 7
	progs=$(ids prog | wc -l)
	rss=$(status VmRSS)
	rings=$(cat "/proc/$tool_pid"/fdinfo/* 2>/dev/null | awk '
		/^map_type:/ { ring = $2 == 27 } ring && /^max_entries:/ { n += $2; ring = 0 } END { print n + 0 }')
	tool_stop
	expect "$words: programs" "$(tool_figure '.overhead.programs | length')" "$progs"
	# What was read of the ring and the table is in it as well.
	expect "rss_bytes: $rss when ready, within the budget, below the peak" \
		"$(tool_figure ".overhead | .rss_bytes > ${rss% kB} * 512 and .rss_bytes < 8 * 1048576 and
			.peak_rss_bytes * 1.1 >= .rss_bytes")" true
	expect "map_bytes has the ring of $rings and more" \
		"$(tool_figure ".overhead.map_bytes > $rings and .overhead.map_bytes < 64 * 1048576")" true
	# The kernel counts for who asks; few drops are this topology's.
	[ $name = drop ] || expect "two programs ran for each ping" \
		"$(tool_figure '[.overhead.programs[] | select(.runs >= 7 and .time_ns > 0)] | length >= 2')" true
	ends 60 "${tool[@]}" --duration 1 --overhead
	expect "in text" "$(grep -cE '^  user CPU [0-9.]+ ms, system CPU [0-9.]+ ms, RSS [0-9.]+ MiB \(peak [0-9.]+\), maps [0-9.]+ MiB$' "$d/text")" 1
done
use path
tool_start "${tool[@]}"
tool_stop
expect "overhead that was not asked for" "$(tool_figure 'has("overhead")')" false
tool_valid
echo ok
