#!/usr/bin/env python3
"""hatang-reflector: sends STAMP test packets back (RFC 8762), one file, no dependencies.

It runs on any small Linux machine of a commune, so that the way to it can be measured before a
meeting. It answers whom --allow names only, each packet with one no longer than it, and tells with
which DSCP it came (RFC 8972, class of service). Ports below 1024 and its own are not answered: a
second reflector there would answer back without end. It stores nothing and starts nothing.

    hatang-reflector.py --allow 10.0.0.0/8 --listen 0.0.0.0:862
"""

# ruff: noqa: T201 - it stands alone, and its journal is standard output
import argparse
import collections
import ipaddress
import socket
import struct
import sys
import time

NTP_EPOCH = 2208988800  # RFC 5905, 6: seconds from 1900 to 1970
SENDER = struct.Struct("!IQHH")
REFLECTED = struct.Struct("!IQHHQIQHHB3x")
BASE = 44
SESSIONS = 1024  # counted apart at once; the one heard of least recently is forgotten
IP_TTL, IPV6_HOPS = getattr(socket, "IP_RECVTTL", 12), socket.IPV6_RECVHOPLIMIT


def ntp(seconds):
    """Return the 64-bit NTP timestamp of a Unix time."""
    return int((seconds + NTP_EPOCH) * 2**32) & (2**64 - 1)


def marks(notes):
    """Return TOS and TTL of a received packet."""
    tos = ttl = 0
    for level, kind, value in notes:
        number = int.from_bytes(value[:4], sys.byteorder) if len(value) >= 4 else value[0]
        if (level, kind) in ((socket.IPPROTO_IP, socket.IP_TOS), (41, socket.IPV6_TCLASS)):
            tos = number & 0xFF
        elif (level, kind) in ((socket.IPPROTO_IP, socket.IP_TTL), (41, socket.IPV6_HOPLIMIT)):
            ttl = number & 0xFF
    return tos, ttl


def answered(tlvs, tos):
    """Return the TLVs as they go back: class of service filled in, others as not understood."""
    out, at = bytearray(tlvs), 0
    while at + 4 <= len(out):
        flags, kind, length = struct.unpack_from("!BBH", out, at)
        end = at + 4 + length
        if end > len(out):
            out[at] = flags | 0x40  # malformed
            break
        if kind == 4 and length >= 4:
            (first,) = struct.unpack_from("!H", out, at + 4)
            wanted = first >> 10
            struct.pack_into("!H", out, at + 4, wanted << 10 | (tos >> 2) << 4 | (tos & 3) << 2)
            out[at] = flags & 0x7F
        elif kind == 1:
            out[at] = flags & 0x7F
        at = end
    return bytes(out)


class Reflector:
    """Reflects what `allowed` networks send to its `port`; each session is counted by itself."""

    def __init__(self, allowed, rate, port=862):
        self.allowed = allowed
        self.rate = rate
        self.port = port
        self.sessions = collections.OrderedDict()
        self.second, self.taken = 0, 0

    def may(self, peer, now):
        """Tell whether `peer` is answered, and the second has room for it."""
        host, port = peer[:2]
        if port < 1024 or port == self.port:
            return False
        address = ipaddress.ip_address(host.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if not any(address in network for network in self.allowed):
            return False
        if int(now) != self.second:
            self.second, self.taken = int(now), 0
        self.taken += 1
        return self.taken <= self.rate

    def reflect(self, data, notes, peer, now):
        """Return what goes back to `peer`, None when nothing does."""
        if len(data) < BASE or not self.may(peer, now):
            return None
        number, stamp, error, session = SENDER.unpack_from(data)
        key = (*peer[:2], session)
        # A sender that begins anew is counted anew.
        count = 0 if number == 0 else self.sessions.pop(key, 0)
        self.sessions[key] = count + 1
        if len(self.sessions) > SESSIONS:
            self.sessions.popitem(last=False)
        tos, ttl = marks(notes)
        back = REFLECTED.pack(
            count, ntp(time.time()), 1, session, ntp(now), number, stamp, error, 0, ttl
        )
        return back + answered(data[BASE:], tos), tos


def listen(text):
    """Return a socket on `text`, address:port, that is told the class of each packet."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(41, socket.IPV6_RECVTCLASS, 1)
        sock.setsockopt(41, IPV6_HOPS, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        sock.setsockopt(socket.IPPROTO_IP, IP_TTL, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind((host, int(port)))
    return sock


def send(sock, packet, tos, peer):
    """Send with the class the packet came with, so that the way back is measured in it too."""
    v6 = sock.family == socket.AF_INET6
    level, kind = (41, socket.IPV6_TCLASS) if v6 else (socket.IPPROTO_IP, socket.IP_TOS)
    sock.sendmsg([packet], [(level, kind, struct.pack("i", tos & 0xFC))], 0, peer)


def main():
    """Reflect until stopped."""
    parser = argparse.ArgumentParser(description="Send STAMP test packets back (RFC 8762).")
    parser.add_argument("--listen", default="0.0.0.0:862", help="address:port")
    parser.add_argument(
        "--allow", action="append", required=True, type=ipaddress.ip_network, help="network; again"
    )
    parser.add_argument("--rate", type=int, default=2000, help="packets a second at most")
    given = parser.parse_args()
    sock = listen(given.listen)
    reflector = Reflector(given.allow, given.rate, sock.getsockname()[1])
    print(f"reflecting on {given.listen}", flush=True)
    while True:
        data, notes, _, peer = sock.recvmsg(2048, 256)
        try:
            found = reflector.reflect(data, notes, peer, time.time())
            if found:
                send(sock, *found, peer)
        except (OSError, ValueError, struct.error) as error:
            print(f"{peer[0]}: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
