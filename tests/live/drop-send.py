#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends exactly what it is told to, for the drop cases: drop-send.py ACTION [ACTION...]

  udp:ADDRESS:PORT:COUNT[:ttl=N][:sport=N][:size=N][:df=1]
                                                     datagrams (an IPv6 address in brackets)
  tcp:ADDRESS:PORT:COUNT                             connection attempts, one after the other
  frame:DEVICE:ETHERTYPE:COUNT                       broadcast frames of an EtherType (hex)
  tagged:DEVICE:VLAN:ADDRESS:COUNT                   UDP datagrams to port 9 in tagged frames
  badsum:DEVICE:ADDRESS:COUNT                        UDP datagrams to port 9, bad IP checksum
  spoofed:SOURCE:ADDRESS:PORT:COUNT                  UDP datagrams from another address
  later:ADDRESS:COUNT                                later fragments of UDP datagrams, each alone
  leave:ADDRESS:COUNT                                IGMP leave messages, from an address to 224.0.0.1
  challenge:ADDRESS:PORT:COUNT                       SYNs within a connection that is established
  outside:ADDRESS:PORT:COUNT                         segments of one that are outside its window
"""
import re
import socket
import struct
import sys


def options(words):
    return {k: int(v) for k, v in (w.split("=") for w in words)}


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def udp(address, port, count, *rest):
    o = options(rest)
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    if "ttl" in o:
        if family(address) == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, o["ttl"])
        else:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, o["ttl"])
    if "df" in o:  # whatever the path's MTU is
        s.setsockopt(socket.IPPROTO_IP, 10, 3)  # IP_MTU_DISCOVER, IP_PMTUDISC_PROBE
    if "sport" in o:
        s.bind(("", o["sport"]))
    for _ in range(int(count)):
        try:
            s.sendto(b"x" * o.get("size", 32), (address, int(port)))
        except PermissionError:  # an output rule dropped it: what the case wants
            pass
    return s  # open until the end: nothing must answer from a port that closed


def tcp(address, port, count):
    for _ in range(int(count)):
        s = socket.socket(family(address), socket.SOCK_STREAM)
        try:
            s.connect((address, int(port)))
        except ConnectionRefusedError:
            pass
        s.close()


def packet_socket(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((device, 0))
    return s


def frame(device, ethertype, count):
    s = packet_socket(device)
    head = b"\xff" * 6 + s.getsockname()[4] + struct.pack("!H", int(ethertype, 16))
    for _ in range(int(count)):
        s.send(head + b"\0" * 46)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def datagram(source, address, port, wrong=0):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0,
                     socket.inet_aton(source), socket.inet_aton(address))
    ip = ip[:10] + struct.pack("!H", checksum(ip) ^ wrong) + ip[12:]
    return ip + struct.pack("!HHHH", 7007, int(port), 8, 0)


def tagged(device, vlan, address, count):
    s = packet_socket(device)
    head = b"\xff" * 6 + s.getsockname()[4] + struct.pack("!HHH", 0x8100, int(vlan), 0x0800)
    for _ in range(int(count)):
        s.send(head + datagram("192.0.2.1", address, 9))


def badsum(device, address, count):
    s = packet_socket(device)
    head = b"\xff" * 6 + s.getsockname()[4] + struct.pack("!H", 0x0800)
    for _ in range(int(count)):
        s.send(head + datagram("192.0.2.2", address, 9, 0x5a))


def raw(protocol):
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)


def spoofed(source, address, port, count):
    s = raw(socket.IPPROTO_RAW)
    for _ in range(int(count)):
        s.sendto(datagram(source, address, port), (address, 0))


def later(address, count):
    s = raw(socket.IPPROTO_RAW)
    for i in range(int(count)):
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, 7000 + i, 185, 64, 17, 0, bytes(4),
                         socket.inet_aton(address))
        s.sendto(ip + b"x" * 64, (address, 0))


def leave(address, count):
    s = raw(socket.IPPROTO_IGMP)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    head, group = b"\x17\0", socket.inet_aton("239.7.7.7")
    for _ in range(int(count)):
        s.sendto(head + struct.pack("!H", checksum(head + b"\0\0" + group)) + group,
                 ("224.0.0.1", 0))


def segments(address, port, count, flags, data):
    c = socket.create_connection((address, int(port)))
    own, own_port = c.getsockname()
    s = raw(socket.IPPROTO_TCP)
    tcp = struct.pack("!HHIIBBHHH", own_port, int(port), 1, 0, 5 << 4, flags, 1000, 0, 0) + data
    pseudo = socket.inet_aton(own) + socket.inet_aton(address) + struct.pack("!HH", 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    for _ in range(int(count)):
        s.sendto(tcp, (address, 0))
    return c


def challenge(address, port, count):
    return segments(address, port, count, 2, b"")


def outside(address, port, count):
    return segments(address, port, count, 16, b"x" * 100)


def main():
    socket.setdefaulttimeout(20)  # a connection that nobody answers fails the case, and says so
    keep = []
    for action in sys.argv[1:]:
        words = re.findall(r"\[[^]]*\]|[^:]+", action)
        words = [w.strip("[]") for w in words]
        keep.append(globals()[words[0]](*words[1:]))


main()
