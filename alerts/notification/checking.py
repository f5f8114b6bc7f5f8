"""Whether what the settings say about notification holds together; by amtool too, if it is here."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.receivers import registry
from alerts.receivers.kind import Place
from hatang.errors import InvalidInputError, Problem
from inventory.models import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hatang.db import AnySession
    from hatang.settings import Hours, Receiver, Settings

_AMTOOL_SECONDS: Final = 20.0
_NOWHERE: Final = Place("x", "vi", "http://127.0.0.1:1", "/x")


def require_sound(settings: Settings) -> None:
    """Raise InvalidInputError, naming every problem of the settings about notification."""
    problems = tuple(_problems(settings))
    if problems:
        raise InvalidInputError(problems)


def unknown_units(session: AnySession, settings: Settings) -> list[Problem]:
    """Return a problem for each unit of a route that the inventory does not know."""
    known = {*session.scalars(select(Unit.code))}
    return [
        _problem(f"routes.{each.name}.units", code, "is no unit", "Write the code of a unit.")
        for each in settings.alertmanager.routes
        for code in each.units
        if code not in known
    ]


def refused_by_amtool(text: str) -> str | None:
    """Return what amtool says against a configuration, empty for nothing; None without amtool."""
    program = shutil.which("amtool")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "alertmanager.yml"
        file.touch(mode=0o600)
        file.write_text(text, "utf-8")
        done = subprocess.run(  # noqa: S603 - a program of this machine, one file of ours
            [program, "check-config", str(file)],
            capture_output=True,
            text=True,
            check=False,
            timeout=_AMTOOL_SECONDS,
        )
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()


def _problems(settings: Settings) -> Iterator[Problem]:
    own = settings.alertmanager
    known = {each.name for each in own.receivers}
    for receiver in own.receivers:
        yield from _of_receiver(receiver, settings)
    yield from _twice("receivers", [each.name for each in own.receivers])
    yield from _twice("routes", [each.name for each in own.routes])
    yield from _unknown("default_receivers", own.default_receivers, known)
    for route in own.routes:
        yield from _unknown(f"routes.{route.name}.receivers", route.receivers, known)
        yield from _empty(f"routes.{route.name}", route)
    for number, quiet in enumerate(own.quiet_hours, 1):
        yield from _empty(f"quiet_hours[{number}]", quiet)
    for number, level in enumerate(settings.alerts.escalations, 1):
        yield from _unknown(f"alerts.escalations[{number}].receivers", level.receivers, known)


def _of_receiver(receiver: Receiver, settings: Settings) -> Iterator[Problem]:
    try:
        kind, options = registry.read(receiver)
        made = kind.configurations(options, _NOWHERE)
    except InvalidInputError as error:
        yield from error.problems
        return
    except ValueError as error:
        yield _problem(f"receivers.{receiver.name}.options", "", str(error), "Add it.")
        return
    needs_server = any("smarthost" not in each for each in made.get("email_configs", []))
    if needs_server and not settings.alertmanager.mail.smarthost:
        fix = "Give the receiver a smarthost, or set alertmanager.mail.smarthost."
        yield _problem(f"receivers.{receiver.name}.options", "", "names no mail server", fix)


def _unknown(field: str, names: Iterable[str], known: set[str]) -> Iterator[Problem]:
    fix = f"Known are {', '.join(sorted(known))}." if known else "Add it to receivers."
    for name in names:
        if name not in known:
            yield _problem(field, name, "is no receiver", fix)


def _twice(field: str, names: Iterable[str]) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _problem(field, name, f"is there {count} times", "Give each its own name.")


def _empty(field: str, hours: Hours) -> Iterator[Problem]:
    for span in hours.times:
        begin, _, end = span.partition("-")
        if begin == end:
            yield _problem(f"{field}.times", span, "has no length", "Write 00:00-24:00 for a day.")


def _problem(field: str, value: str, message: str, fix: str) -> Problem:
    return Problem("settings", f"alertmanager.{field}".replace("alertmanager.alerts", "alerts"),
                   value, message, fix)  # fmt: skip
