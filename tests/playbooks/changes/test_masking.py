"""A secret in a text is in nothing that a device says of the text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NoReturn

import pytest

from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import DriverError, Problem, Reason
from inventory import platforms
from playbooks.changes import planning
from playbooks.changes.masking import masked
from playbooks.pace import Pace
from tests.playbooks.records import device

if TYPE_CHECKING:
    from hatang.db import Database

LINE = "snmp-server community S3cretWord ro"
TEXT = f"hostname r1\n{LINE}\n"


@pytest.mark.parametrize(
    "said",
    [
        "snmp-server community S3cretWord ro",
        "% Invalid input: 'snmp-server community S3cretWord ro' at line 2",
        "unknown word 'S3cretWord'",
    ],
)
def test_a_refusal_tells_no_secret(said: str) -> None:
    told = masked(platforms.get("cisco_ios"), said, TEXT)
    assert "S3cretWord" not in told
    assert "<redacted>" in told


def test_a_refusal_without_a_secret_is_told_whole() -> None:
    said = "% Invalid input: hostname r1"
    assert masked(platforms.get("cisco_ios"), said, TEXT) == said


def test_a_plan_that_a_device_refuses_tells_no_secret(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> NoReturn:
        raise DriverError("% Unknown command: " + LINE, Reason.REJECTED)

    monkeypatch.setattr(planning, "open_driver", refuses)
    with sqlite_database.write() as session:
        access = device(session, "r1", "cisco_ios")
    connect = partial(planning._connect, sqlite_database, FakeHostKeys({}), Pace())
    told = planning._compute(sqlite_database, connect, "load_merge_candidate", (1, access, TEXT))
    assert isinstance(told, Problem)
    assert "S3cretWord" not in told.message
    assert "Unknown command" in told.message
