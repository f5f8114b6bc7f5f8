"""The device's clock is asked with its configuration and kept beside it, also when it is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

import pytest

from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.protocols import CommandResult
from hatang.errors import DriverError, Reason
from playbooks import vault
from playbooks.vault import ClockReading, collection
from tests.playbooks.records import AT, SYSTEM, collected, device

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

TEXT = "hostname r1\nend\n"
SKEWED = ClockReading("01:00:07 UTC Sun Nov 22 2026", AT + timedelta(seconds=7), AT)
SILENT = ClockReading("", None, AT)


@pytest.fixture
def access(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        return device(session, "r1", "cisco_ios")


class Driver:
    """A NAPALM session whose `show clock` answers `clock`, or breaks."""

    def __init__(self, clock: str | None) -> None:
        self.clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_args: object) -> None:
        pass

    def call(self, method: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        if method == "get_config":
            return {kwargs["retrieve"]: TEXT}
        if self.clock is None:
            raise DriverError("r1: no such command", Reason.REJECTED)
        return {args[0][0]: self.clock}


def stored(database: Database, access: Access, reading: ClockReading | None) -> vault.VersionRow:
    with database.write() as session:
        given = replace(collected(TEXT), clock=reading)
        version, _new = vault.store(session, SYSTEM, access, given, source="backup")
    with database.read() as session:
        return vault.read(session, SYSTEM, version)[0]


def test_the_clock_is_read_in_the_session_of_the_collection(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "02:00:00.000 UTC Sun Nov 29 2026"
    monkeypatch.setattr(collection, "open_driver", lambda *_args: Driver(said))
    found = collection.collect(access, FakeHostKeys({})).clock
    assert found is not None
    assert (found.said, str(found.device_at)) == (said, "2026-11-29 02:00:00+00:00")


def test_a_device_without_that_command_is_collected_all_the_same(
    access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "open_driver", lambda *_args: Driver(None))
    found = collection.collect(access, FakeHostKeys({}))
    assert (found.text, found.startup) == (TEXT, TEXT)
    assert found.clock is not None
    assert found.clock.device_at is None


def test_a_server_tells_its_time_beside_the_script(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shell:
        def run(self, command: str, *_args: object) -> CommandResult:
            told = "2026-11-29 02:00:00 UTC\n" if command.startswith("date") else "# a\n# b\n"
            return CommandResult(told, "", 0)

        def close(self) -> None:
            pass

    with sqlite_database.write() as session:
        server = device(session, "srv", "linux")
    monkeypatch.setattr(collection, "open_ssh", lambda *_args: Shell())
    found = collection.collect(server, FakeHostKeys({}))
    assert found.text == "# a\n# b\n"
    assert found.clock is not None
    assert str(found.clock.device_at) == "2026-11-29 02:00:00+00:00"


def test_the_skew_is_kept_with_the_version(sqlite_database: Database, access: Access) -> None:
    assert stored(sqlite_database, access, SKEWED).skew_seconds == 7


def test_a_clock_that_was_not_read_is_unknown_and_not_right(
    sqlite_database: Database, access: Access
) -> None:
    stored(sqlite_database, access, SKEWED)
    assert stored(sqlite_database, access, SILENT).skew_seconds is None


def test_a_push_that_asks_no_clock_leaves_what_was_read(
    sqlite_database: Database, access: Access
) -> None:
    stored(sqlite_database, access, SKEWED)
    assert stored(sqlite_database, access, None).skew_seconds == 7
