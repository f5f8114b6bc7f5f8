"""A device that was exchanged, from a browser and from a program."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang.auth import Actor
from hatang.drivers import hostkeys
from hatang.drivers.protocols import PublicKey
from inventory import service
from inventory.inbox import recording
from inventory.inbox import service as inbox
from inventory.inbox.choices import DeviationKind
from inventory.inbox.models import Deviation
from inventory.inbox.recording import Proposal
from inventory.service import enrolling
from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

KIND = "ssh-ed25519"
ADDRESS = ("10.250.0.2", 22)
KEYS = "/api/v1/devices/core-2/host-keys"
PAGE = "/devices/core-2/host-keys"


def key(number: int) -> PublicKey:
    name = struct.pack(">I", len(KIND)) + KIND.encode()
    blob = name + struct.pack(">I", 32) + bytes([number]) * 32
    return PublicKey(KIND, base64.b64encode(blob).decode())


OLD, NEW = key(1), key(2)
LINE = f"{NEW.kind} {NEW.data}"
NEW_PRINT, OLD_PRINT = hostkeys.fingerprint(NEW), hostkeys.fingerprint(OLD)


@pytest.fixture(autouse=True)
def _exchanged(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite_database.write() as session:
        hostkeys.enrol(session, *ADDRESS, [OLD], "dung")
    monkeypatch.setattr(enrolling, "scan", lambda _target: [NEW])


def counting(database: Database) -> list[PublicKey]:
    with database.read() as session:
        return hostkeys.lookup(session, *ADDRESS)


def test_a_program_compares_replaces_and_withdraws(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    token = people.engineer.headers
    (seen,) = client.post(f"{KEYS}/scan", headers=token).json()
    assert (seen["fingerprint"], seen["is_enrolled"]) == (NEW_PRINT, False)
    assert counting(sqlite_database) == [OLD]
    answer = client.post(KEYS, headers=token, json={"line": seen["line"]})
    assert [each["fingerprint"] for each in answer.json()] == [NEW_PRINT, OLD_PRINT]
    assert counting(sqlite_database) == [NEW]
    gone = client.post(f"{KEYS}/withdraw", headers=token, json={"fingerprint": NEW_PRINT})
    assert all(each["replaced_at"] for each in gone.json())
    assert counting(sqlite_database) == []


def test_who_may_not_enrol_looks_only(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    token = people.operator.headers
    assert client.get(KEYS, headers=token).status_code == 200
    for path, body in ((KEYS, {"line": LINE}), (f"{KEYS}/scan", None)):
        assert client.post(path, headers=token, json=body).status_code == 403
    assert client.get(KEYS, headers=people.outsider.headers).status_code == 404
    assert counting(sqlite_database) == [OLD]


def test_a_line_that_is_no_key_is_refused(client: TestClient, people: People) -> None:
    answer = client.post(KEYS, headers=people.engineer.headers, json={"line": "ssh-rsa what"})
    assert answer.status_code == 422


def test_the_page_shows_old_and_new_and_wants_them_compared(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    shown = page.post(f"{PAGE}/scan", data={"csrf": csrf}, headers=OWN).text
    assert NEW_PRINT in shown
    assert OLD_PRINT in shown
    fields = {"csrf": csrf, "line": LINE}
    assert page.post(f"{PAGE}/replace", data=fields, headers=OWN).status_code == 422
    assert counting(sqlite_database) == [OLD]
    answer = page.post(f"{PAGE}/replace", data={**fields, "compared": "yes"}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert counting(sqlite_database) == [NEW]


def test_a_password_alone_replaces_no_key(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer)
    fields = {"csrf": csrf, "line": LINE, "compared": "yes"}
    assert page.post(f"{PAGE}/replace", data=fields, headers=OWN).status_code == 403
    assert counting(sqlite_database) == [OLD]


def test_the_page_leads_there_and_offers_nothing_to_who_may_not(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    page, _ = signed_in(app, sqlite_database, people.operator)
    assert PAGE in page.get("/devices/core-2").text
    shown = page.get(PAGE).text
    assert OLD_PRINT in shown
    assert "/scan" not in shown


IMPORTED = f"""\
version: 1
devices:
  - {{name: core-2, site: SITE, role: core, platform: frr, host_keys: ["{LINE}"]}}
"""


def differing(database: Database) -> tuple[int, str]:
    """Put the exchanged key into the inbox and return its number and digest."""
    with database.write() as session:
        device = service.get_device(session, Actor.system("test"), "core-2")
        found = {"keys": [LINE], "fingerprints": [NEW_PRINT]}
        seen = Proposal(
            DeviationKind.HOST_KEY, device.device_key, device.scope_id, "device", "core-2",
            "discovery", device.id, observed=found,
        )  # fmt: skip
        recording.note(session, [seen])
        number = session.scalars(select(Deviation.id)).one()
        return number, inbox.get_deviation(session, Actor.system("test"), number).digest


@pytest.mark.parametrize("second_factor", [False, True])
def test_a_password_alone_accepts_no_key_from_the_inbox(
    app: FastAPI, people: People, sqlite_database: Database, *, second_factor: bool
) -> None:
    number, digest = differing(sqlite_database)
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=second_factor)
    headers = {**OWN, "X-CSRF-Token": csrf}
    body = {"digests": {str(number): digest}}
    answer = page.post("/api/v1/inbox/accept", json=body, headers=headers)
    assert answer.status_code == (200 if second_factor else 403)
    assert counting(sqlite_database) == ([NEW] if second_factor else [OLD])


def test_the_inbox_leads_to_where_the_fingerprint_is_compared(
    app: FastAPI, people: People, sqlite_database: Database
) -> None:
    number, digest = differing(sqlite_database)
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    assert f'href="{PAGE}"' in page.get("/inbox").text
    form = {"csrf": csrf, "ids": [f"{number}:{digest}"]}
    answer = page.post("/inbox/accept", data=form, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert counting(sqlite_database) == [OLD]


@pytest.mark.parametrize("second_factor", [False, True])
def test_a_password_alone_imports_no_key(
    app: FastAPI, people: People, sqlite_database: Database, *, second_factor: bool
) -> None:
    with sqlite_database.write() as session:
        hostkeys.withdraw(session, *ADDRESS, OLD_PRINT)
        device = service.get_device(session, Actor.system("test"), "core-2")
    text = IMPORTED.replace("SITE", device.site)
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=second_factor)
    headers = {**OWN, "X-CSRF-Token": csrf}
    door = "/api/v1/imports"
    plan = page.post(f"{door}/plan", content=text, headers=headers).json()["sha256"]
    answer = page.post(f"{door}?plan={plan}", content=text, headers=headers)
    assert answer.status_code == (201 if second_factor else 403)
    assert counting(sqlite_database) == ([NEW] if second_factor else [])
