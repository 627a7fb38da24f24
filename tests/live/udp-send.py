#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends datagrams, for the cases of path udp: udp-send.py ADDRESS COUNT SIZE [WORD...]

Each datagram begins with its number. Words:
  PORT            to this port (7000); several take turns, each has COUNT
  df              must not be fragmented: the kernel gives them the IP number 0
  alike           all the same, without the number
  pause=MS        between two of them
  raw=ORDER       made by hand, IPv4 from 10.77.1.1: 1480 bytes a fragment, sent in this order
                  ("210": the last one first; "02": the middle one never; "w": whole)
  id=N            the IP number of the first one by hand, the others count from it
  same-id         no, they all have that one
"""
import socket
import struct
import sys
import time

address, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
words = sys.argv[4:]
given = dict(w.split("=") for w in words if "=" in w)
ports = [int(w) for w in words if w.isdigit()] or [7000]
pause = float(given.get("pause", 0)) / 1000
family = socket.AF_INET6 if ":" in address else socket.AF_INET


def payload(n):
    number = b"" if "alike" in words else b"%08d" % n
    return number + b"x" * (size - len(number))


def fragments(n, port):
    """The bytes of the whole, cut."""
    data = struct.pack("!HHHH", 5000, port, size + 8, 0) + payload(n)
    number = int(given.get("id", 1000)) + (0 if "same-id" in words else n)
    order = given["raw"]
    for which in [None] if order == "w" else [int(c) for c in order]:
        at = 0 if which is None else which * 1480
        part = data[at:] if which is None else data[at:at + 1480]
        more = 0x2000 if at + len(part) < len(data) else 0
        yield struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), number & 0xffff,
                          more | at // 8, 64, 17, 0, socket.inet_aton("10.77.1.1"),
                          socket.inet_aton(address)) + part


if "raw" in given:
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
else:
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind(("", 5000))
if "df" in words:
    s.setsockopt(socket.IPPROTO_IP, 10, 2)  # IP_MTU_DISCOVER, IP_PMTUDISC_DO
for n in range(count):
    for port in ports:
        if "raw" in given:
            for packet in fragments(n, port):
                s.sendto(packet, (address, 0))
        else:
            s.sendto(payload(n), (address, port))
    if pause:
        time.sleep(pause)
