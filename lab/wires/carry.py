"""Lead a cable that is up through the wire process and back, without touching its ports.

A veth cannot be cut open, so each port is given a TAP beside it: tc-mirred(8) hands what leaves
the port to the TAP, and what the wire process writes into the TAP comes in at the port. Names,
addresses and carrier stay, no neighbour notices.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from lab import netns
from lab.province import HOST_NODE
from lab.shell import run
from lab.state import WIRE_SOCKET
from lab.wires.control import ask

if TYPE_CHECKING:
    from lab.topology import Link
    from lab.wires.queue import Quality

SPEED_MBPS = 10_000  # what a veth claims
ALL = ["protocol", "all", "u32", "match", "u32", "0", "0"]  # this kernel may lack matchall


def scope(node: str) -> list[str]:
    """Return what goes before a command so that it runs among the ports of a node."""
    return [] if node == HOST_NODE else ["ip", "netns", "exec", netns.name_of(node)]


def tap_of(port: str) -> str:
    """Return the name of the TAP beside a port; 15 characters is the most a name may have."""
    return f"wire-{port}"[:15]


def commands(port: str, mac: str) -> list[list[str]]:
    """Return what joins a port to its TAP, the way in before the way out.

    The TAP takes the port's address, else the kernel holds the port's frames for another host's.
    """
    tap = tap_of(port)
    into_port = ["action", "mirred", "ingress", "redirect", "dev", port]
    out_of_port = ["action", "mirred", "egress", "redirect", "dev", tap]
    return [
        ["ip", "link", "set", tap, "address", mac, "addrgenmode", "none"],
        ["ip", "link", "set", tap, "up"],
        ["tc", "qdisc", "replace", "dev", tap, "clsact"],
        ["tc", "filter", "replace", "dev", tap, "ingress", "pref", "1", *ALL, *into_port],
        ["tc", "qdisc", "replace", "dev", port, "clsact"],
        ["tc", "filter", "replace", "dev", port, "egress", "pref", "1", *ALL, *out_of_port],
    ]


def begin(link: Link, seed: int, quality: Quality) -> None:
    """Lead the cable through the wire process from now on; LabError, and as before, else."""
    ends = [_tap_place(end) for end in (link.a, link.z)]
    spec = {
        "name": link.name,
        "a": ends[0],
        "z": ends[1],
        "speed_mbps": SPEED_MBPS,
        "seed": str(seed),
        "quality": asdict(quality),
    }
    ask(WIRE_SOCKET, op="add", spec=spec)
    try:
        for node, port in (link.a, link.z):
            for command in commands(port, _mac(node, port)):
                run([*scope(node), *command])
    except BaseException:
        end(link)
        raise


def end(link: Link) -> None:
    """Let frames take the cable itself again; no harm where they do."""
    for node, port in (link.a, link.z):
        run([*scope(node), "tc", "qdisc", "delete", "dev", port, "clsact"], check=False)
    ask(WIRE_SOCKET, op="remove", wire=link.name)


def _tap_place(end: tuple[str, str]) -> tuple[str, str]:
    node, port = end
    # The wire process lives in a namespace of the lab: it reaches the host's through us.
    home = f"/proc/{os.getpid()}/ns/net" if node == HOST_NODE else netns.name_of(node)
    return home, tap_of(port)


def _mac(node: str, port: str) -> str:
    shown = json.loads(run([*scope(node), "ip", "-j", "link", "show", "dev", port]))
    return str(shown[0]["address"])
