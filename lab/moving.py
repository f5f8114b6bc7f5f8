"""Plug a cable of a running lab in at another port of its switch."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from lab import plumbing
from lab.errors import LabError
from lab.netns import name_of
from lab.scrambling import spares
from lab.shell import ip_batch, run
from lab.topology import Kind
from lab.wires.process import HOME_NAMESPACE

if TYPE_CHECKING:
    from lab.topology import Link, Province

MOVED = (Kind.SERVER, Kind.UPS)
# lldpd looks at ports a second after they changed, and takes one of the same name for the same.
NOTICE_SECONDS = 4.0


def move(drawn: Province, target: str) -> tuple[str, str, str]:
    """Move the cable `target` to its switch's spare port; return switch, old and new port.

    Only `up --only scrambled` leaves spare ports, one a switch, so each switch serves once.

    Raises:
        LabError: no such cable, or not one between a switch and a server or UPS.
    """
    link = drawn.links.get(target)
    if link is None:
        raise LabError(f"No link `{target}`; `hatang-lab status` shows them.")
    switch, old, node, port = _ends(drawn, link)
    free = [name for owner, name in spares(drawn) if owner == switch]
    if not free:
        raise LabError(f"{switch} has no spare port; start the lab with --only scrambled.")
    far = name_of(node)
    (held,) = json.loads(run(["ip", "-n", far, "-j", "link", "show", port]))
    ip_batch([f"link del {port}"], netns=far)
    time.sleep(NOTICE_SECONDS)
    end = plumbing.spare_end(switch)
    ip_batch([f"link set {end} netns {far} name {port}"], netns=HOME_NAMESPACE)
    # The machine keeps its network card: only the cable goes elsewhere.
    ip_batch([f"link set {port} address {held['address']}"], netns=far)
    ip_batch(plumbing.node_lines(drawn.nodes[node], drawn), netns=far)
    labels = {one.name: one.label for one in drawn.nodes[switch].ports}
    return switch, labels[old], labels[free[0]]


def _ends(drawn: Province, link: Link) -> tuple[str, str, str, str]:
    for (switch, old), (node, port) in ((link.a, link.z), (link.z, link.a)):
        if drawn.nodes[switch].kind is Kind.SWITCH and drawn.nodes[node].kind in MOVED:
            return switch, old, node, port
    raise LabError(f"{link.name} is no cable between a switch and a server or UPS.")
