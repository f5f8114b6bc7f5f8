"""A device that never stops talking is named with its reason, and the next one is collected."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any, Self

import pytest

from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import Reason
from inventory.platforms.schema import Platform
from playbooks.vault import Collection, collection, rounds
from tests.playbooks.records import SYSTEM, collected, device

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

FIFTY_MEGABYTES = 50 * 1000 * 1000
LINE = "interface GigabitEthernet0/1\n"


class Talker:
    """A NAPALM session whose configuration has so many characters."""

    def __init__(self, length: int) -> None:
        self.text = LINE * (length // len(LINE) + 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_args: object) -> None:
        pass

    def call(self, _method: str, *_args: Any, **_kwargs: Any) -> dict[str, str]:
        return dict.fromkeys(("running", "startup", "show clock"), self.text)

    @classmethod
    def of(cls, access: Access, _keys: object) -> Talker:
        return cls(FIFTY_MEGABYTES if access.name == "large" else 100)


def test_fifty_megabytes_are_refused_and_the_others_are_kept(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "open_driver", Talker.of)
    with sqlite_database.write() as session:
        both = tuple(device(session, name, "cisco_ios") for name in ("large", "small"))
    found = {
        kept.device: kept
        for kept in rounds.run(sqlite_database, FakeHostKeys({}), SYSTEM, both, "backup")
    }
    assert found["large"].reason is Reason.PROTOCOL_ERROR
    assert "too large" in found["large"].message
    assert found["small"].is_new


@pytest.mark.parametrize(
    ("platform", "work"), [("cisco_ios", "redact"), ("linux", "without_states")]
)
def test_others_write_while_a_configuration_is_worked_on(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, platform: str, work: str
) -> None:
    """A server's is compared without its states with the version before."""
    with sqlite_database.write() as session:
        small = device(session, "small", platform)
    found = iter((collected("# one\n"), collected("# one\n# two\n")))

    def collect_many(*_given: Any) -> list[Collection]:
        return [Collection(small, next(found))]

    monkeypatch.setattr(rounds, "collect_many", collect_many)
    list(rounds.run(sqlite_database, FakeHostKeys({}), SYSTEM, (small,), "backup"))
    waited: list[bool] = []

    def write() -> None:
        with sqlite_database.write() as session:
            device(session, f"other-{len(waited)}")

    def worked_on(_self: Platform, text: str) -> str:
        other = Thread(target=write, daemon=True)
        other.start()
        other.join(5)
        waited.append(other.is_alive())
        return text

    monkeypatch.setattr(Platform, work, worked_on)
    (kept,) = rounds.run(sqlite_database, FakeHostKeys({}), SYSTEM, (small,), "backup")
    assert kept.is_new
    assert waited
    assert not any(waited)
