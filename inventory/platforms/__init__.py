"""Vendor knowledge as data: one YAML file a platform, loaded strictly.

Refuses: code that asks which vendor it is talking to.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import ValidationError

from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory.platforms.schema import Platform

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY: Final = Path(__file__).parent
# RFC 3418: sysDescr is a DisplayString of at most 255 octets; more is not a device's word.
SYS_DESCR_LIMIT: Final = 255

__all__ = ["Platform", "all", "get", "names", "recognise"]


def get(name: str) -> Platform:
    """Return the platform `name`.

    Raises:
        NotFoundError: hatang knows no such platform.
    """
    platform = _load().get(name)
    if platform is None:
        raise NotFoundError(f"no platform {name}", fix=f"Use one of: {', '.join(names())}.")
    return platform


def all() -> tuple[Platform, ...]:
    """Return every platform, by name."""
    return tuple(_load().values())


def names() -> tuple[str, ...]:
    """Return the names of every platform, sorted."""
    return tuple(_load())


def recognise(sys_object_id: str, sys_descr: str) -> Platform | None:
    """Return the platform whose most specific rule matches, or None: unknown is not guessed.

    `sys_object_id` may carry the leading dot that net-snmp prints.
    """
    oid, text = sys_object_id.removeprefix("."), sys_descr[:SYS_DESCR_LIMIT]
    best: tuple[tuple[int, int], Platform] | None = None
    for platform in _load().values():
        scores = [score for rule in platform.recognise if (score := rule.score(oid, text))]
        if scores and (best is None or max(scores) > best[0]):
            best = (max(scores), platform)
    return None if best is None else best[1]


def parse(text: str, where: str) -> Platform:
    """Return the platform that the YAML `text` describes.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    try:
        return Platform.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        fix = "Write one YAML mapping."
        raise InvalidInputError([Problem(where, "", "", str(error), fix)]) from error
    except ValidationError as error:
        raise InvalidInputError([_problem(where, one) for one in error.errors()]) from error


def _problem(where: str, error: Any) -> Problem:
    field = ".".join(str(part) for part in error["loc"])
    return Problem(where, field, str(error.get("input", ""))[:80], error["msg"], "See schema.py.")


@cache
def _load() -> Mapping[str, Platform]:
    files = sorted(DIRECTORY.glob("*.yaml"))
    found = [(file, parse(file.read_text(encoding="utf-8"), file.name)) for file in files]
    wrong = [
        Problem(file.name, "name", platform.name, "is not the file's name", "Rename one of them.")
        for file, platform in found
        if platform.name != file.stem
    ]
    if wrong:
        raise InvalidInputError(wrong)
    return {platform.name: platform for _, platform in found}
