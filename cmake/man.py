#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a man page: man.py NETTRACE VERSION PAGE.in PAGE

A line `@MAN family@` is replaced by what `nettrace __man family` prints, from
the option tables; `@VERSION@` by the version. Any other @WORD@ is a mistake.
"""
import re
import subprocess
import sys


def main():
    nettrace, version, source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as f:
        text = f.read().replace("@VERSION@", version)

    def commands(match):
        return subprocess.run([nettrace, "__man", match[1]], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.rstrip("\n")

    text, included = re.subn(r"^@MAN ([a-z-]+)@$", commands, text, flags=re.M)
    if not included:
        sys.exit(f"{source}: no line '@MAN family@': the page would lack its commands")
    left = re.search(r"@[A-Z]+[^@\n]*@", text)
    if left:
        sys.exit(f"{source}: {left[0]} is not known")
    with open(target, "w", encoding="utf-8") as f:
        f.write(text)


main()
