"""The pages in a real browser: the Vietnamese ones hold no English message."""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page, sync_playwright

from tests.acceptance.doors import ROOT
from tests.acceptance.installation import PASSWORD_OF_PEOPLE
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [pytest.mark.acceptance, pytest.mark.lab, pytest.mark.browser,
              pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is absent")]  # fmt: skip

PATHS = ("/", "/incidents", "/devices", "/devices/hub-2", "/services", "/changes", "/findings",
         "/meetings", "/second-factor", "/password", "/no-such-page")  # fmt: skip
CATALOGUE = ROOT / "hatang/i18n/locale/vi/LC_MESSAGES/hatang.po"
PICTURES = ROOT / "docs" / "pictures"
DRAWING = "HATANG_TEST_PICTURES"  # where to write pictures of the pages, like docs/pictures
CHOSEN = "một mật khẩu khác 0815 dài"
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
SIZE = {"width": 1440, "height": 900}
SMALLEST = (1000, 600)
HUB = "hub-2"


@dataclass(frozen=True)
class English:
    """The English messages that have another text in Vietnamese."""

    messages: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Path) -> English:
        with catalogue.open("rb") as stream:
            entries = [entry for entry in read_po(stream, locale="vi") if entry.id]
        texts = [
            text
            for entry in entries
            for text in ([entry.id] if isinstance(entry.id, str) else entry.id)
            if text != entry.string
        ]
        return cls(tuple(texts))

    def in_(self, line: str) -> str:
        """Return the message that the line is, or that stands in it."""
        for message in self.messages:
            parts = [re.escape(part) for part in PLACE.split(message)]
            is_long = len(message.split()) > 2 and len(parts) == 1
            if re.fullmatch(".+".join(parts), line) and any(
                p.strip() for p in PLACE.split(message)
            ):
                return message
            if is_long and message in line:
                return message
        return ""


@pytest.fixture(scope="module")
def page(hatang: Installation) -> Iterator[Page]:
    """A browser in which the engineer has signed in, with a password of her own."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(viewport={"width": SIZE["width"], "height": SIZE["height"]})
        found = context.new_page()
        sign_in(found, hatang, PASSWORD_OF_PEOPLE)
        found.fill("[name=old]", PASSWORD_OF_PEOPLE)
        found.fill("[name=new]", CHOSEN)
        found.click("main button[type=submit]")
        sign_in(found, hatang, CHOSEN)
        found.wait_for_selector(".board")
        yield found
        browser.close()


def sign_in(page: Page, hatang: Installation, password: str) -> None:
    page.goto(hatang.url("api", "/login"))
    page.fill("[name=name]", "lan")
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")


def visible(page: Page) -> list[str]:
    """Return every line a person sees, and what is told of pictures and fields."""
    lines = page.inner_text("body").splitlines()
    for name in ("title", "placeholder", "aria-label", "alt"):
        lines += [found.get_attribute(name) or "" for found in page.locator(f"[{name}]").all()]
    return [line.strip() for line in [*lines, page.title()] if line.strip()]


def check_no_english(lines: list[str], english: English) -> None:
    """No visible line is a message that has a Vietnamese text."""
    found = [f"{line!r} is {message!r}" for line in lines if (message := english.in_(line))]
    hold(not found, f"English on a Vietnamese page: {found[:5]}")


def check_pictures(folder: Path) -> None:
    """There are pictures of the page in both languages, large enough to be looked at."""
    for language in ("vi", "en"):
        pictures = sorted(folder.glob(f"*{language}*.png"))
        hold(bool(pictures), f"no picture in {language}")
        for path in pictures:
            width, height = struct.unpack(">II", path.read_bytes()[16:24])  # PNG, IHDR
            hold((width, height) >= SMALLEST, f"{path.name} is {width} by {height}")


@pytest.mark.parametrize("path", PATHS)
def test_the_vietnamese_page_holds_no_english_message(
    page: Page, hatang: Installation, path: str
) -> None:
    page.goto(hatang.url("api", "/language/vi"))
    page.goto(hatang.url("api", path))
    lines = visible(page)
    assert len(lines) > 2, lines
    check_no_english(lines, English.of(CATALOGUE))


def test_sabotage_the_page_is_shown_in_english(page: Page, hatang: Installation) -> None:
    page.goto(hatang.url("api", "/language/en"))
    page.goto(hatang.url("api", "/"))
    with turns_red():
        check_no_english(visible(page), English.of(CATALOGUE))


def test_pictures_of_the_page_stand_in_the_documents() -> None:
    check_pictures(PICTURES)


def test_sabotage_there_are_no_pictures(tmp_path: Path) -> None:
    with turns_red():
        check_pictures(tmp_path)


@pytest.mark.soak
def test_pictures_are_drawn_of_a_running_province(
    page: Page, hatang: Installation, province: Province, tmp_path: Path
) -> None:
    folder = Path(os.environ.get(DRAWING, tmp_path))
    province.command("break", HUB)
    try:
        page.goto(hatang.url("api", "/"))
        assert eventually(lambda: page.locator(".pin.dot-bad").count() > 0, 90)
        for language in ("vi", "en"):
            page.goto(hatang.url("api", f"/language/{language}"))
            page.goto(hatang.url("api", "/"))
            page.wait_for_timeout(1500)
            page.screenshot(path=folder / f"board-{language}.png")
    finally:
        province.command("heal", HUB)
    check_pictures(folder)
