"""A device's own clock: read where its words name one moment, unknown where they do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inventory import platforms
from inventory.platforms import clocks
from inventory.platforms.schema import Clock

NINE = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
TOLD = [
    ("cisco_ios", "*02:00:00.347 UTC Sun Nov 29 2026", ""),
    ("cisco_ios", ".09:00:00.347 HCM Sun Nov 29 2026", "clock timezone HCM 7 0\n"),
    (
        "cisco_nxos",
        "09:00:00.347 ICT Sun Nov 29 2026\nTime source is NTP",
        "clock timezone ICT 7 0",
    ),
    ("cisco_asa", "02:00:00.347 UTC Sun Nov 29 2026", ""),
    ("cisco_xr", "02:00:00.347 UTC Sun Nov 29 2026", ""),
    ("arista_eos", "Sun Nov 29 09:00:00 2026\nTimezone: Asia/Ho_Chi_Minh\nClock source: NTP", ""),
    ("arista_eos", "Sun Nov 29 02:00:00 2026\ntimezone is UTC", ""),
    ("juniper_junos", "Current time: 2026-11-29 09:00:00 +07\nTime Source:  NTP CLOCK", ""),
    (
        "juniper_junos",
        "Current time: 2026-11-29 09:00:00 ICT\n",
        "system {\n    time-zone Asia/Ho_Chi_Minh;\n}\n",
    ),
    ("huawei_vrp", "2026-11-29 09:00:00+07:00\nSunday\nTime Zone(Hanoi) : UTC+07:00", ""),
    ("huawei_vrp", "2026-11-29 09:00:00\nSunday\nTime Zone(Hanoi) : UTC+07:00", ""),
    ("huawei_vrp", "2026-11-29 02:00:00\nSunday\nTime Zone(DefaultZoneName) : UTC", ""),
    ("hp_comware", "09:00:00 Hanoi Sun 11/29/2026\nTime Zone : Hanoi add 07:00:00", ""),
    ("hp_comware", "21:00:00 W5 Sat 11/28/2026\nTime Zone : W5 minus 05:00:00", ""),
    (
        "mikrotik_routeros",
        "                  time: 09:00:00\n                  date: nov/29/2026\n"
        "        time-zone-name: Asia/Ho_Chi_Minh\n            gmt-offset: +07:00\n",
        "",
    ),
    ("mikrotik_routeros", "  time: 09:00:00\n  date: 2026-11-29\n  gmt-offset: +07:00\n", ""),
    (
        "fortinet",
        "Version: FortiGate\nSystem time: Sun Nov 29 09:00:00 2026\n",
        'config system global\n    set timezone "Asia/Ho_Chi_Minh"\nend\n',
    ),
    ("ruijie_os", "02:00:00 UTC Sun, Nov 29, 2026", ""),
    ("frr", "2026-11-29 02:00:00 UTC\n", ""),
    ("linux", "2026-11-29 02:00:00 UTC\n", ""),
]
UNKNOWN = [
    ("cisco_ios", "09:00:00.347 ICT Sun Nov 29 2026", ""),
    ("cisco_ios", "04:00:00.347 SUM Sun Nov 29 2026", "clock timezone HCM 7 0\n"),
    ("cisco_ios", "% Invalid input detected", ""),
    ("cisco_ios", "25:00:00 UTC Sun Nov 29 2026", ""),
    ("cisco_ios", "00:00:00 +99:00 Sun Nov 29 2026", ""),
    ("hp_comware", "09:00:00 PDT Sun 11/29/2026\nTime Zone : Z5 add 05:00:00", ""),
    ("fortinet", "System time: Sun Nov 29 09:00:00 2026\n", "set timezone 53\n"),
    ("arista_eos", "Sun Nov 29 09:00:00 2026\nTimezone: ../../etc/passwd", ""),
    ("arista_eos", "Sun Nov 29 09:00:00 2026\nTimezone: No/Where", ""),
    ("linux", "", ""),
]


def read(platform: str, answer: str, configuration: str) -> datetime | None:
    known = platforms.get(platform).clock
    assert known is not None
    return clocks.read(known, answer, configuration)


@pytest.mark.parametrize(("platform", "answer", "configuration"), TOLD)
def test_a_clock_with_its_zone_is_one_moment(
    platform: str, answer: str, configuration: str
) -> None:
    assert read(platform, answer, configuration) == NINE


@pytest.mark.parametrize(("platform", "answer", "configuration"), UNKNOWN)
def test_words_that_name_no_moment_are_unknown(
    platform: str, answer: str, configuration: str
) -> None:
    assert read(platform, answer, configuration) is None


@given(st.text(), st.text())
def test_no_answer_breaks_the_reading(answer: str, configuration: str) -> None:
    for platform in platforms.worked_on():
        if platform.clock is not None:
            clocks.read(platform.clock, answer, configuration)


def test_every_clock_that_is_declared_is_proven_here() -> None:
    declared = {each.name for each in platforms.worked_on() if each.clock is not None}
    assert declared == {platform for platform, _answer, _text in TOLD}


@pytest.mark.parametrize("says", [["(?P<time>x)"], ["(?P<time>x)(?P<date>y)(?P<year>z)"]])
def test_a_clock_that_finds_no_date_and_time_does_not_load(says: list[str]) -> None:
    with pytest.raises(ValidationError, match="must find a `date` and a `time`"):
        Clock.model_validate({"command": "show clock", "says": says, "forms": ["%H"]})
