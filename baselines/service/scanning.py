"""Scans of servers by OpenSCAP that hatang runs itself, and keeps as it keeps those of others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from baselines import openscap, scap
from baselines.openscap import MOST_SECONDS
from baselines.service import scans
from baselines.service.scans import Source
from hatang import blobs
from hatang.errors import InvalidInputError, Problem
from hatang.gates import Verdict
from inventory import platforms
from inventory.platforms.schema import Shell
from playbooks.access import prepare
from playbooks.pace import USUAL, Pace

if TYPE_CHECKING:
    from datetime import tzinfo

    from baselines.openscap import Datastream
    from baselines.scap import Scan
    from hatang.auth import Actor
    from hatang.db import Database
    from hatang.drivers.protocols import HostKeys
    from inventory.rows import DeviceRow

UNSEEN: Final = "pass_not_as_root"
"""Why a rule that passed for a login without root is unknown."""
_RESULTS: Final = "results.xml"


@dataclass(frozen=True, slots=True)
class Order:
    """What a server is judged by: a datastream, one of its profiles, and for how long at most.

    `zone` is where the server's clock stands, for times that name none; `author` is who asked,
    empty for the actor.
    """

    content: Datastream
    profile: str
    zone: tzinfo
    seconds: int = MOST_SECONDS
    author: str = ""


def scan_server(
    db: Database,
    host_keys: HostKeys,
    actor: Actor,
    device: str,
    order: Order,
    *,
    pace: Pace = USUAL,
) -> int:
    """Have the server's own OpenSCAP judge it and keep what it says; returns the scan's id.

    Nothing stays on the server. Without root a rule that passed is unknown: OpenSCAP takes a file
    that it may not reach for one that is not there.

    Raises:
        DeniedError: the actor may not read configurations, as for every audit.
        NotFoundError: there is no such device, or it lies where the actor may not read any.
        InvalidInputError: it is no server, the datastream has no such profile, or as `scap.read`.
        DriverError: as `openscap.evaluate`, or as `Pace.turn`.
    """
    profile = order.content.profile(order.profile)
    with db.read() as session:
        row = scans.server(session, actor, device)
        require_server(row)
        access = prepare(session, row)
    content = order.content
    with pace.turn(db, access.aaa_server):
        said = openscap.evaluate(access, host_keys, content, profile, seconds=order.seconds)
    found = scap.read(said.results, f"{device}: {_RESULTS}", order.zone)
    found = found if said.as_root else not_as_root(found)
    with db.write() as session:
        run = {
            "datastream": blobs.put(session, content.data),
            "datastream_sha256": content.sha256,
            "profile": profile,
            "as_root": said.as_root,
        }
        source = Source(order.author or actor.name, run)
        return scans.keep(session, actor, row, found, said.results, source=source)


def not_as_root(found: Scan) -> Scan:
    """Return the scan with every pass made unknown: what a login may not read is no proof."""
    findings = tuple(
        replace(one, verdict=Verdict.UNKNOWN.value, reason=UNSEEN)
        if one.verdict == Verdict.PASS
        else one
        for one in found.findings
    )
    return replace(found, scanner=f"{found.scanner}, not as root", findings=findings)


def require_server(row: DeviceRow) -> None:
    """Raise InvalidInputError for what has no shell of a server."""
    if platforms.get(row.platform).shell is not Shell.POSIX:
        fix = "Name a server whose platform is linux."
        raise InvalidInputError([Problem("scan", "device", row.name, "is no server", fix)])
