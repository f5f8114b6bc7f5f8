"""A device that lost its route to the data centre is found out by asking it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import DriverError, Reason
from hatang.gates import Verdict
from inventory.models import Device
from playbooks.changes import routes
from playbooks.changes.routes import RouteHealth
from tests.playbooks.records import device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database

HOME = "10.255.0.1"


class Told:
    """A driver session that answers with what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def call(self, method: str, *, destination: str) -> Any:
        assert (method, destination) == ("get_route_to", HOME)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def gate(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> RouteHealth:
    answers: dict[str, Any] = {
        "there": {"10.255.0.0/24": [{"next_hop": "10.0.0.1"}]},
        "lost": {},
        "elsewhere": {"10.255.0.0/24": [{"next_hop": "10.9.0.1", "routing_table": "mgmt"}]},
        "dumb": DriverError("get_route_to", Reason.NOT_SUPPORTED),
    }
    with sqlite_database.write() as session:
        core = session.get_one(Device, device(session, "core").device_id)
        core.role, core.primary_ip4 = "core", HOME
        accesses = {one.name: one for one in (device(session, name) for name in answers)}
    monkeypatch.setattr(routes, "prepare", lambda _session, row: accesses[row.name])

    @contextmanager
    def opened(access: Any, _keys: object) -> Iterator[Told]:
        yield Told(answers[access.name])

    monkeypatch.setattr(routes, "open_driver", opened)
    return RouteHealth(sqlite_database, None)  # type: ignore[arg-type]


def test_only_a_route_that_is_there_is_good(gate: RouteHealth) -> None:
    names = ("there", "lost", "elsewhere", "dumb", "gone")
    found = gate.check([f"route:key-{name}" for name in names])
    verdicts = [Verdict.PASS, *[Verdict.FAIL] * 2, *[Verdict.UNKNOWN] * 2]
    assert [one.verdict for one in found] == verdicts


def test_the_data_centre_needs_no_route_to_itself(
    gate: RouteHealth, sqlite_database: Database
) -> None:
    with sqlite_database.read() as session:
        asked = ["route:key-core", "route:key-there", "device:key-lost"]
        assert gate.covers(session, asked) == ["route:key-there"]
