"""What is probed and how, without waiting for the monitor: the plan, and one probe now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hatang.auth import Permission, require
from hatang.errors import InvalidInputError, NotFoundError, Problem
from monitors import loading, means
from monitors.probes import lines, running, templates
from monitors.service_watch import judge
from monitors.transports import NetworkTransports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession, Database
    from hatang.settings import Settings
    from monitors.choices import Cause, State
    from monitors.conversation import Transports
    from monitors.targets import ServiceTarget

DIRECTORY: Final = "probes"
"""Where the province's own lines stand, below the data directory."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One probe made now, beside the schedule; nothing of it is kept."""

    service: str
    name: str
    probe: str
    url: str
    state: State
    cause: Cause
    seconds: float
    detail: str
    values: dict[str, float]


def plan(session: AnySession, actor: Actor, settings: Settings) -> templates.Planned:
    """Return what is probed of the services `actor` may see, and what is wrong with the lines.

    Raises:
        DeniedError: `actor` may not read measurements.
    """
    require(actor, Permission.MONITOR_READ)
    chosen, problems = lines.read(settings.data_dir / DIRECTORY)
    planned = templates.plan(loading.places(session, actor), chosen)
    return replace(planned, problems=[*problems, *planned.problems])


def choose(planned: templates.Planned, code: str, name: str = "") -> list[ServiceTarget]:
    """Return the probes of the service `code`, or the one of them called `name`.

    Raises:
        NotFoundError: nothing is probed under these names.
        InvalidInputError: `code` is the name of a line, which probes several services.
    """
    found = [one for one in planned.targets if one.code == code and name in ("", one.name)]
    if found:
        return found
    of_line = sorted({one.code for one in planned.targets if one.name == code})
    if of_line:
        fix = f"Give one of its {len(of_line)} services, as {of_line[0]}, and --name {code}."
        problem = Problem("request", "service", code, "is the name of a line of probes", fix)
        raise InvalidInputError([problem])
    raise NotFoundError(f"nothing is probed as {' '.join(filter(None, (code, name)))}")


def try_now(
    targets: Sequence[ServiceTarget],
    settings: Settings,
    db: Database,
    transports: Transports | None = None,
) -> list[Tried]:
    """Make each of `targets` once, all at the same time, and return what they say."""
    own = settings.monitors
    real = transports or NetworkTransports.of(own.timeout_seconds, own.retries, own.period_seconds)
    with_means = means.of(settings, db, real)

    async def one(target: ServiceTarget) -> Tried:
        result = await running.run(
            target,
            with_means,
            timeout_seconds=own.timeout_seconds * 2,
            allow_local=settings.lab,
        )
        said = judge(result)
        return Tried(
            target.code,
            target.name,
            target.probe,
            target.url,
            said.state,
            said.cause,
            round(result.seconds, 4),
            result.detail,
            result.values,
        )

    async def every() -> list[Tried]:
        return list(await asyncio.gather(*map(one, targets)))

    return asyncio.run(every())
