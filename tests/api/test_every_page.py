"""Every page there is, by the router itself: a new one cannot be forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from api.app import WEB
from api.guard import LANGUAGE_COOKIE
from inventory.kinds.registry import KINDS
from tests.api import province
from tests.api.browsing import signed_in
from tests.api.test_inventory_pages import MERGE, SITE, WRONG, Desk, differ
from tests.api.test_pages import INLINE, PAGES, english_of, full

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow

__all__ = ["full"]

NO_PAGES = {
    "/board/sites": "numbers for the map",
    "/changes/{number}/live": "the moving part of a change's page",
    "/runs/{number}/live": "the moving part of a run's page",
    "/incidents/{number}/sites": "numbers for the map",
    "/maintenances/notice": "leads to where a notice is pasted",
    "/network/drawing": "numbers for the drawing",
    "/inventory/import/template": "a workbook",
    "/inventory/export": "a file",
    "/inventory/dossier": "a file",
    "/findings/report.{form}": "a file",
    "/findings/evidence/{number}": "a file",
    "/findings/audit-report.{form}": "a file",
    "/findings/sheets/{year}/sheet.{form}": "a file",
    "/reports/carriers/credit.{form}": "a file",
    "/meetings/{uid:path}/minutes.{form}": "a file",
    "/meetings/{uid:path}/report.{form}": "a file",
    "/language/{code}": "leads back to where one was",
}
SECTIONS = tuple(f"/inventory/{kind.section}" for kind in KINDS.values())


def page_routes() -> list[APIRoute]:
    """Return the routes that show something to a person."""
    routes = [route for router in WEB for route in router.routes if isinstance(route, APIRoute)]
    return [route for route in routes if "GET" in (route.methods or ())]


def shown_by(addresses: Iterable[str]) -> set[str]:
    """Return the paths of the routes that answer at these addresses, the first that fits each."""
    found = set()
    for address in addresses:
        scope = {"type": "http", "method": "GET", "path": address.partition("?")[0]}
        fits = (route for route in page_routes() if route.matches(scope)[0] is Match.FULL)
        found.add(next(route.path for route in fits))
    return found


@pytest.fixture
def engineer(app: FastAPI, full: Database, people: People) -> Desk:
    return Desk(*signed_in(app, full, people.engineer, second_factor=True))


@pytest.fixture
def made(engineer: Desk, full: Database, people: People) -> tuple[str, ...]:
    """What there is to see only once somebody did something: addresses of it all."""
    province.night(full, people)
    differ(full)
    first = engineer.upload("/inventory/import", SITE)
    done = engineer.send(f"{first}/apply", plan_sha256=engineer.plan_of(first))
    merger = engineer.upload("/reorganisations", MERGE)
    filed = engineer.send(f"{merger}/file", plan_sha256=engineer.plan_of(merger), reason="nghị")
    return (
        engineer.upload("/inventory/import", SITE.replace("xa-91", "xa-92")),
        engineer.upload("/inventory/import", WRONG),
        done,
        f"{done}/undo",
        engineer.upload("/reorganisations", MERGE),
        engineer.upload("/reorganisations", "a: 1"),
        filed,
    )


def test_every_page_is_looked_at_or_said_to_be_none(made: tuple[str, ...]) -> None:
    routes = {route.path for route in page_routes()}
    assert routes - shown_by((*PAGES, *SECTIONS, *made)) == set(NO_PAGES)


def test_a_page_that_nobody_looks_at_is_noticed() -> None:
    seen = shown_by(path for path in PAGES if path != "/network")
    assert "/network" in {route.path for route in page_routes()} - seen


def test_no_page_in_vietnamese_holds_english(engineer: Desk, made: tuple[str, ...]) -> None:
    engineer.page.cookies.set(LANGUAGE_COOKIE, "vi")
    for path in (*PAGES, *SECTIONS, *made):
        page = engineer.page.get(path)
        assert page.status_code in {200, 404}, path
        assert not INLINE.findall(page.text), path
        assert not english_of(page.text), path


def test_the_same_pages_in_english_are_noticed(engineer: Desk, made: tuple[str, ...]) -> None:
    for path in (*SECTIONS, *made):
        assert english_of(engineer.page.get(path).text), path
