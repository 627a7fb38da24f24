#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tx-vlan.py on|off DEVICE...: does the device take VLAN tags beside the packet (as ethtool -K
DEVICE tx-vlan-hw-insert does)? Off: the kernel puts them into it. Fails where it does not help."""
import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL, ETHTOOL_GFLAGS, ETHTOOL_SFLAGS, ETH_FLAG_TXVLAN = 0x8946, 0x25, 0x26, 0x80


def flags(sock, device, command, value=0):
    data = array.array("B", struct.pack("II", command, value))
    request = struct.pack("16sP", device.encode(), data.buffer_info()[0]).ljust(40, b"\0")
    fcntl.ioctl(sock, SIOCETHTOOL, request)
    return struct.unpack("II", data)[1]


want = ETH_FLAG_TXVLAN if sys.argv[1] == "on" else 0
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    for name in sys.argv[2:]:
        old = flags(s, name, ETHTOOL_GFLAGS)
        flags(s, name, ETHTOOL_SFLAGS, old & ~ETH_FLAG_TXVLAN | want)
        if flags(s, name, ETHTOOL_GFLAGS) & ETH_FLAG_TXVLAN != want:
            sys.exit(f"{name}: not changed")
