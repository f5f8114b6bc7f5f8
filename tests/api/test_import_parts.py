"""A part of a file, and pruning, in the browser: shown first, then exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.guard import LANGUAGE_COOKIE
from api.web.importing import CONFIRMED_ABOVE
from inventory import service as inventory
from tests.api import province
from tests.api.browsing import signed_in
from tests.api.test_inventory_pages import Desk, sites
from tests.api.test_pages import english_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow

TWO = """\
version: 1
contacts: [{code: ong-a, name: Nguyễn Văn An}]
sites:
  - {slug: xa-91, name: Xã chín mốt, unit: xa-05, kind: commune}
  - {slug: xa-92, name: Xã chín hai, unit: xa-06, kind: commune}
"""
HALF_WRONG = TWO.replace("unit: xa-06, kind: commune", "unit: xa-06, kind: toa")
LEFT = "version: 1\nrooms: [{code: room-01, name: Phòng họp xã Tân Lập, site: xa-01}]\n"


@pytest.fixture
def engineer(app: FastAPI, sqlite_database: Database, people: People) -> Desk:
    return Desk(*signed_in(app, sqlite_database, people.engineer, second_factor=True))


def rooms(database: Database) -> set[str]:
    with database.read() as session:
        found = inventory.list_rooms(session, province.SYSTEM).items
    return {room.code for room in found}


def test_each_kind_and_row_of_a_plan_can_be_ticked(engineer: Desk) -> None:
    text = engineer.text(engineer.upload("/inventory/import", TWO))
    for choice in ("contact", "contact:ong-a", "site", "site:xa-91", "site:xa-92"):
        assert f'name="only" value="{choice}"' in text


def test_only_the_ticked_rows_are_shown_and_written(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", TWO)
    part = f"{plan}?only=site:xa-91"
    text = engineer.text(part)
    assert "2 rows are left out" in text
    assert 'value="site:xa-91" aria-label="Take xa-91" checked' in text
    sha = engineer.plan_of(part)
    engineer.send(f"{plan}/apply", plan_sha256=sha, part="only=site%3Axa-91")
    assert sites(sqlite_database) >= {"xa-91"}
    assert "xa-92" not in sites(sqlite_database)


def test_the_whole_is_not_written_by_the_hash_of_a_part(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", TWO)
    sha = engineer.plan_of(f"{plan}?only=site:xa-91")
    again = engineer.send(f"{plan}/apply", plan_sha256=sha)
    assert "outcome=changed" in again
    assert not sites(sqlite_database) & {"xa-91", "xa-92"}


def test_the_sound_rows_of_a_faulty_file_are_offered_and_taken(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", HALF_WRONG)
    text = engineer.text(plan)
    assert "Nothing imported: 1 error" in text
    assert 'name="only" value="site:xa-91"' in text
    assert 'name="only" value="site:xa-92"' not in text
    part = f"{plan}?only=site:xa-91&only=contact"
    done = engineer.send(
        f"{plan}/apply", plan_sha256=engineer.plan_of(part), part="only=site:xa-91&only=contact"
    )
    assert "xa-91" in sites(sqlite_database)
    assert "Nguyễn Văn An" in engineer.text(done)


def test_pruning_shows_by_name_what_goes_and_wants_the_unit_typed_when_it_is_much(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", LEFT)
    pruned = f"{plan}?prune=tinh"
    text = engineer.text(pruned)
    gone = {f"room-{number:02}" for number in range(2, 13)}
    assert len(gone) > CONFIRMED_ABOVE
    taken_away = text.split('class="card plan-removed"')[1].split("</section>")[0]
    assert all(f"<b>{code}</b>" in taken_away for code in gone)
    assert "11 elements are taken away within tinh" in text
    sent = {"plan_sha256": engineer.plan_of(pruned), "part": "prune=tinh"}
    again = engineer.send(f"{plan}/apply", **sent, confirm="xa-01")
    assert "type the code of the unit" in engineer.text(again)
    assert rooms(sqlite_database) > gone
    engineer.send(f"{plan}/apply", **sent, confirm="tinh")
    assert rooms(sqlite_database) == {"room-01"}


def test_pruning_a_little_needs_no_typing_and_stays_within_its_unit(
    engineer: Desk, sqlite_database: Database
) -> None:
    plan = engineer.upload("/inventory/import", LEFT)
    pruned = f"{plan}?prune=xa-02"
    assert 'name="confirm"' not in engineer.text(pruned)
    engineer.send(f"{plan}/apply", plan_sha256=engineer.plan_of(pruned), part="prune=xa-02")
    assert "room-02" not in rooms(sqlite_database)
    assert "room-03" in rooms(sqlite_database)


def test_a_unit_that_is_none_and_all_else_is_told_in_vietnamese(engineer: Desk) -> None:
    engineer.page.cookies.set(LANGUAGE_COOKIE, "vi")
    plan = engineer.upload("/inventory/import", LEFT)
    for asked in ("?prune=nowhere", "?prune=tinh", "?only=room", "?only=room:room-99"):
        text = engineer.text(f"{plan}{asked}")
        assert not english_of(text), asked
        assert 'lang="en"' not in text.split("<main")[1], asked
