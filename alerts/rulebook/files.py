"""Reads rule files and refuses what Prometheus would refuse: all problems at once, each named.

What is checked is what `promtool check rules` checks. Beyond it only a file of several YAML
documents is refused, of which Prometheus would silently load the first, and what passes a limit.
Source: Prometheus 2.42, `model/rulefmt`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from alerts.rulebook import promql, templates
from hatang.errors import InvalidInputError, Problem
from inventory import yamlfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from inventory.yamlfile import Tree

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_RULES: Final = 5_000
_GROUP: Final = frozenset({"name", "interval", "limit", "rules"})
_RULE: Final = frozenset(
    {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
)
_MERGE: Final = "<<"
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# https://prometheus.io/docs/prometheus/latest/configuration/configuration/: <duration>
_DURATION: Final = re.compile(
    r"0|(?=\d)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?"
)
_MILLISECONDS: Final = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1)
_LONGEST: Final = (1 << 63) // 1_000_000
"""Milliseconds that Prometheus can count: 64 bits of nanoseconds."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `name` is the alert's or, of a `is_recording` one, the series'."""

    name: str
    group: str
    line: int
    expr: str
    is_recording: bool = False
    waits: str = ""
    keeps: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file that Prometheus takes."""

    name: str
    rules: tuple[Rule, ...]


def load(path: Path) -> RuleFile:
    """Return the rules of the file `path`; raises InvalidInputError with every problem in it."""
    where = str(path)
    try:
        size = path.stat().st_size
        text = path.read_text("utf-8") if size <= MAX_BYTES else ""
    except UnicodeDecodeError as error:
        raise _refused(where, "is no text in UTF-8", "Save it as UTF-8.") from error
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise _refused(where, f"cannot be read: {reason}", "Name a file that can be.") from error
    if size > MAX_BYTES:
        raise _refused(where, f"has {size} bytes", f"Split it: {MAX_BYTES} are read at most.")
    return read(text, where)


def read(text: str, where: str) -> RuleFile:
    """Return the rules in `text`; `where` names the file in problems.

    Raises:
        InvalidInputError: Prometheus would not take it; every problem is in it.
    """
    reader = _Reader(where, yamlfile.read(text, where))
    rules = reader.rules()
    if reader.problems:
        raise InvalidInputError(reader.problems)
    return RuleFile(where, rules)


def _refused(where: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem(where, "file", "", message, fix)])


class _Reader:
    def __init__(self, where: str, tree: Tree) -> None:
        self.where = where
        self.tree = tree
        self.problems: list[Problem] = []
        self.place = "file"
        self.line: int | None = None
        self.count = 0

    def rules(self) -> tuple[Rule, ...]:
        """Return every rule that can be read; what is wrong lands in `problems`."""
        root = self.tree.root
        if root is None:
            return ()
        if not isinstance(root, dict):
            self._complain("file", root, "is no mapping", "Begin it with `groups:`.")
            return ()
        self._unknown(root, frozenset({"groups"}), "Keep `groups` alone at the top.")
        groups = self._list(root, "groups")
        return tuple(rule for group in self._groups(groups) for rule in group)

    def _groups(self, groups: list[Any]) -> Iterator[Iterator[Rule]]:
        seen: dict[str, int] = {}
        for index, group in enumerate(groups):
            self.line = self.tree.entries(groups).get(index)
            self.place = f"group {index + 1}"
            if not isinstance(group, dict):
                self._complain("", group, "is no mapping", "Give it a `name` and `rules`.")
                continue
            self._merge(group)
            name = self._text(group, "name")
            self.place = f"group “{name}”" if name else self.place
            if not name:
                self._complain("name", "", "is missing", "Name the group.")
            elif name in seen:
                fix = f"Rename it, or join it with the one on line {seen[name]}."
                self._complain("name", name, "names two groups of this file", fix, group)
            seen.setdefault(name, self.line or 0)
            self._unknown(group, _GROUP, "Groups take name, interval, limit and rules.")
            self._duration(group, "interval")
            limit = group.get("limit")
            if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
                self._complain("limit", limit, "is no whole number", "Write a number.", group)
            yield self._rules(group, name)

    def _rules(self, group: dict[str, Any], name: str) -> Iterator[Rule]:
        rules = self._list(group, "rules")
        head = self.place
        for index, rule in enumerate(rules):
            self.count += 1
            if self.count > MAX_RULES:
                self._complain("rules", self.count, "are too many", f"Split: {MAX_RULES} a file.")
                return
            self.line = self.tree.entries(rules).get(index)
            self.place = f"{head}, rule {index + 1}"
            if not isinstance(rule, dict):
                self._complain("", rule, "is no mapping", "Give it `alert` and `expr`.")
                continue
            self._merge(rule)
            found = self._rule(rule, name)
            if found is not None:
                yield found

    def _rule(self, rule: dict[str, Any], group: str) -> Rule | None:
        held = len(self.problems)
        line = self.line or 0
        alert, record = self._text(rule, "alert"), self._text(rule, "record")
        if alert or record:
            self.place += f" “{alert or record}”"
        self._unknown(rule, _RULE, f"Rules take {', '.join(sorted(_RULE))}.")
        if alert and record:
            self._complain("record", record, "stands beside `alert`", "Keep one of them.", rule)
        elif not alert and not record:
            self._complain("alert", "", "is missing, and so is `record`", "Name the alert.")
        waits, keeps = self._duration(rule, "for"), self._duration(rule, "keep_firing_for")
        expr = self._text(rule, "expr")
        if problem := promql.problem(expr):
            self._complain("expr", expr, problem, "Mend the expression.", rule)
        labels, annotations = self._mapping(rule, "labels"), self._mapping(rule, "annotations")
        if record:
            self._recording(rule, record)
        if alert:
            self._templates(rule, "labels", labels)
            self._templates(rule, "annotations", annotations)
        if len(self.problems) > held:
            return None
        return Rule(
            alert or record,
            group,
            line,
            expr.strip(),
            bool(record),
            waits,
            keeps,
            labels,
            annotations,
        )

    def _recording(self, rule: dict[str, Any], record: str) -> None:
        if not _METRIC.fullmatch(record):
            fix = "Use letters, digits, _ and :."
            self._complain("record", record, "is no metric's name", fix, rule)
        for name in ("for", "keep_firing_for", "annotations"):
            if rule.get(name) and rule[name] not in ("0", 0, "0s"):
                fix = "Remove it, or name an alert."
                self._complain(name, "", "belongs to alerts, and this records", fix, rule)

    def _templates(self, rule: dict[str, Any], part: str, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            if problem := templates.problem(text):
                self._complain(f"{part}.{name}", text, problem, "Mend the template.", rule[part])

    def _mapping(self, rule: dict[str, Any], part: str) -> dict[str, str]:
        value = rule.get(part)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._complain(part, value, "is no mapping", "Write `name: text`.", rule)
            return {}
        self._merge(value)
        for name in value:
            if not _LABEL.fullmatch(name) or (part == "labels" and name == "__name__"):
                fix = "Use letters, digits and _."
                self._complain(f"{part}.{name}", "", "is no label's name", fix, value)
        return {name: self._text(value, name, part) for name in value}

    def _merge(self, container: dict[str, Any]) -> None:
        """Bring in what a merge key (`<<: *anchor`) names, as YAML 1.1 and Prometheus do."""
        named = container.get(_MERGE)
        given = named if isinstance(named, list) else [named]
        sources = [each for each in given if isinstance(each, dict)]
        if not sources or len(sources) < len(given):
            return
        lines = self.tree.entries(container)
        for source in sources:
            self._merge(source)
            for name in source.keys() - container.keys():
                container[name] = source[name]
                lines[name] = lines[_MERGE]
        del container[_MERGE]

    def _duration(self, container: dict[str, Any], name: str) -> str:
        if container.get(name) is None:
            return ""
        text = self._text(container, name)
        found = _DURATION.fullmatch(text)
        parts = found.groups() if found else ()
        total = sum(int(n or 0) * each for n, each in zip(parts, _MILLISECONDS, strict=False))
        if found is None:
            self._complain(name, text, "is no duration", "Write it as 5m or 1h30m.", container)
        elif total > _LONGEST:
            self._complain(name, text, "is too long", "Write less than 292 years.", container)
        return text

    def _list(self, container: dict[str, Any], name: str) -> list[Any]:
        value = container.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self._complain(name, value, "is no list", "Begin each entry with `- `.", container)
        return []

    def _text(self, container: dict[str, Any], name: str, part: str = "") -> str:
        value = container.get(name)
        if isinstance(value, dict | list):
            field = f"{part}.{name}" if part else name
            self._complain(field, "", "is no text", "Write it in quotes.", container)
            return ""
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _unknown(self, container: dict[str, Any], known: frozenset[str], fix: str) -> None:
        for name in container:
            if name not in known:
                self._complain(name, "", "is unknown here", fix, container)

    def _complain(
        self,
        name: str,
        value: object,
        message: str,
        fix: str,
        container: dict[str, Any] | None = None,
    ) -> None:
        lines = self.tree.entries(container) if container is not None else {}
        line = lines.get(name.rpartition(".")[2], self.line)
        place = f"{self.place}: {name}" if name and self.place != "file" else name or self.place
        shown = " ".join(str(value).split())[:80]
        self.problems.append(Problem(self.where, place, shown, message, fix, line))
