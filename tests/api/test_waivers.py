"""Waivers by page and by API: asked for by one person, decided by another with a second factor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from baselines import service as baselines
from tests.api.browsing import OWN, signed_in
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow
TEXT = "hostname sw1\nsnmp-server community s3cr3t RO\nend\n"


@pytest.fixture
def audited(people: People, sqlite_database: Database) -> Database:
    database = sqlite_database
    del people
    with database.write() as session:
        switch = device(session, "sw1", "cisco_ios")
    keep(database, switch, TEXT)
    baselines.audit_device(database, SYSTEM, "sw1")
    return database


def waiver(database: Database) -> baselines.WaiverRow:
    with database.read() as session:
        return baselines.list_waivers(session, SYSTEM).items[0]


def test_the_page_of_a_device_marks_the_lines_and_hides_secrets(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, _token = signed_in(app, audited, people.engineer)
    text = page.get("/findings/devices/sw1").text
    assert "◀" in text
    assert "SNM-02" in text
    assert "s3cr3t" not in text


def test_a_waiver_asked_for_on_a_page_waits_in_the_queue(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, token = signed_in(app, audited, people.engineer, second_factor=True)
    form = {"device": "sw1", "rule": "SNM-02", "reason": "old UPS", "measure": "ACL"}
    answer = page.post("/findings/waivers", data=form | {"csrf": token}, headers=OWN)
    assert answer.status_code in {200, 303}
    assert waiver(audited).state == "pending"
    assert "old UPS" in page.get("/findings/waivers").text


def test_own_waiver_is_refused(app: FastAPI, audited: Database, people: People) -> None:
    page, token = signed_in(app, audited, people.engineer, second_factor=True)
    form = {"device": "sw1", "rule": "SNM-02", "reason": "x", "measure": "y"}
    page.post("/findings/waivers", data=form | {"csrf": token}, headers=OWN)
    row = waiver(audited)
    body = {"sha256": row.sha256, "csrf": token}
    answer = page.post(f"/findings/waivers/{row.id}/approve", data=body, headers=OWN)
    assert answer.status_code in {403, 404}
    assert waiver(audited).state == "pending"


def folds(text: str) -> dict[str, bool]:
    """Return the groups of a device's findings in order, and which are open."""
    found = re.findall(r'<details class="card fold" id="v-(\w+)"( open)?>', text)
    return {verdict: bool(is_open) for verdict, is_open in found}


def test_what_fails_or_is_unknown_stands_first_and_the_rest_is_counted_and_folded(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, _token = signed_in(app, audited, people.engineer)
    text = page.get("/findings/devices/sw1").text
    found = folds(text)
    assert found["fail"]
    assert not found["pass"]
    assert list(found).index("fail") < list(found).index("pass")
    passed = text[text.index('id="v-pass"') :]
    assert f"<b>{passed.count('<tr id=')}</b></summary>" in passed


@pytest.mark.parametrize(("verdict", "others"), [("pass", False), ("all", True)])
def test_a_chosen_verdict_is_open(
    app: FastAPI, audited: Database, people: People, verdict: str, others: bool
) -> None:
    page, _token = signed_in(app, audited, people.engineer)
    found = folds(page.get(f"/findings/devices/sw1?verdict={verdict}").text)
    assert found["pass"]
    assert found["fail"] is others
