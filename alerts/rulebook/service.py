"""The rules there are, ours and users', with their state; users' are checked before they load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alerts import runbooks
from alerts.choices import AlertState
from alerts.configuration import RULES, user_rules
from alerts.intake import merged
from alerts.rulebook import files, promtool
from hatang import statedir
from hatang.auth import Permission
from hatang.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.rulebook.files import Rule, RuleFile
    from hatang.auth import Actor
    from hatang.db import AnySession
    from hatang.errors import Problem
    from hatang.settings import Settings

WATCHDOG: Final = "HatangWatchdog"
"""Always fires; without it nothing is known of any other rule."""
OWN: Final = "own"
_LIMIT: Final = re.compile(r"(?:==|!=|<=|>=|<|>)\s*(?:bool\s+)?-?[\d.][\d.e+-]*(?:\s*\*\s*[\d.]+)*")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as lists show it.

    `topic` is the file's of ours, `own` of users'. `threshold` are the comparisons in its
    expression. `state` is firing, quiet or, where nobody tells us or the asker may not know,
    unknown; `firing` counts its alerts.
    """

    topic: str
    name: str
    file: str
    group: str
    line: int
    severity: str
    expr: str
    threshold: str
    waits: str
    summary_vi: str
    summary_en: str
    has_runbook: bool
    state: str
    firing: int


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file of a user that does not load, and why."""

    file: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """Every alert that can be raised by Prometheus, and the files that are not loaded."""

    rules: tuple[RuleRow, ...]
    refused: tuple[RefusedFile, ...]


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that Prometheus takes, and how many rules are in it."""

    file: str
    rules: int


def book(session: AnySession, actor: Actor, settings: Settings) -> Book:
    """Return all rules by topic.

    Posted alerts carry no scope, so only who reaches the whole province sees what fires.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    is_shown = actor.acting(Permission.INCIDENT_READ).scope_ids is None
    firing = _firing(session) if is_shown else {}
    taken, refused = read_own(settings)
    rows = [
        _row(rule, topic, file.name, firing)
        for topic, file in (*_ours(), *((OWN, file) for file in taken))
        for rule in file.rules
        if not rule.is_recording
    ]
    return Book(tuple(rows), tuple(refused))


def check(paths: Iterable[Path], settings: Settings) -> list[CheckedFile]:
    """Return what is in the files at `paths`.

    Raises:
        InvalidInputError: Prometheus would refuse one at least; every problem of all is in it.
    """
    found: list[CheckedFile] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(CheckedFile(str(path), len(_checked(path, settings).rules)))
        except InvalidInputError as error:
            problems += error.problems
    if problems:
        raise InvalidInputError(problems)
    return found


def read_own(settings: Settings) -> tuple[list[RuleFile], list[RefusedFile]]:
    """Return users' files that Prometheus takes, by name, and those that it would not."""
    taken: list[RuleFile] = []
    refused: list[RefusedFile] = []
    for path in own_paths(settings):
        try:
            taken.append(files.load(path))
        except InvalidInputError as error:
            refused.append(RefusedFile(str(path), error.problems))
    return taken, refused


def stage(settings: Settings, *, keeps_last: bool = False) -> list[RefusedFile]:
    """Copy users' good files to where Prometheus reads them, and return the others.

    It reads copies, so that a file that is spoilt later never keeps it from starting. With
    `keeps_last` the copy of a file that is bad now stays as it was: rules that vanish while
    somebody writes would end what they fire.
    """
    target = user_rules(settings)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    refused: list[RefusedFile] = []
    known = staged(settings) if keeps_last else {}
    texts: dict[str, str] = {}
    for path in own_paths(settings):
        name = f"{path.name.removesuffix('.yml')}.yml"
        try:
            _checked(path, settings)
            texts[name] = path.read_text("utf-8")
        except InvalidInputError as error:
            refused.append(RefusedFile(str(path), error.problems))
            if name in known:
                texts[name] = known[name]
    for old in target.glob("*.yml"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        statedir.replace_text(target / name, text)
    return refused


def staged(settings: Settings) -> dict[str, str]:
    """Return the copies that Prometheus reads, by name."""
    return {path.name: path.read_text("utf-8") for path in user_rules(settings).glob("*.yml")}


def own_paths(settings: Settings) -> list[Path]:
    """Return the files of rules that users wrote, by name."""
    place = settings.own_rules_dir
    if not place.is_dir():
        return []
    return sorted(path for path in place.iterdir() if path.suffix in {".yml", ".yaml"})


def _checked(path: Path, settings: Settings) -> RuleFile:
    found = files.load(path)
    program = promtool.find(settings.prometheus.binary)
    if program and (problems := promtool.problems(program, path, str(path))):
        raise InvalidInputError(problems)
    return found


@cache
def _ours() -> tuple[tuple[str, RuleFile], ...]:
    return tuple((path.stem, files.load(path)) for path in sorted(RULES.glob("*.yml")))


def _firing(session: AnySession) -> Mapping[str, int]:
    """Return how many alerts of each rule fire; empty when Prometheus does not tell us."""
    found: dict[str, int] = {}
    for alert in merged(session):
        if alert.state is AlertState.FIRING:
            name = alert.labels.get("alertname", "")
            found[name] = found.get(name, 0) + 1
    return found if WATCHDOG in found else {}


def _row(rule: Rule, topic: str, file: str, firing: Mapping[str, int]) -> RuleRow:
    notes = rule.annotations
    summary = notes.get("summary_en") or notes.get("summary") or notes.get("description", "")
    count = firing.get(rule.name, 0)
    known = "firing" if count else "quiet"
    return RuleRow(
        topic=topic,
        name=rule.name,
        file=Path(file).name,
        group=rule.group,
        line=rule.line,
        severity=rule.labels.get("severity", ""),
        expr=rule.expr,
        threshold=", ".join(dict.fromkeys(_LIMIT.findall(rule.expr))),
        waits=rule.waits,
        summary_vi=notes.get("summary_vi") or summary,
        summary_en=summary,
        has_runbook=rule.name in runbooks.names(),
        state=known if firing else "unknown",
        firing=count,
    )
