#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Proves every check of the object gate: each file in bad/ must be rejected with
# the words in its `// reject:` line, good.bpf.c must be accepted.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
clang=$(command -v clang-14 || command -v clang)
strip=$(command -v llvm-strip-14 || command -v llvm-strip)
failed=0

complain() {
	echo "test_objects: $*" >&2
	failed=1
}

# compile SOURCE [FLAG]: the object is $work/o, clang's words are in $work/log
compile() {
	flags=$(sed -n 's,^// flags: ,,p' "$1")
	# shellcheck disable=SC2086 # several flags in one line
	"$clang" @bpf/cflags -idirafter "/usr/include/$(uname -m)-linux-gnu" $flags ${2-} \
		-c "$1" -o "$work/raw" 2>"$work/log" &&
		"$strip" -g "$work/raw" -o "$work/o"
}

count=0
for source in tests/lint/bad/*.bpf.c; do
	count=$((count + 1))
	want=$(sed -n 's,^// reject: ,,p' "$source")
	[ -n "$want" ] || complain "$source: no reject line"
	case $want in
	clang:*)
		if compile "$source"; then
			complain "$source: compiled"
		fi
		;;
	*)
		if ! compile "$source"; then
			complain "$source: does not compile: $(cat "$work/log")"
			continue
		fi
		if python3 tests/lint/objects.py "$work/o" 2>"$work/log"; then
			complain "$source: accepted"
		fi
		;;
	esac
	grep -qF -- "${want#clang: }" "$work/log" ||
		complain "$source: rejected without '$want': $(cat "$work/log")"
done
[ "$count" -ge 10 ] || complain "only $count bad objects found"

if compile tests/lint/good.bpf.c; then
	python3 tests/lint/objects.py "$work/o" || complain "good.bpf.c: rejected"
	# Cut short anywhere, an object must be refused in a sentence, not by a crash.
	for size in 0 10 63 64 500 1500; do
		head -c "$size" "$work/o" >"$work/cut"
		python3 tests/lint/objects.py "$work/cut" 2>"$work/log" &&
			complain "cut to $size bytes: accepted"
		grep -q 'cannot be read' "$work/log" || complain "cut to $size: $(cat "$work/log")"
	done
else
	complain "good.bpf.c: $(cat "$work/log")"
fi

# Programs of a function's arguments and result, and of its caller, for the other architecture.
for source in bpf/vm/latency_details.bpf.c bpf/drop/summary.bpf.c; do
	if compile $source -D__TARGET_ARCH_arm64; then
		python3 tests/lint/objects.py "$work/o" || complain "$source for arm64: rejected"
	else
		complain "$source for arm64: $(cat "$work/log")"
	fi
done
exit $failed
