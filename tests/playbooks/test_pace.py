"""Devices of one AAA server are logged in to a few at a time, whatever the work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hatang import secrets
from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import Reason
from hatang.jobs import turns
from hatang.settings import Settings
from inventory import service as inventory
from inventory.models import Device
from playbooks import changes, commands, pace
from playbooks.access import prepare
from playbooks.changes import jobs
from playbooks.choices import TargetState
from playbooks.pace import Pace
from playbooks.vault import collection, rounds
from tests.hatang.jobs.crowd import Crowd
from tests.playbooks.changes.planned import OneDevice, approved
from tests.playbooks.records import SYSTEM, collected, device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access
    from playbooks.vault import Collected

SERVER = "10.0.0.49"


@pytest.fixture
def fleet(sqlite_database: Database) -> list[Access]:
    with sqlite_database.write() as session:
        return [device(session, f"r{number}") for number in range(6)]


@pytest.fixture
def crowd(fleet: list[Access], monkeypatch: pytest.MonkeyPatch) -> Crowd:
    found = Crowd(len(fleet), monkeypatch)

    def fetched(_access: Access, _keys: object) -> Collected:
        with found.inside():
            return collected("hostname r1\n!\n")

    monkeypatch.setattr(collection, "collect", fetched)
    return found


def test_a_round_of_backups_logs_in_to_no_more_of_one_server_than_is_allowed(
    sqlite_database: Database, fleet: list[Access], crowd: Crowd
) -> None:
    served = tuple(replace(one, aaa_server=SERVER) for one in fleet)
    kept = list(
        rounds.run(sqlite_database, FakeHostKeys({}), SYSTEM, served, "backup", pace=Pace(6, 2))
    )
    assert [one.reason for one in kept] == [Reason.OK] * 6
    assert crowd.most == 2


def test_devices_that_ask_no_server_are_not_counted(
    sqlite_database: Database, fleet: list[Access], crowd: Crowd
) -> None:
    keys, pace_of = FakeHostKeys({}), Pace(6, 2)
    list(rounds.run(sqlite_database, keys, SYSTEM, tuple(fleet), "backup", pace=pace_of))
    assert crowd.most == 6


def write_server(database: Database, access: Access) -> None:
    with database.write() as session:
        session.get_one(Device, access.device_id).aaa_server = SERVER


def hold(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the only place there is, and let nobody wait for it."""
    monkeypatch.setattr(pace, "PATIENCE_SECONDS", 0.0)
    assert turns._taken(database, f"aaa/{SERVER}", 1, "another worker") is not None


def test_a_push_that_has_no_turn_touches_nothing_and_says_so(
    sqlite_database: Database,
    fleet: list[Access],
    engineer: Actor,
    approver: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_server(sqlite_database, fleet[0])
    stage = OneDevice()
    stage.database = sqlite_database
    stage.number = approved(sqlite_database, engineer, approver, fleet[0])
    with sqlite_database.write() as session:
        changes.execute(session, engineer, stage.number)
    hold(sqlite_database, monkeypatch)
    monkeypatch.setattr(jobs, "_carry_out", pytest.fail)
    assert jobs._push(sqlite_database, stage.target.id, 1, Pace(6, 1)) == TargetState.FAILED
    assert stage.target.reason == Reason.BUSY
    assert SERVER in stage.target.detail


def test_a_command_that_has_no_turn_is_told_busy(
    sqlite_database: Database,
    fleet: list[Access],
    engineer: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = replace(fleet[0], aaa_server=SERVER)
    monkeypatch.setattr(commands, "prepare", lambda *_given: served)
    monkeypatch.setattr(commands, "show", pytest.fail)
    hold(sqlite_database, monkeypatch)
    keys, asked = FakeHostKeys({}), ("show version", ["r0"])
    (group,) = commands.run_command(sqlite_database, keys, engineer, *asked, pace=Pace(6, 1))
    assert group.reason is Reason.BUSY


def test_how_a_device_is_reached_says_whom_it_asks(
    sqlite_database: Database, fleet: list[Access], admin: Actor
) -> None:
    write_server(sqlite_database, fleet[0])
    with sqlite_database.write() as session:
        secrets.put(session, admin, "ops", "ssh", {"username": "o", "password": "p"})
        row = session.get_one(Device, fleet[0].device_id)
        row.primary_ip4, row.credentials = "10.0.0.1", {"ssh": "ops"}
    with sqlite_database.read() as session:
        access = prepare(session, inventory.get_device(session, SYSTEM, "r0"))
    assert access.aaa_server == SERVER


def test_the_pace_is_what_the_settings_say() -> None:
    settings = Settings.model_validate({"jobs": {"concurrency": 30, "aaa_server_concurrency": 3}})
    assert Pace.of(settings) == Pace(30, 3)
    assert Pace.of(Settings()) == Pace()
