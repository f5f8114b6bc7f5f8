"""At Huế's size: 133 communes become 40 on one day, some shared out, and both days are told."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

from hatang.auth import Actor, Role
from hatang.datadir import Places, equip_all
from hatang.db import Database
from inventory import service
from inventory.choices import ElementKind
from inventory.service import covering, reorganising
from lab.profiles import hue_2025

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Cluster

SEED = 46
BEFORE, DAY = date(2025, 6, 30), date(2025, 7, 1)
COMMUNES = {"commune", "ward", "special-zone"}

pytestmark = pytest.mark.slow


ENGINEER = Actor(2, "engineer", frozenset({Role.ENGINEER}), None)
APPROVER = Actor(3, "approver", frozenset({Role.APPROVER}), None)


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def reorganised(
    request: pytest.FixtureRequest, _keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The province after its day, made once an engine: the tests only read."""
    data_dir = tmp_path_factory.mktemp("hue") / "data"
    shutil.copytree(_keys, data_dir)
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), data_dir / "hatang.sqlite3")
        url = f"sqlite:///{data_dir / 'hatang.sqlite3'}"
    else:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.create(request.getfixturevalue("postgres_migrated"))
    database = Database.open(url)
    equip_all(database, Places.under(data_dir))
    reorganise(database, ENGINEER, APPROVER)
    yield database
    database.dispose()


def reorganise(database: Database, engineer: Actor, approver: Actor) -> None:
    text = yaml.safe_dump(hue_2025.before(SEED).content(), allow_unicode=True)
    merge = yaml.safe_dump(hue_2025.reorganisation(SEED), allow_unicode=True)
    with database.write() as session:
        plan = service.plan_import(session, engineer, text, "hue.yaml")
        service.apply_import(session, engineer, plan, "test")
    with database.write() as session:
        number = reorganising.file_reorganisation(
            session, engineer, merge, "merge.yaml", reason="nghị quyết"
        )
        shown = reorganising.get_reorganisation(session, engineer, number)
        assert shown.plan is not None
        assert shown.plan.counts() == {
            "created": 40,
            "dissolved": 133 + 9,
            "changed": 0,
            "transferred": len(shown.plan.transfers),
            "successions": 133 + 9 + hue_2025.SPLIT,
            "roles": 0,
        }
        reorganising.decide_reorganisation(session, approver, number, shown.sha256, approve=True)
        reorganising.apply_reorganisation(session, engineer, number, DAY)


def test_133_communes_become_40_and_each_day_is_told_as_it_was(
    reorganised: Database, engineer: Actor
) -> None:
    with reorganised.read() as session:
        days = [reorganising.units_as_of(session, engineer, on) for on in (BEFORE, DAY)]
        sites = [
            reorganising.owners_as_of(session, engineer, ElementKind.SITE, on)
            for on in (BEFORE, DAY)
        ]
    kinds = [[row.kind for row in units if row.kind in COMMUNES] for units in days]
    assert [len(found) for found in kinds] == [133, 40]
    assert [kinds[1].count("ward"), kinds[1].count("commune")] == [21, 19]
    assert sites[0].keys() == sites[1].keys()
    assert sites[0]["xa-001"] == "xa-001"
    assert {unit for unit in sites[1].values() if unit.startswith("m-")} == {
        f"m-{number:02}" for number in range(1, 41)
    }


@pytest.mark.parametrize(("on", "communes"), [(BEFORE, 133), (DAY, 40)])
def test_the_coverage_of_a_day_is_counted_over_the_units_of_that_day(
    reorganised: Database, engineer: Actor, on: date, communes: int
) -> None:
    with reorganised.read() as session:
        found = {one.code: one for one in covering.coverage_figures(session, engineer, on)}
    whole = (communes, communes)
    assert (found["communes_on_wan"].have, found["communes_on_wan"].total) == whole
    assert (found["communes_with_desk"].have, found["communes_with_desk"].total) == whole
    assert found["desks"].have == 133


def test_a_shared_out_commune_has_two_successors_and_every_old_name_finds_somebody(
    reorganised: Database, engineer: Actor
) -> None:
    names = [name for _, name in hue_2025.before(SEED).of_kind("commune")]
    with reorganised.read() as session:
        found = {name: reorganising.find_units(session, engineer, name) for name in names}
    successors = [next(u for u in units if u.unit.name == n) for n, units in found.items()]
    counts = [len(one.successors) for one in successors]
    assert (counts.count(2), counts.count(1)) == (hue_2025.SPLIT, 133 - hue_2025.SPLIT)
    assert all(units[0].unit.valid_to is None for units in found.values())
