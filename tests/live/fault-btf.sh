#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Type information that is missing, unreadable, wrong or damaged; hooks that the kernel does not have.
# A damaged file is refused or harmless, and never crashes the tool.
# topo: none
# kernels: native,5.10
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=../vm/topo/case.sh
. "$(dirname "$0")/../vm/topo/case.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
[ -r /sys/kernel/btf/vmlinux ] || skip "no type information on this kernel to make files from"
d=$(mktemp -d)
at_exit "rm -rf $d"
chmod 755 "$d"
# Beside a binary of its own, no file for this kernel is found.
install -m 755 "$NETTRACE" "$d/nettrace"
cd "$d" || exit 1
unset NETTRACE_BTF
ip link add ntbtf0 type veth peer name ntbtf1 || fail "no veth"
at_exit 'ip link del ntbtf0'
# Natively files are made and damaged; in the lab, where that is slow, there are kprobes.
native=$([ -n "${NT_KERNEL-}" ] || echo yes)
path=(path icmp --rx-iface ntbtf0 --tx-iface ntbtf1 --src-ip 192.0.2.1 --dst-ip 192.0.2.2 --duration 0.2)
vm=(vm latency details --vm-interface ntbtf0 --phy-interface ntbtf1 --src-ip 192.0.2.1 --duration 0.2)

# run WITHOUT ARGUMENT...: $rc, out, err
run() {
	rc=0
	NETTRACE_WITHOUT=$1 timeout -s KILL 100 "$d/nettrace" "${@:2}" >out 2>err </dev/null || rc=$?
}

refused() {
	expect "exit code" $rc 3
	expect "output" "$(cat out)" ""
	expect "lines of error" "$(wc -l <err)" 1
	[ $# = 0 ] || grep -qE -- "$1" err || fail "'$(cat err)' is not '$1'"
	cat err
}

# The kinds of probes in a JSON start line.
kinds() { jq -r 'select(.type == "start") | [.hooks[].probe // empty | split(":")[0]] | unique | join(" ")' out; }

echo "--- none"
run btf "${path[@]}"
refused
release=$(uname -r)
expect "error" "$(cat err)" "nettrace path icmp: no kernel type information for $release: looked in \
/usr/lib/nettrace/btf/$release.btf, $d/btf/$release.btf; make one with 'nettrace btf build' or give --btf FILE"
run btf doctor --json path
expect "exit code of doctor" $rc 3
expect "what doctor says" "$(jq -r '[.commands[] | .why | test("no kernel type information")] | all' out)" true

echo "--- a good file: by option, by environment, beside the binary; raw tracepoints then"
if [ "$native" ]; then
	"$d/nettrace" btf build --vmlinux /sys/kernel/btf/vmlinux good.btf || fail "btf build: exit code $?"
else
	cp /sys/kernel/btf/vmlinux good.btf
	run btf rtt kernel --src-ip 127.0.0.1 --dst-ip 192.0.2.2 --duration 0.2 --json --btf good.btf
	expect "exit code ($(cat err))" $rc 0
	expect "probes" "$(kinds)" "kprobe raw_tp"
fi
run btf "${path[@]}" --json --btf good.btf
expect "exit code ($(cat err))" $rc 0
expect "probes" "$(kinds)" raw_tp
NETTRACE_BTF=$d/good.btf run btf "${path[@]}" --json
expect "exit code, probes" "$rc $(kinds)" "0 raw_tp"
mkdir btf
cp good.btf "btf/$release.btf"
run btf,ringbuf,mmap "${path[@]}" --json
expect "exit code, probes" "$rc $(kinds)" "0 raw_tp"
rm -r btf

echo "--- unreadable or another kind of file"
run '' "${path[@]}" --btf no-such.btf
refused "no-such.btf: No such file or directory; make one with"
cp good.btf closed.btf
chmod 0 closed.btf
if [ "$(cat /proc/sys/kernel/cap_last_cap)" -ge 39 ]; then
	rc=0
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+bpf,+perfmon \
		--ambient-caps=-all,+bpf,+perfmon "$d/nettrace" "${path[@]}" --btf closed.btf \
		>out 2>err || rc=$?
	refused "closed.btf: Permission denied"
fi
: >empty.btf
head -c 1000 good.btf >cut.btf
mkfifo pipe.btf
for file in /etc/passwd "$d/nettrace" empty.btf cut.btf pipe.btf /dev/zero /; do
	run '' "${path[@]}" --btf "$file"
	refused "type information file $file: .*; make one for this kernel with 'nettrace btf build'"
done

echo "--- of another kernel: types are missing"
printf '%s\n' 'struct sk_buff { int x; };' 'int f(struct sk_buff *s) { return s->x; }' |
	clang -target bpf -g -O2 -x c -c - -o other.o 2>/dev/null &&
	for without in '' btf; do
		run "$without" "${path[@]}" --btf other.o
		refused "CO-RE.*struct sk_buff.*is 'other.o' of this kernel\?"
	done

cat >mutate.py <<'END'
import random, sys
random.seed(int(sys.argv[1]))
b = bytearray(open("good.btf", "rb").read())
for _ in range(random.choice((1, 1, 2, 4, 16))):
    at = random.randrange(24) if random.random() < 0.3 else random.randrange(len(b) - 4)
    b[at:at + 4] = random.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\1\0\0\0",
                                  bytes([b[at] ^ 1 << random.randrange(8)]) + b[at + 1:at + 4]))
if random.random() < 0.1:
    del b[random.randrange(len(b)):]
open("mutant.btf", "wb").write(b)
END
damaged() {
	local n=150 bad=0 seed
	for ((seed = 1; seed <= n; seed++)); do
		python3 mutate.py $seed
		run btf path icmp --rx-iface ntbtf0 --tx-iface ntbtf1 --src-ip 192.0.2.1 --dst-ip 192.0.2.2 \
			--duration 1ms --quiet --btf mutant.btf
		case $rc in
		0) ;;
		3)
			bad=$((bad + 1))
			[ "$(wc -l <err)" = 1 ] || fail "seed $seed: $(cat err)"
			;;
		*) fail "seed $seed: exit code $rc: $(cat err)" ;;
		esac
	done
	echo "$bad of $n refused"
	[ $((bad * 2)) -gt "$n" ] || fail "too few: are these mutants?"
}
if [ "$native" ]; then
	echo "--- damaged: each is refused in one line or does no harm"
	damaged
fi

echo "--- a hook that is needed and not there"
run tp_btf,raw_tp "${path[@]}"
refused "hook 'rx' is not possible here: tp_btf:netif_receive_skb: masked by NETTRACE_WITHOUT; raw_tp:.*; see 'nettrace doctor'"

echo "--- hooks that are optional"
run fentry,kprobe "${vm[@]}"
expect "exit code ($(cat err))" $rc 0
expect "told" "$(grep -cE '^  hook frame_hook +missing: no NETDEV_FRAME_HOOK stage \(.*NETTRACE_WITHOUT\)' out)" 1
run fentry,kprobe "${vm[@]}" --json
expect "in JSON" "$(jq -r 'select(.type == "start") | .hooks[] | select(.name == "frame_hook") |
	"\(.probe) \(.why | test("masked"))"' out)" "null true"
echo ok
