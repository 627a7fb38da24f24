#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Proves that size.py and layers.py see what they are for: each case puts one
# bad file into an otherwise clean tree.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
git init -q .
mkdir -p lib/core lib/sys lib/out cmd/a cmd/b bpf/common bpf/a
cp "$here/../../lib/layers" lib/layers
touch lib/core/err.h lib/sys/clock.h lib/out/out.h cmd/b/b.h bpf/common/types.h bpf/common/x.bpf.h
failed=0

complain() {
	echo "test_lints: $*" >&2
	failed=1
}

# case_bad SCRIPT FILE WORDS: FILE's content on stdin must be refused with WORDS
case_bad() {
	cat >"$2"
	if python3 "$here/$1" >log 2>&1; then
		complain "$2: accepted, wanted '$3'"
	elif ! grep -qF -- "$3" log; then
		complain "$2: wanted '$3', got: $(cat log)"
	fi
	rm "$2"
}

# lines N: N lines
lines() {
	yes '	x();' | head -n "$1"
}

clean() {
	python3 "$here/size.py" && python3 "$here/layers.py"
}
clean || complain "the clean tree is refused"

{ echo 'int f(void)'; echo '{'; lines 99; echo '}'; } |
	case_bad size.py lib/core/f.c 'lib/core/f.c:2: f: lines: 101, at most 100'
{ echo 'NT_TP1(rx, y, T, a)'; echo '{'; lines 59; echo '}'; } |
	case_bad size.py bpf/a/f.bpf.c 'NT_TP1(rx): lines: 61, at most 60'
lines 801 | case_bad size.py lib/core/f.c 'lib/core/f.c: lines: 801, at most 800'
lines 151 | case_bad size.py bpf/common/f.h 'bpf/common/f.h: lines: 151, at most 150'
printf 'int f(int a, int b, int c,\n      int (*d)(int, int), int e, int g)\n{\n}\n' |
	case_bad size.py lib/core/f.c 'f: parameters: 6, at most 5'

echo '#include "out.h"' | case_bad layers.py lib/sys/f.c '"out.h" of lib/out is out of reach'
echo '#include "b.h"' | case_bad layers.py lib/sys/f.c '"b.h" of cmd/b is out of reach'
echo '#include "b.h"' | case_bad layers.py cmd/a/f.c '"b.h" of cmd/b is out of reach'
echo '#include "x.bpf.h"' | case_bad layers.py cmd/a/f.c '"x.bpf.h" of bpf/common is out of reach'
echo '#include "err.h"' | case_bad layers.py bpf/a/f.bpf.c '"err.h" of lib/core is out of reach'
echo '#include <stdio.h>' | case_bad layers.py bpf/a/f.bpf.c '<stdio.h> is of user space'
echo '#include <linux/bpf.h>' | case_bad layers.py bpf/a/f.h 'only <linux/types.h>'
echo '#include "none.h"' | case_bad layers.py lib/core/f.c 'not a header of this tree'
echo '// a second one' | case_bad layers.py lib/core/clock.h 'one would hide the other'
echo 'int x = KERNEL_VERSION(5, 8, 0);' | case_bad layers.py lib/core/f.c 'not by its version'
echo 'void f(void) { printf("x"); }' | case_bad layers.py lib/core/f.c 'lib/ prints nothing'

# What is allowed must pass: tables, long soft-limited functions, reaching down.
{ echo 'static const int t[] = {'; lines 900; echo '};'; } >lib/core/t.c
{ echo 'int f(int a, int b, int c, int d, int e)'; echo '{'; lines 98; echo '}'; } >lib/core/f.c
printf '#include "err.h"\n#include "types.h"\n#include <stdio.h>\n' >lib/sys/s.c
printf '#include "out.h"\n#include "types.h"\n' >cmd/a/a.c
printf '#include "x.bpf.h"\n#include <linux/bpf.h>\n' >bpf/a/a.bpf.c
clean || complain "allowed files are refused"
exit $failed
