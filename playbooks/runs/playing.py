"""Starts the player, follows its events, and ends it with everything below it.

What comes out of it is data of a process that runs playbooks: bounded, checked, never trusted.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.log import get_logger
from hatang.supervisor import guard
from playbooks.catalogue import SITE
from playbooks.runs import player

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playbooks.isolation import Identity

LOG: Final = get_logger(__name__)
TIMEOUT_SECONDS: Final = 3600
POLL_SECONDS: Final = 1.0
CANCEL_SECONDS: Final = 15.0  # for Ansible to end by itself once it is cancelled
LINE_LIMIT: Final = 1_000_000
ERROR_LIMIT: Final = 2000
_SOCKET_PATH, _SOCKET_NAME = 107, 30


@dataclass(frozen=True, slots=True)
class Play:
    """What is run, over the workspace `folder`; `user` None runs it as who runs this."""

    folder: Path
    playbook: str
    project_dir: Path = SITE
    cmdline: str = ""
    timeout_seconds: int = TIMEOUT_SECONDS
    user: Identity | None = None
    python: str = field(default_factory=lambda: sys.executable)


def play(
    wanted: Play,
    on_event: Callable[[dict[str, Any]], None] = lambda _event: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> str:
    """Run a playbook and return ansible-runner's word for how it ended.

    Nothing of this process's environment is in it: settings and keys may stand there, and a
    playbook reads them with one `lookup('env', …)`.

    Raises:
        DriverError: INTERNAL, the player could not be started or died without a word.
    """
    deadline = clock.monotonic() + wanted.timeout_seconds + CANCEL_SECONDS
    cancelled_at = None
    status = ""
    with _started(wanted) as child, _lines(child) as next_lines:
        while (lines := next_lines()) is not None:
            for line in lines:
                event = _parsed(line)
                status = str(event.get("status", status))
                if "event" in event:
                    on_event(event)
            now = clock.monotonic()
            if cancelled_at is None and (is_cancelled() or now > deadline):
                cancelled_at = now
                child.send_signal(signal.SIGTERM)
            elif cancelled_at is not None and now > cancelled_at + CANCEL_SECONDS:
                guard.send(guard.descendants(child.pid), signal.SIGKILL)
    if not status and cancelled_at is None:
        raise DriverError(f"Ansible died without a word: {_tail(wanted.folder)}", Reason.INTERNAL)
    return status or "canceled"


@contextmanager
def _started(wanted: Play) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the running player; at the end nothing of it is left."""
    order = {
        "folder": str(wanted.folder),
        "project_dir": str(wanted.project_dir),
        "playbook": wanted.playbook,
        "cmdline": wanted.cmdline,
        "timeout_seconds": wanted.timeout_seconds,
    }
    words = [wanted.python, "-P", str(Path(guard.__file__)), str(os.getpid()), "--"]
    words += [wanted.python, "-P", str(Path(player.__file__))]
    user: dict[str, Any] = {}
    if wanted.user is not None:
        wanted.user.take(wanted.folder)
        user = {"user": wanted.user.uid, "group": wanted.user.gid, "extra_groups": []}
    try:
        with (wanted.folder / "errors").open("wb") as errors:
            child = subprocess.Popen(  # noqa: S603 - our own words, no shell
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=wanted.folder,
                env=environment(wanted.folder, wanted.python),
                umask=0o077,
                **user,
            )
    except OSError as error:
        who = wanted.user.name if wanted.user else "this user"
        raise DriverError(
            f"{who} cannot run {error.filename or wanted.python}: {error.strerror}",
            Reason.INTERNAL,
            fix="Install hatang where every user may read it, such as /opt/hatang.",
        ) from error
    try:
        _write(child.stdin, json.dumps(order).encode())
        yield child
    finally:
        guard.send(guard.descendants(child.pid), signal.SIGKILL)
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()


def _write(stream: IO[bytes] | None, data: bytes) -> None:
    if stream is not None:
        try:
            stream.write(data)
            stream.close()
        except BrokenPipeError:
            LOG.warning("the player ended before it heard its order")


@contextmanager
def _lines(child: subprocess.Popen[bytes]) -> Iterator[Callable[[], list[bytes] | None]]:
    """Yield a function that gives the next whole lines, perhaps none yet; None at the end."""
    if child.stdout is None:
        raise ValueError("the player has no standard output")
    number = child.stdout.fileno()
    rest = b""

    def next_lines() -> list[bytes] | None:
        nonlocal rest
        if not selector.select(POLL_SECONDS):
            return []
        data = os.read(number, 65_536)
        if not data:
            return None
        *whole, rest = (rest + data).split(b"\n")
        if len(rest) > LINE_LIMIT:
            raise DriverError("the player's line has no end", Reason.PROTOCOL_ERROR)
        return whole

    with selectors.DefaultSelector() as selector:
        selector.register(number, selectors.EVENT_READ)
        yield next_lines


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tail(folder: Path) -> str:
    """Return the end of what the player said on standard error."""
    with (folder / "errors").open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - ERROR_LIMIT))
        return stream.read().decode("utf-8", "replace").strip()


def environment(folder: Path, python: str = sys.executable) -> dict[str, str]:
    """Return what Ansible's processes see of the environment: nothing of hatang's own."""
    return {
        **_sharing(folder),
        "PATH": f"{Path(python).parent}:{os.defpath}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "PYTHONSAFEPATH": "1",
        "ANSIBLE_CONFIG": str(SITE / "ansible.cfg"),
        # ansible-runner turns this off where nobody set it, over what ansible.cfg and the
        # workspace say: ssh takes the first StrictHostKeyChecking it is given.
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(folder / "pc"),
    }


def _sharing(folder: Path) -> dict[str, str]:
    """Return where ssh keeps the sockets of connections that several tasks share.

    A unix socket's path holds 107 octets (unix(7)); ssh adds a hash and a random ending to the
    folder. Where that is too long every task connects anew: slower, but it arrives.
    """
    sockets = folder / "cp"
    if len(os.fsencode(sockets)) + _SOCKET_NAME <= _SOCKET_PATH:
        return {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets)}
    return {"ANSIBLE_SSH_ARGS": "-o ControlMaster=no"}
