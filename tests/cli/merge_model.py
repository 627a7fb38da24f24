#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts' recordings of packets of which it is known where they were lost.

merge_model.py icmp|udp|tcp [OPTION...] writes a.json and b.json here. 1000 packets, one each
10 ms, of which 45 pings (23 datagrams, 27 segments) are lost, spread over the run. The way
between the hosts is 100 us, a host takes 10 us, what is beyond B 50 us; B's clock is an hour
ahead.
"""
import argparse
import json
import time

PLACES = {"a_out": 3, "a_back": 5, "to_b": 7, "to_a": 11, "b_out": 13, "b_back": 2, "beyond": 4}
SEEN_BY_B = ("a_back", "to_a", "b_out", "b_back", "beyond", None)
STEP, N, OFFSET = 0.01, 1000, 3600


def fates(proto):
    """Which packets are lost where: spread, and no two of a kind next to each other."""
    fate = [None] * N
    at = 13
    for place, n in PLACES.items():
        if proto != "icmp" and place in ("a_back", "to_a", "b_back"):
            continue
        if proto == "udp" and place == "beyond":
            continue
        for _ in range(n):
            while fate[at % N]:
                at += 1
            fate[at % N] = place
            at += 157
    return fate


STATUS = {
    ("icmp", "a"): {"a_out": "INTERNAL_DROP_REQ", "a_back": "INTERNAL_DROP_REP", None: "COMPLETE"},
    ("icmp", "b"): {"b_out": "INTERNAL_DROP_REQ", "b_back": "INTERNAL_DROP_REP",
                    "beyond": "EXTERNAL_DROP"},
    ("udp", "a"): {"a_out": "INTERNAL_DROP"},
    ("udp", "b"): {"b_out": "INTERNAL_DROP"},
    ("tcp", "a"): {"a_out": "INTERNAL_DROP", None: "COMPLETE"},
    ("tcp", "b"): {"b_out": "INTERNAL_DROP", "beyond": "EXTERNAL_DROP"},
}


def status(proto, host, fate):
    other = "COMPLETE"
    if host == "a" and proto != "udp":
        other = "EXTERNAL_DROP"
    return STATUS[proto, host].get(fate, other)


def stamp(t):
    ns = round(t * 1e6) * 1000
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9)) + f".{ns % 10**9:09d}Z"


def latency(values):
    if not values:
        return dict.fromkeys(("min_us", "avg_us", "p50_us", "p90_us", "p95_us", "p99_us",
                              "p999_us", "max_us"), None) | {"count": 0, "buckets": []}
    v = values[0]
    keys = ("min_us", "avg_us", "p50_us", "p90_us", "p95_us", "p99_us", "p999_us", "max_us")
    return {"count": len(values)} | dict.fromkeys(keys, v) | {"buckets": [[v, len(values)]]}


class Host:
    def __init__(self, args, name):
        self.args, self.name, self.proto = args, name, args.proto
        self.all = args.all or (name == "b" and args.all_b)
        self.clock = OFFSET if name == "b" else 0
        self.lines, self.counts, self.begin = [], {}, 1e9
        self.total = []

    def put(self, kind, at, **fields):
        self.lines.append((at, json.dumps(
            {"type": kind, "time": stamp(self.begin + self.clock + fields.pop("time", at)),
             "command": f"path {self.proto}"} | fields, separators=(",", ":"))))

    def start(self, at):
        filters = {"src_ip": "10.77.1.1", "dst_ip": "10.77.2.1", "timeout_ms": "1000ms"}
        if self.all:
            filters["all"] = "on"
        if self.args.stats_mode:
            filters["stats_mode"] = "on"
        self.put("start", at, version="0", kernel="6.1.0", filters=filters, devices=[], hooks=[])

    def flow(self, i):
        reverse = self.args.reverse
        ends = ("10.77.2.1", "10.77.1.1") if reverse else ("10.77.1.1", "10.77.2.1")
        flow = {"family": 4, "protocol": self.proto, "src": ends[0], "dst": ends[1]}
        fields = {"flow": flow, "direction": "reverse" if reverse else "forward", "len": 84}
        if self.proto == "icmp":
            flow |= {"icmp_type": 8, "icmp_code": 0, "id": 7, "seq": i % self.args.wrap}
            return fields
        flow |= {"sport": 1000, "dport": 2000}
        if self.proto == "udp":
            return fields | {"ip_id": 0 if self.args.same_id else i + 1, "datagrams": 1, "open": 0}
        return fields | {"seq": i * 100, "ack": 1, "flags": "ACK", "ip_id": i + 1}

    def packet(self, i, at, fate, u):
        """u: it is the host that the packet passes first."""
        s = status(self.proto, "a" if u else "b", fate)
        self.counts[s] = self.counts.get(s, 0) + 1
        done = s == "COMPLETE"
        fields = self.flow(i)
        if "open" in fields:
            fields["open"] = int(not done)
        external = (290.0 if u else 50.0) if done else None
        total = external + 20 if done else None
        if done:
            self.total.append((external, total))
        if self.args.stats_mode or (done and not self.all):
            return
        segments = {"internal": 10.0 if done else None}
        if self.proto == "icmp":
            segments = {"req_internal": 10.0, "external": external, "rep_internal": 10.0,
                        "total": total}
        # Told at its end, with the time of its beginning.
        self.put("event", at + (total / 1e6 if done else 1.5), time=at, status=s, late=False,
                 stages=[], segments_us=segments, **fields)

    def summary(self, at):
        c = {"total": sum(self.counts.values()), "in_flight": 0, "late": 0}
        for s in ("COMPLETE", "INTERNAL_DROP_REQ", "INTERNAL_DROP_REP", "EXTERNAL_DROP",
                  "INTERNAL_DROP"):
            c[s.lower()] = self.counts.get(s, 0)
        l = {}
        if self.proto == "icmp":
            l = {"external": latency([e for e, _ in self.total]),
                 "total": latency([t for _, t in self.total])}
        self.put("summary", at, period_us=1.0, counts=c, latency=l, loss={"events_lost": 0})

    def write(self, path):
        self.lines.sort(key=lambda line: line[0])
        with open(path, "w", encoding="ascii") as f:
            for _, line in self.lines:
                f.write(line + "\n")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("proto", choices=("icmp", "udp", "tcp"))
    for flag in ("all", "all-b", "reverse", "same-id", "stats-mode", "no-summary"):
        p.add_argument("--" + flag, action="store_true")
    p.add_argument("--wrap", type=int, default=1 << 16)
    p.add_argument("--b-from", type=int, default=0)
    p.add_argument("--b-to", type=int, default=N)
    p.add_argument("--dead", type=int, default=N)
    p.add_argument("--skew", type=float, default=1)
    p.add_argument("--out", default="")
    args = p.parse_args()
    # Numbers that come round do so after more than any timeout.
    step = 1.0 if args.wrap < N else STEP
    a, b = Host(args, "a"), Host(args, "b")
    first, second = (b, a) if args.reverse else (a, b)
    a.start(-args.skew)
    b.start(-0.5 if not args.b_from else args.b_from * step - 0.001)
    for i, fate in enumerate(fates(args.proto)):
        at = i * step
        if i >= args.dead and fate != "a_out":
            fate = "to_b"
        first.packet(i, at, fate, True)
        if fate in SEEN_BY_B and args.b_from <= i < args.b_to:
            second.packet(i, at + 0.000110, fate, False)
    if not args.no_summary:
        a.summary(N * step + 5)
        b.summary(args.b_to * step + (5 if args.b_to == N else 0))
    prefix = args.out + "-" if args.out else ""
    # Those of which B's recording can tell: it ends a timeout before its end.
    known = {p: [i for i, f in enumerate(fates(args.proto)) if f == p and i >= args.b_from]
             for p in PLACES}
    late = args.b_to - 1 / step if args.b_to < N else N
    with open(prefix + "known", "w", encoding="ascii") as f:
        between = sum(i <= late for i in known["to_b"]) + sum(i < args.b_to for i in known["to_a"])
        print(f"[{between},{sum(i < args.b_to for i in known['b_out'] + known['b_back'])},"
              f"{sum(i < args.b_to for i in known['beyond'])}]", file=f)
    a.write(prefix + "a.json")
    b.write(prefix + "b.json")


main()
