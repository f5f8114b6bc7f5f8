"""The roles a process of hatang can play, one module each, so that none loads the others' parts."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

from cli import exits
from cli.wiring import open_app
from hatang import log, settings
from hatang.errors import HatangError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.wiring import App


def command(role: str) -> tuple[str, ...]:
    """Return the command line of the process that plays `role`."""
    return (sys.executable, "-P", "-m", "cli.entry", role)


def become(role: str, config: Path | None) -> NoReturn:
    """Turn this process into the one that plays `role`."""
    if config is not None:
        os.environ["HATANG_CONFIG"] = str(config.absolute())
    argv = command(role)
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter and module


def play(role: Callable[[App], None]) -> NoReturn:
    """Open hatang, play `role` to its end, and exit; errors are told in one sentence."""
    os.umask(0o077)
    try:
        given = settings.load()
        log.configure(given.log.level)
        with closing(open_app(given)) as app:
            _played(role, app)
    except HatangError as error:
        print(f"hatang: {log.redact(exits.explain(error))}", file=sys.stderr)
        sys.exit(exits.status_of(error))
    sys.exit(exits.OK)


def _played(role: Callable[[App], None], app: App) -> None:
    try:
        role(app)
    except OSError as error:
        log.get_logger(__name__).debug("failed", exc_info=error)
        raise SettingsError(f"this process cannot run: {exits.explain(error)}") from error
