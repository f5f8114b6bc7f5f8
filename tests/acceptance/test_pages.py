"""The pages in a real browser: the Vietnamese ones hold no English message."""

from __future__ import annotations

import os
import re
import struct
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Error, Page, sync_playwright

from tests.acceptance.doors import ROOT
from tests.acceptance.installation import PASSWORD_OF_PEOPLE
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [pytest.mark.acceptance, pytest.mark.lab, pytest.mark.browser,
              pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is absent")]  # fmt: skip

# Where no link leads, and which a person sees all the same.
UNLINKED = ("/no-such-page", "/inventory/devices/no-such-device", "/search?search=vinh")
# What a crawl must come by; each stands for all pages whose address begins so.
KNOWN = ("/incidents", "/devices/", "/devices", "/services/", "/changes", "/findings", "/hints",
         "/meetings", "/second-factor", "/password", "/inbox", "/inventory/import",
         "/reorganisations", "/network", "/circuits", "/circuits/", "/search", "/sites/",
         "/inventory/")  # fmt: skip
NO_PAGES = ("/language/", "/static/", "/api/", "/inventory/import/template", "/logout")
ALIKE, MOST = 2, 120  # pages of one shape, pages in all
A_FILE = "Download is starting"  # how the browser says that it keeps what it was sent
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

    whole: frozenset[str]
    longer: tuple[str, ...]
    with_places: tuple[re.Pattern[str], ...]

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
        plain = [text for text in texts if not PLACE.search(text)]
        parts = [PLACE.split(text) for text in texts if PLACE.search(text)]
        patterns = (".+".join(map(re.escape, one)) for one in parts if any(p.strip() for p in one))
        return cls(
            frozenset(plain),
            tuple(text for text in plain if len(text.split()) > 2),
            tuple(map(re.compile, patterns)),
        )

    def in_(self, line: str) -> str:
        """Return the message that the line is, or that stands in it."""
        if line in self.whole:
            return line
        found = [text for text in self.longer if text in line]
        found += [one.pattern for one in self.with_places if one.fullmatch(line)]
        return found[0] if found else ""


ENGLISH = English.of(CATALOGUE)


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


SPOKEN = """() => [...document.querySelectorAll('[title],[placeholder],[aria-label],[alt]')]
  .flatMap(one => ['title', 'placeholder', 'aria-label', 'alt'].map(n => one.getAttribute(n)))
  .filter(Boolean)"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map(one => one.getAttribute('href'))"


def visible(page: Page) -> list[str]:
    """Return every line a person sees, and what is told of pictures and fields."""
    lines = [*page.inner_text("body").splitlines(), *page.evaluate(SPOKEN), page.title()]
    return [line.strip() for line in lines if line.strip()]


def shape(address: str) -> tuple[str, ...]:
    """Return what pages of one kind have in common: all but the last word, and what is asked."""
    path, _, query = address.partition("?")
    words = path.strip("/").split("/")
    asked = sorted(word.partition("=")[0] for word in query.split("&") if word)
    depth = 2 if words[0] == "inventory" and len(words) == 2 else 1
    return (*words[:depth], str(len(words)), *asked)


def leads_to_page(page: Page, address: str) -> bool:
    """Go where a link leads; return whether that is a page, and not a file to keep."""
    try:
        answer = page.goto(address)
    except Error as error:
        if A_FILE in error.message:
            return False
        raise
    return answer is not None and answer.headers.get("content-type", "").startswith("text/html")


def crawl(page: Page, hatang: Installation) -> dict[str, list[str]]:
    """Return the visible lines of every page that links lead to, a few of each shape."""
    seen: dict[str, list[str]] = {}
    waiting, met = deque(("/", *UNLINKED)), Counter[tuple[str, ...]]()
    while waiting and len(seen) < MOST:
        address = waiting.popleft()
        if address in seen or met[shape(address)] >= ALIKE:
            continue
        met[shape(address)] += 1
        if not leads_to_page(page, hatang.url("api", address)):
            continue
        seen[address] = visible(page)
        links = [link.partition("#")[0] for link in page.evaluate(LINKS)]
        inside = [link for link in links if link.startswith("/") and not link.startswith("//")]
        waiting += [link for link in inside if not link.startswith(NO_PAGES)]
    return seen


def check_no_english(pages: dict[str, list[str]]) -> None:
    """No visible line of any page is a message that has a Vietnamese text."""
    found = [
        f"{address}: {line!r} is {message!r}"
        for address, lines in pages.items()
        for line in lines
        if (message := ENGLISH.in_(line))
    ]
    hold(not found, f"English on Vietnamese pages: {found[:8]}")


def check_everywhere(pages: dict[str, list[str]]) -> None:
    """Every kind of page was come by, and each holds something."""
    missing = [known for known in KNOWN if not any(one.startswith(known) for one in pages)]
    hold(not missing, f"no link leads to {missing}")
    empty = [address for address, lines in pages.items() if len(lines) <= 2]
    hold(not empty, f"nothing stands on {empty}")


def check_pictures(folder: Path) -> None:
    """There are pictures of the page in both languages, large enough to be looked at."""
    for language in ("vi", "en"):
        pictures = sorted(folder.glob(f"*{language}*.png"))
        hold(bool(pictures), f"no picture in {language}")
        for path in pictures:
            width, height = struct.unpack(">II", path.read_bytes()[16:24])  # PNG, IHDR
            hold((width, height) >= SMALLEST, f"{path.name} is {width} by {height}")


def test_the_vietnamese_pages_hold_no_english_message(
    page: Page, hatang: Installation, figures: Callable[[str], None]
) -> None:
    page.goto(hatang.url("api", "/language/vi"))
    pages = crawl(page, hatang)
    figures(f"{len(pages)} pages read")
    check_everywhere(pages)
    check_no_english(pages)


def test_sabotage_the_page_is_shown_in_english(page: Page, hatang: Installation) -> None:
    page.goto(hatang.url("api", "/language/en"))
    page.goto(hatang.url("api", "/"))
    with turns_red():
        check_no_english({"/": visible(page)})


def test_sabotage_a_page_no_link_leads_to(page: Page, hatang: Installation) -> None:
    page.goto(hatang.url("api", "/inbox"))
    with turns_red():
        check_everywhere({"/inbox": visible(page)})


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
