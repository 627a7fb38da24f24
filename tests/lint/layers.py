#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Include lines follow the arrows: layers.py

cmd -> lib, below lib/ as lib/layers says, no family sees another, the BPF side
sees nothing of user space but the two-sided headers. Also words that the
project does without, each with its reason.
"""
import os
import re
import sys

import size

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
BPF_SYSTEM = re.compile(r"^(linux|asm|bpf)/|^std(bool|def|int|arg)\.h$")

# (files, pattern, why not)
BANNED = [
    (r"^(lib|cmd|bpf)/", r"\b(LINUX_VERSION_CODE|KERNEL_VERSION)\b",
     "decide by what the kernel shows, not by its version"),
    (r"^(lib|cmd)/", r"\b(sprintf|vsprintf|strcpy|strcat|gets|strtok|alloca|atoi|atol)\s*\(",
     "unbounded, unchecked or stateful"),
    (r"^(lib|cmd)/", r"\b(getpw\w+|getgr\w+|getaddrinfo|gethostby\w+|dlopen)\s*\(",
     "needs NSS, which a static binary has not"),
    (r"^lib/", r"\b(printf|puts|putchar|perror|exit|abort)\s*\(|\bstdout\b",
     "lib/ prints nothing and never exits: that is the caller's decision"),
]


def read_layers():
    """library -> all libraries that it may include."""
    allowed = {}
    with open("lib/layers", encoding="ascii") as f:
        for line in f:
            found = re.match(r"^([a-z]+):(.*)", line)
            if found:
                name, needs = found[1], found[2].split()
                allowed[name] = {name}.union(*(allowed[n] for n in needs))
    return allowed


def headers_by_name(files):
    """name -> folders; two of one name would shadow each other."""
    where = {}
    for path in files:
        if path.endswith((".h", ".def")):
            where.setdefault(os.path.basename(path), []).append(os.path.dirname(path))
    return where


def may(path, folder, name, layers):
    """Whether the file at path may include the header name that lies in folder."""
    mine = os.path.dirname(path)
    side, _, rest = mine.partition("/")
    if folder == mine:
        return True
    if side == "bpf":
        return folder in ("bpf/common", "bpf/kernel")
    if ".bpf." in name:
        return False
    if folder == "bpf/common":
        return True
    if side == "lib":
        return folder.startswith("lib/") and folder[4:] in layers.get(rest, ())
    if side == "cmd":
        # What stands in cmd/ itself is main, which knows the meta commands.
        return folder.startswith("lib/") or folder in ("cmd", f"bpf/{rest}" if rest else "cmd/meta")
    return False


def check_includes(path, text, where, layers):
    two_sided = path.startswith("bpf/") and ".bpf." not in path
    for kind, name in INCLUDE.findall(text):
        base = os.path.basename(name)
        if kind == "<":
            if two_sided and name != "linux/types.h":
                yield f"two-sided header includes <{name}>: only <linux/types.h>"
            elif path.startswith("bpf/") and not BPF_SYSTEM.match(name):
                yield f"<{name}> is of user space"
            continue
        if base not in where:
            yield f'"{name}" is not a header of this tree'
        elif not any(may(path, folder, base, layers) for folder in where[base]):
            yield f'"{name}" of {where[base][0]} is out of reach'
        elif two_sided and ".bpf." in base:
            yield f'two-sided header includes "{name}"'


def check_banned(path, text):
    code = re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.S)
    for files, pattern, why in BANNED:
        if re.match(files, path):
            for found in re.finditer(pattern, code):
                line = code.count("\n", 0, found.start()) + 1
                yield f"line {line}: {found.group().strip()}: {why}"


def main():
    layers = read_layers()
    files = [f for f in size.own_files((".c", ".h", ".def"))
             if f.startswith(("lib/", "cmd/", "bpf/"))]
    where = headers_by_name(files)
    problems = []
    for name, folders in where.items():
        shared = [f for f in folders if f.startswith("lib/") or f == "bpf/common"]
        if shared and len(folders) > 1:
            problems.append(f"{name}: in {' and '.join(folders)}: one would hide the other")
    for path in files:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        problems += [f"{path}: {p}" for p in check_includes(path, text, where, layers)]
        problems += [f"{path}: {p}" for p in check_banned(path, text)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
