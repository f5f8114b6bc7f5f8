"""What OpenSCAP wrote is read as it is; a scan that judged nothing is no scan.

`results.xml` is of openscap-scanner 1.3.7 over a benchmark written for this test.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import scap
from baselines.service import scans
from hatang.auth import Actor, Grant, Role
from hatang.errors import DeniedError, InvalidInputError, NotFoundError
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from hatang.db import Database

RESULTS = (Path(__file__).parent / "results.xml").read_bytes()
NOTHING = RESULTS.replace(b">pass<", b">notapplicable<").replace(b">fail<", b">notapplicable<")
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
VIEWER = Actor(9, "v", frozenset({Role.VIEWER}), None)


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInputError) as caught:
        scap.read(data, "results.xml", HERE)
    (problem,) = caught.value.problems
    return problem.message


def test_each_rule_has_the_scanners_verdict_and_its_title() -> None:
    found = scap.read(RESULTS, "results.xml", HERE)
    assert {one.title: one.verdict for one in found.findings} == {
        "There is root": "pass",
        "There is nobody called none-such": "fail",
        "Of another system": "not_applicable",
    }
    assert (found.scanner, found.target) == ("OpenSCAP 1.3.7", "srv-portal")


def test_a_scan_of_which_all_is_not_applicable_is_refused() -> None:
    assert refusal(NOTHING) == "judges nothing: all 3 results are notapplicable"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no XML"),
        (RESULTS[:1500], "is no XML"),
        (b"\0\1\2", "is binary or declares entities"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "is binary or declares entities"),
        (b"<x/>", "holds no result"),
        (RESULTS.replace(b">fail<", b">maybe<"), "has the unknown word 'maybe'"),
        (b"x" * (scap.MOST_BYTES + 1), "is too large"),
    ],
)
def test_what_is_no_result_is_refused_and_it_is_said_why(data: bytes, said: str) -> None:
    assert said in refusal(data)


@given(st.integers(0, len(RESULTS) - 1), st.binary(min_size=1, max_size=4))
def test_a_broken_file_is_read_or_refused_and_never_more(at: int, junk: bytes) -> None:
    with suppress(InvalidInputError):
        broken = RESULTS[:at] + junk + RESULTS[at + len(junk) :]
        assert scap.read(broken, "results.xml", HERE).findings


def test_a_scan_is_kept_with_its_file_and_shown(database: Database) -> None:
    with database.write() as session:
        device(session, "srv", "linux")
    with database.write() as session:
        number = scans.import_scan(session, SYSTEM, "srv", "results.xml", RESULTS, zone=HERE)
    with database.read() as session:
        row, findings = scans.get_scan(session, SYSTEM, number)
    assert row.verdicts == {"fail": 1, "not_applicable": 1, "pass": 1}
    assert findings[0].verdict == "fail"


def test_who_may_not_audit_imports_none(database: Database) -> None:
    with database.write() as session, pytest.raises(DeniedError):
        scans.import_scan(session, VIEWER, "srv", "results.xml", RESULTS, zone=HERE)


def test_where_a_person_only_looks_they_import_none(database: Database) -> None:
    with database.write() as session:
        here, there = device(session, "here", "linux"), device(session, "there", "linux")
    grants = frozenset({Grant(Role.ENGINEER, here.scope_id), Grant(Role.VIEWER, there.scope_id)})
    roles, reach = (
        frozenset({Role.ENGINEER, Role.VIEWER}),
        frozenset({here.scope_id, there.scope_id}),
    )
    mixed = Actor(8, "m", roles, reach, grants)
    with database.write() as session:
        assert scans.import_scan(session, mixed, "here", "results.xml", RESULTS, zone=HERE)
        with pytest.raises(NotFoundError):
            scans.import_scan(session, mixed, "there", "results.xml", RESULTS, zone=HERE)


def result(end: str, target: str) -> str:
    return (
        f'<TestResult end-time="{end}"><target>{target}</target>'
        "<rule-result idref='r'><result>pass</result></rule-result></TestResult>"
    )


def test_a_time_without_a_zone_is_one_of_the_province() -> None:
    data = f"<Benchmark>{result('2026-11-28T08:00:00', 'a')}</Benchmark>".encode()
    assert scap.read(data, "x", HERE).ended_at == datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


def test_the_newest_of_several_results_is_newest_by_time_and_not_by_text() -> None:
    both = result("2026-11-28T08:00:00+07:00", "older") + result("2026-11-28T02:00:00Z", "newer")
    found = scap.read(f"<Benchmark>{both}</Benchmark>".encode(), "x", HERE)
    assert found.target == "newer"
