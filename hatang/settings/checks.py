"""What must hold before a process starts; each check raises SettingsError with the way out."""

from __future__ import annotations

import shutil
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.settings.fields import Listen
    from hatang.settings.model import Settings


def check_port_free(listen: Listen, setting: str) -> None:
    """Raise SettingsError when `listen` cannot be bound now.

    `setting` is the key to change, like api.listen.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a connection in TIME_WAIT does not take the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as error:
            raise SettingsError(
                f"{setting} = {listen} cannot be used: {error.strerror or error}",
                fix=f"Stop what uses port {listen.port}, or set {setting} to another address.",
            ) from error


def check_program(binary: str, setting: str) -> Path:
    """Return the path of the program `binary` names; SettingsError when there is none to run."""
    found = shutil.which(binary)
    if found is None:
        raise SettingsError(
            f"{setting} = {binary}: there is no such program to run",
            fix=f"Install it, or set {setting} to its full path.",
        )
    return Path(found).absolute()


def check_start(settings: Settings) -> None:
    """Check every program and port `hatang up` needs; all failures in one SettingsError."""
    failures: list[SettingsError] = []
    for check in _checks(settings):
        try:
            check()
        except SettingsError as error:
            failures.append(error)
    if failures:
        raise SettingsError(
            "; ".join(failure.message for failure in failures),
            fix=" ".join(failure.fix for failure in failures),
        )


def _checks(settings: Settings) -> Iterator[Callable[[], object]]:
    yield partial(check_port_free, settings.api.listen, "api.listen")
    yield partial(check_port_free, settings.monitors.listen, "monitors.listen")
    yield partial(check_port_free, settings.jobs.listen, "jobs.listen")
    if settings.is_receiver_wanted:
        yield partial(check_port_free, settings.receiver.listen, "receiver.listen")
    for name, section in (
        ("prometheus", settings.prometheus),
        ("alertmanager", settings.alertmanager),
    ):
        if section.run and not section.url:
            yield partial(check_program, section.binary, f"{name}.binary")
            yield partial(check_port_free, section.listen, f"{name}.listen")
