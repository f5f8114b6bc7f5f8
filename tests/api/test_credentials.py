"""Credentials through both doors: a secret comes in, and none ever leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hatang import clock, secrets
from hatang.audit.models import AuditEntry
from inventory.models import Device
from playbooks import changes
from tests.acceptance.red import hold, turns_red
from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

DOOR, PAGE = "/api/v1/credentials", "/credentials"
SECRET, LATER = "canary-Đường-9931", "canary-Later-5520"
SSH = {"name": "ops", "kind": "ssh", "fields": {"username": "lan", "password": SECRET}}


def held(database: Database, field: str, name: str = "ops") -> str:
    with database.read() as session:
        return secrets.get(session, name).reveal(field)


def names(database: Database) -> list[str]:
    with database.read() as session:
        return [one.name for one in secrets.list_all(session)]


def check_silent(texts: list[str]) -> None:
    """No answer holds a secret."""
    loud = [text[:80] for text in texts if SECRET in text or LATER in text]
    hold(not loud, f"a secret leaves: {loud}")


@pytest.fixture
def added(client: TestClient, people: People) -> dict[str, Any]:
    answer = client.post(DOOR, headers=people.engineer.headers, json=SSH)
    assert answer.status_code == 201
    return dict(answer.json())


def test_a_program_adds_rotates_and_removes(
    client: TestClient, people: People, sqlite_database: Database, added: dict[str, Any]
) -> None:
    token = people.engineer.headers
    assert (added["fields"], added["username"], added["used_by"]) == (
        ["password", "username"], "lan", 0,
    )  # fmt: skip
    rotated = client.post(f"{DOOR}/ops/rotate", headers=token, json={"fields": {"password": LATER}})
    assert rotated.status_code == 200
    assert (held(sqlite_database, "password"), held(sqlite_database, "username")) == (LATER, "lan")
    listed = client.get(DOOR, headers=token)
    check_silent([str(added), rotated.text, listed.text])
    assert client.delete(f"{DOOR}/ops", headers=token).status_code == 204
    assert "ops" not in names(sqlite_database)


def test_sabotage_a_secret_in_an_answer_is_noticed(added: dict[str, Any]) -> None:
    with turns_red():
        check_silent([str({**added, "password": SECRET})])


def test_a_field_is_taken_away_by_an_empty_text(
    client: TestClient, people: People, sqlite_database: Database, added: dict[str, Any]
) -> None:
    body = {"fields": {"password": "", "private_key": "KEY"}}
    answer = client.post(
        f"{DOOR}/{added['name']}/rotate", headers=people.engineer.headers, json=body
    )
    assert answer.json()["fields"] == ["private_key", "username"]
    assert held(sqlite_database, "private_key") == "KEY"


@pytest.mark.usefixtures("added")
def test_a_name_that_is_taken_is_not_overwritten(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    body = {**SSH, "fields": {"username": "x", "password": LATER}}
    assert client.post(DOOR, headers=people.engineer.headers, json=body).status_code == 409
    assert held(sqlite_database, "password") == SECRET


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": SECRET}, "username"),
        ({"username": "x", "password": SECRET, "what": "y"}, "what"),
        ({}, "password or private_key"),
    ],
)
def test_all_that_is_wrong_is_told_without_the_secret(
    client: TestClient, people: People, fields: dict[str, str], said: str
) -> None:
    body = {"name": "New Name", "kind": "ssh", "fields": fields}
    answer = client.post(DOOR, headers=people.engineer.headers, json=body)
    assert answer.status_code == 422
    told = [one["field"] for one in answer.json()["problems"]]
    assert "name" in told
    assert any(said in one for one in told)
    check_silent([answer.text])


@pytest.mark.usefixtures("added")
def test_a_credential_that_something_logs_in_by_stays(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        device.credentials = {"ssh": "ops", "cli": "ops"}
    answer = client.delete(f"{DOOR}/ops", headers=people.engineer.headers)
    assert answer.status_code == 409
    assert "1 elements" in answer.json()["message"]
    assert "ops" in names(sqlite_database)


@pytest.mark.parametrize("who", ["operator", "outsider", "auditor", "approver"])
def test_who_may_not_neither_sees_nor_changes(
    client: TestClient, people: People, who: str, added: dict[str, Any]
) -> None:
    token = getattr(people, who).headers
    path = f"{DOOR}/{added['name']}"
    assert client.get(DOOR, headers=token).status_code == 403
    assert client.post(DOOR, headers=token, json=SSH).status_code == 403
    assert client.post(f"{path}/rotate", headers=token, json={"fields": {}}).status_code == 403
    assert client.delete(path, headers=token).status_code == 403


@pytest.mark.usefixtures("added")
def test_what_was_done_stands_in_the_audit_log_without_the_secret(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    token = people.engineer.headers
    client.post(f"{DOOR}/ops/rotate", headers=token, json={"fields": {"password": LATER}})
    client.delete(f"{DOOR}/ops", headers=token)
    with sqlite_database.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        kept = [row.action for row in rows if row.action.startswith("credential.")]
        check_silent([str(vars(row)) for row in rows])
    assert kept[-3:] == ["credential.create", "credential.replace", "credential.delete"]


def test_a_person_adds_rotates_and_removes(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    form = {"csrf": csrf, "name": "ops"}
    new = {**form, "kind": "ssh", "username": "lan", "private_key": "BEGIN\r\nEND\r\n"}
    assert page.post(f"{PAGE}/add", data=new, headers=OWN).headers["location"] == PAGE
    assert held(sqlite_database, "private_key") == "BEGIN\nEND\n"
    page.post(f"{PAGE}/rotate", data={**form, "password": SECRET}, headers=OWN)
    assert held(sqlite_database, "password") == SECRET
    shown = page.get(PAGE).text
    assert "ops" in shown
    check_silent([shown])
    page.post(f"{PAGE}/remove", data=form, headers=OWN)
    assert "ops" not in names(sqlite_database)


def test_old_users_that_stay_on_devices_are_shown_until_they_are_gone(
    app: FastAPI, people: People, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _ = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    assert "--old-users-of" not in page.get(PAGE).text
    since = clock.now() - timedelta(days=41)
    left = [changes.LeftUser(12, "sw-dc", "old-ops", since, 41, None)]
    monkeypatch.setattr(changes, "list_left", lambda *_given: left)
    shown = page.get(PAGE).text
    for told in ("sw-dc", "old-ops", 'href="/changes/12"', "41", "--old-users-of"):
        assert told in shown


def test_a_program_asks_for_the_removal_of_what_a_rotation_left(
    client: TestClient, people: People
) -> None:
    body = {"title": "T", "old_users_of": 999}
    answer = client.post("/api/v1/changes", headers=people.engineer.headers, json=body)
    assert answer.status_code == 404
    both = client.post(
        "/api/v1/changes", headers=people.engineer.headers, json={**body, "credential": "ops"}
    )
    assert "has more than one source" in both.text


def test_a_form_that_is_refused_keeps_what_is_no_secret(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    form = {
        "csrf": csrf, "name": "Wrong Name", "kind": "snmpv3", "username": "nms",
        "auth_protocol": "SHA256", "auth_password": SECRET, "priv_password": "short",
    }  # fmt: skip
    answer = page.post(f"{PAGE}/add", data=form, headers=OWN)
    assert answer.status_code == 422
    assert 'value="nms"' in answer.text
    assert "SNMPv3 wants 8 characters" in answer.text
    check_silent([answer.text])


@pytest.mark.parametrize("verb", ["add", "rotate", "remove"])
@pytest.mark.parametrize(("second_factor", "with_token"), [(False, True), (True, False)])
def test_neither_a_password_alone_nor_a_foreign_page_changes_anything(
    app: FastAPI, people: People, sqlite_database: Database, verb: str,
    *, second_factor: bool, with_token: bool,
) -> None:  # fmt: skip
    before = names(sqlite_database)
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=second_factor)
    form = {"name": "ops", "kind": "token", "token": SECRET, "csrf": csrf if with_token else ""}
    assert page.post(f"{PAGE}/{verb}", data=form, headers=OWN).status_code == 403
    assert names(sqlite_database) == before


def test_the_page_is_offered_only_to_whom_it_opens(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    for who, status in ((people.engineer, 200), (people.operator, 403)):
        page, _ = signed_in(app, sqlite_database, who)
        assert page.get(PAGE).status_code == status
        assert (f'href="{PAGE}"' in page.get("/inventory").text) == (status == 200)
