"""Turns a notification or a log line into a hint, by the rules of the files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import re2

from monitors.elements import MAX_NAME
from monitors.hints.schema import ONLY_TOLD, HintFile, HintKind, LineRule, TrapRule, built_in
from monitors.samples import as_text

if TYPE_CHECKING:
    from hatang.drivers.protocols import Notification
    from monitors.choices import ElementKind

LONGEST_LINE: Final = 2_048
"""Characters of a log line that are looked at."""
_KEPT_VALUES: Final = 12
_KEPT_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Hint:
    """What a device said: `part` names the part of `element`'s kind, or is an ifIndex.

    `rule` is `file.rule`, `detail` what it said in its own words, for people.
    """

    kind: HintKind
    element: ElementKind
    part: str
    rule: str
    source: str
    detail: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def verifies(self) -> bool:
        """Return whether something is to be measured because of it."""
        return self.kind not in ONLY_TOLD


class Catalogue:
    """The rules of all files, ready to be asked; raises ValueError when two mean one trap."""

    def __init__(self, files: dict[str, HintFile] | None = None) -> None:
        self._traps: dict[str, tuple[str, TrapRule]] = {}
        self._lines: list[tuple[str, LineRule, Any]] = []
        for stem, file in (built_in() if files is None else files).items():
            for rule in file.traps:
                self._add(f"{stem}.{rule.name}", rule)
            for line in file.lines:
                self._lines.append((f"{stem}.{line.name}", line, re2.compile(line.pattern)))

    def trap(self, notification: Notification) -> Hint | None:
        """Return what `notification` hints at, None when no file knows it."""
        name, rule = self._traps.get(notification.trap_oid, ("", None))
        if rule is None:
            return None
        detail = {
            oid: as_text(value)[:_KEPT_CHARACTERS]
            for oid, value in notification.varbinds[:_KEPT_VALUES]
        }
        part = _part(rule, notification)[:MAX_NAME]
        return Hint(rule.kind, rule.element, part, name, "trap", detail)

    def line(self, text: str) -> Hint | None:
        """Return what the log line `text` hints at, None when no file knows it."""
        text = as_text(text[:LONGEST_LINE])
        for name, rule, pattern in self._lines:
            found = pattern.search(text)
            if found is not None:
                part = str(found.groupdict().get("part") or "")[:MAX_NAME]
                detail = {"line": text[:_KEPT_CHARACTERS]}
                return Hint(rule.kind, rule.element, part, name, "syslog", detail)
        return None

    def _add(self, name: str, rule: TrapRule) -> None:
        for oid in rule.oids:
            # RFC 3584 section 3.1: through version 1 a zero stands before the last number.
            stem, _, last = oid.rpartition(".")
            for known in {oid, f"{stem}.0.{last}" if not stem.endswith(".0") else oid}:
                if known in self._traps:
                    raise ValueError(f"{name} and {self._traps[known][0]} both mean {known}")
                self._traps[known] = (name, rule)


def _part(rule: TrapRule, notification: Notification) -> str:
    for where in rule.part:
        prefix = f"{where.oid}."
        for oid, value in notification.varbinds:
            if oid == where.oid or oid.startswith(prefix):
                return as_text(value) if where.take == "value" else oid.removeprefix(prefix)
    return ""
