"""One scan over the vault's own SSH: the datastream goes in, the result comes out, nothing stays.

The server itself ends a scan that takes too long, so that it ends also when hatang has died.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from baselines.scap import MOST_BYTES
from hatang.drivers.ssh import SshLimits, open_ssh
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from baselines.openscap.datastream import Datastream
    from hatang.drivers.protocols import CommandResult, HostKeys
    from playbooks.access import Access

SCRIPT: Final = Path(__file__).with_name("oscap.sh")
MOST_SECONDS: Final = 900
"""A profile of some two hundred rules takes a server minutes, and one that walks all files more."""
SENDING_SECONDS: Final = 300  # 50 MiB over 2 Mbit/s: 210 s
_ROOT: Final = "root"
_CAUSES: Final = {
    64: (Reason.NOT_SUPPORTED, "lacks the program", "Install openscap-scanner on the server."),
    65: (Reason.REJECTED, "has no room for a temporary directory", "Make room in /tmp."),
    66: (Reason.CANCELLED, "ended the scan", "Scan again."),
    67: (Reason.PROTOCOL_ERROR, "did not receive the whole datastream", "Scan again."),
    68: (Reason.TIMEOUT, "did not end the scan in time", "Allow more time, or take fewer rules."),
    69: (Reason.REJECTED, "OpenSCAP failed", "Read what OpenSCAP says; try the datastream there."),
    70: (Reason.REJECTED, "the result is larger than 50 MiB", "Take a profile with fewer rules."),
}
"""What each exit status of the script means."""


@dataclass(frozen=True, slots=True, repr=False)
class Evaluated:
    """What OpenSCAP wrote; `as_root` tells whether it could read everything."""

    results: bytes
    as_root: bool


def evaluate(
    access: Access,
    host_keys: HostKeys,
    content: Datastream,
    profile: str,
    *,
    seconds: int = MOST_SECONDS,
) -> Evaluated:
    """Scan a server, as root where its login is or may become root without a password.

    Raises:
        DriverError: as `open_ssh`; NOT_SUPPORTED without OpenSCAP, TIMEOUT after `seconds`, and
            REJECTED with what OpenSCAP said where its exit status is neither 0 nor 2.
    """
    session = open_ssh(access.ssh, access.login, host_keys, SshLimits(output_bytes=MOST_BYTES + 64))
    try:
        words = [str(seconds), str(MOST_BYTES), content.sha256, *([profile] if profile else [])]
        told = session.run(_command(words), content.data, seconds + SENDING_SECONDS)
    finally:
        session.close()
    if not told.ok:
        raise _failure(access.name, told)
    who, _, results = told.stdout.partition("\n")
    return Evaluated(results.encode(), who == _ROOT)


def _command(words: list[str]) -> str:
    run = shlex.join(["sh", "-c", SCRIPT.read_text(encoding="utf-8"), "hatang-scan", *words])
    return f'[ "$(id -u)" = 0 ] || ! sudo -n true 2>/dev/null || exec sudo -n {run}; exec {run}'


def _failure(name: str, told: CommandResult) -> DriverError:
    status = -1 if told.status is None else told.status
    unknown = (Reason.PROTOCOL_ERROR, f"the scan ended with status {told.status}", "Scan again.")
    reason, message, fix = _CAUSES.get(status, unknown)
    said = " ".join("".join(one if one.isprintable() else " " for one in told.stderr).split())
    return DriverError(f"{name}: {message}{f': {said[-500:]}' if said else ''}", reason, fix=fix)
