"""The pages that decide: who may, what is refused, and that nothing happens without being read."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.guard import LANGUAGE_COOKIE
from api.web.problems import TEXTS, tell
from api.web.uploads import KEPT, KEPT_FILES
from cli.intents import ChangeFromIntent
from hatang import clock, gates
from hatang.auth import Actor, Role
from hatang.i18n import use_language
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.inbox import service as inbox
from inventory.inbox.choices import DeviationKind
from inventory.inbox.models import Deviation
from inventory.inbox.recording import Proposal, note
from inventory.models import Device, Site
from inventory.rows import Query
from inventory.service import reorganising
from tests.api import province
from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow

SITE = "version: 1\nsites: [{slug: xa-91, name: Xã mới, unit: xa-05, kind: commune}]\n"
WRONG = "version: 1\nsites: [{slug: xa-91, unit: khong-co, kind: toa}]\n"
MERGE = """\
version: 1
title: Sắp xếp hai xã
effective_on: 2099-01-01
units: [{code: xa-moi, name: Xã Hương Lập, kind: commune, parent: kv-song-huong}]
reorganise: [{merge: [xa-05, xa-06], into: xa-moi}]
"""
PLAN = re.compile(r'name="plan_sha256" value="([0-9a-f]{64})"')


class Desk:
    """A signed-in browser that sends forms as the pages do."""

    def __init__(self, page: TestClient, csrf: str) -> None:
        self.page = page
        self.csrf = csrf

    def text(self, path: str) -> str:
        """Return what a page shows."""
        return unescape(self.page.get(path).text)

    def send(self, path: str, **fields: object) -> str:
        """Send a form and return where it leads to, or the page that answers."""
        answer = self.page.post(path, data={"csrf": self.csrf, **fields}, headers=OWN)
        return answer.headers.get("location") or unescape(answer.text)

    def upload(self, path: str, content: str, csrf: str = "") -> str:
        """Send a file and return where it leads to, or the status when it is refused."""
        answer = self.page.post(
            path,
            data={"csrf": csrf or self.csrf},
            files={"file": ("f.yaml", content.encode())},
            headers=OWN,
        )
        return answer.headers.get("location") or str(answer.status_code)

    def plan_of(self, path: str) -> str:
        """Return the hash of the plan that a page shows."""
        (found,) = set(PLAN.findall(self.page.get(path).text))
        return str(found)


@pytest.fixture
def engineer(app: FastAPI, sqlite_database: Database, people: People) -> Desk:
    return Desk(*signed_in(app, sqlite_database, people.engineer, second_factor=True))


@pytest.fixture
def viewer(app: FastAPI, sqlite_database: Database, people: People) -> Desk:
    return Desk(*signed_in(app, sqlite_database, people.approver, second_factor=True))


def scoped(app: FastAPI, database: Database, unit: str) -> Desk:
    """Sign in an engineer of one unit alone."""
    with database.write() as session:
        row = inventory.get_element(session, province.SYSTEM, ElementKind.UNIT, unit)
        person = province.person(session, "lam", Role.ENGINEER, scope_id=row.scope_id)
    return Desk(*signed_in(app, database, person))


TICKS = re.compile(r'name="ids" value="([0-9]+:[0-9a-f]{16})"')


def differ(database: Database, count: int = 1, near: str = "hub-2") -> list[str]:
    """Note `count` cables that the inventory lacks, and return what ticking them sends."""
    with database.write() as session:
        device = session.scalars(select(Device).where(Device.name == near)).one()
        cables = [
            Proposal(
                DeviationKind.NEW_CABLE,
                f"{near}:x{number}",
                device.scope_id,
                "link",
                f"{near}:x{number} – rtr-05:x{number}",
                "lldp",
                observed={"a": f"{near}:x{number}", "b": f"rtr-05:x{number}"},
            )
            for number in range(count)
        ]
        note(session, cables)
    return ticked(database)


def ticked(database: Database) -> list[str]:
    """Return what a page sends when all differences are ticked."""
    with database.read() as session:
        found = inbox.list_deviations(session, province.SYSTEM, today=clock.now().date()).items
    return [f"{row.id}:{row.digest}" for row in found]


def sites(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Site.slug)))


def states(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Deviation.state)))


def test_an_upload_writes_nothing_before_its_plan_is_applied(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", SITE)
    assert "Xã mới" in engineer.text(plan)
    assert "xa-91" not in sites(sqlite_database)
    done = engineer.send(f"{plan}/apply", plan_sha256=engineer.plan_of(plan))
    assert "xa-91" in sites(sqlite_database)
    assert "Xã mới" in engineer.text(done)


def test_a_password_alone_imports_nothing(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    engineer = Desk(*signed_in(app, sqlite_database, people.engineer))
    plan = engineer.upload("/inventory/import", SITE)
    engineer.send(f"{plan}/apply", plan_sha256=engineer.plan_of(plan))
    assert "xa-91" not in sites(sqlite_database)


def test_only_the_plan_that_was_shown_is_applied(engineer: Desk, sqlite_database: Database) -> None:
    plan = engineer.upload("/inventory/import", SITE)
    shown = engineer.plan_of(plan)
    with sqlite_database.write() as session:
        text = SITE.replace("Xã mới", "Xã khác")
        other = inventory.plan_import(session, province.SYSTEM, text, "g.yaml")
        inventory.apply_import(session, province.SYSTEM, other, "test")
    again = engineer.send(f"{plan}/apply", plan_sha256=shown)
    assert "The inventory changed while you were reading" in engineer.text(again)
    with sqlite_database.read() as session:
        assert inventory.get_site(session, province.SYSTEM, "xa-91").name == "Xã khác"


def test_every_error_is_shown_at_once_with_its_line(engineer: Desk) -> None:
    shown = engineer.text(engineer.upload("/inventory/import", WRONG))
    assert "Nothing imported: 2 errors" in shown
    assert shown.count("row 2") == 2
    assert "/apply" not in shown


def test_errors_are_told_in_vietnamese(engineer: Desk) -> None:
    engineer.page.cookies.set(LANGUAGE_COOKIE, "vi")
    shown = engineer.text(engineer.upload("/inventory/import", WRONG))
    assert "còn thiếu" in shown
    assert "is missing" not in shown
    assert 'lang="en"' not in shown.split("<main")[1]


def test_an_import_is_undone_by_the_plan_shown(engineer: Desk, sqlite_database: Database) -> None:
    plan = engineer.upload("/inventory/import", SITE)
    done = engineer.send(f"{plan}/apply", plan_sha256=engineer.plan_of(plan))
    shown = engineer.plan_of(f"{done}/undo")
    assert "was taken back" in engineer.text(engineer.send(f"{done}/undo", plan_sha256=shown))
    assert "xa-91" not in sites(sqlite_database)
    assert f'href="{done}/undo"' not in engineer.text(done)


def test_what_stands_in_the_way_of_undoing_is_named(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", SITE)
    done = engineer.send(f"{plan}/apply", plan_sha256=engineer.plan_of(plan))
    with sqlite_database.write() as session:
        session.scalars(select(Site).where(Site.slug == "xa-91")).one().name = "Khác"
    assert "was changed since" in engineer.text(f"{done}/undo")


def test_an_upload_belongs_to_who_sent_it(
    engineer: Desk, app: FastAPI, sqlite_database: Database, people: People
) -> None:
    plan = engineer.upload("/inventory/import", SITE)
    other = Desk(*signed_in(app, sqlite_database, people.admin))
    assert other.page.get(plan).status_code == 404


def test_an_upload_is_kept_for_a_while_only(engineer: Desk, data_dir: Path) -> None:
    plan = engineer.upload("/inventory/import", SITE)
    (kept,) = (data_dir / "uploads").iterdir()
    old = clock.now().timestamp() - KEPT.total_seconds() - 1
    os.utime(kept, (old, old))
    assert engineer.page.get(plan).status_code == 404
    engineer.upload("/inventory/import", SITE)
    assert not kept.exists()


def test_uploads_are_bounded_and_unreadable_on_disk(engineer: Desk, data_dir: Path) -> None:
    for _ in range(KEPT_FILES + 2):
        engineer.upload("/inventory/import", SITE)
    kept = list((data_dir / "uploads").iterdir())
    assert len(kept) == KEPT_FILES
    assert not any(b"xa-91" in file.read_bytes() for file in kept)
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}


def test_an_upload_without_the_token_is_refused(engineer: Desk, data_dir: Path) -> None:
    assert engineer.upload("/inventory/import", SITE, csrf="x") == "403"
    assert not (data_dir / "uploads").exists()


def test_who_may_not_import_is_shown_no_form_and_refused(
    viewer: Desk, app: FastAPI, sqlite_database: Database, data_dir: Path
) -> None:
    assert 'action="/inventory/import"' not in viewer.text("/inventory/import")
    assert viewer.upload("/inventory/import", SITE) == "403"
    part = scoped(app, sqlite_database, "kv-song-huong")
    assert part.upload("/inventory/import", SITE) == "403"
    assert viewer.upload("/reorganisations", MERGE) == "403"
    assert not (data_dir / "uploads").exists()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_template_comes_in_both_languages(engineer: Desk, language: str) -> None:
    answer = engineer.page.get(f"/inventory/import/template?language={language}")
    assert answer.content.startswith(b"PK")


def test_the_inbox_says_what_fills_it(engineer: Desk) -> None:
    assert "hatang discovery run" in engineer.text("/inbox")


def test_the_inbox_is_narrowed_by_unit_kind_and_state(
    engineer: Desk, sqlite_database: Database
) -> None:
    differ(sqlite_database, near="hub-2")
    differ(sqlite_database, near="hub-1")
    near = engineer.text("/inbox?unit=kv-song-huong")
    assert "hub-2:x0" in near
    assert "hub-1:x0" not in near
    assert "hub-2:x0" not in engineer.text("/inbox?kind=host_key")
    assert "hub-2:x0" not in engineer.text("/inbox?state=ignored")
    assert "hub-2:x0" in engineer.text("/inbox?state=all&element_kind=link")


def test_a_cable_is_accepted_from_the_inbox(engineer: Desk, sqlite_database: Database) -> None:
    ids = differ(sqlite_database)
    assert engineer.send("/inbox/accept?unit=kv-song-huong", ids=ids) == (
        "/inbox?unit=kv-song-huong&done=1"
    )
    assert states(sqlite_database) == {"accepted"}


def test_a_cable_that_moved_on_after_the_page_was_read_is_not_accepted(
    engineer: Desk, sqlite_database: Database
) -> None:
    differ(sqlite_database)
    ticks = TICKS.findall(engineer.text("/inbox"))
    with sqlite_database.write() as session:
        row = session.scalars(select(Deviation)).one()
        row.observed = {"a": "hub-2:x0", "b": "rtr-06:x9"}
    answered = engineer.send("/inbox/accept", ids=ticks)
    assert "changed since they were shown" in answered
    assert "rtr-06:x9" in answered
    assert " checked" not in answered
    assert states(sqlite_database) == {"open"}


def test_many_are_decided_only_with_their_count_typed(
    engineer: Desk, sqlite_database: Database
) -> None:
    ids = differ(sqlite_database, 11)
    until = (clock.now() + timedelta(days=30)).date().isoformat()
    asked = engineer.send("/inbox/ignore", ids=ids, until=until, reason="bảo trì")
    assert "Type the number 11" in asked
    assert "hub-2:x10" in asked
    engineer.send("/inbox/ignore", ids=ids, until=until, reason="x", confirm="10")
    assert states(sqlite_database) == {"open"}
    engineer.send("/inbox/ignore", ids=ids, until=until, reason="x", confirm="11")
    assert states(sqlite_database) == {"ignored"}


def test_what_is_wrong_with_a_decision_is_said_and_nothing_is_done(
    engineer: Desk, sqlite_database: Database
) -> None:
    ids = differ(sqlite_database)
    assert "Say why it may stay so." in engineer.send("/inbox/ignore", ids=ids, until="2020-01-01")
    assert "Tick the differences" in engineer.send("/inbox/accept")
    assert states(sqlite_database) == {"open"}


@pytest.fixture
def _gate() -> Iterator[None]:
    gates.clear()
    gates.register(gates.CHANGE, ChangeFromIntent(), name="changes")
    yield
    gates.clear()


@pytest.mark.usefixtures("_gate")
def test_fixing_leads_to_the_change_it_opened(engineer: Desk, sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        ports = inventory.list_interfaces(session, province.SYSTEM, Query(limit=None)).items
        port = next(row for row in ports if row.device == "core-1")
        inventory.record_observation(
            session, ElementKind.INTERFACE, port.id, {"description": "to nowhere"}, "snmp"
        )
    (tick,) = ticked(sqlite_database)
    assert engineer.send("/inbox/fix", ids=[tick], reason="theo hồ sơ") == "/changes/1"
    assert 'href="/changes/1"' in engineer.text("/inbox?state=fixing")
    assert "being fixed already" in engineer.send("/inbox/fix", ids=[tick], reason="x")


def test_what_no_change_can_mend_is_said_beside_the_list(
    engineer: Desk, sqlite_database: Database
) -> None:
    ids = differ(sqlite_database)
    shown = engineer.send("/inbox/fix", ids=ids, reason="x")
    assert "Mend it on the spot" in shown
    assert "hub-2:x0" in shown
    assert states(sqlite_database) == {"open"}


def test_a_viewer_of_the_inbox_is_offered_nothing_and_refused(
    viewer: Desk, sqlite_database: Database
) -> None:
    ids = differ(sqlite_database)
    assert 'name="ids"' not in viewer.text("/inbox")
    viewer.send("/inbox/accept", ids=ids)
    assert states(sqlite_database) == {"open"}


def test_another_units_engineer_neither_sees_nor_decides(
    app: FastAPI, sqlite_database: Database
) -> None:
    ids = differ(sqlite_database)
    part = scoped(app, sqlite_database, "kv-phuong-nam")
    assert "hub-2:x0" not in part.text("/inbox?state=all")
    part.send("/inbox/accept", ids=ids)
    assert part.page.get("/inbox?unit=kv-song-huong").status_code == 404
    assert states(sqlite_database) == {"open"}


def filed(engineer: Desk) -> str:
    """Upload a merger, read it, put it up for approval; return its page."""
    plan = engineer.upload("/reorganisations", MERGE)
    shown = engineer.plan_of(plan)
    return engineer.send(f"{plan}/file", plan_sha256=shown, reason="nghị quyết")


def test_a_reorganisation_is_read_before_it_is_filed(engineer: Desk) -> None:
    plan = engineer.upload("/reorganisations", MERGE)
    shown = engineer.text(plan)
    assert "2 units end" in shown
    assert "Xã Hương Lập" in shown
    assert "No reorganisation was asked for yet" in engineer.text("/reorganisations")
    assert "not planned" in engineer.text(engineer.upload("/reorganisations", "a: 1")).lower()


def test_who_asked_is_offered_no_approval_and_refused(engineer: Desk) -> None:
    path = filed(engineer)
    assert "another person decides" in engineer.text(path)
    assert f"{path}/approve" not in engineer.text(path)
    engineer.send(f"{path}/approve", plan_sha256="0" * 64)
    assert "awaiting approval" in engineer.text(path)


def test_another_person_approves_and_it_waits_for_its_day(
    engineer: Desk, viewer: Desk, sqlite_database: Database
) -> None:
    path = filed(engineer)
    viewer.send(f"{path}/approve", plan_sha256=viewer.plan_of(path))
    assert "applied by itself on 1 Jan 2099" in engineer.text(path)
    with sqlite_database.write() as session:
        day = datetime(2099, 1, 1, tzinfo=UTC).date()
        actor = Actor.system("daily")
        number = int(path.rpartition("/")[2])
        reorganising.apply_reorganisation(session, actor, number, day)
    assert "It is done" in engineer.text(path)


def test_a_reorganisation_is_withdrawn(engineer: Desk) -> None:
    path = filed(engineer)
    engineer.send(f"{path}/withdraw")
    assert "withdrawn" in engineer.text(path)


def test_a_service_names_what_it_needs_and_who_needs_it(engineer: Desk) -> None:
    portal = engineer.text("/services/portal")
    assert 'href="/services/dns"' in portal
    assert 'href="/devices/srv-portal"' in portal
    assert "1 service stops with it" in engineer.text("/services/dns")
    assert engineer.page.get("/services/none").status_code == 404


def test_a_service_outside_ones_scope_is_not_there(app: FastAPI, sqlite_database: Database) -> None:
    part = scoped(app, sqlite_database, "kv-phuong-nam")
    assert part.page.get("/services/portal").status_code == 404


def test_every_known_sentence_has_its_vietnamese() -> None:
    with use_language("vi"):
        for text in TEXTS:
            said = tell(re.sub(r"%\((\w+)\)s", "7", text))
            assert not said.is_english, text
            assert said.text != re.sub(r"%\((\w+)\)s", "7", text), text


def test_sentences_and_reasons_are_told_part_by_part() -> None:
    with use_language("vi"):
        assert tell("Did you mean 'hub'? Use one of: hub, commune.").text == (
            "Có phải ý là 'hub'? Dùng một trong: hub, commune."
        )
        reasons = tell("letters composed, made a code: letters, digits and . _ / - only")
        assert not reasons.is_english
        assert tell("something nobody translated").is_english
