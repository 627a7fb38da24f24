#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the suite tries twice: a case that failed and a topology that did not come up, both told.
# topo: none
# kernels: 6.1
# timeout: 60
. "$(dirname "$0")/../topo/case.sh"
[ -n "${NT_KERNEL-}" ] || skip "the lab's half inside the VM: in the lab only"
d=$(mktemp -d)
at_exit "rm -rf $d"
mkdir "$d/topo" "$d/out"
cp "$case_vm_dir/in-guest" "$d/"

# first NAME: whether this is the first time; as words of a script.
first="[ -e $d/\$0.ran ] && again=1 || again=; mkdir -p $d/\$0.ran"
script() { # NAME COMMAND...
	printf '#!/bin/bash\n%s\n' "set -- \"\${0##*/}\"; ${first//\$0/\$1}" "${@:2}" >"$d/$1"
	chmod +x "$d/$1"
}
script unstable 'echo wrong figure; [ -n "$again" ]'
script slow '[ -n "$again" ] || sleep 30'
script stuck 'sleep 30'
script good 'true'
cat >"$d/topo/flaky.sh" <<END
flaky_up() { [ -e $d/down ] && return; echo no room; return 1; }
flaky_down() { touch $d/down; }
END
cat >"$d/topo/never.sh" <<END
never_up() { echo no room; return 1; }
never_down() { :; }
END
for line in none:unstable none:slow none:stuck flaky:good flaky:unstable2 never:good; do
	echo "${line%:*} 2 $d/${line#*:}"
done >"$d/list"
script unstable2 'echo wrong figure; [ -n "$again" ]'

NT_OUT=$d/out NT_TOPO='' "$d/in-guest" "$d/list" >"$d/log" 2>&1 </dev/null
# Without the kernel's label and the seconds.
sed -E 's/^([A-Za-z]+) [^ ]+ ([a-z]+ [a-z0-9]+) [0-9]+ ?/\1 \2: /' "$d/out/results" >"$d/found"
cat >"$d/wanted" <<'END'
ok none unstable: tried twice, the first time: exit 1: wrong figure
ok none slow: tried twice, the first time: took longer than 2 s
FAIL none stuck: tried twice, the first time: took longer than 2 s; then: took longer than 2 s
ok flaky good: flaky was set up twice, the first time: no room
ok flaky unstable2: tried twice, the first time: exit 1: wrong figure; flaky was set up twice, the first time: no room
FAIL never good: no topology: no room
END
diff "$d/wanted" "$d/found" || fail "wanted (<) and found (>) differ: $(cat "$d/log")"
expect "times that the unstable case ran" "$(cat "$d"/out/none-unstable.log* | grep -c 'wrong figure')" 2
echo ok
