"""TAP devices: a network interface whose other side is a file descriptor of ours."""

from __future__ import annotations

import array
import ctypes
import fcntl
import os
import socket
import struct

from lab import netns

TUNSETIFF = 0x400454CA  # linux/if_tun.h
TUNSETCARRIER = 0x400454E2
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
SIOCETHTOOL = 0x8946  # linux/sockios.h
ETHTOOL_SSET = 0x2  # linux/ethtool.h
DUPLEX_FULL = 1
ETHTOOL_CMD = struct.Struct("=IIIHBBBBBBIIHBBI8x")


def open_tap(namespace: str, interface: str, speed_mbps: int) -> int:
    """Create the interface inside the namespace and return its descriptor (non-blocking).

    The speed is what the interface claims, so that ifHighSpeed is the circuit's rate.
    """
    with netns.inside(namespace):
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        request = struct.pack("16sH22x", interface.encode(), IFF_TAP | IFF_NO_PI)
        fcntl.ioctl(descriptor, TUNSETIFF, request)
        _claim_speed(interface, speed_mbps)
    return descriptor


def set_carrier(descriptor: int, *, up: bool) -> None:
    """Plug or pull the cable: the interface stays, its carrier comes or goes."""
    fcntl.ioctl(descriptor, TUNSETCARRIER, struct.pack("i", int(up)))


def _claim_speed(interface: str, speed_mbps: int) -> None:
    command = ETHTOOL_CMD.pack(
        ETHTOOL_SSET, 0, 0, speed_mbps & 0xFFFF, DUPLEX_FULL, 0, 0, 0, 0, 0, 0, 0,
        speed_mbps >> 16, 0, 0, 0,
    )  # fmt: skip
    buffer = array.array("B", command)
    address, _ = buffer.buffer_info()
    request = struct.pack("16sP", interface.encode(), address)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        try:
            fcntl.ioctl(
                handle, SIOCETHTOOL, request.ljust(ctypes.sizeof(ctypes.c_void_p) * 5, b"\0")
            )
        except OSError:
            return  # an older kernel: the interface keeps claiming 10 Mbit/s
