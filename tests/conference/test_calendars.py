"""Calendars come in whole or not at all, and no rule expands without end."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.calendars import Entry, read, write
from hatang.errors import InvalidInputError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Van phong//
BEGIN:VEVENT
UID:giao-ban@tinh
DTSTAMP:20261101T000000Z
DTSTART;TZID=Asia/Ho_Chi_Minh:20261123T080000
DTEND;TZID=Asia/Ho_Chi_Minh:20261123T100000
SUMMARY:Giao ban
ATTENDEE;CN=Xã Tân Lập:sip:xa-01@tinh.test
RESOURCES:room-02
END:VEVENT
END:VCALENDAR
"""


def entries(text: str) -> list[Entry]:
    return read(text.encode(), NOW, ZONE)


def test_a_meeting_is_read_with_its_times_and_people() -> None:
    (found,) = entries(EVENT)
    assert found.starts_at == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert found.people == ("sip:xa-01@tinh.test", "room-02")


def test_times_without_a_zone_are_the_provinces() -> None:
    (found,) = entries(EVENT.replace(";TZID=Asia/Ho_Chi_Minh", ""))
    assert found.starts_at.hour == 1


def test_one_that_comes_again_is_one_meeting_each_time() -> None:
    rule = "RRULE:FREQ=WEEKLY\nEXDATE;TZID=Asia/Ho_Chi_Minh:20261130T080000\nSUMMARY"
    found = entries(EVENT.replace("SUMMARY", rule))
    assert found[0].uid == "giao-ban@tinh/20261123T010000Z"
    assert found[1].starts_at - found[0].starts_at == timedelta(weeks=2)
    assert len(found) == 12


def test_what_is_over_is_left_out() -> None:
    assert entries(EVENT.replace("202611", "202511")) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("TZID=Asia/Ho_Chi_Minh:20261123T08", "TZID=Hanoi/Nowhere:20261123T08", "DTSTART"),
        ("SUMMARY", "RRULE:FREQ=SECONDLY\nSUMMARY", "RRULE"),
        ("SUMMARY", "RRULE:FREQ=DAILY;BYHOUR=1,2,3\nSUMMARY", "RRULE"),
        ("SUMMARY", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nSUMMARY", "RRULE"),
        ("SUMMARY", "X-NOTHING", "SUMMARY"),
        ("UID:", "X-UID:", "UID"),
        ("DTEND;", "X-DTEND;", "DTEND"),
        ("20261123T080000", "2026-11-23 8h", "DTSTART"),
    ],
)
def test_what_is_wrong_is_named_with_its_event(old: str, new: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        entries(EVENT.replace(old, new))
    assert ("event 1", field) in {(one.where, one.field) for one in caught.value.problems}


def test_a_rule_with_more_times_than_is_sane_is_refused() -> None:
    dates = "RDATE:" + ",".join(f"20261201T{n // 60:02d}{n % 60:02d}00Z" for n in range(300))
    with pytest.raises(InvalidInputError) as caught:
        entries(EVENT.replace("SUMMARY", f"{dates}\nSUMMARY"))
    assert caught.value.problems[0].field == "RRULE"


ZONE_OF_ITS_OWN = """BEGIN:VTIMEZONE
TZID:Hanoi/Nowhere
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT"""
OWN = EVENT.replace("Asia/Ho_Chi_Minh", "Hanoi/Nowhere")


def test_a_zone_that_a_calendar_defines_is_its_own_only() -> None:
    (found,) = entries(OWN.replace("BEGIN:VEVENT", ZONE_OF_ITS_OWN))
    assert found.starts_at.hour == 5
    (found,) = entries(OWN.replace("BEGIN:VEVENT", ZONE_OF_ITS_OWN.replace("+0300", "+0500")))
    assert found.starts_at.hour == 3
    with pytest.raises(InvalidInputError):
        entries(OWN)


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=\n DAILY",
        "rrule;X=1:FREQ=YEARLY;BYHOUR=1,2",
        "RRULE:FREQ=YEARLY;BYDAY=MO,TU",
        "RRULE:FREQ=YEARLY;FREQ=DAILY",
        "RRULE:FREQ=DAILY;FREQ=YEARLY",
    ],
)
def test_a_zone_that_changes_more_often_than_yearly_is_refused(rule: str) -> None:
    zone = ZONE_OF_ITS_OWN.replace("RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10", rule)
    with pytest.raises(InvalidInputError) as caught:
        entries(OWN.replace("BEGIN:VEVENT", zone))
    assert caught.value.problems[0].message == "comes again too often"


def test_a_rule_that_began_long_ago_is_refused_and_a_single_time_is_over() -> None:
    old = EVENT.replace("202611", "195311")
    assert entries(old) == []
    with pytest.raises(InvalidInputError) as caught:
        entries(old.replace("SUMMARY", "RRULE:FREQ=DAILY\nSUMMARY"))
    assert [one.message for one in caught.value.problems] == ["began too long ago"]


def test_more_rules_than_are_sane_are_refused() -> None:
    head, event = EVENT.split("BEGIN:VEVENT")
    event, end = event.split("END:VCALENDAR")
    rule = "BEGIN:VEVENT" + event.replace("SUMMARY", "RRULE:FREQ=DAILY\nSUMMARY")
    with pytest.raises(InvalidInputError) as caught:
        entries(head + rule * 51 + "END:VCALENDAR" + end)
    assert caught.value.problems[0].field == "RRULE"


def test_what_is_written_is_read_back() -> None:
    (found,) = entries(EVENT)
    again = read(write([found], NOW), NOW, ZONE)
    assert [(one.uid, one.starts_at, one.title, one.people) for one in again] == [
        (found.uid, found.starts_at, found.title, found.people)
    ]


@given(st.text(max_size=200))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    with suppress(InvalidInputError):
        entries(EVENT.replace("SUMMARY:Giao ban", text))
