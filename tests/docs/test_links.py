"""Nobody who follows a link or looks at a picture finds nothing."""

from __future__ import annotations

import pytest

from tests.docs.pages import ROOT, Page, pages, slug


def test_an_anchor_is_what_a_browser_is_sent_to() -> None:
    assert slug("Alertmanager's API") == "alertmanagers-api"
    assert slug("api.public_url") == "apipublic_url"


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    lost = [
        f"{page.name}: {link}" for page in pages() for link in page.links() if _lost(page, link)
    ]
    assert not lost


def _lost(page: Page, link: str) -> bool:
    if "://" in link:
        return False
    file, _, anchor = link.partition("#")
    target = (page.path.parent / file).resolve() if file else page.path
    if not target.exists() or not target.is_relative_to(ROOT):
        return True
    return bool(anchor) and anchor not in Page(target).anchors()


def test_every_page_of_docs_is_found_from_its_index() -> None:
    index = set(Page(ROOT / "docs" / "README.md").links())
    names = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md", "measurements.md"}
    assert not names - index


def test_every_picture_exists() -> None:
    if not (ROOT / "docs" / "pictures").is_dir():
        pytest.skip("docs/pictures is not there: the pictures were not taken yet")
    lost = [
        f"{page.name}: {image}"
        for page in pages()
        for image in page.images()
        if not (page.path.parent / image).is_file()
    ]
    assert not lost
