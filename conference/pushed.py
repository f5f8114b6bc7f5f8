"""What bridges tell by themselves: call records of CMS, events of Pexip and of Janus. Pure.

Whatever cannot be understood is refused whole, with its place; a kind of event that says nothing
about who is in a conference is passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree

from conference.bridges import answers
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JOINED: Final = "joined"
LEFT: Final = "left"


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody joined or left, when the bridge says so."""

    kind: str
    at: datetime
    conference: str
    remote_id: str
    display_name: str = ""
    remote_uri: str | None = None
    remote_ip: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one message says; `times` are of all it holds, `missing` how many records it lacks."""

    events: tuple[Event, ...]
    times: tuple[datetime, ...]
    missing: int = 0


def read(kind: str, body: bytes) -> Pushed:
    """Return what a message of `kind` (`cdr`, `eventsink`, `janus`) says.

    Raises:
        InvalidInputError: there is no such kind, or it is none of it.
    """
    if kind not in READERS:
        raise _refused("kind", kind, "is none that is known", f"Use {', '.join(READERS)}.")
    return READERS[kind](body)


def _cdr(body: bytes) -> Pushed:
    """Read CMS' `<records>`; a jump in `correlatorIndex` is what was lost on the way."""
    if answers.declares(body):
        raise _refused("body", "", "declares entities", "Send the records alone.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without entities
    except ElementTree.ParseError as error:
        raise _refused("body", "", "is no XML", "Send <records>.") from error
    if root.tag != "records":
        raise _refused("body", root.tag[:40], "is no <records>", "Send <records>.")
    events, times, indexes = [], [], []
    for number, record in enumerate(root.findall("record")):
        at = _iso(record.get("time"), f"record[{number}].time")
        times.append(at)
        if (index := answers.whole(record.get("correlatorIndex"))) is not None:
            indexes.append(index)
        leg = record.find("callLeg")
        kind = {"callLegStart": JOINED, "callLegEnd": LEFT}.get(record.get("type", ""))
        if kind is None or leg is None:
            continue
        events.append(
            Event(
                kind,
                at,
                answers.below(leg, "call") or "",
                _needed(leg.get("id"), f"record[{number}].callLeg.id"),
                answers.below(leg, "displayName") or "",
                answers.below(leg, "remoteParty"),
                answers.text(leg.findtext("remoteAddress"), 45),
                (answers.below(leg, "reason") or "")[:100],
            )
        )
    missing = indexes[-1] - indexes[0] + 1 - len(indexes) if indexes else 0
    return Pushed(tuple(events), tuple(times), max(0, missing))


def _eventsink(body: bytes) -> Pushed:
    """Read one event of a Pexip event sink (version 2)."""
    told = _object(_json(body), "body")
    at = _unix(told.get("time"), 1.0, "time")
    kind = {"participant_connected": JOINED, "participant_disconnected": LEFT}.get(
        str(told.get("event"))
    )
    if kind is None:
        return Pushed((), (at,))
    data = _object(told.get("data"), "data")
    event = Event(
        kind,
        at,
        answers.text(data.get("conference")) or "",
        _needed(data.get("uuid"), "data.uuid"),
        answers.text(data.get("display_name")) or "",
        answers.text(data.get("source_alias")),
        answers.text(data.get("remote_address"), 45),
        answers.text(data.get("disconnect_reason"), 100) or "",
    )
    return Pushed((event,), (at,))


_PLUGIN_EVENT: Final = 64  # Janus, events.h: JANUS_EVENT_TYPE_PLUGIN


def _janus(body: bytes) -> Pushed:
    """Read Janus' events, grouped or one alone; timestamps are microseconds."""
    told = _json(body)
    events, times = [], []
    for number, one in enumerate(told if isinstance(told, list) else [told]):
        outer = _object(one, f"[{number}]")
        at = _unix(outer.get("timestamp"), 1e-6, f"[{number}].timestamp")
        times.append(at)
        inner = outer.get("event")
        data = inner.get("data") if isinstance(inner, dict) else None
        if outer.get("type") != _PLUGIN_EVENT or not isinstance(data, dict):
            continue
        kind = {"joined": JOINED, "leaving": LEFT, "kicked": LEFT}.get(str(data.get("event")))
        if kind is None:
            continue
        events.append(
            Event(
                kind,
                at,
                str(data.get("room", ""))[:255],
                _needed(str(data["id"]) if "id" in data else None, f"[{number}].event.data.id"),
                answers.text(data.get("display")) or "",
            )
        )
    return Pushed(tuple(events), tuple(times))


READERS: Final[Mapping[str, Callable[[bytes], Pushed]]] = {
    "cdr": _cdr,
    "eventsink": _eventsink,
    "janus": _janus,
}


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _refused("body", "", "is no JSON", "Send what the bridge sends.") from error


def _object(value: object, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(field, "", "is no object", "Send what the bridge sends.")
    return value


def _needed(value: object, field: str) -> str:
    found = answers.text(value)
    if found is None:
        raise _refused(field, "", "is missing", "Send what the bridge sends.")
    return found


def _iso(value: str | None, field: str) -> datetime:
    try:
        found = datetime.fromisoformat(value or "")
    except ValueError as error:
        raise _refused(field, (value or "")[:40], "is no time", "Use RFC 3339.") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _unix(value: object, factor: float, field: str) -> datetime:
    seconds = answers.scaled(value, factor)
    try:
        return datetime.fromtimestamp(seconds if seconds is not None else -1e18, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise _refused(field, str(value)[:40], "is no time", "Use Unix time.") from error


def _refused(field: str, value: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem("ingest", field, value, message, fix)])
