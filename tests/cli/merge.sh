#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# path merge: recordings of two hosts whose clocks are an hour apart, made by a model that knows
# where it lost each packet; then what is not a recording, or not the other half of this one.
# timeout: 120
set -u
. "$(dirname "$0")/lib.sh"
scratch
nettrace=$(realpath "${NETTRACE:-$root/build/dev/nettrace}")
cd "$work" || exit 1
cp "$root/tests/cli/merge_model.py" .

# make FILES-SUFFIX OPTION...: a.json and b.json of the model.
make() { python3 merge_model.py "$@" || complain "model $*"; }

# merged ARGUMENT...: $work/out, its summary in $work/sum; exit code 0 is wanted.
merged() {
	timeout 60 "$nettrace" path merge "$@" --json >out 2>err </dev/null || complain "path merge $*: $(cat err)"
	cat out >>lines
	jq -c 'select(.type == "summary")' out >sum
}

# is WHAT FILTER WANTED
is() {
	local got
	got=$(jq -c "$2" sum)
	[ "$got" = "$3" ] || complain "$1: $2 is $got, expected $3: $(cat sum)"
}

# Lost in A, between, in B, beyond B: there and back. The model's default.
places='[.counts.inside_a_to_b, .counts.inside_a_to_a, .counts.between_to_b, .counts.between_to_a,
	.counts.between_way_unknown, .counts.inside_b_to_b, .counts.inside_b_to_a, .counts.beyond_b]'

make icmp --all
merged a.json b.json
is 'every ping' "$places" '[3,5,7,11,0,13,2,4]'
is 'every ping' '[.counts.lost, .counts.in_both, .a_by_data, .by_totals, .latency.between.count]' \
	'[45,990,true,false,955]'
# 290 outside A, less the 70 that B and what is behind it took, whatever the clocks say.
is 'every ping' '.latency.between | [.min_us, .max_us]' '[220,220]'
merged b.json a.json
is 'the other order' "$places" '[3,5,7,11,0,13,2,4]'
is 'the other order' '[.a.file, .b.file, (.notes | any(test("other order")))]' '["a.json","b.json",true]'
"$nettrace" path merge a.json b.json >text
grep -q '^VERDICT: 45 lost: 8 inside A, 18 between A and B, 15 inside B, 4 beyond B$' text ||
	complain "text: $(cat text)"
awk 'length > 120 && !/^Note/ { exit 1 }' text || complain "text too wide"

# Only those in trouble: which way is of the totals.
make icmp
merged a.json b.json
is 'pings in trouble' "$places" '[3,5,7,11,0,13,2,4]'
is 'pings in trouble' '[.by_totals, .between_avg_us]' '[true,220]'
# One of each: what left and was seen by B is known of each ping.
make icmp --all-b
merged a.json b.json
is 'every ping of B' "$places" '[3,5,7,11,0,13,2,4]'
make icmp --no-summary
merged a.json b.json
# B's last word is an event: of what comes after it nothing is known.
is 'no summary' "$places" '[3,5,0,0,15,13,2,4]'
is 'no summary' .counts.other_not_recording 3
is 'no summary' '.notes | any(test("cannot be told"))' true
make icmp --stats-mode
merged a.json b.json
is 'figures alone' "$places" '[3,5,7,11,0,13,2,4]'
is 'figures alone' '.by_totals' true

# From the other side: B is passed first.
make icmp --all --reverse
merged a.json b.json
is 'from the other side' '[.counts.inside_a, .counts.between, .counts.inside_b, .counts.beyond_a,
	.counts.between_to_a, .counts.between_to_b]' '[15,18,8,4,7,11]'
is 'from the other side' .a.file '"a.json"'

# A pinger with one number, whose sequence comes round every 50.
make icmp --all --wrap 50
merged a.json b.json
is 'numbers that come round' "$places" '[3,5,7,11,0,13,2,4]'
# B begins late and ends early: nothing of that time is laid to anybody.
make icmp --all --b-from 300 --b-to 700
merged a.json b.json
is 'B for a part of the time' '[.counts.between, .counts.inside_b, .counts.beyond_b]' "$(cat known)"
is 'B for a part of the time' '.counts.other_not_recording > 0' true
# The way is dead from the 300th on: that is not "B did not record".
make icmp --all --dead 300
merged a.json b.json
is 'dead way' '[.counts.between_to_b >= 690, .counts.other_not_recording]' '[true,0]'

make udp --all
merged a.json b.json
is 'every datagram' '[.counts.inside_a, .counts.between_to_b, .counts.inside_b]' '[3,7,13]'
is 'every datagram' '[.a_by_data, .counts.lost]' '[true,23]'
merged b.json a.json
is 'every datagram, the other order' '[.counts.inside_a, .counts.between, .counts.inside_b, .a.file]' \
	'[3,7,13,"a.json"]'
make udp
merged a.json b.json
is 'datagrams in trouble' '[.counts.inside_a, .counts.between_to_b, .counts.inside_b, .by_totals]' \
	'[3,7,13,true]'
make udp --all --same-id
merged a.json b.json
is 'datagrams without numbers' '[.counts.inside_a, .counts.between, .counts.inside_b]' '[3,7,13]'
make tcp --all
merged a.json b.json
is 'segments' '[.counts.inside_a, .counts.between, .counts.inside_b, .counts.beyond_b]' '[3,7,13,4]'

# Bounded: what does not fit is counted, not judged.
make icmp --all --skew 200
merged --max-pending 16 a.json b.json
is 'no room' '.loss.no_room > 0' true
merged a.json b.json
is 'begun apart' '[.loss.no_room, .counts.between]' '[0,18]'

# What it cannot read it leaves out and says so.
make icmp --all
{ head -n 500 a.json; echo '{"type":'; head -c 3000000 /dev/zero | tr '\0' x; echo; tail -n +501 a.json
	printf '{"type":"event"'; } >cut.json
merged cut.json b.json
is 'damaged lines' "$places" '[3,5,7,11,0,13,2,4]'
is 'damaged lines' '[.loss.unread_lines, .a.cut]' '[2,true]'
head -c -2000 a.json >cut.json
merged cut.json b.json
is 'cut' '[.a.cut, .a.summary]' '[true,false]'

# refused CODE WHY ARGUMENT...
refused() {
	"$nettrace" path merge "${@:3}" >out 2>err </dev/null
	[ $? = "$1" ] || complain "path merge ${*:3}: not exit code $1: $(cat err)"
	[ "$(wc -l <err)" = 1 ] && [ ! -s out ] || complain "path merge ${*:3}: $(cat err out)"
	grep -q -- "$2" err || complain "path merge ${*:3}: $(cat err)"
}
sed 's/"src_ip":"10.77.1.1"/"src_ip":"10.77.9.9"/' b.json >other.json
refused 2 '--src-ip' a.json other.json
make udp --all --out udp
refused 2 'path udp' a.json udp-b.json
cat a.json a.json >twice.json
refused 1 'second run' twice.json b.json
echo hello >text.json
refused 1 'JSON' text.json b.json
: >empty.json
refused 1 'no line' a.json empty.json
refused 1 'No such file' a.json absent.json
refused 1 'directory' . b.json
refused 2 'missing' a.json
"$root/tests/cli/validate_json.py" lines || complain "not as the schema has it"
sed 's/path icmp/rtt kernel/' a.json >rtt.json
refused 1 'path icmp, path tcp' rtt.json b.json
exit $failed
