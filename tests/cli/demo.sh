#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The README's first command works, finds what it promises, and leaves nothing
# behind on the machine.
# timeout: 300
set -u
. "$(dirname "$0")/lib.sh"
if [ "$(id -u)" != 0 ]; then
	echo "needs root: namespaces and BPF"
	exit 77
fi
scratch

# leftovers: what the demo could leave, as this machine shows it now
leftovers() {
	mount | grep demo-netns
	pgrep -f 'nettrace path icmp .*--ready-fd 3' || true
}

"$root/tests/demo" >"$work/out" 2>&1 || complain "ends with $?"
cat "$work/out"
grep -q '^Summary: .*flows=100 complete=90 internal_req=10 external=0 internal_rep=0' "$work/out" ||
	complain "10 of 100 were to be lost inside, and nothing else"
[ "$(grep -c 'STATUS: INTERNAL_DROP_REQ' "$work/out")" = 10 ] || complain "not ten stories"
[ -z "$(leftovers)" ] || complain "leaves behind: $(leftovers)"
exit $failed
