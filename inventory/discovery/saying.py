"""What devices said of themselves, from a file: which platform each would be taken for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hatang.errors import InvalidInputError, Problem
from inventory import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIX: Final = 'Write one object a line: {"sysObjectID": "1.3.6.1.…", "sysDescr": "…"}.'


@dataclass(frozen=True, slots=True)
class Recognised:
    """A line of the file and its device's platform; None where no rule fits."""

    line: int
    platform: str | None


def recognise_lines(text: str, where: str) -> list[Recognised]:
    """Return the platform of each line of JSON with `sysObjectID` and `sysDescr` (SNMPv2-MIB).

    Raises:
        InvalidInputError: lines that are no such objects, all of them.
    """
    problems: list[Problem] = []
    found = list(_read(text, where, problems))
    if problems:
        raise InvalidInputError(problems)
    return found


def _read(text: str, where: str, problems: list[Problem]) -> Iterator[Recognised]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except ValueError:
            row = None
        fields = [row.get(name) for name in ("sysObjectID", "sysDescr")] if _maps(row) else []
        if len(fields) != 2 or not all(isinstance(one, str) for one in fields):
            problems.append(Problem(where, "line", line[:80], "is no device", _FIX, number))
            continue
        platform = platforms.recognise(*fields)
        yield Recognised(number, None if platform is None else platform.name)


def _maps(row: object) -> bool:
    return isinstance(row, dict)
