"""Standard changes and freezes on pages: asked for, approved by another, refused with faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.web import lists
from playbooks import changes
from tests.api.browsing import OWN, signed_in
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from hatang.errors import Problem
    from tests.api.conftest import People

FORM = {
    "name": "port",
    "description": "A port for a room",
    "template": "interface eth2\r\n description {{ parameters.room }}",
    "ranges": "room text [a-z ]+\nvlan integer 100 199",
    "platforms": ["frr"],
    "expires_at": "2026-12-31T22:00",
}


def standard(database: Database) -> changes.StandardRow:
    with database.read() as session:
        (row,) = changes.list_standards(session, SYSTEM)
    return row


def test_each_line_of_ranges_is_a_parameter() -> None:
    problems: list[Problem] = []
    found = lists.ranges(
        "vlan integer 1 9\nroom text [a-z ]+\nport choice e1 e2\nat address 10.0.0.0/8", problems
    )
    assert not problems
    assert found == {
        "vlan": {"type": "integer", "min": "1", "max": "9"},
        "room": {"type": "text", "pattern": "[a-z ]+"},
        "port": {"type": "choice", "choices": ["e1", "e2"]},
        "at": {"type": "address", "within": "10.0.0.0/8"},
    }


@pytest.mark.parametrize("line", ["vlan", "vlan integer 1", "vlan number 1 2", "room text", "a b"])
def test_a_line_that_is_no_range_is_told_with_its_number(line: str) -> None:
    problems: list[Problem] = []
    lists.ranges(f"\n{line}", problems)
    assert [(one.line, one.message) for one in problems] == [(2, "is no range")]


@pytest.mark.slow
def test_a_standard_change_is_asked_for_by_one_and_approved_by_another(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, token = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    answer = page.post("/changes/standards", data={**FORM, "csrf": token}, headers=OWN)
    assert answer.status_code in {200, 303}
    row = standard(sqlite_database)
    assert (row.state, row.parameters["vlan"]["max"]) == ("pending", 199)
    assert "100" in page.get("/changes/standards").text
    body = {"sha256": row.sha256}
    own = page.post("/changes/standards/port/approve", data={**body, "csrf": token}, headers=OWN)
    assert own.status_code == 403
    other, token = signed_in(app, sqlite_database, people.approver, second_factor=True)
    other.post("/changes/standards/port/approve", data={**body, "csrf": token}, headers=OWN)
    assert standard(sqlite_database).state == "approved"


@pytest.mark.slow
def test_what_is_wrong_with_a_standard_change_is_told_all_at_once(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, token = signed_in(app, sqlite_database, people.engineer)
    wrong = {**FORM, "name": "", "ranges": "vlan integer 9 1", "platforms": [], "csrf": token}
    answer = page.post("/changes/standards", data=wrong, headers=OWN)
    assert answer.status_code == 422
    assert all(word in answer.text for word in ("name", "platforms", "vlan"))
    with sqlite_database.read() as session:
        assert changes.list_standards(session, SYSTEM) == []


@pytest.mark.slow
def test_a_freeze_is_written_down_and_ended_on_its_page(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    with sqlite_database.write() as session:
        device(session, "r1")
    page, token = signed_in(app, sqlite_database, people.engineer)
    form = {
        "element": "device:r1",
        "reason": "the election",
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2999-01-01T00:00",
    }
    page.post("/changes/freezes", data={**form, "csrf": token}, headers=OWN)
    shown = page.get("/changes/freezes").text
    assert "the election" in shown
    assert "<b>device:r1</b>" in shown
    assert "key-r1" not in shown
    with sqlite_database.read() as session:
        (row,) = changes.list_freezes(session, SYSTEM)
    assert (row.element, row.name) == ("device:key-r1", "device:r1")
    page.post(f"/changes/freezes/{row.id}/thaw", data={"csrf": token}, headers=OWN)
    assert "the election" not in page.get("/changes/freezes").text


def test_each_line_that_a_version_changed_is_marked(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    with sqlite_database.write() as session:
        router = device(session, "r1")
    for text in ("hostname r1\nip ttl 1\n", "hostname r1\nip ttl 2\n"):
        number, _ = keep(sqlite_database, router, text)
    page, _token = signed_in(app, sqlite_database, people.engineer)
    shown = page.get(f"/vault/versions/{number}").text
    assert '<span class="diff-removed">' in shown
    assert '<span class="diff-added">' in shown
