"""Meetings as iCalendar (RFC 5545), in and out. Pure, but for the clock of whoever asks.

A meeting that comes again becomes one for each time, within the coming quarter year and no more
often than is sane: a rule that names seconds, minutes or hours is refused before it is expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import icalendar
import recurring_ical_events

from conference.zones import require_sane_zones
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

MAX_BYTES: Final = 1_000_000
MAX_EVENTS: Final = 500
MAX_TIMES: Final = 200
"""How often one meeting may come again within the time that is looked at."""
MAX_SERIES: Final = 50
MAX_YEARS: Final = 10
"""Each rule is reckoned from its beginning on, which takes time."""
_ZONES: Final = Lock()
"""Held while one file is read: what it defines is forgotten before the next."""
AHEAD: Final = timedelta(days=92)
_SANE: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_TOO_FINE: Final = frozenset({"BYSECOND", "BYMINUTE", "BYHOUR"})
_OF_WEEKS: Final = frozenset({"DAILY", "WEEKLY"})
_OF_MONTHS: Final = frozenset({"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
"""Looked for day by day until the year 9999 where no day fits."""
BRIDGE: Final = "X-HATANG-BRIDGE"
KBPS: Final = "X-HATANG-CALL-KBPS"


@dataclass(frozen=True, slots=True)
class Entry:
    """One time of a meeting; `people` are its attendees and resources as they are written.

    `where` is the event's place in the file, for people.
    """

    where: str
    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    bridge: str | None
    call_kbps: int | None
    people: tuple[str, ...]


def read(text: bytes, now: datetime, zone: ZoneInfo) -> list[Entry]:
    """Return the meetings of a calendar that are not over, those that come again each by itself.

    Times without a zone are of `zone`.

    Raises:
        InvalidInputError: it is no calendar, is too large, or anything in it is wrong; all.
    """
    calendar = _parsed(text)
    problems: list[Problem] = []
    series = list(calendar.walk("VEVENT"))
    if len(series) > MAX_EVENTS:
        fix = f"Send at most {MAX_EVENTS}."
        raise _refused("file", str(len(series)), "are too many events", fix)
    if sum("RRULE" in event for event in series) > MAX_SERIES:
        fix = f"Send at most {MAX_SERIES} that come again in one file."
        raise _refused("RRULE", "", "are too many events", fix)
    for number, event in enumerate(series, 1):
        where = f"event {number}"
        found = _problems(event, where, zone)
        problems += found or _age_problems(event, where, now)
    if problems:
        raise InvalidInputError(problems)
    return [entry for entry in _expanded(calendar, series, now, zone) if entry.ends_at > now]


def _parsed(text: bytes) -> icalendar.Calendar:
    if len(text) > MAX_BYTES:
        raise _refused("file", str(len(text)), "is too large", "Split it.")
    try:
        require_sane_zones(text)
        with _ZONES:
            icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]
            found = icalendar.Calendar.from_ical(text)
    except InvalidInputError:
        raise
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        message = "is no iCalendar"
        raise _refused("file", str(error)[:80], message, "Send text/calendar.") from error
    if found.name != "VCALENDAR":
        raise _refused("file", "", "is no iCalendar", "Send one VCALENDAR.")
    return found


def _problems(event: Any, where: str, zone: ZoneInfo) -> list[Problem]:  # noqa: ANN401 RUF100 - untyped
    found = [
        Problem(where, name, "", "is missing", "Add it.")
        for name in ("UID", "DTSTART", "SUMMARY")
        if name not in event
    ]
    found += [
        Problem(where, str(name), str(error)[:80], "cannot be read", "Write it as RFC 5545 does.")
        for name, error in getattr(event, "errors", [])
    ]
    if found:
        return found  # a property that is broken answers nothing
    if "DTEND" not in event and "DURATION" not in event:
        found.append(Problem(where, "DTEND", "", "is missing", "Add it, or DURATION."))
    for name in ("DTSTART", "DTEND"):
        given = event.get(name)
        if given is None or not hasattr(given, "dt"):
            continue
        named = given.params.get("TZID")
        if not isinstance(given.dt, datetime):
            fix = "Give it a time of the day."
            found.append(Problem(where, name, str(given.dt), "is a whole day", fix))
        elif named and given.dt.tzinfo is None:
            fix = "Use a zone of the IANA database, as Asia/Ho_Chi_Minh, or define it."
            found.append(Problem(where, name, str(named), "names no time zone", fix))
    return found + _rule_problems(event, where)


def _rule_problems(event: Any, where: str) -> list[Problem]:  # noqa: ANN401 RUF100 - untyped
    found = []
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        kinds = {str(kind).upper() for kind in rule.get("FREQ", [])}
        fine = _TOO_FINE & {str(name).upper() for name in rule}
        if not kinds <= _SANE or not kinds or fine:
            shown = rule.to_ical().decode("utf-8", "replace")[:80]
            fix = "Let it come again daily, weekly, monthly or yearly."
            found.append(Problem(where, "RRULE", shown, "comes again too often", fix))
        elif kinds & _OF_WEEKS and _OF_MONTHS & {str(name).upper() for name in rule}:
            shown = rule.to_ical().decode("utf-8", "replace")[:80]
            fix = "Let it come again monthly or yearly on these days."
            found.append(Problem(where, "RRULE", shown, "may never come", fix))
    return found


def _age_problems(event: Any, where: str, now: datetime) -> list[Problem]:  # noqa: ANN401 RUF100 - untyped
    start = event["DTSTART"].dt
    if "RRULE" not in event or start.year >= now.year - MAX_YEARS:
        return []
    fix = f"Let it begin in {now.year - MAX_YEARS} or later."
    return [Problem(where, "DTSTART", str(start), "began too long ago", fix)]


def _expanded(
    calendar: icalendar.Calendar, series: Sequence[Any], now: datetime, zone: ZoneInfo
) -> Iterable[Entry]:
    again = {str(one["UID"]) for one in series if "RRULE" in one or "RDATE" in one}
    places = {str(one["UID"]): number for number, one in reversed(list(enumerate(series, 1)))}
    entries = [
        _entry(one, f"event {places[str(one['UID'])]}", "", zone)
        for one in series
        if str(one["UID"]) not in again
    ]
    times: dict[str, int] = {}
    try:
        found = recurring_ical_events.of(calendar).between(now, now + AHEAD) if again else []
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise _refused("RRULE", str(error)[:80], "cannot be expanded", "Mend the rule.") from error
    for one in found:
        uid = str(one["UID"])
        if uid not in again:
            continue
        times[uid] = times.get(uid, 0) + 1
        if times[uid] > MAX_TIMES:
            fix = f"Let it come at most {MAX_TIMES} times in a quarter year."
            raise _refused("RRULE", uid[:80], "comes again too often", fix)
        # The time it was planned for names it, wherever this one was moved to.
        planned = one.get("RECURRENCE-ID", one["DTSTART"]).dt
        suffix = f"/{_aware(planned, zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        entries.append(_entry(one, f"event {places[uid]}", suffix, zone))
    return entries


def _entry(event: Any, where: str, suffix: str, zone: ZoneInfo) -> Entry:  # noqa: ANN401 RUF100 - untyped
    starts_at = _aware(event["DTSTART"].dt, zone)
    end = event["DTEND"].dt if "DTEND" in event else starts_at + event["DURATION"].dt
    people = [str(one) for one in _many(event.get("ATTENDEE"))]
    for resource in _many(event.get("RESOURCES")):
        people += [name.strip() for name in str(resource).split(",")]
    kbps = str(event.get(KBPS, ""))
    return Entry(
        where=where,
        uid=f"{event['UID']}{suffix}",
        title=str(event["SUMMARY"]),
        starts_at=starts_at.astimezone(UTC),
        ends_at=_aware(end, zone).astimezone(UTC),
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
        bridge=str(event[BRIDGE]) if BRIDGE in event else None,
        call_kbps=int(kbps) if kbps.isascii() and kbps.isdigit() and len(kbps) < 9 else None,
        people=tuple(one for one in people if one),
    )


def _many(value: Any) -> list[Any]:  # noqa: ANN401 RUF100 - untyped
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _aware(at: date | datetime, zone: ZoneInfo) -> datetime:
    whole = at if isinstance(at, datetime) else datetime.combine(at, datetime.min.time())
    return whole if whole.tzinfo is not None else whole.replace(tzinfo=zone)


def write(entries: Iterable[Entry], now: datetime) -> bytes:
    """Return meetings as a calendar; times are UTC, so that no zone need be defined."""
    calendar = icalendar.Calendar()
    calendar.add("PRODID", "-//hatang//conference//")
    calendar.add("VERSION", "2.0")
    for one in entries:
        event = icalendar.Event()
        event.add("UID", one.uid)
        event.add("DTSTAMP", now)
        event.add("DTSTART", one.starts_at)
        event.add("DTEND", one.ends_at)
        event.add("SUMMARY", one.title)
        event.add("STATUS", "CANCELLED" if one.is_cancelled else "CONFIRMED")
        if one.people:
            event.add("RESOURCES", ",".join(one.people))
        if one.bridge is not None:
            event.add(BRIDGE, one.bridge)
        if one.call_kbps is not None:
            event.add(KBPS, str(one.call_kbps))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _refused(field: str, value: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem("calendar", field, value, message, fix)])
