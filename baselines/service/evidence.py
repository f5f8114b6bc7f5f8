"""The evidence of a finding: which file, which lines, who collected it, how, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from baselines.engine import excerpt
from hatang import clock
from hatang.drivers import hostkeys
from hatang.drivers.target import SSH_PORT

if TYPE_CHECKING:
    from datetime import datetime

    from baselines.engine import Finding
    from hatang.db import AnySession
    from inventory.rows import DeviceRow
    from playbooks.vault import VersionRow

EXCERPT_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Source:
    """A version with the text that may be shown, the address of the sealed one, and host keys."""

    version: VersionRow
    shown: str
    sealed: str
    host_keys: tuple[str, ...]


def age_hours(seen_at: datetime) -> int:
    """Return how many whole hours ago the vault saw a configuration last."""
    return max(0, int((clock.now() - seen_at).total_seconds() // 3600))


def host_keys(session: AnySession, device: DeviceRow) -> tuple[str, ...]:
    """Return the fingerprints of the host keys a session with the device must show."""
    if device.primary_ip4 is None:
        return ()
    port = device.ports.get("ssh", SSH_PORT)
    return tuple(
        f"{key.kind} {hostkeys.fingerprint(key)}"
        for key in hostkeys.lookup(session, device.primary_ip4, port)
    )


def of(finding: Finding, source: Source, judged_at: datetime, fault: str) -> dict[str, Any]:
    """Return the evidence record of one finding.

    `sha256` is of the redacted text that is shown; the full one is named by its keyed address, as
    a plain hash of a text with a short secret would give the secret away. `skew_seconds` is how far
    the device's clock was ahead of ours at `server_clock`; None, never 0, where it told no moment.
    """
    version = source.version
    found = {
        "sha256": version.digest,
        "version": version.id,
        "sealed": source.sealed,
        "collected_at": version.collected_at.isoformat(),
        "last_seen_at": version.last_seen_at.isoformat(),
        "judged_at": judged_at.isoformat(),
        "device_clock": _iso(version.device_clock),
        "server_clock": _iso(version.server_clock),
        "clock_said": version.clock_said,
        "skew_seconds": version.skew_seconds,
        "collector": version.source,
        "transport": version.transport,
        "host_keys": list(source.host_keys),
        "command": version.command,
        "lines": list(finding.lines),
        "excerpt": [list(one) for one in excerpt(source.shown, finding.lines[:EXCERPT_LINES])],
    }
    return found | {"fault": fault} if fault else found


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
