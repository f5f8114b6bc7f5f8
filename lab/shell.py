"""Run the system's tools without a shell between us and them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Sequence

CLEAN_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "TERM": "dumb",
    "MIBS": "",  # net-snmp's tools print hundreds of warnings about MIB texts Debian may not ship
}


def run(command: Sequence[str], *, stdin: str = "", check: bool = True) -> str:
    """Run a command and return what it printed.

    Raises:
        LabError: it failed and `check` is set; the message carries its last line of complaint.
    """
    done = subprocess.run(
        list(command),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=CLEAN_ENVIRONMENT,
    )
    if check and done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise LabError(
            f"`{' '.join(command)}` failed ({done.returncode}): {'; '.join(complaint[-2:])}"
        )
    return done.stdout


def ip_batch(lines: Sequence[str], *, netns: str | None = None, check: bool = True) -> None:
    """Give many commands to one `ip` process: forty namespaces cost milliseconds, not seconds."""
    scope = ["-n", netns] if netns else []
    force = [] if check else ["-force"]
    run(["ip", *scope, *force, "-batch", "-"], stdin="\n".join(lines) + "\n", check=check)
