"""A change in a real browser: written down, read, watched as it stops, in both languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from hatang import blobs, clock
from hatang.auth import Actor, Role, users
from hatang.gates import Finding, Verdict
from inventory import service as inventory
from playbooks import changes, vault
from playbooks.changes import health, waves
from playbooks.changes.lines import tell
from playbooks.changes.planning import plan_hash
from playbooks.changes.push import hash_diff
from playbooks.changes.shaping import shape
from playbooks.choices import ChangeState, Moment, TargetState
from playbooks.models import Change, ChangeTarget
from tests.acceptance.test_pages import DRAWING
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, PHONE, Site, _fits, _opened, become
from tests.playbooks.records import collected, reached

if TYPE_CHECKING:
    from hatang.db import WriteSession
    from playbooks.access import Access

pytestmark = [*test_browser.pytestmark, pytest.mark.slow]

LAPTOP = {"width": 1440, "height": 1000}
LINES = "interface eth2\n description {{ device.site }}\n"
DIFF = "-interface eth2\n-  description old\n+interface eth2\n+  description new"
DEVICES = ("hub-1", "hub-2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get(DRAWING, tmp_path))


@pytest.fixture
def stopped(site: Site) -> int:
    """A change whose first wave made something worse: taken back, and paused."""
    with site.database.write() as session:
        province.person(session, "dung", Role.ENGINEER)
        province.person(session, "hoa", Role.APPROVER)
        number = planned(session, person(session, "an"))
        changes.submit(session, person(session, "an"), number)
        change = session.get_one(Change, number)
        digest = change.plan_sha256 or ""
        changes.decide(session, person(session, "hoa"), number, digest, approve=True)
        change.state, change.started_at, change.wave = ChangeState.RUNNING, clock.now(), 1
        first = session.scalars(select(ChangeTarget).where(ChangeTarget.wave == 1)).one()
        first.state, first.detail = TargetState.REVERTED, "taken back to the version before"
        for moment, verdict in ((Moment.BEFORE, Verdict.PASS), (Moment.AFTER, Verdict.FAIL)):
            found = [Finding("service:portal", verdict, "bad (timeout)", "monitors")]
            health.keep(session, change, 1, moment, found)
        for kind in ("started", "wave-begun", "measured", "applying", "confirmed", "worse"):
            tell(session, number, kind, "", device="hub-1" if kind == "confirmed" else "")
        waves.pause(session, change, "wave 1 made worse: service:portal: bad (timeout)")
    return number


def person(session: WriteSession, name: str) -> Actor:
    return users.actor_of(session, users.get_user(session, name))


def planned(session: WriteSession, actor: Actor) -> int:
    """Return a change as if its devices had computed their differences."""
    texts = dict.fromkeys(DEVICES, "interface eth2\n description new\n")
    rollout = changes.Rollout(canary=1, batch=50, soak_seconds=60)
    draft = changes.Draft("Mô tả cổng mới", "Chuẩn hoá", texts, rollout=rollout)
    number = changes.create(session, actor, draft)
    for target in session.scalars(select(ChangeTarget)).all():
        access: Access = reached(inventory.get_device(session, actor, target.device_id))
        system = Actor.system("planning")
        version, _ = vault.store(session, system, access, collected("hostname a\n"), source="x")
        target.before_version_id = version
        target.diff, target.diff_sha256 = blobs.put(session, DIFF.encode()), hash_diff(DIFF)
    change = session.get_one(Change, number)
    shape(session, number).write(session, change)
    session.flush()
    change.plan_sha256, change.state = plan_hash(session, change), ChangeState.PLANNED
    return number


def test_a_change_is_written_down_after_its_lines_were_seen(
    browser: Browser, site: Site, folder: Path
) -> None:
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        become(page, site, "an")
        for language in ("en", "vi"):
            page.goto(f"{site.address}/language/{language}")
            page.goto(f"{site.address}/changes/new")
            page.fill("[name=title]", "Mô tả cổng")
            page.select_option("[name=source]", "template")
            page.fill("[name=text]", LINES)
            page.fill("[name=names]", " ".join(DEVICES))
            page.click("button[value=preview]")
            expect(page.locator(".diff-group")).to_have_count(2)
            page.screenshot(path=folder / f"change-new-{language}.png", full_page=True)
        page.click("button[value=create]")
        expect(page.locator("h1")).to_have_text("Mô tả cổng")
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        assert _fits(page)


def test_a_change_that_stopped_says_why_and_offers_what_a_person_may_do(
    browser: Browser, site: Site, stopped: int, folder: Path
) -> None:
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        become(page, site, "an")
        for language in ("en", "vi"):
            page.goto(f"{site.address}/language/{language}")
            page.goto(f"{site.address}/changes/{stopped}")
            expect(page.locator("#change-live")).to_contain_text("service:portal")
            for action in ("resume", "retry"):
                expect(page.locator(f"form[action$='/{action}']")).to_be_visible()
            page.screenshot(path=folder / f"change-{language}.png", full_page=True)
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        assert _fits(page)


def test_a_line_is_seen_as_it_is_written(browser: Browser, site: Site, stopped: int) -> None:
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        become(page, site, "an")
        page.goto(f"{site.address}/changes/{stopped}")
        expect(page.locator("#live")).to_have_text("trực tiếp")
        with site.database.write() as session:
            tell(session, stopped, "resumed", "a line of now")
        expect(page.locator("#change-live")).to_contain_text("a line of now", timeout=10_000)
