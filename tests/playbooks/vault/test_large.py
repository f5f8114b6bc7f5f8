"""A device that never stops talking is named with its reason, and the next one is collected."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import Reason
from inventory.platforms.schema import Platform
from playbooks.vault import collection, rounds
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    import pytest

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


def test_others_write_while_a_configuration_is_redacted(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "open_driver", Talker.of)
    with sqlite_database.write() as session:
        small = device(session, "small", "cisco_ios")
    written: list[str] = []

    def write() -> None:
        with sqlite_database.write():
            written.append("while it was redacted")

    def redact(_self: Platform, text: str) -> str:
        other = Thread(target=write, daemon=True)
        other.start()
        other.join(5)
        return text + "\n" * len(written)

    monkeypatch.setattr(Platform, "redact", redact)
    (kept,) = rounds.run(sqlite_database, FakeHostKeys({}), SYSTEM, (small,), "backup")
    assert kept.is_new
    assert written == ["while it was redacted"]
