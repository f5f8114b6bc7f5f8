"""Pages: all of them render in both languages, and the Vietnamese ones hold no English text."""

from __future__ import annotations

import re
from datetime import time, timedelta
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from alerts.models import Incident, IncidentEffect
from api.guard import LANGUAGE_COOKIE
from hatang import clock
from hatang.calendar.recurrence import Frequency, Rule
from hatang.i18n import catalogue
from inventory import service as inventory
from monitors.models import ElementRow
from playbooks import changes, schedules, vault
from playbooks.changes.selecting import Selection
from playbooks.models import Change, PlaybookRun
from scripts import messages
from tests.api import province
from tests.api.browsing import OWN, browser, signed_in
from tests.playbooks.records import SYSTEM, collected, reached

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.auth import Actor
    from hatang.db import Database, WriteSession
    from tests.api.conftest import People

PAGES = (
    "/",
    "/board/live",
    "/incidents",
    "/incidents?all=true",
    "/incidents/1",
    "/incidents/99",
    "/wall",
    "/wall/live",
    "/handovers",
    "/handovers/1",
    "/handovers/99",
    "/maintenances",
    "/maintenances?all=true",
    "/runbooks/DeviceUnreachable",
    "/runbooks/Nothing",
    "/devices",
    "/devices?search=none",
    "/devices?limit=5&offset=5",
    "/devices/core-1",
    "/devices/hub-2",
    "/devices/core-1/host-keys",
    "/credentials",
    "/services",
    "/services/dns",
    "/services/portal",
    "/inbox",
    "/inbox?kind=field",
    "/inventory/import",
    "/reorganisations",
    "/login",
    "/network",
    "/network/past",
    "/network/past/part",
    "/reports",
    "/reports?by=carrier",
    "/reports/carriers",
    "/sites/xa-05",
    "/circuits",
    "/circuits/VTL-002",
    "/inventory",
    "/inventory/sites",
    "/inventory/services/portal",
    "/search?search=vinh",
    "/search?search=nowhere",
    "/changes",
    "/changes/new",
    "/changes/standards",
    "/changes/freezes",
    "/drift",
    "/drift/intended",
    "/drift/devices/core-1",
    "/changes/1",
    "/findings",
    "/findings/waivers",
    "/findings/posture?by=system",
    "/findings/questions",
    "/findings/sheets",
    "/findings/questions/POL-01/owner",
    "/findings/devices/core-1",
    "/vault/devices/core-1",
    "/vault/versions/2",
    "/runs",
    "/runs/1",
    "/schedules",
    "/schedules/new",
    "/schedules/new?playbook=server-time",
    "/schedules/1",
    "/hints",
    "/rules",
    "/hints?kind=link_down",
    "/hints?device=core-1",
    "/meetings",
    f"/meetings/{province.MEETING}",
    f"/meetings/{province.MEETING}/points/room-01",
    "/whatif",
    "/bridges",
    "/aliases",
    "/password",
    "/second-factor",
)


# To who may not change the whole province's inventory, or not read configurations.
DENIED = (
    "/credentials",
    "/inventory/import",
    "/reorganisations",
    "/vault/devices/core-1",
    "/vault/versions/2",
    "/findings/sheets",
    "/drift",
    "/drift/intended",
    "/drift/devices/core-1",
)

# What the policy would refuse: inline style and code, and anything from elsewhere.
INLINE = re.compile(r"<style| style=|<script(?![^>]*\bsrc=)|\bon[a-z]+=\"|(?:src|href)=\"https?:")


class _Texts(HTMLParser):
    """Collects what a person reads: text and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in SPOKEN]


SPOKEN = ("title", "placeholder", "aria-label", "data-label", "data-live", "data-lost")


def _texts(page: str) -> list[str]:
    parser = _Texts()
    parser.feed(page)
    return [text for text in parser.found if text]


@cache
def _english() -> frozenset[str]:
    asked = (message.id for message in messages.collect() if message.id)
    return frozenset(one if isinstance(one, str) else one[0] for one in asked)


@cache
def _with_another_text() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the English texts that have a Vietnamese one, and the longer of them."""
    english = frozenset(text for text in _english() if catalogue("vi").gettext(text) != text)
    return english, tuple(text for text in english if " " in text and "%" not in text)


def nightly(session: WriteSession, engineer: Actor) -> None:
    """Propose a schedule that comes each night."""
    today = clock.now().date()
    rule = Rule(Frequency.WEEKLY, time(2), 60, today, today + timedelta(days=9), tuple(range(7)))
    chosen = Selection(names=("srv-portal",))
    draft = schedules.ScheduleDraft("login-banner", chosen, rule, "Asia/Ho_Chi_Minh", "Mỗi đêm")
    schedules.propose(session, engineer, draft)


@pytest.fixture
def full(sqlite_database: Database, people: People) -> Database:
    """A database with an outage, a meeting and a change."""
    with sqlite_database.write() as session:
        province.outage(session)
        province.meeting(session)
        province.hints(session)
    engineer = province.actor_of(sqlite_database, people.engineer)
    with sqlite_database.write() as session:
        draft = changes.Draft("Máy chủ NTP", "", {"core-1": "ntp server 10.250.9.10"})
        changes.create(session, engineer, draft)
        session.add(
            PlaybookRun(
                scope_id=inventory.get_device(session, engineer, "core-1").scope_id,
                playbook="login-banner",
                devices=["core-1"],
                parameters={},
                is_check_mode=True,
                state="running",
                requester="lan",
                created_at=clock.now(),
                outcomes={"core-1": "unfinished"},
            )
        )
        nightly(session, engineer)
        core = reached(inventory.get_device(session, engineer, "core-1"))
        for text in ("hostname core-1\n!\n", "hostname core\ninterface e1\n!\n"):
            vault.store(session, SYSTEM, core, collected(text), source="backup")
    return sqlite_database


@pytest.mark.parametrize(
    "state", ["draft", "planned", "awaiting_approval", "approved", "scheduled"]
)
def test_what_may_be_planned_again_has_a_button_for_it(
    app: FastAPI, full: Database, people: People, state: str
) -> None:
    with full.write() as session:
        session.get_one(Change, 1).state = state
    page, _ = signed_in(app, full, people.engineer)
    assert page.get("/changes/1").text.count('action="/changes/1/plan"') == 1


@pytest.mark.parametrize("who", ["operator", "outsider", "engineer"])
def test_pages_render_for_everybody(app: FastAPI, full: Database, people: People, who: str) -> None:
    page, _ = signed_in(app, full, getattr(people, who))
    for path in PAGES:
        answer = page.get(path)
        assert answer.status_code in ((200, 403, 404) if path in DENIED else (200, 404)), path
        assert not INLINE.findall(answer.text), path


def english_of(page: str) -> set[str]:
    """Return the English texts that a page holds though they have a Vietnamese one."""
    english, longer = _with_another_text()
    texts = _texts(page)
    return {*english} & {*texts} | {text for text in longer if any(text in one for one in texts)}


@pytest.mark.slow
def test_vietnamese_pages_hold_no_english(app: FastAPI, full: Database, people: People) -> None:
    page, _ = signed_in(app, full, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    for path in PAGES:
        assert not english_of(page.get(path).text), path


@pytest.mark.slow
def test_nothing_lacks_a_vietnamese_text() -> None:
    known = {message.id: message for message in messages.translated()}
    lacking = [one.id for one in messages.collect() if one.id and one.id not in known]
    assert not lacking
    assert not messages.missing(messages.translated())


def test_placeholders_survive_translation() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s|%d|%s", text))

    for message in messages.translated():
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[0]
            strings = [message.string] if isinstance(message.string, str) else message.string
            assert all(names(text) == names(one) for text in strings or ()), message.id


def test_the_board_names_cause_effects_and_whom_to_call(
    app: FastAPI, full: Database, people: People
) -> None:
    page, _ = signed_in(app, full, people.operator)
    texts = " ".join(_texts(page.get("/").text))
    assert "1 open incident · worst: device does not answer – hub-2" in texts
    assert "Cut off: 4 sites, 4 devices, 120 people" in texts
    assert "Viettel 18008000 VTL-002" in texts
    assert "12 points, not checked yet" in texts


def test_an_incident_is_taken_from_the_board(app: FastAPI, full: Database, people: People) -> None:
    page, csrf = signed_in(app, full, people.operator)
    fields = {"csrf": csrf, "back": "/"}
    answer = page.post("/incidents/1/acknowledge", data=fields, headers=OWN)
    assert answer.headers["location"] == "/"
    assert "acknowledged" in " ".join(_texts(page.get("/incidents/1").text))


def test_an_incident_is_closed_from_its_page(app: FastAPI, full: Database, people: People) -> None:
    with full.write() as session:
        incident = session.get_one(Incident, 1)
        session.get_one(ElementRow, incident.element).state = "unknown"
    page, csrf = signed_in(app, full, people.operator)
    assert 'action="/incidents/1/close"' in page.get("/incidents/1").text
    fields = {"csrf": csrf, "reason": "đã tháo"}
    answer = page.post("/incidents/1/close", data=fields, headers=OWN)
    assert answer.headers["location"] == "/incidents/1"
    seen = page.get("/incidents/1").text
    assert "closed by hand" in seen
    assert "/close" not in seen


@pytest.mark.parametrize(
    ("element", "said"),
    [("device:hub-2", ()), ("power:EVN", ("UPS without mains (1) ups-a", "Inferred from 1 UPS;"))],
)
def test_only_ups_that_a_power_cut_was_inferred_from_stand_as_without_mains(
    app: FastAPI, full: Database, people: People, element: str, said: tuple[str, ...]
) -> None:
    with full.write() as session:
        incident = session.get_one(Incident, 1)
        incident.element, incident.parts = element, ["ups:ups-a"] * bool(said)
        for name in ("ups-a", "ups-far"):
            at = {"element": f"ups:{name}", "kind": "ups", "name": name, "site": "", "people": 0}
            effect = IncidentEffect(incident_id=1, scope_id=incident.scope_id, impact="down", **at)
            session.add(effect)
    page, _ = signed_in(app, full, people.operator)
    texts = " ".join(_texts(page.get("/incidents/1").text))
    assert ("UPS without mains" in texts, "Inferred from" in texts) == (bool(said),) * 2
    assert all(each in texts for each in (*said, "ups-far"))


def test_a_viewer_is_offered_nothing_he_may_not_do(
    app: FastAPI, full: Database, people: People
) -> None:
    page, _ = signed_in(app, full, people.approver)
    assert "/acknowledge" not in page.get("/").text
    assert "/acknowledge" not in page.get("/incidents/1").text


def test_names_from_devices_are_escaped(app: FastAPI, full: Database, people: People) -> None:
    with full.write() as session:
        number = province.outage(session)
        session.get_one(Incident, number).name = "<script>alert(1)</script>\x1b[31m"
    page, _ = signed_in(app, full, people.operator)
    text = page.get(f"/incidents/{number}").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "\x1b" not in text


def test_the_map_gets_every_site_with_coordinates(
    app: FastAPI, full: Database, people: People
) -> None:
    page, _ = signed_in(app, full, people.colleague)
    sites = page.get("/board/sites").json()
    assert len(sites) == 5
    assert {site["word"] for site in sites} == {"bad"}


def test_a_page_asked_for_without_a_session_leads_to_the_form(app: FastAPI) -> None:
    assert browser(app).get("/devices").headers["location"] == "/login?next=/devices"
    part = browser(app).get("/board/live", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/login")
