"""Reading posted alerts and silences: bounded, all errors at once, every one named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeGuard

MAX_ALERTS: Final = 20_000
MAX_LABELS: Final = 256
MAX_NAME: Final = 128
MAX_VALUE: Final = 1_024
MAX_ANNOTATION: Final = 16_384
MAX_PATTERN: Final = 1_024
CUT: Final = "hatang_cut"
"""The annotation that names what was cut off an alert's annotations."""

# Prometheus' data model: https://prometheus.io/docs/concepts/data_model/
_LABEL_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
# Go writes nanoseconds, which datetime does not read.
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")
# Go writes a time that was never set as one in the year 1.
_NEVER: Final = 1


@dataclass(frozen=True, slots=True)
class PostedAlert:
    """A valid alert as posted; an absent time is None."""

    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime | None
    ends_at: datetime | None
    generator_url: str


@dataclass(frozen=True, slots=True)
class PostedSilence:
    """A valid silence as posted; `id` is empty for a new one."""

    id: str
    matchers: list[dict[str, Any]]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    annotations: dict[str, str]


class _Reader:
    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []

    def complain(self, field: str, value: object, message: str, fix: str) -> None:
        self.problems.append(Problem(self.where, field, str(value)[:80], message, fix))

    def mapping(self, field: str, value: object, limit: int) -> dict[str, str]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.complain(field, value, "is no object", "Send names and values.")
            return {}
        if len(value) > MAX_LABELS:
            self.complain(field, len(value), "has too many entries", f"Send {MAX_LABELS} at most.")
            return {}
        if _are_plain(value, limit):
            return value if all(value.values()) else {n: text for n, text in value.items() if text}
        return {name: text for name, text in value.items() if self._entry(field, name, text, limit)}

    def _entry(self, table: str, name: object, text: object, limit: int) -> bool:
        problem = _wrong(name, text, limit)
        if problem is not None:
            self.complain(f"{table}.{str(name)[:40]}", *problem)
            return False
        return bool(text)  # An empty label is no label, as in Prometheus.

    def annotations(self, value: object) -> dict[str, str]:
        """Return annotations, cut where they are too long: they are no part of an identity."""
        if not isinstance(value, dict) or (
            len(value) < MAX_LABELS and _are_plain(value, MAX_ANNOTATION)
        ):
            return self.mapping("annotations", value, MAX_ANNOTATION)
        kept, cut = {}, []
        for name, text in list(value.items())[: MAX_LABELS - 1]:
            if isinstance(text, str) and len(text) > MAX_ANNOTATION:
                cut.append(f"{str(name)[:MAX_NAME]}: {MAX_ANNOTATION} of {len(text)} characters")
                text = f"{text[: MAX_ANNOTATION - 1]}…"  # noqa: PLW2901 - the short form of it
            kept[name] = text
        if len(value) > len(kept):
            cut.append(f"{len(kept)} of {len(value)} annotations")
        found = self.mapping("annotations", kept, MAX_ANNOTATION)
        return found | ({CUT: "; ".join(cut)[:MAX_ANNOTATION]} if cut else {})

    def time(self, field: str, value: object) -> datetime | None:
        if value in (None, ""):
            return None
        try:
            return _time(str(value))
        except (ValueError, OverflowError):
            self.complain(field, value, "is no time", "Write it as RFC 3339.")
            return None

    def text(self, field: str, value: object, limit: int = MAX_VALUE) -> str:
        if isinstance(value, str) and len(value) <= limit:
            return value
        if value is not None:
            self.complain(field, value, "is no short text", f"Send {limit} characters at most.")
        return ""


@lru_cache(maxsize=1_024)
def _time(value: str) -> datetime | None:
    """Return the time, None for one that was never set; a batch has few that differ."""
    found = datetime.fromisoformat(_FRACTION.sub(r"\1", value).replace("Z", "+00:00"))
    if found.year == _NEVER:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _are_plain(value: dict[object, object], limit: int) -> TypeGuard[dict[str, str]]:
    """Return whether nothing is wrong with any label or annotation: so it is with nearly all."""
    for name, text in value.items():
        if not isinstance(text, str) or len(text) > limit:
            return False
        if not isinstance(name, str) or not _is_name(name):
            return False
    return True


@lru_cache(maxsize=4_096)
def _is_name(name: str) -> bool:
    return len(name) <= MAX_NAME and _LABEL_NAME.fullmatch(name) is not None


def _wrong(name: object, text: object, limit: int) -> tuple[object, str, str] | None:
    """Return what is wrong with a label or annotation, as value, message and fix."""
    if not isinstance(name, str) or not _is_name(name):
        return name, "is no label name", "Use letters, digits and _."
    if not isinstance(text, str):
        return text, "is no text", "Send a string."
    if len(text) > limit:
        return text, f"has {len(text)} characters", f"Send {limit} at most."
    return None


def read_alerts(payload: object) -> tuple[list[PostedAlert], list[Problem]]:
    """Return the right alerts of a body of POST /api/v2/alerts, and what is wrong with the rest.

    Raises:
        InvalidInputError: the body is no list of alerts, or too long a one.
    """
    if not isinstance(payload, list):
        raise InvalidInputError(
            [Problem("body", "alerts", type(payload).__name__, "is no list", "Send a JSON list.")]
        )
    if len(payload) > MAX_ALERTS:
        problem = Problem("body", "alerts", str(len(payload)), "are too many", "Send fewer a time.")
        raise InvalidInputError([problem])
    found: list[PostedAlert] = []
    problems: list[Problem] = []
    for index, item in enumerate(payload):
        reader = _Reader(f"alerts[{index}]")
        alert = _alert(reader, item)
        problems += reader.problems
        if alert is not None and not reader.problems:
            found.append(alert)
    return found, problems


def _alert(reader: _Reader, item: object) -> PostedAlert | None:
    if not isinstance(item, dict):
        reader.complain("alert", item, "is no object", "Send labels, annotations and times.")
        return None
    labels = reader.mapping("labels", item.get("labels"), MAX_VALUE)
    if not labels.get("alertname") and not reader.problems:
        reader.complain("labels.alertname", "", "is missing", "Name the alert.")
    alert = PostedAlert(
        labels=labels,
        annotations=reader.annotations(item.get("annotations")),
        starts_at=reader.time("startsAt", item.get("startsAt")),
        ends_at=reader.time("endsAt", item.get("endsAt")),
        generator_url=reader.text("generatorURL", item.get("generatorURL"), MAX_ANNOTATION),
    )
    if alert.starts_at and alert.ends_at and alert.ends_at < alert.starts_at:
        reader.complain("endsAt", item.get("endsAt"), "is before startsAt", "Swap them.")
    return alert


def read_silence(payload: object) -> PostedSilence:
    """Return the silence of a body of POST /api/v2/silences.

    Raises:
        InvalidInputError: something is wrong with it; every problem is in it.
    """
    reader = _Reader("silence")
    if not isinstance(payload, dict):
        reader.complain("body", payload, "is no object", "Send a JSON object.")
        raise InvalidInputError(reader.problems)
    starts = reader.time("startsAt", payload.get("startsAt"))
    ends = reader.time("endsAt", payload.get("endsAt"))
    matchers = _matchers(reader, payload.get("matchers"))
    created_by = reader.text("createdBy", payload.get("createdBy"))
    comment = reader.text("comment", payload.get("comment"), MAX_ANNOTATION)
    identity = reader.text("id", payload.get("id"), 36)
    annotations = reader.annotations(payload.get("annotations"))
    for field, value in (("startsAt", starts), ("endsAt", ends)):
        if value is None and not any(each.field == field for each in reader.problems):
            reader.complain(field, "", "is missing", "Give a time.")
    if starts and ends and ends <= starts:
        reader.complain("endsAt", payload.get("endsAt"), "is not after startsAt", "Move it.")
    if reader.problems or starts is None or ends is None:
        raise InvalidInputError(reader.problems)
    return PostedSilence(identity, matchers, starts, ends, created_by, comment, annotations)


def _matchers(reader: _Reader, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_LABELS:
        reader.complain("matchers", value, "is no list of matchers", "Send one at least.")
        return []
    found = []
    for index, item in enumerate(value):
        matcher = _matcher(reader, f"matchers[{index}]", item if isinstance(item, dict) else {})
        if matcher is not None:
            found.append(matcher)
    if found and all(matches(each, {}) for each in found):
        reader.complain("matchers", value, "match every alert", "Name a value in one of them.")
    return found


def _matcher(reader: _Reader, field: str, item: Mapping[str, Any]) -> dict[str, Any] | None:
    name, value = item.get("name"), item.get("value")
    is_regex, is_equal = item.get("isRegex", False), item.get("isEqual", True)
    if not isinstance(name, str) or not _LABEL_NAME.fullmatch(name):
        reader.complain(f"{field}.name", name, "is no label name", "Use letters, digits and _.")
        return None
    if not isinstance(value, str) or len(value) > MAX_PATTERN:
        reader.complain(f"{field}.value", value, "is no short text", f"{MAX_PATTERN} at most.")
        return None
    if not isinstance(is_regex, bool) or not isinstance(is_equal, bool):
        reader.complain(field, is_regex, "isRegex and isEqual are true or false", "Mend them.")
        return None
    try:
        if is_regex:
            re2.compile(value)
    except re2.error as error:
        reader.complain(f"{field}.value", value, f"is no RE2 pattern ({error})", "Mend it.")
        return None
    return {"name": name, "value": value, "isRegex": is_regex, "isEqual": is_equal}


def matches(matcher: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Tell whether a valid matcher fits `labels`; patterns are anchored, an absent label is ''."""
    actual = labels.get(matcher["name"], "")
    if matcher["isRegex"]:
        hit = re2.fullmatch(matcher["value"], actual) is not None
    else:
        hit = actual == matcher["value"]
    return bool(hit == matcher["isEqual"])
