#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks lines of --json output: validate_json.py [FILE...], no FILE: stdin

Each line must be strict JSON without a key twice, match tests/schema/
nettrace.schema.json, and agree with itself: buckets sum up to the count,
figures are in order. Every fault is told as FILE:LINE: what; any fault, or
input without a line, is exit code 1.
"""
import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "schema" / "nettrace.schema.json"
ORDER = ("min_us", "p50_us", "p90_us", "p95_us", "p99_us", "p999_us", "max_us")


def no_constant(word):
    raise ValueError(f"{word} is not JSON")


def no_key_twice(pairs):
    keys = [key for key, _ in pairs]
    for key in set(keys):
        if keys.count(key) > 1:
            raise ValueError(f"key '{key}' twice")
    return dict(pairs)


def latency_faults(name, figures):
    if not figures["count"]:
        return
    if sum(n for _, n in figures["buckets"]) != figures["count"]:
        yield f"latency.{name}: the buckets do not sum up to the count"
    lows = [low for low, _ in figures["buckets"]]
    if lows != sorted(set(lows)):
        yield f"latency.{name}: the buckets are not in order"
    values = [figures[key] for key in ORDER]
    if values != sorted(values):
        yield f"latency.{name}: the figures are not in order"
    if not figures["min_us"] <= figures["avg_us"] <= figures["max_us"]:
        yield f"latency.{name}: the average is not between minimum and maximum"


def line_faults(validator, raw):
    if not raw.endswith(b"\n"):
        yield "the line is not whole"
    try:
        line = json.loads(
            raw.decode("utf-8"), parse_constant=no_constant, object_pairs_hook=no_key_twice
        )
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    faults = sorted(validator.iter_errors(line), key=lambda e: list(map(str, e.absolute_path)))
    for fault in faults:
        place = ".".join(map(str, fault.absolute_path)) or "the line"
        yield f"{place}: {fault.message}"
    if faults:
        return
    for name, figures in line.get("latency", {}).items():
        if line["type"] in ("report", "summary"):
            yield from latency_faults(name, figures)


def check(validator, name, file):
    """Number of faults, each told."""
    lines = faults = 0
    for lines, raw in enumerate(file, 1):
        for what in line_faults(validator, raw):
            print(f"{name}:{lines}: {what}", file=sys.stderr)
            faults += 1
    if not lines:
        print(f"{name}: no line", file=sys.stderr)
        faults += 1
    return faults


def main(names):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    faults = 0
    for name in names:
        with open(name, "rb") as file:
            faults += check(validator, name, file)
    if not names:
        faults = check(validator, "stdin", sys.stdin.buffer)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
