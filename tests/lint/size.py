#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lengths of functions and files, and numbers of parameters: size.py [-v]

Over a soft limit is a note (-v lists them), over a hard one a failure. Tables
(initialisers and .def files) do not count. A function is what kernel style
makes it: from a brace in column one to the next closing one there.
"""
import os
import re
import subprocess
import sys

FUNCTION, FILE, BPF_FUNCTION, TWO_SIDED, PARAMETERS = (60, 100), (400, 800), 60, 150, 5
# Macros that open a BPF program's body: their arguments are no parameters.
MACRO = re.compile(r"^[A-Z][A-Z0-9_]*\(")


class Findings:
    def __init__(self):
        self.hard, self.soft = [], []

    def check(self, where, what, value, soft, hard):
        if value > hard:
            self.hard.append(f"{where}: {what}: {value}, at most {hard}")
        elif value > soft:
            self.soft.append(f"{where}: {what}: {value}, better at most {soft}")


def without_comments(text):
    """Comments and strings blanked, line numbers kept."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def split_top(text):
    """Parts of text at the commas outside all parentheses."""
    parts, depth, last = [], 0, 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            parts.append(text[last:at])
            last = at + 1
    return parts + [text[last:]]


def signature(lines, brace):
    """(name, parameter count) of the function whose body opens at line brace."""
    start = brace
    while start > 0 and lines[start - 1].strip() and not re.search(r"[;}#]\s*$", lines[start - 1]):
        start -= 1
    text = " ".join(line.strip() for line in lines[start:brace])
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)|SEC\([^)]*\)", "", text).strip()
    found = re.search(r"(\w+)\s*\((.*)\)\s*$", text)
    if not found:
        return text or "?", 0
    name, params = found.groups()
    if MACRO.match(text):
        return f"{name}({params.split(',')[0]})", 0
    # A function that takes a function pointer: the first parenthesis counts.
    first = re.search(r"(\w+)\s*\((?!\*)(.*)\)\s*$", text)
    if first:
        name, params = first.groups()
    return name, 0 if params.strip() in ("", "void") else len(split_top(params))


def tables(lines):
    """Initialisers at file level: (first, last) line of each, from 0."""
    first = None
    for at, line in enumerate(lines):
        if first is None and re.match(r"^[^\t ].*=\s*\{\s*$", line):
            first = at
        elif first is not None and line.startswith("}"):
            yield first, at
            first = None


def check_c(path, text, findings):
    lines = without_comments(text).split("\n")
    bpf = ".bpf." in path
    opened = None
    for at, line in enumerate(lines):
        if line.startswith("{"):
            opened = at
        elif line.startswith("}") and opened is not None:
            name, parameters = signature(lines, opened)
            soft, hard = (BPF_FUNCTION, BPF_FUNCTION) if bpf else FUNCTION
            where = f"{path}:{opened + 1}: {name}"
            findings.check(where, "lines", at - opened + 1, soft, hard)
            findings.check(where, "parameters", parameters, PARAMETERS, PARAMETERS)
            opened = None
    size = len(text.splitlines()) - sum(last - first for first, last in tables(lines))
    two_sided = path.startswith("bpf/") and path.endswith(".h") and not bpf
    soft, hard = (TWO_SIDED, TWO_SIDED) if two_sided else FILE
    findings.check(path, "lines", size, soft, hard)


def own_files(suffixes):
    """Files of the tree that git does not ignore, committed or not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True).stdout.split("\n")
    return [p for p in sorted(listed) if p.endswith(suffixes) and os.path.exists(p)]


def main():
    findings = Findings()
    for path in own_files((".c", ".h", ".py", ".sh")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if path.endswith((".c", ".h")):
            check_c(path, text, findings)
        else:
            findings.check(path, "lines", len(text.splitlines()), *FILE)
    for line in findings.hard:
        print(line, file=sys.stderr)
    if "-v" in sys.argv[1:]:
        print("\n".join(findings.soft))
    return 1 if findings.hard else 0


if __name__ == "__main__":
    sys.exit(main())
