"""The province replayed in a real browser: the slider says what was when."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from hatang import clock
from inventory.models import Device
from monitors.models import ElementRow, TransitionRow
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, PHONE, Site, _fits, _opened

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = test_browser.pytestmark

MINUTE = timedelta(minutes=1)
_ANY = re.compile(r".+")


@pytest.fixture
def night(site: Site) -> Site:
    """All good for two hours, but hub-2 bad from an hour ago until half an hour ago."""
    now = clock.now()
    with site.database.write() as session:
        for number, device in enumerate(session.scalars(select(Device)).all()):
            moves = [(120, "unknown", "good")]
            if device.name == "hub-2":
                moves += [(60, "good", "bad"), (30, "bad", "good")]
            for step, (ago, before, state) in enumerate(moves):
                session.add(
                    TransitionRow(
                        monitor="monitor-0",
                        epoch="e",
                        sequence=10 * number + step,
                        element=f"device:{device.device_key}",
                        scope_id=device.scope_id,
                        from_state=before,
                        to_state=state,
                        cause="answered",
                        at=now - ago * MINUTE,
                        evidence={},
                    )
                )
            row = session.get_one(ElementRow, f"device:{device.device_key}")
            row.since = now - moves[-1][0] * MINUTE
        province.outage(session)
    return site


def slide(page: Page, minutes: int) -> None:
    """Drag the slider to so many minutes before its end."""
    page.evaluate(
        """minutes => {
            const slider = document.getElementById("slider");
            slider.value = String(Number(slider.max) - 60 * minutes);
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        minutes,
    )


def test_the_slider_shows_what_was_bad_then_and_not_before_or_after(
    browser: Browser, night: Site
) -> None:
    with _opened(browser, night, "/network/past") as page:
        tile = page.locator("#past .tile-bad b")
        expect(tile).to_have_text("0")
        slide(page, 45)
        expect(tile).to_have_text("1")
        expect(page.locator("#drawing")).to_have_attribute("data-drawn", _ANY)
        slide(page, 90)
        expect(tile).to_have_text("0")
        expect(page.locator("#past .tile-good b")).not_to_have_text("0")


def test_the_keyboard_moves_the_slider_and_the_buttons_step(browser: Browser, night: Site) -> None:
    with _opened(browser, night, "/network/past") as page:
        slider = page.locator("#slider")
        slider.focus()
        last = int(slider.input_value())
        page.keyboard.press("ArrowLeft")
        expect(slider).to_have_value(str(last - 60))
        page.get_by_role("button", name="−1 giờ").click()
        expect(slider).to_have_value(str(last - 3660))
        expect(slider).to_have_attribute("aria-valuetext", _ANY)


def test_play_moves_on_by_itself_until_it_is_paused(browser: Browser, night: Site) -> None:
    with _opened(browser, night, "/network/past") as page:
        slide(page, 70)
        play = page.locator("#play")
        play.click()
        expect(play).to_contain_text("Tạm dừng")
        expect(page.locator("#past .tile-bad b")).to_have_text("1", timeout=20_000)
        play.click()
        expect(play).to_contain_text("Phát")


def test_a_moment_before_anything_is_kept_is_refused_in_words(
    browser: Browser, night: Site
) -> None:
    with _opened(browser, night, NOWHERE) as page:
        answer = page.request.get(f"{night.address}/network/past?at=2020-01-01T00:00:00Z")
        assert answer.status == 422


def test_the_replay_fits_a_phone(browser: Browser, night: Site) -> None:
    with _opened(browser, night, "/network/past", viewport=PHONE) as page:
        expect(page.locator("#slider")).to_be_visible()
        assert _fits(page)
