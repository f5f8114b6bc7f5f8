"""Vendor knowledge as data, loaded strictly.

One YAML file a platform that hatang works on; `recognise/` holds, by trade, the many of which it
knows only how they name themselves. Refuses: code that asks which vendor it is talking to.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import ValidationError

from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory.platforms.schema import Drivers, Platform, Recognition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.platforms.schema import Rule, Score

DIRECTORY: Final = Path(__file__).parent
RECOGNITION: Final = DIRECTORY / "recognise"
# RFC 3418: sysDescr is a DisplayString of at most 255 octets; real agents send up to twice that.
SYS_DESCR_LIMIT: Final = 512
# RFC 3416 section 4.1: an OBJECT IDENTIFIER has at most 128 arcs.
_ARCS_LIMIT: Final = 128
_SHOWN: Final = 5

__all__ = [
    "Platform",
    "all",
    "cleaned",
    "drivers",
    "get",
    "names",
    "recognise",
    "script",
    "worked_on",
]


def get(name: str) -> Platform:
    """Return the platform `name`.

    Raises:
        NotFoundError: hatang knows no such platform.
    """
    platform = _worked_on().get(name) or _load().get(name)
    if platform is None:
        raise NotFoundError(f"no platform {name}", fix=f"Use one of: {', '.join(_near(name))}.")
    return platform


def script(platform: Platform) -> str:
    """Return the lines of a platform's script; raises NotFoundError when it has none."""
    name = platform.commands.script
    if name is None:
        raise NotFoundError(f"platform {platform.name} has no script")
    return (DIRECTORY / name).read_text(encoding="utf-8")


def all() -> tuple[Platform, ...]:
    """Return every platform, by name."""
    return tuple(_load().values())


def worked_on() -> tuple[Platform, ...]:
    """Return the platforms with a file of their own, by name: those hatang can work on."""
    return tuple(_worked_on().values())


def names() -> tuple[str, ...]:
    """Return the names of every platform, sorted."""
    return tuple(_load())


def drivers(name: str) -> Drivers:
    """Return what libraries call the platform `name`; nothing where hatang cannot work on it."""
    platform = _worked_on().get(name)
    return Drivers() if platform is None else platform.drivers


def cleaned(sys_descr: str) -> str:
    """Return so much of a system description as is looked at, as text that can be searched."""
    return sys_descr[:SYS_DESCR_LIMIT].encode("utf-8", "replace").decode("utf-8")


def recognise(sys_object_id: str, sys_descr: str) -> Platform | None:
    """Return the platform whose most specific rule matches, or None: unknown is not guessed.

    `sys_object_id` may carry the leading dot that net-snmp prints.
    """
    oid, text = sys_object_id.removeprefix("."), cleaned(sys_descr)
    rules, arcs = _rules(), oid.split(".")[:_ARCS_LIMIT]
    prefixes = ["", *(".".join(arcs[:count]) for count in range(1, len(arcs) + 1))]
    best: tuple[Score, Platform] | None = None
    for rule, platform in chain.from_iterable(rules.get(prefix, ()) for prefix in prefixes):
        score = rule.score(oid, text)
        if score is not None and (best is None or score > best[0]):
            best = (score, platform)
    return None if best is None else best[1]


def parse(text: str, where: str) -> Platform:
    """Return the platform that the YAML `text` describes.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    try:
        return Platform.model_validate(_mapping(text, where))
    except ValidationError as error:
        raise InvalidInputError([_problem(where, one) for one in error.errors()]) from error


def parse_recognitions(text: str, where: str) -> list[Platform]:
    """Return the platforms that the YAML `text` (name: marks) tells apart.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    found, problems = [], []
    for name, marks in _mapping(text, where).items():
        try:
            found.append(Recognition.model_validate(marks).platform(name))
        except ValidationError as error:
            problems += [_problem(f"{where}: {name}", one) for one in error.errors()]
    if problems:
        raise InvalidInputError(problems)
    return found


def _mapping(text: str, where: str) -> Any:
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        fix = "Write one YAML mapping."
        raise InvalidInputError([Problem(where, "", "", str(error), fix)]) from error


def _problem(where: str, error: Any) -> Problem:
    field = ".".join(str(part) for part in error["loc"])
    return Problem(where, field, str(error.get("input", ""))[:80], error["msg"], "See schema.py.")


def _near(name: str) -> list[str]:
    """Return the names like `name`, or where none is, those of the platforms worked on."""
    return difflib.get_close_matches(name, names(), _SHOWN, 0.5) or [*_worked_on()]


@cache
def _worked_on() -> Mapping[str, Platform]:
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


@cache
def _load() -> Mapping[str, Platform]:
    found = dict(_worked_on())
    twice = []
    for file in sorted(RECOGNITION.glob("*.yaml")):
        for platform in parse_recognitions(file.read_text(encoding="utf-8"), file.name):
            if platform.name in found:
                fix = "Call one of them otherwise."
                twice.append(Problem(file.name, "name", platform.name, "stands twice", fix))
            found[platform.name] = platform
    if twice:
        raise InvalidInputError(twice)
    return dict(sorted(found.items()))


@cache
def _rules() -> Mapping[str, list[tuple[Rule, Platform]]]:
    """Return every rule by the OID prefix it asks for; "" for those that ask for none."""
    found: defaultdict[str, list[tuple[Rule, Platform]]] = defaultdict(list)
    for platform in _load().values():
        for rule in platform.recognise:
            found[rule.sys_object_id or ""].append((rule, platform))
    return found
