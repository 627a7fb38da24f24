#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The schema and its validator: good lines pass, each kind of bad line is found
# by its number. (That the commands' lines match is for the live cases.)
# timeout: 60
set -u
. "$(dirname "$0")/lib.sh"
scratch
validate=$root/tests/cli/validate_json.py

head='"time":"2025-11-20T09:45:00.123456789Z","command":"path icmp"'
start='"version":"0.1.0","kernel":"5.10.0-30-amd64","filters":{"src_ip":"10.0.0.1"}'
device='{"name":"eth0","ifindex":2,"netns":4026531840,"role":"rx"}'
hook='{"name":"xmit","probe":"tp_btf:net_dev_start_xmit","why":"first choice"}'
flow='"family":4,"protocol":"tcp","src":"10.0.0.1","dst":"10.0.0.2"'
flow6='"family":6,"protocol":"icmp6","src":"fd00::1","dst":"fd00::2"'
us='"min_us":1.000,"avg_us":1.500,"p50_us":1.000,"p90_us":2.000,"p95_us":2.000'
us+=',"p99_us":2.000,"p999_us":2.000,"max_us":2.000'
none='"min_us":null,"avg_us":null,"p50_us":null,"p90_us":null,"p95_us":null'
none+=',"p99_us":null,"p999_us":null,"max_us":null'
buckets='"buckets":[[0.992,1],[1.984,1]]'
figures='"counts":{},"latency":{},"loss":{}'
cost='"user_cpu_us":1,"system_cpu_us":2,"rss_bytes":3,"peak_rss_bytes":4,"map_bytes":5'
gone='"hook":"process","module":"openvswitch"'

good=(
	"{\"type\":\"start\",$head,$start,\"devices\":[$device],\"hooks\":[$hook]}"
	"{\"type\":\"start\",$head,$start,\"devices\":[$device],\"hooks\":[],\"not_counted\":[\"recursion\"]}"
	"{\"type\":\"start\",$head,$start,\"devices\":[],\"hooks\":[{\"name\":\"q\",\"probe\":null,\"why\":\"no such symbol\"}]}"
	"{\"type\":\"event\",$head,\"status\":\"internal_drop_req\",\"flow\":{$flow},\"seq\":7}"
	"{\"type\":\"event\",$head,\"flow\":{$flow6,\"sport\":1,\"dport\":65535}}"
	"{\"type\":\"event\",$head,\"flow\":{\"vlan\":7}}"
	"{\"type\":\"report\",$head,\"counts\":{\"complete\":2},\"latency\":{\"A -> B\":{\"count\":2,$us,$buckets}},\"loss\":{\"recursion\":null,\"event_lost\":0}}"
	"{\"type\":\"summary\",$head,\"counts\":{},\"latency\":{\"A\":{\"count\":0,$none,\"buckets\":[]}},\"loss\":{}}"
	"{\"type\":\"summary\",$head,$figures,\"overhead\":{\"programs\":[{\"name\":\"rx\",\"runs\":7,\"time_ns\":0}],$cost}}"
	"{\"type\":\"summary\",$head,$figures,\"overhead\":{\"programs\":[{\"name\":\"rx\",\"runs\":null,\"time_ns\":null}],$cost}}"
	"{\"type\":\"report\",$head,$figures,\"hooks_gone\":[{$gone,\"since\":\"2025-11-20T09:45:00.123456789Z\"}]}"
	"{\"type\":\"event\",$head,\"status\":\"INTERFACE_GONE\",\"interface\":\"eth0\",\"ifindex\":2}"
	"{\"type\":\"event\",$head,\"status\":\"NETNS_GONE\",\"netns\":\"blue\",\"inum\":4026531840}"
	"{\"type\":\"event\",$head,\"status\":\"HOOK_GONE\",$gone}"
)

figures() {
	echo "{\"type\":\"summary\",$head,\"counts\":{},\"latency\":{\"A\":{$1}},\"loss\":{}}"
}

bad=(
	''
	'[]'
	'{'
	"{\"type\":\"event\",$head}x"
	"{\"type\":\"event\",$head,\"v\":NaN}"
	"{\"type\":\"event\",$head,\"v\":1,\"v\":2}"
	"{\"type\":\"event\",$head,\"v\":\"$(printf '\xff')\"}"
	"{\"type\":\"other\",$head}"
	"{$head}"
	"{\"type\":\"event\",\"command\":\"path icmp\"}"
	"{\"type\":\"event\",\"time\":\"2025-11-20 09:45:00\",\"command\":\"path icmp\"}"
	"{\"type\":\"event\",\"time\":\"2025-11-20T09:45:00.123456789Z\",\"command\":\"\"}"
	"{\"type\":\"start\",$head,$start,\"devices\":[$device]}"
	"{\"type\":\"start\",$head,$start,\"devices\":[$device],\"hooks\":[{\"name\":\"q\",\"probe\":null,\"why\":null}]}"
	"{\"type\":\"start\",$head,$start,\"devices\":[{\"name\":\"eth0\",\"ifindex\":-1,\"netns\":1,\"role\":\"rx\"}],\"hooks\":[]}"
	"{\"type\":\"event\",$head,\"status\":7}"
	"{\"type\":\"event\",$head,\"flow\":{$flow,\"sport\":70000,\"dport\":1}}"
	"{\"type\":\"event\",$head,\"flow\":{$flow,\"sport\":1}}"
	"{\"type\":\"event\",$head,\"flow\":{\"family\":4,\"protocol\":\"tcp\",\"src\":\"10.0.0.1\"}}"
	"{\"type\":\"event\",$head,\"flow\":{\"src\":\"10.0.0.1\",\"dst\":\"10.0.0.2\"}}"
	"{\"type\":\"event\",$head,\"flow\":{\"family\":4,\"protocol\":\"tcp\",\"src\":\"fd00::1\",\"dst\":\"10.0.0.1\"}}"
	"{\"type\":\"event\",$head,\"flow\":{\"family\":4,\"protocol\":6,\"src\":\"10.0.0.1\",\"dst\":\"10.0.0.1\"}}"
	"{\"type\":\"report\",$head,\"counts\":{\"complete\":-1},\"latency\":{},\"loss\":{}}"
	"{\"type\":\"report\",$head,\"counts\":{\"COMPLETE\":1},\"latency\":{},\"loss\":{}}"
	"{\"type\":\"report\",$head,\"counts\":{},\"latency\":{},\"loss\":{\"x\":\"no\"}}"
	"{\"type\":\"summary\",$head,\"counts\":{},\"latency\":{}}"
	"{\"type\":\"summary\",$head,$figures,\"overhead\":{}}"
	"{\"type\":\"summary\",$head,$figures,\"overhead\":{\"programs\":[{\"name\":\"rx\"}],$cost}}"
	"{\"type\":\"report\",$head,$figures,\"hooks_gone\":[]}"
	"{\"type\":\"report\",$head,$figures,\"hooks_gone\":[{$gone}]}"
	"{\"type\":\"event\",$head,\"status\":\"INTERFACE_BACK\",\"interface\":\"eth0\"}"
	"{\"type\":\"event\",$head,\"status\":\"NETNS_GONE\",\"netns\":\"blue\"}"
	"{\"type\":\"event\",$head,\"status\":\"HOOK_GONE\",\"hook\":\"process\"}"
	"$(figures "\"count\":0,$us,$buckets")"
	"$(figures "\"count\":2,$none,$buckets")"
	"$(figures "\"count\":3,$us,$buckets")"
	"$(figures "\"count\":2,$us,\"buckets\":[[1.984,1],[0.992,1]]")"
	"$(figures "\"count\":2,$us,\"buckets\":[[0.992,1],[1.984,1,1]]")"
	"$(figures "\"count\":2,${us/\"p90_us\":2/\"p90_us\":3},$buckets")"
	"$(figures "\"count\":2,${us/\"avg_us\":1.5/\"avg_us\":0.5},$buckets")"
	"$(figures "\"count\":2,$us,$buckets,\"p42_us\":1")"
	"$(figures "\"count\":2,${us/\"p50_us\":1.000,/},$buckets")"
)

printf '%s\n' "${good[@]}" >"$work/good"
"$validate" "$work/good" 2>"$work/log" || complain "good lines refused: $(cat "$work/log")"
"$validate" <"$work/good" || complain "good lines on stdin refused"

# Every second line is bad: exactly these numbers are named.
for line in "${bad[@]}"; do
	printf '%s\n' "${good[0]}" "$line"
done >"$work/bad"
"$validate" "$work/bad" 2>"$work/log" && complain "bad lines accepted"
named=$(sed -n "s|^$work/bad:\([0-9]*\): .*|\1|p" "$work/log" | uniq)
wanted=$(seq 2 2 $((2 * ${#bad[@]})))
[ "$named" = "$wanted" ] ||
	complain "lines with and without faults: $(diff <(echo "$wanted") <(echo "$named"))"

printf '%s' "${good[0]}" | "$validate" 2>/dev/null && complain "accepted a line that is cut"
"$validate" </dev/null 2>/dev/null && complain "accepted no line at all"
"$validate" "$work/absent" 2>/dev/null && complain "accepted an absent file"
exit $failed
