"""A worker that dies or stands still at a named moment of a push; run as a process of its own.

The moments: `armed`, written down but not sent; `sent`, committed but not confirmed; `confirmed`,
confirmed but not written down; `unsaved`, confirmed on IOS but not saved; `ticking`, IOS' timer
runs but the text was not sent. With `stop:` before it the worker stands still there (SIGSTOP) until
it is told to go on, with `stop:careless:` without asking whether the device is still its own; its
monotonic clock runs as fast as the switch's, FASTER times.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netmiko.cisco.cisco_ios import CiscoIosBase

from hatang import clock
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.drivers.ios import ConfirmableIosDriver
from hatang.drivers.napalm import NapalmSession
from hatang.jobs import leases
from playbooks.changes import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

SENDING = {"sent": "commit_config", "confirmed": "confirm_commit"}


FASTER = 60


def die() -> None:
    """End as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    """Stop in the middle, as a machine that swaps or a guest that is moved does."""
    os.kill(os.getpid(), signal.SIGSTOP)


def befall(kind: type, method: str, what: Callable[[], None], *, before: bool = False) -> None:
    """Let `what` happen around a method's first call."""
    real = getattr(kind, method)
    left = [what]

    @wraps(real)
    def call(*args: Any, **named: Any) -> Any:
        if before and left:
            left.pop()()
        found = real(*args, **named)
        if left:
            left.pop()()
        return found

    setattr(kind, method, call)


def doom(moment: str) -> None:
    """Let this process die, or stand still, at `moment`."""
    word, _, at = moment.rpartition(":")
    what = stand_still if word else die
    if word:
        setattr(clock, "monotonic", lambda: FASTER * time.monotonic())  # noqa: B010 - mypy knows it
    if "careless" in word:
        for each in ("check", "renew"):
            setattr(leases, each, lambda *_: None)
    if at == "armed":
        befall(jobs._Guard, "arm", what)
    elif at == "unsaved":
        befall(CiscoIosBase, "save_config", what, before=True)
    elif at == "ticking":
        befall(ConfirmableIosDriver, "_commit_handler", what, before=True)
    else:
        call = NapalmSession.call

        def call_and_die(self: Any, method: str, *args: object, **kwargs: object) -> Any:
            found = call(self, method, *args, **kwargs)
            if method == SENDING[at]:
                what()
            return found

        setattr(NapalmSession, "call", call_and_die)  # noqa: B010 - mypy knows it as a method


def main(data_dir: str, url: str, target: str, moment: str) -> None:
    """Push the target; who dies does not tell."""
    doom(moment)
    database = Database.open(url)
    equip_all(database, Places.under(Path(data_dir)))
    jobs._push(database, int(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
