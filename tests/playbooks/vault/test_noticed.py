"""A device that says it was configured is read at once, and its version says who did it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from inventory import platforms
from monitors.models import HintRow
from playbooks.models import ConfigVersion
from playbooks.vault import hinted, noticed, rounds
from playbooks.vault.collection import Collection
from playbooks.vault.rounds import Round
from tests.playbooks.records import AT, collected, device, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from playbooks.access import Access

LINE = "<189>45: rtr: %SYS-5-CONFIG_I: Configured from console by lan on vty0 (10.0.0.9)"


@pytest.fixture
def access(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        return device(session, "r1", platform="cisco_ios")


@pytest.fixture(autouse=True)
def now() -> Iterator[clock.Hand]:
    with clock.frozen(AT + timedelta(minutes=5)) as hand:
        yield hand


def told(database: Database, key: str = "key-r1", line: str = LINE, minutes: int = 4) -> None:
    at = AT + timedelta(minutes=minutes)
    with database.write() as session:
        session.add(
            HintRow(
                at=at,
                last_at=at,
                owner=key,
                element=f"device:{key}",
                scope_id=None,
                kind="config_changed",
                source="syslog",
                rule="cisco.config",
                detail={"line": line},
                count=1,
                is_verified=False,
            )
        )


def found(database: Database) -> list[hinted.Noticed]:
    with database.read() as session:
        return hinted.noticed(session, clock.now() - noticed.LOOK_BACK)


def test_who_configured_it_is_named(sqlite_database: Database, access: Access) -> None:
    told(sqlite_database)
    assert found(sqlite_database) == [hinted.Noticed(access.name, "lan")]


def test_a_device_read_since_is_left_alone(sqlite_database: Database, access: Access) -> None:
    keep(sqlite_database, access, "hostname r1\n!\n")
    told(sqlite_database, minutes=-1)
    assert found(sqlite_database) == []


def test_what_was_told_long_ago_is_left_to_the_nightly_round(
    sqlite_database: Database, access: Access
) -> None:
    told(sqlite_database, minutes=-30)
    assert access.name not in {one.device for one in found(sqlite_database)}


def test_the_version_says_who_it_was(
    sqlite_database: Database, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(sqlite_database)
    monkeypatch.setattr(rounds, "begin", lambda *_given: Round((access,), ()))
    monkeypatch.setattr(
        rounds, "collect_many", lambda *_given: [Collection(access, collected("hostname r1\n"))]
    )
    assert noticed.collect_configured(sqlite_database) == {"new": 1}
    with sqlite_database.read() as session:
        assert session.query(ConfigVersion).one().source == "configured by lan"


@pytest.mark.parametrize(
    ("platform", "line", "author"),
    [
        ("juniper_junos", "UI_COMMIT: User 'hoa' requested 'commit' operation", "hoa"),
        ("fortinet", 'logdesc="Attribute configured" user="hoa" ui="ssh"', "hoa"),
        ("hp_comware", "SHELL/6/SHELL_CMD: -Line=vty0-IPAddr=10.0.0.9-User=hoa; Command", "hoa"),
        ("huawei_vrp", 'CFM/4/CONFIG: configured (User="hoa", Address=10.0.0.9)', "hoa"),
        ("cisco_ios", "%SYS-5-CONFIG_I: Configured from console", ""),
        ("frr", "anything by hoa", ""),
    ],
)
def test_each_platform_names_who_configured_it(platform: str, line: str, author: str) -> None:
    assert platforms.get(platform).author(line) == author
