"""Look at a running lab: who answers, what the wires counted, mail, journals, UPS."""

from __future__ import annotations

import json
import time
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, TypedDict

from lab import impairing, loopback, reach
from lab.enter import file_of
from lab.errors import LabError
from lab.topology import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from lab.state import LabState
    from lab.wires.control import WireStatus

ECHO_SECONDS = 1.5
MAILDIR = "/home/noc/Maildir"
JOURNAL = "/var/log/hatang-cc/journal.jsonl"
UPS_STATE = "/run/ups.json"


class NodeStatus(TypedDict):
    """One row of `hatang-lab status`."""

    kind: str
    role: str
    address: str
    answers: bool
    broken: bool


class LinkStatus(TypedDict):
    """One link of `hatang-lab status`; `wire` is None for a cable that is not impaired."""

    a: str
    b: str
    broken: bool
    wire: WireStatus | None


class Status(TypedDict):
    """What `hatang-lab status --format json` prints.

    `impairment` is what makes a cable bad here: `netem` or `wire`; empty where there is none.
    """

    ready: bool
    prefix: str
    seed: int
    impairment: str
    nodes: dict[str, NodeStatus]
    links: dict[str, LinkStatus]


def status(held: LabState) -> Status:
    """Return the state of the lab as it is seen from this host, in-band."""
    if held.loopback:
        alive, wires = loopback.answering(held), {}
    else:
        alive = reach.answering({facts.mgmt_ip for facts in held.nodes.values()}, ECHO_SECONDS)
        wires = impairing.counted(held)
    nodes: dict[str, NodeStatus] = {}
    for name, facts in held.nodes.items():
        answers, broken = facts.mgmt_ip in alive, name in held.broken
        nodes[name] = NodeStatus(
            kind=facts.kind, role=facts.role, address=facts.mgmt_ip, answers=answers, broken=broken
        )
    links: dict[str, LinkStatus] = {}
    for link in held.links:
        ends = {link.a.split(":")[0], link.b.split(":")[0]}
        broken = link.name in held.broken or bool(ends & set(held.broken))
        links[link.name] = LinkStatus(a=link.a, b=link.b, broken=broken, wire=wires.get(link.name))
    means = "" if held.loopback else impairing.means()
    return Status(
        ready=held.ready, prefix=held.prefix, seed=held.seed, impairment=means, nodes=nodes,
        links=links,
    )  # fmt: skip


def mailbox() -> list[dict[str, str]]:
    """Return the messages noc@tinh.test received, oldest first (LabError without a mail server)."""
    found = []
    home = file_of("srv-mail", MAILDIR)
    for folder in ("cur", "new"):
        place = home / folder
        if place.is_dir():
            found += [(path.stat().st_mtime, path) for path in place.iterdir()]
    messages = []
    for _, path in sorted(found):
        parsed = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = parsed.get_body(("plain", "html"))
        fields = {key: str(parsed.get(key, "")) for key in ("date", "from", "to", "subject")}
        messages.append(fields | {"body": body.get_content() if body else ""})
    return messages


def journal(held: LabState, directory: Path, node: str) -> list[dict[str, object]]:
    """Return what a device itself wrote down about changes of its configuration.

    Raises:
        LabError: there is no such router or switch.
    """
    facts = held.nodes.get(node)
    if facts is None or facts.kind not in {Kind.ROUTER, Kind.SWITCH}:
        raise LabError(f"`{node}` keeps no journal; routers and switches do.")
    path = directory / "simulators" / node / "journal.jsonl"
    if facts.kind == Kind.ROUTER:
        path = file_of(node, JOURNAL)
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def set_ups(held: LabState, name: str, source: str) -> str:
    """Put a UPS on battery or back on mains; return the node's name.

    Raises:
        LabError: no such UPS, or another word than battery or mains.
    """
    node = name if name.startswith("ups-") else f"ups-{name}"
    if node not in held.nodes or held.nodes[node].kind != Kind.UPS:
        raise LabError(f"There is no UPS `{name}`; the hubs have one each.")
    if source not in {"battery", "mains"}:
        raise LabError(f"A UPS runs on `battery` or `mains`, not `{source}`.")
    file_of(node, UPS_STATE).write_text(json.dumps({"source": source, "since": time.time()}))
    return node
