"""The form of a file that says what traps and log lines mean; strict, all problems at once."""

from __future__ import annotations

from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import re2
import yaml
from pydantic import AfterValidator, Field

from monitors.choices import ElementKind
from monitors.forms import read_form
from monitors.modules.schema import Name, Oid, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

DIRECTORY: Final = Path(__file__).parent


class HintKind(StrEnum):
    """What a device may hint at; closed, because it labels metrics."""

    LINK_DOWN = "link_down"
    LINK_UP = "link_up"
    NEIGHBOUR_LOST = "neighbour_lost"
    NEIGHBOUR_UP = "neighbour_up"
    NEIGHBOUR_CHANGED = "neighbour_changed"
    RESTARTED = "restarted"
    AUTH_FAILED = "auth_failed"
    CONFIG_CHANGED = "config_changed"
    ON_BATTERY = "on_battery"
    ON_MAINS = "on_mains"
    BATTERY_LOW = "battery_low"
    HARDWARE = "hardware"
    ROLE_CHANGED = "role_changed"
    OVERLOADED = "overloaded"


# Nothing to measure comes of these: they are kept, for people.
ONLY_TOLD: Final = frozenset({HintKind.AUTH_FAILED, HintKind.CONFIG_CHANGED})


def _pattern(text: str) -> str:
    try:
        re2.compile(text)
    except re2.error as error:
        raise ValueError(f"is no RE2 pattern: {error}") from error
    return text


class Text(Part):
    """What a hint says to people, in both languages."""

    vi: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Where(Part):
    """Which variable names the part: its value, or the index behind `oid`.

    An interface may be named by its ifIndex: the monitor knows which that is.
    """

    oid: Oid
    take: Literal["value", "index"] = "value"


class Rule(Part):
    """What every rule has; without `element` it is about the device as a whole."""

    name: Name
    kind: HintKind
    element: ElementKind = ElementKind.DEVICE
    text: Text


class TrapRule(Rule):
    """Notifications `oids` hint at `kind`; the first of `part` that is there names the part."""

    oids: Annotated[list[Oid], Field(min_length=1)]
    part: tuple[Where, ...] = ()


class LineRule(Rule):
    """A log line that `pattern` (RE2) finds; its group `part` names the part."""

    pattern: Annotated[str, AfterValidator(_pattern)]


class HintFile(Part):
    """One file: `source` says where its facts come from."""

    source: Annotated[str, Field(min_length=1)]
    traps: tuple[TrapRule, ...] = ()
    lines: tuple[LineRule, ...] = ()


def read(path: Path) -> HintFile:
    """Return the rules in the file `path`.

    Raises:
        InvalidInputError: the file has problems; all of them are listed.
    """
    load = partial(yaml.load, Loader=yaml.CSafeLoader)
    return read_form(path, load, HintFile, "monitors/hints/schema.py", strict=False)


@cache
def built_in() -> dict[str, HintFile]:
    """Return the files that come with hatang, by name without ending."""
    return {path.stem: read(path) for path in sorted(DIRECTORY.glob("*.yaml"))}


def rules(files: Iterable[tuple[str, HintFile]]) -> dict[str, Rule]:
    """Return all rules of `files` as `file.rule`."""
    return {
        f"{stem}.{rule.name}": rule for stem, file in files for rule in (*file.traps, *file.lines)
    }
