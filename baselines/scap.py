"""Results of OpenSCAP: the XCCDF or ARF file that `oscap xccdf eval --results` wrote on a server.

The datastream is the user's, and so is what its rules mean: its verdicts are kept as the scanner
said them, beside those of hatang's own packs and never among their score.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from hatang.errors import InvalidInputError, Problem
from hatang.gates import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import tzinfo
    from xml.etree.ElementTree import Element

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_RULES: Final = 20_000
_SEVERITIES: Final = ("critical", "high", "medium", "low")
_UNRATED: Final = "unknown"
# XCCDF 1.2 (NIST IR 7275r4), 6.6.4.2. `fixed` was wrong when it was looked at and is not now.
VERDICTS: Final = {
    "pass": Verdict.PASS,
    "fixed": Verdict.PASS,
    "fail": Verdict.FAIL,
    "error": Verdict.ERROR,
    "unknown": Verdict.UNKNOWN,
    "notchecked": Verdict.UNKNOWN,
    "notapplicable": Verdict.NOT_APPLICABLE,
}
NOT_JUDGED: Final = frozenset({"notselected", "informational"})


@dataclass(frozen=True, slots=True)
class ScanFinding:
    """What the scanner said of one rule of its benchmark; `reason` is its own word."""

    rule_id: str
    title: str
    severity: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One run of the scanner; `target` is what it calls the server."""

    benchmark: str
    profile: str
    target: str
    scanner: str
    ended_at: datetime
    findings: tuple[ScanFinding, ...]


def read(data: bytes, filename: str, zone: tzinfo) -> Scan:
    """Return the newest result of the file; a time that names no zone is one of `zone`.

    Raises:
        InvalidInputError: too large, no XML, entities are declared, no result is in it, a result
            has no time or none that can be read, its result
            has a word XCCDF does not know, or no rule passed or failed: a scan of which everything
            is not applicable was made with content for another system, and says nothing.
    """
    root = _root(data, filename)
    tests = [one for one in root.iter() if name(one) == "TestResult"]
    if not tests:
        raise _refused(filename, "TestResult", "holds no result", "Run oscap with --results.")
    ended = [_moment(one.get("end-time", ""), filename, zone) for one in tests]
    at = max(ended)
    result = tests[ended.index(at)]
    titles = {one.get("id", ""): _text(one, "title") for one in root.iter() if name(one) == "Rule"}
    findings = tuple(_findings(result, titles, filename))
    refuse_nothing_judged(findings, filename)
    return Scan(
        benchmark=_attribute(result, "benchmark", "id"),
        profile=_attribute(result, "profile", "idref"),
        target=_text(result, "target"),
        scanner=_scanner(result),
        ended_at=at,
        findings=findings,
    )


def refuse_nothing_judged(findings: Collection[ScanFinding], filename: str) -> None:
    """Raise InvalidInputError where no rule passed or failed: that says nothing of the server."""
    if not {Verdict.PASS, Verdict.FAIL} & {Verdict(one.verdict) for one in findings}:
        words = sorted({one.reason for one in findings}) or ["none"]
        raise _refused(
            filename,
            "rule-result",
            f"judges nothing: all {len(findings)} results are {', '.join(words)}",
            "Give oscap a datastream for this very system and release, and a profile of it.",
        )


def refuse_odd(data: bytes, filename: str) -> None:
    """Raise InvalidInputError for what is no file of SCAP: too large, binary, with entities."""
    if len(data) > MOST_BYTES:
        raise _refused(filename, "file", "is too large", "Give a file of at most 50 MiB.")
    # In UTF-16 or UTF-32 a declaration hides from this look, so those are refused too.
    if b"\0" in data or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        fix = "Give the file as it was made."
        raise _refused(filename, "file", "is binary or declares entities", fix)


def _root(data: bytes, filename: str) -> Element:
    refuse_odd(data, filename)
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - without entities
    except ElementTree.ParseError as error:
        fix = "Give the file that oscap wrote, whole."
        raise _refused(filename, "file", f"is no XML: {error}", fix) from error


def _findings(result: Element, titles: dict[str, str], filename: str) -> Iterator[ScanFinding]:
    rows = [one for one in result if name(one) == "rule-result"]
    if len(rows) > MOST_RULES:
        raise _refused(filename, "rule-result", "are too many", f"At most {MOST_RULES}.")
    for row in rows:
        word = _text(row, "result")
        if word in NOT_JUDGED:
            continue
        verdict = VERDICTS.get(word)
        if verdict is None:
            fix = "Give a file of XCCDF 1.1 or 1.2."
            raise _refused(filename, "result", f"has the unknown word {word[:40]!r}", fix)
        rule, severity = row.get("idref", ""), row.get("severity", _UNRATED)
        known = severity if severity in _SEVERITIES else _UNRATED
        yield ScanFinding(rule, titles.get(rule, ""), known, verdict.value, word)


def _scanner(result: Element) -> str:
    facts = {
        one.get("name", "").rpartition(":scanner:")[2]: (one.text or "").strip()
        for one in result.iter()
        if name(one) == "fact" and ":scanner:" in one.get("name", "")
    }
    return f"{facts.get('name', '')} {facts.get('version', '')}".strip()


def _moment(text: str, filename: str, zone: tzinfo) -> datetime:
    """Return a time; one without a zone is local to who wrote it (XML Schema, dateTime)."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fix = "Give the file that oscap wrote."
        raise _refused(filename, "end-time", f"is no time: {text[:40]!r}", fix) from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def name(element: Element) -> str:
    """Return an element's name without its namespace: XCCDF 1.1 and 1.2 differ in that only."""
    return str(element.tag).rpartition("}")[2]


def _child(element: Element, called: str) -> Element | None:
    return next((one for one in element if name(one) == called), None)


def _text(element: Element, called: str) -> str:
    found = _child(element, called)
    return "" if found is None else "".join(found.itertext()).strip()[:500]


def _attribute(element: Element, called: str, attribute: str) -> str:
    found = _child(element, called)
    return "" if found is None else found.get(attribute, "")[:200]


def _refused(filename: str, field: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem(filename, field, "", message, fix)])
