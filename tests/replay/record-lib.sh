# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Recording tapes of the path and iface tools, from real packets in namespaces of its own (root). The run that
# is recorded must print what its tape prints. Sourced after case.sh, in tests/replay.

topo_use router
export TZ=UTC
work=$(mktemp -d)
at_exit "rm -rf $work"
# shellcheck disable=SC2034 # used by those that record
v4=(--src-ip 10.77.1.1 --dst-ip 10.77.2.1 --rx-iface r0 --tx-iface r1)
# shellcheck disable=SC2034
v6=(--src-ip fd77:1::1 --dst-ip fd77:2::1 --rx-iface r0 --tx-iface r1)

# begin NAME OPTION...: trace with the tool of the name's first two words, and record; returns when
# it is ready.
begin() {
	local fd family tool
	name=$1
	family=${name%%-*}
	tool=${name#*-}
	tool=${tool%%-*}
	echo "$family $tool ${*:2}" >"$name.args"
	rm -f "$work/ready"
	mkfifo "$work/ready"
	exec {fd}<>"$work/ready"
	ip netns exec "$NT_ROUTER_NS" "$NETTRACE" "$family" "$tool" "${@:2}" --record "$name.tape" \
		--output "$work/out" --ready-fd "$fd" &
	pid=$!
	read -r -t 20 -n 1 -u "$fd" _ || fail "$name did not start"
	exec {fd}>&-
}

# end: what it printed, but for the line that says that it is ready, is what the tape gives.
end() {
	local args
	kill -TERM "$pid" 2>/dev/null # with --count it may have ended
	wait "$pid" || fail "$name: exit code $?"
	read -r -a args <"$name.args"
	"$NETTRACE" "${args[@]}" --replay "$name.tape" >"$work/replayed" || fail "$name: replay"
	diff <(grep -v '^ready;' "$work/out") "$work/replayed" || fail "$name: replay differs"
	echo "$name: $(stat -c %s "$name.tape") bytes"
}

# What the fuzzer begins with: the number of its call, then the tape behind its options.
# seed NAME CALL
seed() {
	python3 - "$1.tape" "$2" >"../fuzz/corpus/fuzz_tape/$1" <<-'END'
		import struct, sys
		header, entry = 80, 12
		tape = open(sys.argv[1], "rb").read()
		options = struct.unpack("I", tape[header + 8:header + entry])[0]
		sys.stdout.buffer.write(bytes([int(sys.argv[2])]) + tape[header + entry + options:])
	END
}
mkdir -p ../fuzz/corpus/fuzz_tape
