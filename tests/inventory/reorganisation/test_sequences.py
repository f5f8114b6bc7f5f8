"""Any sequence of reorganisations: nothing lost, every day whole, scopes equal to the tree."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hatang import approval, clock
from hatang.auth import Actor, Role
from hatang.auth.models import User, UserRole
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.errors import ConflictError, InvalidInputError
from hatang.scope.models import Scope, ScopeClosure
from inventory import service
from inventory.choices import ElementKind
from inventory.models import Device, Service, Site, Unit
from inventory.service import reorganising

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.db import AnySession

START = date(2025, 1, 1)
LATE = date(2030, 1, 1)
COMMUNES = 5
ENGINEER = Actor(2, "engineer", frozenset({Role.ENGINEER}), None)
APPROVER = Actor(3, "approver", frozenset({Role.APPROVER}), None)


def province() -> str:
    units = [{"code": "tinh", "name": "Tỉnh", "kind": "province"}]
    units += [
        {"code": f"h-{n}", "name": f"Huyện {n}", "kind": "unit", "parent": "tinh"} for n in (1, 2)
    ]
    rows: dict[str, Any] = {"version": 1, "units": units, "sites": [], "devices": []}
    rows["services"] = []
    for number in range(COMMUNES):
        code = f"x-{number}"
        parent = f"h-{number % 2 + 1}"
        units.append({"code": code, "name": f"Xã {number}", "kind": "commune", "parent": parent})
        rows["services"].append({"code": f"v-{code}", "name": "V", "kind": "web", "unit": code})
        for part in "ab":
            slug = f"s-{number}{part}"
            rows["sites"].append({"slug": slug, "name": slug, "unit": code, "kind": "commune"})
            device = {"name": f"r-{number}{part}", "site": slug, "role": "commune-router"}
            rows["devices"].append(device | {"platform": "frr"})
    rows["sites"].append({"slug": "dc", "name": "DC", "unit": "tinh", "kind": "datacentre"})
    return yaml.safe_dump(rows, allow_unicode=True)


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """Verb, and three numbers that choose among the units there are."""
    number = st.integers(0, 50)
    verb = st.sampled_from(["merge", "merge-into", "split", "split-on", "move", "rename"])
    found: list[tuple[str, int, int, int]] = draw(
        st.lists(st.tuples(verb, number, number, number), min_size=1, max_size=6)
    )
    return found


def document(session: AnySession, step: tuple[str, int, int, int], number: int) -> str:
    """Return a file that does the step with the units of the day; it may be refused."""
    on = START + timedelta(days=10 * number)
    verb, *chosen = step
    codes = sorted(row.code for row in reorganising.units_as_of(session, ENGINEER, on))
    one, two, three = (codes[choice % len(codes)] for choice in chosen)
    new = [
        {
            "code": f"n-{number}{part}",
            "name": f"Mới {number}{part}",
            "kind": "ward",
            "parent": "tinh",
        }
        for part in "ab"
    ]
    sites = sorted(
        key
        for key, unit in reorganising.owners_as_of(session, ENGINEER, ElementKind.SITE, on).items()
        if unit == one
    )
    first, second = new[0]["code"], new[1]["code"]
    shares = [
        {"unit": first, "takes": {"sites": sites[:1]}},
        {"unit": one if verb == "split-on" else second, "rest": True},
    ]
    entries: dict[str, dict[str, Any]] = {
        "merge": {"merge": [one, two], "into": first},
        "merge-into": {"merge": [one, two], "into": three, "people": "follow"},
        "split": {"split": one, "into": shares, "people": first},
        "split-on": {"split": one, "into": shares},
        "move": {"move": one, "to": two},
        "rename": {"rename": one, "name": f"Tên {number}", "code": f"c-{number}"},
    }
    used = {"merge": new[:1], "split": new, "split-on": new[:1]}.get(verb, [])
    content = {"version": 1, "title": verb, "effective_on": on, "units": used}
    content["reorganise"] = [entries[verb]]
    return yaml.safe_dump(content, allow_unicode=True)


@pytest.fixture(scope="module")
def seeded(sqlite_template: Path, _keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the province, to be copied for each example."""
    folder = tmp_path_factory.mktemp("seeded") / "data"
    shutil.copytree(_keys, folder)
    shutil.copy(sqlite_template, folder / "hatang.sqlite3")
    database = opened(folder)
    with database.write() as session:
        plan = service.plan_import(session, ENGINEER, province(), "province.yaml")
        service.apply_import(session, ENGINEER, plan, "test")
        user = User(name="xã", created_at=clock.now())
        session.add(user)
        session.flush()
        for code in ("x-0", "x-1", "h-1"):
            scope_id = session.scalars(select(Unit.scope_id).where(Unit.code == code)).one()
            row = UserRole(
                user_id=user.id, role="viewer", scope_id=scope_id, granted_by="admin",
                granted_at=clock.now(),
            )  # fmt: skip
            session.add(row)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    return folder


def opened(folder: Path) -> Database:
    database = Database.open(f"sqlite:///{folder / 'hatang.sqlite3'}")
    equip_all(database, Places.under(folder))
    return database


def apply(database: Database, text: str) -> bool:
    """Take the file all the way; return whether it was accepted."""
    with database.write() as session:
        try:
            number = reorganising.file_reorganisation(
                session, ENGINEER, text, "step.yaml", reason="thử"
            )
        except (InvalidInputError, ConflictError):  # wrong, or changes nothing
            return False
        shown = reorganising.get_reorganisation(session, APPROVER, number)
        assert shown.approval == approval.State.PENDING
        reorganising.decide_reorganisation(session, APPROVER, number, shown.sha256, approve=True)
        reorganising.apply_reorganisation(session, ENGINEER, number, LATE)
    return True


def owners(session: AnySession, on: date) -> dict[str, str]:
    return reorganising.owners_as_of(session, ENGINEER, ElementKind.SITE, on)


def day_by_day(session: AnySession, days: list[date]) -> dict[date, tuple[Any, dict[str, str]]]:
    """Return units and owners of each day, without what a row's own id or last day says."""
    return {
        on: (
            {
                row.code: (row.name, row.parent)
                for row in reorganising.units_as_of(session, ENGINEER, on)
            },
            owners(session, on),
        )
        for on in days
    }


def check_whole(session: AnySession, days: list[date]) -> None:
    """Every site in exactly one unit that exists, each day; every parent exists that day too."""
    for on in days:
        units = {row.code: row for row in reorganising.units_as_of(session, ENGINEER, on)}
        assert owners(session, on).keys() == {*session.scalars(select(Site.slug))}
        assert set(owners(session, on).values()) <= units.keys()
        assert {row.parent for row in units.values()} <= {*units, None}


def check_scopes(session: AnySession) -> None:
    """Scopes hang as units do, and the closure is that of the tree."""
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    parents = {row.id: row.parent_id for row in session.scalars(select(Scope))}
    for unit in units.values():
        above = None if unit.parent_id is None else units[unit.parent_id].scope_id
        assert parents[unit.scope_id] == above
    pairs = {(row.ancestor_id, row.descendant_id) for row in session.scalars(select(ScopeClosure))}
    assert pairs == {(above, one) for one in parents for above in upwards(parents, one)}
    for device, site in session.execute(select(Device, Site).join(Site, Device.site_id == Site.id)):
        assert device.scope_id == site.scope_id == units[site.unit_id].scope_id


def upwards(parents: dict[int, int | None], one: int | None) -> Iterator[int]:
    while one is not None:
        yield one
        one = parents[one]


def check_nothing_lost(session: AnySession, before: set[str]) -> None:
    """Nothing vanishes, and no role hangs where no unit is."""
    assert len(list(session.scalars(select(Site)))) == 2 * COMMUNES + 1
    assert len(list(session.scalars(select(Service)))) == COMMUNES
    names = {word for unit in session.scalars(select(Unit)) for word in (unit.name, *unit.aliases)}
    assert before <= names
    scopes = set(session.scalars(select(Unit.scope_id)))
    assert set(session.scalars(select(UserRole.scope_id))) <= scopes


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=steps())
def test_any_sequence_keeps_every_day_whole_and_loses_nothing(
    sequence: list[tuple[str, int, int, int]],
    seeded: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("example") / "data"
    shutil.copytree(seeded, folder)
    database = opened(folder)
    days = [START, LATE]
    try:
        for number, step in enumerate(sequence, 1):
            on = START + timedelta(days=10 * number)
            with database.read() as session:
                text = document(session, step, number)
                names = set(session.scalars(select(Unit.name)))
                earlier = day_by_day(session, [day for day in days if day < on])
            if not apply(database, text):
                continue
            days += [on - timedelta(days=1), on]
            with database.read() as session:
                assert day_by_day(session, list(earlier)) == earlier  # the past stays as it was
                check_whole(session, days)
                check_scopes(session)
                check_nothing_lost(session, names)
    finally:
        database.dispose()
        shutil.rmtree(folder)
