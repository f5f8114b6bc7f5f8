"""A worker that dies by kill -9 at a named moment of a push; run as a process of its own.

The moments: `armed`, written down but not sent; `sent`, committed but not confirmed; `confirmed`,
confirmed but not written down.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.drivers.napalm import NapalmSession
from playbooks.changes import jobs

SENDING = {"sent": "commit_config", "confirmed": "confirm_commit"}


def die() -> None:
    """End as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def doom(moment: str) -> None:
    """Let this process die at `moment`."""
    if moment == "armed":
        arm = jobs._Guard.arm

        def arm_and_die(self: Any) -> Any:
            arm(self)
            die()

        setattr(jobs._Guard, "arm", arm_and_die)  # noqa: B010 - mypy knows that it is a method
        return
    call = NapalmSession.call

    def call_and_die(self: Any, method: str, *args: object, **kwargs: object) -> Any:
        found = call(self, method, *args, **kwargs)
        if method == SENDING[moment]:
            die()
        return found

    setattr(NapalmSession, "call", call_and_die)  # noqa: B010 - as above


def main(data_dir: str, url: str, target: str, moment: str) -> None:
    """Push the target, and do not live to tell."""
    doom(moment)
    database = Database.open(url)
    equip_all(database, Places.under(Path(data_dir)))
    jobs._push(database, int(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
