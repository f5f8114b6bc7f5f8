"""Lists that are typed into one field of a form: words, numbers, names with their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hatang.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

# What stands behind the name and the kind of a range, and how many words that is; 0: any number.
_RANGES: Final = {
    "integer": (("min", "max"), 2),
    "text": (("pattern",), 1),
    "choice": (("choices",), 0),
    "address": (("within",), 1),
}


def words(text: str) -> tuple[str, ...]:
    """Return words set apart by commas, blanks or lines."""
    return tuple(text.replace(",", " ").split())


def numbers(text: str, problems: list[Problem]) -> list[int]:
    """Return the numbers of versions; what is none goes to `problems`."""
    found = []
    for word in words(text):
        if word.isascii() and word.isdecimal() and len(word) < 10:
            found.append(int(word))
        else:
            fix = "Write the numbers that the vault shows."
            problems.append(Problem("form", "versions", word[:80], "is no number", fix))
    return found


def parameters(text: str, problems: list[Problem]) -> dict[str, str]:
    """Return parameters, a NAME=VALUE a line; a line that is none goes to `problems`."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, mark, value = line.partition("=")
        if mark and name.strip():
            found[name.strip()] = value.strip()
        elif line.strip():
            fix = "Write one NAME=VALUE a line."
            problem = Problem("form", "parameters", line[:80], "has no = in it", fix, number)
            problems.append(problem)
    return found


def ranges(text: str, problems: list[Problem]) -> dict[str, Mapping[str, Any]]:
    """Return what may be filled in of a template; a line that says none goes to `problems`.

    A line is `vlan integer 100 199`, `room text [a-z ]+`, `port choice eth1 eth2` or
    `server address 10.0.0.0/8`.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, _, rest = line.strip().partition(" ")
        kind, _, given = rest.strip().partition(" ")
        if not line.strip():
            continue
        values = [given.strip()] if kind == "text" and given.strip() else given.split()
        fields, count = _RANGES.get(kind, ((), -1))
        if not values or count not in {0, len(values)}:
            fix = "Write it like vlan integer 100 199; the help beside it shows the other kinds."
            problems.append(Problem("form", "ranges", line[:80], "is no range", fix, number))
        elif kind == "choice":
            found[name] = {"type": kind, "choices": values}
        else:
            found[name] = {"type": kind, **dict(zip(fields, values, strict=True))}
    return found
