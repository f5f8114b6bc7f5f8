"""An incident's story in a real browser: measured, told and changed, under names people know."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from alerts import service
from alerts.choices import IncidentEventKind
from alerts.models import Incident
from alerts.repository import tell
from hatang import clock, gates
from hatang.gates import Hint
from inventory.models import Device
from monitors.models import ElementRow, TransitionRow
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import PHONE, Site, _fits, _opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from hatang.db import AnySession, WriteSession

pytestmark = test_browser.pytestmark

LAPTOP = {"width": 1440, "height": 1000}
MINUTE = timedelta(minutes=1)
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\b(device|interface|site|link):")


class Changed:
    """Says that hub-2 was changed a quarter of an hour ago."""

    def hints(
        self, session: AnySession, elements: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Hint]:
        key = keys(session)["hub-2"]
        at = clock.now() - 15 * MINUTE
        return [Hint(f"device:{key}", at, "Đổi bộ lọc BGP", "changes", "/changes/1")]


def keys(session: AnySession) -> dict[str, str]:
    """Return the devices' keys by name."""
    return {row.name: row.device_key for row in session.scalars(select(Device)).all()}


def measured(session: WriteSession, element: str, minutes: int, cause: str) -> None:
    """Let the element have turned bad so many minutes ago."""
    scope_id = session.scalars(select(Device.scope_id)).first()
    if session.get(ElementRow, element) is None:
        kind, owner, name = element.split(":")
        row = ElementRow(element=element, kind=kind, owner=owner, name=name, monitor="monitor-0")
        row.state, row.cause, row.since, row.scope_id = "bad", cause, clock.now(), scope_id
        session.add(row)
    count = len(session.scalars(select(TransitionRow.id)).all())
    session.add(
        TransitionRow(
            monitor="monitor-0", epoch="e", sequence=count, element=element, scope_id=scope_id,
            from_state="good", to_state="bad", cause=cause, at=clock.now() - minutes * MINUTE,
            evidence={},
        )
    )  # fmt: skip


def tell_story(place: Site) -> None:
    """Tell of hub-2's failure: first seen at a port of core-1, after work on hub-2."""
    with place.database.write() as session:
        known = keys(session)
        hub, port = f"device:{known['hub-2']}", f"interface:{known['core-1']}:eth1"
        incident = session.get_one(Incident, 1)
        incident.origin = port
        measured(session, port, 8, "oper_down")
        measured(session, hub, 7, "timeout")
        measured(session, f"interface:{known['hub-2']}:eth9", 7, "oper_down")
        measured(session, f"device:{known['rtr-05']}", 6, "timeout")
        detail = {"before": port, "after": hub, "at": clock.now().isoformat()}
        tell(session, incident, IncidentEventKind.CAUSE_MOVED, **detail)
        begun = clock.now() - 20 * MINUTE
        work = service.MaintenanceRequest(
            ("hub-2",), begun, begun + timedelta(hours=2), "Thay ắc quy", "", ""
        )
        service.create_maintenance(session, province.SYSTEM, work)


@pytest.fixture
def story(site: Site) -> Iterator[Site]:
    site.fail()
    tell_story(site)
    gates.register(gates.CAUSE, Changed(), name="test")
    yield site
    gates.clear()


def test_three_stories_stand_side_by_side_under_the_names_people_know(
    browser: Browser, story: Site
) -> None:
    with _opened(browser, story, "/incidents/1", viewport=LAPTOP) as page:
        rows = page.locator(".beside tbody tr")
        expect(rows).to_have_count(8)
        lanes = {
            "Đo được": [
                "rtr-05: ",
                "hub-2 eth9: mất tín hiệu",
                "hub-2: ",
                "core-1 eth1: mất tín hiệu",
            ],
            "Diễn biến xử lý": ["core-1 eth1 → hub-2", "mở sự cố"],
            "Thay đổi": ["hub-2: Đổi bộ lọc BGP", "Thay ắc quy"],
        }
        for lane, texts in lanes.items():
            told = page.locator(f'.beside td[data-label="{lane}"]:not(.nothing)')
            expect(told).to_have_count(len(texts))
            for text in texts:
                expect(told.filter(has_text=text)).not_to_have_count(0)
        expect(page.get_by_role("link", name="Đổi bộ lọc BGP")).to_have_attribute(
            "href", "/changes/1"
        )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_key_of_the_machine_is_shown(
    browser: Browser, story: Site, language: str, tmp_path: Path
) -> None:
    with _opened(browser, story, f"/language/{language}", viewport=LAPTOP) as page:
        page.goto(f"{story.address}/incidents/1")
        expect(page.locator(".first")).to_contain_text("core-1 eth1")
        expect(page.locator(".pin.dot-bad")).to_have_count(4)
        assert not KEY.search(page.locator("main").inner_text())
        page.screenshot(path=tmp_path / f"story-{language}.png", full_page=True)


def test_the_story_fits_a_phone(browser: Browser, story: Site, tmp_path: Path) -> None:
    with _opened(browser, story, "/incidents/1", viewport=PHONE) as page:
        expect(page.locator(".beside .nothing").first).to_be_hidden()
        assert _fits(page)
        page.locator(".beside").screenshot(path=tmp_path / "story-phone.png")
