"""Compares devices with what is intended, by what the vault holds; no device is asked anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from hatang import blobs, clock
from hatang.errors import NotFoundError, TamperedError
from inventory import platforms
from inventory import service as inventory
from inventory.rows import EVERYTHING
from playbooks import intended, templates
from playbooks.changes.selecting import values_of
from playbooks.choices import DriftReason, DriftState
from playbooks.drift.comparing import Comparer, Pair
from playbooks.drift.due import SYSTEM, due, stale
from playbooks.drift.following import Outcome, follow, forget
from playbooks.models import ConfigVersion, IntendedConfiguration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from hatang.db import AnySession, Database
    from hatang.errors import Problem
    from inventory.rows import DeviceRow
    from playbooks.drift.due import Due

CHUNK: Final = 50  # devices rendered at once and kept in one transaction
MOST_STALE: Final = 500  # a run, so that the next sees what changed while this one compared


def check(
    db: Database,
    backup_hours: int,
    *,
    names: Collection[str] | None = None,
    is_everything: bool = True,
) -> dict[str, int]:
    """Compare devices and keep how they stand; returns how many were found in each state.

    A configuration seen last more than `backup_hours` ago proves nothing. `names` are the devices
    to compare, None: all; not `is_everything`, only what may stand differently than last time.
    """
    before = clock.now() - timedelta(hours=backup_hours)
    with db.read() as session:
        wanted = due(session, names) if is_everything else stale(session, before)
        rows: dict[int, DeviceRow] = {}
        if any(one.devices for one in wanted):
            every = inventory.list_devices(session, SYSTEM, EVERYTHING).items
            rows = {row.id: row for row in every}
    for one in wanted:
        if one.gone:
            with db.write() as session:
                forget(session, one.intended_id, one.gone)
    pairs = [(one, rows[number]) for one in wanted for number in one.devices if number in rows]
    counted: Counter[str] = Counter()
    with Comparer() as comparer:
        for one, chunk in _chunks(pairs if is_everything else pairs[:MOST_STALE]):
            outcomes = _compare(db, comparer, one, chunk, before)
            with db.write() as session:
                kept = follow(session, one.intended_id, one.set_at, outcomes)
            counted.update(outcome.state.value for outcome in kept)
    return dict(counted)


def _chunks(pairs: Sequence[tuple[Due, DeviceRow]]) -> list[tuple[Due, list[DeviceRow]]]:
    """Return the pairs by what is intended, so many devices together at most."""
    chunks: list[tuple[Due, list[DeviceRow]]] = []
    for one, device in pairs:
        if not chunks or chunks[-1][0] is not one or len(chunks[-1][1]) == CHUNK:
            chunks.append((one, []))
        chunks[-1][1].append(device)
    return chunks


@dataclass(frozen=True, slots=True, repr=False)
class _Intended:
    """What each device is to be, by its name, or why that is not known: a reason and a detail."""

    texts: Mapping[str, str]
    faults: Mapping[str, tuple[DriftReason, str]]
    is_whole: bool


def _compare(
    db: Database, comparer: Comparer, one: Due, devices: Sequence[DeviceRow], before: datetime
) -> list[Outcome]:
    with db.read() as session:
        running = {row.id: _running(session, one.devices[row.id], row, before) for row in devices}
        compared = [row for row in devices if not isinstance(running[row.id], DriftReason)]
        given = _given(session, one, compared)
    wanted = _filled(compared, *given)
    found = []
    for row in devices:
        text, version = running[row.id], one.devices[row.id]
        if isinstance(text, DriftReason):
            found.append(Outcome(row.id, version, DriftState.UNKNOWN, text))
        elif row.name in wanted.faults:
            reason, detail = wanted.faults[row.name]
            found.append(Outcome(row.id, version, DriftState.UNKNOWN, reason, detail))
        else:
            platform = platforms.get(row.platform)
            pair = Pair(platform.name, text, wanted.texts[row.name], wanted.is_whole)
            lines = comparer.lines(pair)
            if isinstance(lines, DriftReason):
                found.append(Outcome(row.id, version, DriftState.UNKNOWN, lines))
            else:
                state = DriftState.DRIFTED if lines else DriftState.IN_LINE
                found.append(Outcome(row.id, version, state, lines=platform.redact(lines)))
    return found


def _running(
    session: AnySession, version_id: int | None, row: DeviceRow, before: datetime
) -> str | DriftReason:
    """Return the full text of what the device runs, or why there is none to compare."""
    if version_id is None:
        return DriftReason.NO_BACKUP
    version = session.get_one(ConfigVersion, version_id)
    if version.last_seen_at < before:
        return DriftReason.TOO_OLD
    try:
        raw = blobs.get(session, version.raw).decode()
    except (NotFoundError, TamperedError):
        return DriftReason.UNREADABLE
    return platforms.get(row.platform).without_volatile(raw)


def _given(
    session: AnySession, one: Due, devices: Sequence[DeviceRow]
) -> tuple[intended.Content | None, Mapping[str, dict[str, Any]], bool]:
    """Return what is intended, None where it cannot be read, and what fills it in by device."""
    row = session.get_one(IntendedConfiguration, one.intended_id)
    try:
        content = intended.read(session, row)
    except (NotFoundError, TamperedError):
        return None, {}, row.is_whole
    values = values_of(session, devices)
    for each in values.values():
        each["parameters"] = dict(content.parameters)
    return content, values, row.is_whole


def _filled(
    devices: Sequence[DeviceRow],
    content: intended.Content | None,
    values: Mapping[str, Mapping[str, Any]],
    is_whole: bool,  # noqa: FBT001 - one of what `_given` returns
) -> _Intended:
    if content is None or not devices:
        none = dict.fromkeys((row.name for row in devices), (DriftReason.UNREADABLE, ""))
        return _Intended({}, none, is_whole)
    texts, problems = templates.filled(content.template, values)
    told = {problem.field: problem for problem in problems}
    faults = {}
    for row in devices:
        if row.name in texts:
            continue
        problem = told.get(templates.of_device(row.name)) or problems[0]
        faults[row.name] = DriftReason.TEMPLATE_ERROR, _told(problem)
    return _Intended(texts, faults, is_whole)


def _told(problem: Problem) -> str:
    """Return the line where a template fails, or the limit that it passes.

    What an exception says may quote a part of a value, escaped or cut, and is never kept.
    """
    line = "" if problem.line is None else f"line {problem.line}"
    limit = problem.message if problem.message in templates.LIMITS_TOLD else ""
    return ": ".join(part for part in (line, limit) if part)
