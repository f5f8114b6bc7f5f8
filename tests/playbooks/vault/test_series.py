from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.metrics import render
from playbooks.vault import series
from tests.playbooks.records import AT, device, keep

if TYPE_CHECKING:
    from hatang.db import Database

NAME = "hatang_vault_collected_timestamp_seconds"


def shown(database: Database) -> list[str]:
    with database.read() as session:
        series.update(session)
    return [line for line in render()[0].decode().splitlines() if line.startswith(f"{NAME}{{")]


def test_a_device_tells_when_it_was_collected_last(database: Database) -> None:
    with database.write() as session:
        access = device(session)
    keep(database, access, "hostname r1\n")
    (line,) = shown(database)
    assert line.startswith(f'{NAME}{{device="r1",element="device:key-r1"}}')
    assert float(line.rpartition(" ")[2]) == AT.timestamp()


def test_a_device_that_never_was_collected_has_no_age(database: Database) -> None:
    with database.write() as session:
        device(session)
    assert shown(database) == []
