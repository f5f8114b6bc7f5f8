"""Drift on pages and through the API: seen, said, proposed, and nothing ever applied."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

import playbooks.drift.jobs  # noqa: F401 - declares the job that a route asks for, as the api does
from api.guard import LANGUAGE_COOKIE
from hatang.blobs import Blob, BlobStore
from hatang.db.equipment import equipment
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from inventory import service as inventory
from inventory.models import Site
from playbooks import changes, drift, vault
from playbooks.models import IntendedConfiguration
from tests.api.browsing import OWN, signed_in
from tests.playbooks.records import SYSTEM, collected, reached

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow

API = "/api/v1/drift"
HOURS = 1_000_000  # the vault's clock of these records stands
OLD, NEW = "the-old-password", "the-new-password"
RUNNING = f"hostname core-1\n!\nrouter bgp 65001\n neighbor 10.0.0.1 password {OLD}\nexit\n"
FORM = {
    "name": "bgp",
    "template": "router bgp 65001\r\n neighbor 10.0.0.1 password {{ parameters.key }}\r\n",
    "parameters": f"key={NEW}",
    "names": "core-1",
    "is_whole": "",
}


def keep(database: Database, text: str) -> None:
    with database.write() as session:
        core = reached(inventory.get_device(session, SYSTEM, "core-1"))
        vault.store(session, SYSTEM, core, collected(text), source="backup")


@pytest.fixture
def engineer(app: FastAPI, sqlite_database: Database, people: People) -> tuple[TestClient, str]:
    return signed_in(app, sqlite_database, people.engineer, second_factor=True)


def intend(engineer: tuple[TestClient, str], **other: str) -> None:
    page, csrf = engineer
    body = {name: value for name, value in {**FORM, **other}.items() if value}
    answer = page.post("/drift/intended", data={**body, "csrf": csrf}, headers=OWN)
    assert answer.status_code == 303, answer.text


def test_what_drifted_is_listed_since_when_by_unit_site_and_intended(
    sqlite_database: Database, engineer: tuple[TestClient, str]
) -> None:
    keep(sqlite_database, RUNNING)
    intend(engineer)
    drift.check(sqlite_database, HOURS)
    page, _ = engineer
    page.cookies.set(LANGUAGE_COOKIE, "en")
    for by in ("unit", "site", "intended"):
        shown = page.get(f"/drift?by={by}").text
        assert "1 device is not as intended" in shown
        assert 'href="/drift/devices/core-1"' in shown
    assert "No device matches" in page.get("/drift?state=unknown").text


def test_a_page_says_what_it_will_show_before_anything_is_set_and_before_it_is_compared(
    engineer: tuple[TestClient, str],
) -> None:
    page, _ = engineer
    page.cookies.set(LANGUAGE_COOKIE, "en")
    assert "Nothing is intended yet" in page.get("/drift").text
    intend(engineer)
    assert "Nothing has been compared yet" in page.get("/drift").text


def test_an_unknown_device_says_why_and_is_not_in_line(
    sqlite_database: Database, engineer: tuple[TestClient, str]
) -> None:
    intend(engineer)
    drift.check(sqlite_database, HOURS)
    page, _ = engineer
    page.cookies.set(LANGUAGE_COOKIE, "en")
    shown = page.get("/drift").text
    assert "0 devices are not as intended" in shown
    assert "1 device is unknown" in shown
    assert "the vault holds no configuration of it" in shown


def test_no_secret_stands_on_any_page_or_in_any_answer(
    sqlite_database: Database, engineer: tuple[TestClient, str]
) -> None:
    keep(sqlite_database, RUNNING)
    intend(engineer)
    assert drift.check(sqlite_database, HOURS) == {"drifted": 1}
    page, _ = engineer
    shown = page.get("/drift/devices/core-1").text
    assert "&lt;redacted&gt;" in shown
    paths = ("/drift", "/drift/intended", "/drift/devices/core-1")
    answers = (API, f"{API}/intended", f"{API}/devices/core-1", f"{API}/groups")
    for path in (*paths, *answers):
        answer = page.get(path)
        assert answer.status_code == 200
        assert OLD not in answer.text
        assert NEW not in answer.text


def test_the_proposal_opens_the_form_filled_in_and_becomes_a_draft_only(
    sqlite_database: Database, engineer: tuple[TestClient, str]
) -> None:
    keep(sqlite_database, RUNNING)
    intend(engineer)
    drift.check(sqlite_database, HOURS)
    page, csrf = engineer
    (link,) = re.findall(r'href="(/changes/new[?][^"]+)"', page.get("/drift/devices/core-1").text)
    form = page.get(unescape(link)).text
    assert '<option value="intended" selected>' in form
    assert '<option value="bgp" selected>' in form
    body = {"source": "intended", "intended": "bgp", "names": "core-1", "title": "x", "csrf": csrf}
    preview = page.post("/changes/new", data=body, headers=OWN).text
    assert "&lt;redacted&gt;" in preview
    assert OLD not in preview
    assert NEW not in preview
    page.post("/changes/new", data={**body, "action": "create"}, headers=OWN)
    with sqlite_database.read() as session:
        (row,) = changes.list_changes(session, SYSTEM).items
    assert (row.state, row.intent) == ("draft", "remediation")


def test_by_the_api_it_is_set_compared_listed_and_removed(
    sqlite_database: Database, engineer: tuple[TestClient, str], tmp_path: Path
) -> None:
    keep(sqlite_database, RUNNING)
    page, csrf = engineer
    headers = OWN | {"X-CSRF-Token": csrf}
    wanted = {
        "name": "bgp",
        "template": "router bgp 65001\n neighbor 10.0.0.1 password {{ parameters.key }}\n",
        "parameters": {"key": NEW},
        "select": {"names": ["core-1"]},
    }
    assert page.post(f"{API}/intended", json=wanted, headers=headers).status_code == 201
    page.cookies.set(LANGUAGE_COOKIE, "en")
    assert "A comparison is under way" not in page.get("/drift").text
    asked = [
        page.post(f"{API}/runs", json={"devices": ["core-1"]}, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in asked] == [202, 202]
    (key,) = asked[0].json()["jobs"]
    assert asked[1].json()["jobs"] == [key]
    assert page.get(API).json()["total"] == 0
    assert page.get(f"/api/v1/jobs/{key}").json()["state"] == "requested"
    for path in ("/drift", "/drift/intended"):
        assert "A comparison is under way" in page.get(path).text
    engine = MemoryEngine(sqlite_database, Settings(data_dir=tmp_path))
    assert engine.run_requested() == 1
    assert "A comparison is under way" not in page.get("/drift").text
    (row,) = page.get(f"{API}?intended=bgp").json()["items"]
    assert (row["device"], row["intended"]) == ("core-1", "bgp")
    assert page.get(f"{API}/groups?by=site").json()["total"] == 1
    assert page.delete(f"{API}/intended/bgp", headers=headers).status_code == 204
    assert page.get(API).json()["total"] == 0
    assert page.get(f"{API}/intended").json() == []


def test_all_that_is_wrong_is_told_on_the_page(engineer: tuple[TestClient, str]) -> None:
    page, csrf = engineer
    wrong = {**FORM, "names": "nobody", "template": "{% if %}", "name": "x", "csrf": csrf}
    wrong.pop("is_whole")
    answer = page.post("/drift/intended", data=wrong, headers=OWN)
    assert answer.status_code == 422
    assert "nobody" in answer.text


def test_a_password_alone_sets_compares_and_removes_nothing(
    app: FastAPI, sqlite_database: Database, people: People, engineer: tuple[TestClient, str]
) -> None:
    intend(engineer)
    page, csrf = signed_in(app, sqlite_database, people.engineer)
    headers = OWN | {"X-CSRF-Token": csrf}
    template = FORM["template"]
    wanted = {"name": "b", "template": template, "select": {"names": ["core-1"]}}
    form = {name: value for name, value in FORM.items() if value} | {"csrf": csrf}
    refused = [
        page.post(f"{API}/runs", json={}, headers=headers),
        page.post(f"{API}/intended", json=wanted, headers=headers),
        page.delete(f"{API}/intended/bgp", headers=headers),
        page.post("/drift/intended", data=form, headers=OWN),
        page.post("/drift/intended/bgp/remove", data={"csrf": csrf}, headers=OWN),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert [row["name"] for row in engineer[0].get(f"{API}/intended").json()] == ["bgp"]


def test_one_damaged_file_closes_no_page_and_is_told(
    sqlite_database: Database, engineer: tuple[TestClient, str]
) -> None:
    intend(engineer)
    intend(engineer, name="other", template="hostname core-1\n")
    with sqlite_database.read() as session:
        row = session.scalars(
            select(IntendedConfiguration).where(IntendedConfiguration.name == "bgp")
        ).one()
        blob = session.get_one(Blob, row.content)
        (equipment(session, BlobStore).directory / blob.file).write_bytes(b"damaged")
    page, _ = engineer
    page.cookies.set(LANGUAGE_COOKIE, "en")
    for path in ("/drift", "/drift/intended"):
        answer = page.get(path)
        assert answer.status_code == 200
        assert "What is intended as bgp cannot be read" in answer.text
        assert "What is intended as other" not in answer.text
    assert '<option value="bgp"' in page.get("/changes/new").text
    shown = {row["name"]: row["is_readable"] for row in page.get(f"{API}/intended").json()}
    assert shown == {"bgp": False, "other": True}


def test_what_matches_no_device_any_more_is_told_loudly(
    sqlite_database: Database, engineer: tuple[TestClient, str]
) -> None:
    with sqlite_database.read() as session:
        site = inventory.get_device(session, SYSTEM, "core-1").site
    intend(engineer, names="", sites=site)
    page, _ = engineer
    page.cookies.set(LANGUAGE_COOKIE, "en")
    for path in ("/drift", "/drift/intended"):
        assert "intended for 0 devices" not in page.get(path).text
    with sqlite_database.write() as session:
        session.scalars(select(Site).where(Site.slug == site)).one().slug = "renamed"
    for path in ("/drift", "/drift/intended"):
        assert "bgp is intended for 0 devices" in page.get(path).text


@pytest.mark.parametrize("path", ["/drift", "/drift/intended", "/drift/devices/core-1"])
def test_who_may_not_read_configurations_is_refused(
    app: FastAPI, sqlite_database: Database, people: People, path: str
) -> None:
    page, _ = signed_in(app, sqlite_database, people.operator)
    assert page.get(path).status_code == 403
