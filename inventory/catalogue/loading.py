"""Reads the catalogue once and refuses one that does not hang together."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from pydantic import TypeAdapter

from hatang.errors import InvalidInputError, Problem
from inventory.catalogue.schema import ProbeTemplate, System, SystemsFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inventory.catalogue.schema import Owner

DIRECTORY: Final = Path(__file__).parent
_TEMPLATES: Final = TypeAdapter(tuple[ProbeTemplate, ...])


def systems() -> Mapping[str, System]:
    """Return every system by code, in the order of the file."""
    return {system.code: system for system in _load().systems}


def owners() -> Mapping[str, Owner]:
    """Return who may own a system, by code."""
    return _load().owners


@cache
def probe_templates() -> Mapping[str, ProbeTemplate]:
    """Return every template of a probe by name."""
    text = (DIRECTORY / "probes.yaml").read_text(encoding="utf-8")
    return {one.name: one for one in _TEMPLATES.validate_python(yaml.load(text, yaml.CSafeLoader))}


@cache
def _load() -> SystemsFile:
    text = (DIRECTORY / "systems.yaml").read_text(encoding="utf-8")
    found = SystemsFile.model_validate(yaml.load(text, yaml.CSafeLoader))
    problems = list(check(found, probe_templates()))
    if problems:
        raise InvalidInputError(problems)
    return found


def check(found: SystemsFile, templates: Mapping[str, ProbeTemplate]) -> Iterator[Problem]:
    """Yield what does not hang together: unknown names, doubles, a level missing, a circle."""
    codes = [system.code for system in found.systems]
    for system in found.systems:
        if codes.count(system.code) > 1:
            yield _problem(system, "code", system.code, "is given twice")
        for name in set(system.probes) - templates.keys():
            yield _problem(system, "probes", name, "is no template of probes")
        for name in set(system.depends_on) - set(codes):
            yield _problem(system, "depends_on", name, "is no system")
        owner = found.owners.get(system.owner)
        if owner is None:
            yield _problem(system, "owner", system.owner, "is no owner")
        elif system.level is None and not owner.external:
            yield _problem(system, "level", "", "is missing for a system of our own")
    below = {system.code: system.depends_on for system in found.systems}
    for code in codes:
        if code in _reached(code, below):
            one = next(system for system in found.systems if system.code == code)
            yield _problem(one, "depends_on", code, "depends on itself in the end")


def _reached(start: str, below: Mapping[str, tuple[str, ...]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(below[start])
    while waiting:
        code = waiting.pop()
        if code not in reached:
            reached.add(code)
            waiting += below.get(code, ())
    return reached


def _problem(system: System, field: str, value: str, message: str) -> Problem:
    where = f"systems.yaml, {system.code}"
    return Problem(where, field, value, message, "Correct the catalogue.")
