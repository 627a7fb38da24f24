#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What every command of `nettrace list` must keep: its help, its examples, all
# spellings of its options, its legacy names, its completions. And the keys of
# the JSON lines that scripts read.
# timeout: 400
set -u
export LC_ALL=C
. "$(dirname "$0")/lib.sh"
scratch
nettrace=$(realpath "${NETTRACE:-$root/build/dev/nettrace}")
cd "$work" || exit 1 # options that take a file get one named @

# run ARGUMENT...: $rc, $work/out, $work/err
run() {
	timeout 30 "$nettrace" "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
}

# one_line WORDS...: the error is one line, nothing else was printed.
one_line() {
	[ "$(wc -l <"$work/err")" = 1 ] || complain "$*: not one line: $(cat "$work/err")"
	[ ! -s "$work/out" ] || complain "$*: an error, but also output"
}

check_help() {
	run "$@" --help
	[ $rc = 0 ] || complain "$* --help: exit code $rc"
	[ ! -s "$work/err" ] || complain "$* --help writes to stderr"
	awk 'length > 80 { exit 1 }' "$work/out" || complain "$* --help: wider than 80 columns"
	[ "$(grep -c '^  nettrace ' "$work/out")" -ge 2 ] || complain "$* --help: not two examples"
	mv "$work/out" "$work/help"
	run "$@" --no-such-option -h
	cmp -s "$work/help" "$work/out" || complain "$* -h is not $* --help"
	run help "$@"
	cmp -s "$work/help" "$work/out" || complain "help $* is not $* --help"
}

check_unknown() {
	run "$@" --hlep
	[ $rc = 2 ] || complain "$* --hlep: exit code $rc"
	one_line "$* --hlep"
	grep -q "'--hlep'; did you mean '--help'?" "$work/err" || complain "$* --hlep: $(cat "$work/err")"
	run "$@" -Z
	[ $rc = 2 ] || complain "$* -Z: exit code $rc"
	one_line "$* -Z"
}

# The man page has all spellings: "\fB\-\-src\-ip\fR", "also \-\-src".
spellings() {
	awk -v title=".SS nettrace $*" '/^\.SS/ { on = $0 == title } on' "$work/man" |
		sed '/^Examples:/,$d; s/\\-/-/g; s/\\f.//g' |
		grep -oE -- '--(\[no-\])?[a-z0-9][a-z0-9-]+' | sort -u
}

# accepted COMMAND... SPELLING: whatever else is wrong with it, the option is known.
accepted() {
	run "${@:1:$#-1}" "${!#}=@"
	! grep -q 'unknown option' "$work/err" || complain "$*: $(cat "$work/err")"
}

check_spellings() {
	local s n=0
	for s in $(spellings "$@"); do
		n=$((n + 1))
		accepted "$@" "${s/\[no-\]/}"
		case $s in *'[no-]'*) accepted "$@" "${s/\[no-\]/no-}" ;; esac
	done
	[ "$n" -gt 0 ] || ! grep -q '^Options:' "$work/help" || complain "$*: no options on its man page"
}

# The spellings of the old programs and manuals, written down apart from the option tables: the
# commands (P the path tools, U those with ports, D drop summary, E drop details, R drop probe, V vm latency details, M mesh
# icmp, I iface stat, N iface pps, Q iface irq), the option, what else
# it is called.
# A letter means in a command what it meant in the program that this replaces, else what it meant
# in others: -d is --dst-ip for V, --duration for P, D and E.
shared_spellings() {
	cat <<-END
		PDEV --src-ip --src --ip-src --laddr --local-ip
		V --src-ip -s
		PDEV --dst-ip --dst --ip-dst --raddr --remote-ip
		V --dst-ip -d
		UDEV --src-port --l4-src-port --lport --local-port
		V --src-port -S
		UDEV --dst-port --l4-dst-port --rport --remote-port
		V --dst-port -D
		DEV --protocol --proto -p --l4-protocol --ip-proto
		DE --interface --dev --name -n --device
		R --interface -i --dev --name --device
		R --mode -m
		M --nodes
		M --user
		M --tx-latency
		M --rx-latency
		M --tool-path
		M --log-dir
		M --dry-run
		M --timeout
		M --json
		M --output -o
		R --peer
		R --port -p
		R --rate -r
		R --size -s
		V --phy-interface --phy-iface1 -P
		V --vm-interface --device
		P --rx-iface --vm-interface
		P --tx-iface --phy-interface --phy-iface1
		V --direction -r
		V --enable-ct
		V --vm-ip
		PV --latency-us --latency-threshold --threshold --threshold-us
		PV --latency-ms
		PV --timeout-ms
		PDEVIN --interval -i --stats-interval
		PDEVRIN --duration
		PDER --duration -d
		PDEVRIN --verbose -v
		Q --interval -i
		P --stats-mode
		PV --all -a
		D --top -t
		D --group-by
		E --type
		E --vlan-id
		DE --no-stack-trace --disable-kernel-stacks
		DE --disable-normal-filter
		INQ --interface -n --name --device
		NQ --interface --nic
		N --interface --nics
		N --direction
		N --threshold
		N --sustain
		I --throughput -t
		Q --cpus
		Q --flat
		PDEVRIN --log-file
		PDEVRINQ --json
		PDEVRINQ --output -o
	END
}

# entries COMMAND...: one line for each option of its man page, the common ones behind the others.
entries() {
	{
		awk -v title=".SS nettrace $*" '/^\.SS/ { on = $0 == title } on' "$work/man"
		"$nettrace" __man common
	} | sed 's/\\-/-/g; s/\\f.//g' |
		awk '/^\./ { if (e) print e; e = ""; on = $0 == ".TP"; next } on { e = e " " $0 }
			END { if (e) print e }'
}

# check_shared LETTER COMMAND...: its spellings are taken, and lead to the option.
check_shared() {
	local commands option others s entry
	entries "${@:2}" >"$work/entries"
	while read -r commands option others; do
		[[ $commands == *$1* ]] || continue
		entry=$(grep -m 1 -E -- "^ (-., )?$option( |\$)" "$work/entries")
		[ -n "$entry" ] || complain "${*:2} has no $option"
		for s in $others; do
			grep -qE -- "[ ,]$s([ ,;]|\$)" <<<"$entry" || complain "${*:2}: $s is not $option"
			# What follows it is wrong: nothing begins.
			run "${@:2}" "${s/#--*/$s=@}" --no-such-option
			! grep -q "unknown option '${s}[=']" "$work/err" || complain "${*:2}: $(cat "$work/err")"
			[ $rc = 2 ] || complain "${*:2} $s: exit code $rc"
		done
	done < <(shared_spellings)
}

check_completion() {
	local words=()
	for word; do
		"$nettrace" __complete "${words[@]}" "${word:0:1}" | cut -f1 | grep -qx -- "$word" ||
			complain "completion of '${words[*]} ${word:0:1}' does not offer $word"
		words+=("$word")
	done
	"$nettrace" __complete "$@" -- | cut -f1 | grep -qx -- --help ||
		complain "completion of '$* --' does not offer --help"
}

run __check
[ "$rc $(cat "$work/out")" = '0 ' ] || complain "__check: $(cat "$work/out" "$work/err")"

run list --names
mapfile -t names <"$work/out"
[ ${#names[@]} -ge 10 ] || complain "list --names has ${#names[@]} lines"
for family in nettrace $(printf '%s\n' "${names[@]}" | sed -n 's/ .*//p' | sort -u); do
	"$nettrace" __man "$family"
done >"$work/man"
check_shared P path icmp
check_shared P path tcp
check_shared U path tcp
check_shared P path udp
check_shared U path udp
check_shared D drop summary
check_shared E drop details
check_shared V vm latency details
check_shared R drop probe
check_shared M mesh icmp
check_shared I iface stat
check_shared N iface pps
check_shared Q iface irq
for name in "${names[@]}"; do
	read -ra words <<<"$name"
	check_help "${words[@]}"
	check_unknown "${words[@]}"
	check_spellings "${words[@]}"
	check_completion "${words[@]}"
done

# What users try first.
"$nettrace" version >"$work/version"
for word in --version -V; do
	run $word
	[ $rc = 0 ] || complain "$word: exit code $rc: $(cat "$work/err")"
	cmp -s "$work/version" "$work/out" || complain "$word is not version: $(cat "$work/out" "$work/err")"
done

# What is printed as it stands is one string in JSON.
for shell in bash zsh fish; do
	"$nettrace" completion $shell >"$work/out"
	"$nettrace" completion $shell --json | jq -j .text | cmp -s - "$work/out" ||
		complain "completion $shell --json has another script"
done

# What a command needs of the kernel's rights is told for each that traces.
"$nettrace" doctor --json >"$work/doctor" # it fails where a command is not possible
jq -e '.commands | length >= 3 and all(.needs | type == "string" and test("CAP_BPF") and
	test("CAP_PERFMON") and test("CAP_SYS_RESOURCE"))' "$work/doctor" >"$work/out" ||
	complain "doctor: a command without needs: $(jq -c '.commands | map([.name, .needs])' "$work/doctor")"
jq -e '[.commands[] | select(.needs | test("CAP_SYSLOG")).name] == ["rtt system", "rtt kernel", "drop summary", "drop details"]' "$work/doctor" \
	>"$work/out" || complain "doctor: CAP_SYSLOG is what the commands that show stacks need, alone"

# Legacy names, each with its extension and without it.
run links "$work/legacy"
[ $rc = 0 ] || complain "links: exit code $rc: $(cat "$work/err")"
"$nettrace" list --legacy >"$work/names"
[ -s "$work/names" ] || complain "list --legacy is empty"
# head FILE: usage and summary of a help text, what stands before its first section.
head_of_help() { awk '/^[A-Z].*:$/ { exit } { print }' "$1"; }

# What is called otherwise under each name: spelling, option. Of the old programs' own manuals.
old_spellings() {
	grep "^${1%.*}\(\.[a-z]*\)\? " <<-END | cut -d' ' -f2-
		icmp_path_tracer.py -v --all
		icmp_path_tracer.py --verbose --all
		icmp_drop_detector.py -v --all
		icmp_drop_detector.py --verbose --all
		tcp_path_tracer.py -v --all
		tcp_path_tracer.py --verbose --all
		tcp_drop_detector.py -v --all
		tcp_drop_detector.py --verbose --all
		udp_path_tracer.py -v --all
		udp_path_tracer.py --verbose --all
		udp_drop_detector.py -v --all
		udp_drop_detector.py --verbose --all
		kernel_icmp_rtt.py --debug --overhead
		kernel_icmp_rtt.py Defaults --all --stacks
		kernel_icmp_rtt.py Note every ping is shown, .*
		system_network_icmp_rtt.py Defaults --all --stacks
		system_network_icmp_rtt.py Note every ping is shown, .*
		icmp_rtt_latency.py Defaults --all --stacks
		icmp_rtt_latency.py Note every ping is shown, .*
		vm_network_latency_details.py Defaults --all
		vm_network_latency_details.py Note --direction rx is what the VM receives .*
		eth_drop.py Note a filter by addresses, .*
		kernel_drop_stack_stats_summary.py Defaults --preset stack
		kernel_drop_stack_stats_summary.py Note one row a stack, .*
		kernel_drop_stack_stats.bt Defaults --preset bt
		iface_netstat.py Note sizes have the link .*
		pps_monitor_bcc.py --duration --sustain
		pps_monitor_bcc.py Note no packets are kept: .*
		nic_irq_numa_map.sh Defaults --flat
		deploy_full_mesh_icmp_tracer.py Note it runs until it is done, .*
		phy_net_drop_detector.py Note both ends must be nettrace: .*
		kernel_drop_stack_stats.bt Note also takes \[DEVICE \[SECONDS\]\], .*
	END
}

# leads_to LINK COMMAND PROGRAM: under this name the executable is that command, and says what
# is different. What the name leads elsewhere is not described as what it is not.
leads_to() {
	local words spelling meaning
	read -ra words <<<"$2"
	"$nettrace" "${words[@]}" --help >"$work/help"
	"$1" --help >"$work/out" 2>&1 || complain "${1##*/} --help: exit code $?"
	[ -n "$(head_of_help "$work/out")" ] || complain "${1##*/} --help: no usage"
	[ "$(head_of_help "$work/help")" = "$(head_of_help "$work/out")" ] ||
		complain "${1##*/} is not $2"
	awk 'length > 80 { exit 1 }' "$work/out" || complain "${1##*/} --help: wider than 80 columns"
	sed -n "/^As ${3//./\\.}:\$/,/^\$/p" "$work/out" >"$work/as"
	while read -r spelling meaning; do
		grep -qE -- "^  $spelling +$meaning\$" "$work/as" ||
			complain "${1##*/} --help does not say '$spelling $meaning'"
		case $spelling in
		--*)
			! sed '/^As /,/^$/d' "$work/out" | grep -qE -- "^  .*$spelling\\b" ||
				complain "${1##*/} --help describes $spelling as another option"
			;;
		-?)
			"$1" "$spelling" '' --no-such-option >"$work/o" 2>"$work/err"
			! grep -q "unknown option '$spelling'" "$work/err" || complain "${1##*/}: no $spelling"
			;;
		esac
	done < <(old_spellings "$3")
	! grep -q '^As ' "$work/help" || complain "$2 --help speaks of another name"
	[ -n "$(old_spellings "$3")" ] || ! grep -q '^As ' "$work/out" ||
		complain "$3: not in the table of its spellings: $(cat "$work/as")"
	# Every line of the section is in the table above.
	sed -nE 's/^  (-[^ ]+|Defaults|Note) .*/\1/p' "$work/as" | sort >"$work/said"
	old_spellings "$3" | cut -d' ' -f1 | sort | cmp -s - "$work/said" ||
		complain "$3: not in the table of spellings: $(cat "$work/as")"
}
# shellcheck disable=SC2094 # the list is only read
while IFS=$'\t' read -r legacy name; do
	leads_to "$work/legacy/$legacy" "$name" "$legacy"
	# The stem of a .py and a .bt program is the .py one.
	stem=${legacy%.*}
	other=$(sed -n "s/^$stem\.py\t//p" "$work/names")
	ln -sf "$work/legacy/$legacy" "$work/$stem"
	leads_to "$work/$stem" "${other:-$name}" "$([ -n "$other" ] && echo "$stem.py" || echo "$legacy")"
done <"$work/names"
run links "$work/legacy"
[ $rc = 0 ] || complain "links a second time: exit code $rc: $(cat "$work/err")"
ln -sf /bin/true "$work/legacy/$(head -n 1 "$work/names" | cut -f1)"
run links "$work/legacy"
[ $rc = 1 ] || complain "links over another program's link: exit code $rc"
run links --force "$work/legacy"
[ $rc = 0 ] || complain "links --force: exit code $rc: $(cat "$work/err")"

# keys ARGUMENT...: the keys of its JSON lines; what is behind "kinds" is the kernel's.
keys() {
	"$nettrace" "$@" --json 2>/dev/null | tee -a "$work/lines" |
		jq -r 'paths | map(if type == "number" then "[]" else "." + . end) | add' |
		sed -E '/^\.kinds\./d; /\[\]$/d' | sort -u | sed "s|^|$*: |"
}

# Of a kernel that fits in a line; the numbers of its types are the compiler's.
keys_of_build() {
	echo 'struct sk_buff { int len; } skb;' | cc -g -c -x c - -o "$work/vmlinux" ||
		complain "cc: exit code $?"
	keys btf build --everything --vmlinux "$work/vmlinux" "$work/built.btf" |
		sed 's/^btf build[^:]*:/btf build:/'
}

# Frozen: a key that a script reads is never renamed, a new one is added there. Keys with a
# "?" are there on some kernels only.
{
	keys list
	keys list --legacy
	keys version
	keys doctor
	keys links "$work/fresh" | sed 's/^links [^:]*:/links:/'
	keys_of_build
	[ ! -r /sys/kernel/btf/vmlinux ] || keys btf show
} >"$work/keys.all"
sort "$work/keys.all" >"$work/keys"
"$root/tests/cli/validate_json.py" "$work/lines" || complain "lines are not what the schema says"
frozen=$root/tests/cli/json_keys.txt
if [ ! -r /sys/kernel/btf/vmlinux ]; then
	grep -v '^btf show' "$frozen" >"$work/frozen"
	frozen=$work/frozen
fi
sed 's/?$//' "$frozen" | sort | comm -13 - "$work/keys" >"$work/new"
[ ! -s "$work/new" ] || complain "keys that ${frozen##*/} does not have: $(cat "$work/new")"
grep -v '?$' "$frozen" | sort | comm -23 - "$work/keys" >"$work/lost"
[ ! -s "$work/lost" ] || complain "keys that are gone: $(cat "$work/lost")"
exit $failed
