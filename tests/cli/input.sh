#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong input, and outputs that do not take what is written: exit code, and one
# line on stderr that says what, why and what to do.
# timeout: 300
set -u
. "$(dirname "$0")/lib.sh"
scratch
nettrace=$(realpath "${NETTRACE:-$root/build/dev/nettrace}")
cd "$work" || exit 1
unset NETTRACE_WITHOUT NETTRACE_BTF

# refused CODE PATTERN ARGUMENT...: nothing on stdout, one line that fits on stderr.
refused() {
	local code=$1 pattern=$2 rc
	shift 2
	timeout 60 "$nettrace" "$@" >out 2>err </dev/null
	rc=$?
	[ $rc = "$code" ] || complain "$*: exit code $rc, not $code: $(cat err)"
	[ ! -s out ] || complain "$*: refused, but wrote: $(cat out)"
	[ "$(wc -l <err)" = 1 ] || complain "$*: not one line: $(cat err)"
	grep -qE -- "$pattern" err || complain "$*: '$(cat err)' is not '$pattern'"
}

path() { refused "$1" "$2" path icmp "${@:3}"; }
v4=(--src-ip 192.0.2.1 --dst-ip 192.0.2.2)
lo=(--rx-iface lo --tx-iface lo)
good=("${v4[@]}" "${lo[@]}")

echo "--- words"
refused 2 "unknown command 'pth icmp'; did you mean 'path icmp'\?" pth icmp
refused 2 "unknown command 'path icpm'; did you mean 'path icmp'\?" path icpm
refused 2 "unknown command 'xyzzy'; 'nettrace list'" xyzzy
refused 2 "'--json' before a command" --json list
refused 2 "unknown command 'path icpm'; 'nettrace list'" help path icpm
refused 2 "no tracing command begins with 'nope'" doctor nope
refused 2 "'tcsh'.*bash, zsh and fish" completion tcsh
refused 2 "unexpected argument 'more'" version more
# Help that nobody asked for goes to stderr, with the code of wrong usage.
for words in '' path; do
	rc=0
	# shellcheck disable=SC2086 # no word, or one
	"$nettrace" $words >out 2>err || rc=$?
	[ "$rc $(cat out)" = '2 ' ] || complain "'nettrace $words': exit code $rc, $(cat out)"
	grep -q '^  path icmp ' err || complain "'nettrace $words' does not show path icmp"
done
"$nettrace" path --help >out 2>err || complain "path --help: exit code $?"
grep -q 'path icmp' out || complain "path --help does not show path icmp"
"$nettrace" --help >out 2>err || complain "--help: exit code $?"
awk 'length > 80 { exit 1 }' out || complain "--help: wider than 80 columns"
printf '\033]0;x\007' >esc
refused 2 "unknown command '\?" "$(cat esc)"
! grep -q $'\033' err || complain "an escape sequence comes back to the terminal"

echo "--- options"
path 2 "unknown option '--src-ipp'; did you mean '--src-ip'\?" --src-ipp 192.0.2.1
path 2 "missing: --src-ip .*--dst-ip .*--rx-iface .*--tx-iface"
path 2 "missing: --tx-iface" "${v4[@]}" --rx-iface lo
path 2 "unexpected argument 'more'" "${good[@]}" more
path 2 "--src-ip: '192.0.2.300' is not an IPv4 or IPv6 address" --src-ip 192.0.2.300 "${lo[@]}"
path 2 "--dst-ip: .*/33" --src-ip 192.0.2.1 --dst-ip 192.0.2.0/33 "${lo[@]}"
path 2 "--src-ip is IPv4 and --dst-ip is IPv6" --src-ip 192.0.2.1 --dst-ip 2001:db8::1 "${lo[@]}"
path 2 "mixes IPv4 and IPv6" --src-ip 192.0.2.1,2001:db8::1 --dst-ip 192.0.2.1 "${lo[@]}"
path 2 "--all and --stats-mode exclude each other" "${good[@]}" --all --stats-mode
path 2 "--count .*--stats-mode shows none: use --duration" "${good[@]}" --stats-mode --count 5
path 2 "--count: 'x' is not a whole number" "${good[@]}" --count x
path 2 "--count needs a value" "${good[@]}" --count
path 2 "--duration: '5x' is not a time" "${good[@]}" --duration 5x
path 2 "--timeout-ms.*600000" "${good[@]}" --timeout-ms 600001
path 2 "--max-sessions.*64" "${good[@]}" --max-sessions 63
path 2 "--max-sessions" "${good[@]}" --max-sessions -1
path 2 "--interval" "${good[@]}" --interval 99999999999999999999
path 2 "--interval is too short: at least 10ms" "${good[@]}" --interval 1ms
path 2 "--ready-fd 77 is not open" "${good[@]}" --ready-fd 77
path 2 "--rx-iface: .*too long|--rx-iface" "${v4[@]}" --rx-iface a-name-of-16-chars --tx-iface lo
path 2 "interface lo is on both sides, rx and tx" "${good[@]}"
refused 2 "interface lo is on both sides, vm and phy" \
	vm latency details --vm-interface lo --phy-interface lo
# Ports: of the commands that have them.
for name in 'drop summary' 'vm latency details'; do
	"$nettrace" list --names | grep -qx "$name" || continue
	read -ra words <<<"$name"
	refused 2 "--src-port: '?70000" "${words[@]}" --src-port 70000
	refused 2 "--dst-port" "${words[@]}" --dst-port 1-2
	ports=$((${ports:-0} + 1))
done
[ "${ports:-0}" -gt 0 ] || complain "no command with ports"
# What no packet would match.
vm=(vm latency details --vm-interface lo --phy-interface lo)
if "$nettrace" list --names | grep -qx 'vm latency details'; then
	refused 2 "--protocol 47: only packets of tcp, udp, icmp and icmp6" "${vm[@]}" --protocol 47
	refused 2 "--protocol icmp is IPv4, the addresses are IPv6" "${vm[@]}" --vm-ip fd00::1 --protocol icmp
fi
refused 2 "--dst-port with a --protocol that has none" drop summary --protocol 136 --dst-port 80
for word in arp4 0x 0x10000 0xzz '' 2048 0x-1; do
	refused 2 "--type: '$word' is none of arp" drop details --type "$word"
done
refused 2 "--type ARP: its packets have no addresses" drop details --type ARP --src-ip 10.0.0.1
refused 2 "--type other: its packets have no addresses" drop details --type other --protocol tcp
refused 2 "--type ipv4 does not go with addresses of IPv6" drop details --type ipv4 --dst-ip fd00::1
refused 2 "vlan-id" drop details --vlan-id 4096
refused 2 "sample" drop details --sample 0
NETTRACE_WITHOUT=ringbuf,rinbguf path 2 "NETTRACE_WITHOUT: unknown feature 'rinbguf'; known: ringbuf," \
	"${good[@]}"

refused 2 "leave out --stats-mode" rtt kernel --src-ip 127.0.0.1 --dst-ip 192.0.2.1 --stacks --stats-mode

# Words without option names are for the preset that had them, an empty one too.
for word in lo ''; do
	refused 2 "unexpected argument '$word': a device and an interval without option names go with" \
		drop summary "$word"
done
refused 2 "'' is not|--interface" drop summary --interface ''
refused 3 "interface 'no-such-if'" drop summary --preset bt no-such-if 7

echo "--- what is not here"
path 3 "network namespace 'no-such' does not exist.*ip netns list" "${good[@]}" --netns no-such
path 3 "'/etc/passwd' is not a network namespace" "${good[@]}" --netns /etc/passwd
path 3 "no network namespace and no process is called '4194303'" "${good[@]}" --netns 4194303
path 3 "interface 'l0' does not exist: did you mean 'lo'\?" "${v4[@]}" --rx-iface l0 --tx-iface lo
path 3 "interface 'no-such-if' does not exist" "${v4[@]}" --rx-iface lo --tx-iface no-such-if
refused 3 "no-such.btf: No such file" btf show no-such.btf
refused 3 "neither BTF nor an ELF file" btf show /etc/passwd
refused 1 "cannot write to './no/such': No such file" list --output ./no/such
path 1 "cannot read the recording .no-such.tape.: No such" "${good[@]}" --replay no-such.tape
refused 2 "--modules: more than 32 files" btf build --vmlinux x --modules "$(seq -s, 33)" y.btf
# What would be replaced is a file, or nothing yet.
mkfifo fifo
ln -s fifo link
for name in fifo link; do
	refused 2 "$name: not a regular file" btf build --vmlinux x $name
	[ -p $name ] || complain "btf build replaced a $name"
done
# What is written is no file that is read or written, too, under whatever name.
echo kept >tape
ln tape other
path 2 "--output and --replay are both './tape'" "${good[@]}" --replay ./tape --output other
path 2 "--log-file and --replay are both 'tape'" "${good[@]}" --replay tape --log-file tape
path 2 "--output and --record are both 'new'" "${good[@]}" --record new --output new
path 2 "--output and --btf are both 'other'" "${good[@]}" --btf other --output tape
path 2 "--record and --btf are both 'tape'" "${good[@]}" --btf tape --record other
[ "$(cat tape)" = kept ] || complain "a file that was read was written: $(head -c 100 tape)"
# A file where a link would go stays, and the message does not promise to replace it.
mkdir links
link=$("$nettrace" list --legacy | head -n 1 | cut -f1)
echo mine >"links/$link"
"$nettrace" links --force links >out 2>err
rc=$?
[ "$rc $(cat "links/$link")" = "1 mine" ] || complain "links over a file: exit code $rc"
grep -q "links/$link: File exists, and is no symlink" err || complain "links over a file: $(cat err)"

echo "--- outputs that are full or closed"
refused 1 "list: output is not complete: No space left" list --output /dev/full
refused 1 "list: output is not complete: No space left" list --json --output /dev/full
refused 1 "doctor: output is not complete: No space left" doctor path --json --output /dev/full
for words in --help 'path --help' 'path icmp --help' 'help path' '__man path' '__complete path'; do
	rc=0
	# shellcheck disable=SC2086 # words
	"$nettrace" $words >/dev/full 2>err || rc=$?
	[ $rc = 1 ] || complain "$words to a full disk: exit code $rc"
	grep -q 'No space left' err || complain "$words to a full disk: $(cat err)"
done

echo "--- --json and --output of the commands that print one text"
for words in 'help path icmp' 'help path' help 'completion bash'; do
	# shellcheck disable=SC2086 # words
	"$nettrace" $words >out 2>err || complain "$words: exit code $?: $(cat err)"
	# shellcheck disable=SC2086 # words
	"$nettrace" $words --output text >json 2>err || complain "$words --output: exit code $?: $(cat err)"
	if ! cmp -s out text || [ -s json ]; then complain "$words --output is not $words"; fi
	# shellcheck disable=SC2086 # words
	"$nettrace" $words --json >json 2>err || complain "$words --json: exit code $?: $(cat err)"
	"$root/tests/cli/validate_json.py" json || complain "$words --json: not what the schema says"
	python3 -c 'import json, sys; sys.stdout.write(json.load(open("json"))["text"])' >text
	cmp -s out text || complain "$words --json is not $words: $(head -c 200 json)"
done
# A reader that is gone: nothing is said, the code tells. fd 3 is a pipe without reader.
closed_pipe() {
	mkfifo pipe
	# shellcheck disable=SC2217 # it only holds the pipe open
	sleep 60 <pipe &
	reader=$!
	exec 3>pipe
	rm pipe
	kill "$reader"
	wait "$reader" 2>/dev/null
	"$nettrace" "$@" >&3 2>err
	rc=$?
	exec 3>&-
	[ "$rc $(cat err)" = '1 ' ] || complain "$* to a closed pipe: exit code $rc, '$(cat err)'"
}
closed_pipe list
closed_pipe list --json
closed_pipe path icmp --help
closed_pipe completion bash
exit $failed
