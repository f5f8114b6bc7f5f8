"""The command decides about exactly what it showed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from cli import exits
from hatang import clock
from hatang.auth import Actor, Role
from inventory import service
from inventory.choices import ElementKind
from inventory.inbox import recording
from inventory.inbox import service as inbox
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.db import WriteSession
    from tests.cli.conftest import Hatang

LAN = Actor(2, "lan", frozenset({Role.ENGINEER}), None)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2N4oJ4mUEJ1kFj0XyX9m3r8v1cQ2o0m0Yb5c3b7dQe"


@pytest.fixture
def known(hatang: Hatang) -> Hatang:
    """A province where rtr-02 has another serial number than intended."""
    with hatang.database.write() as session:
        plan = service.plan_import(session, LAN, PROVINCE, "province.yaml")
        service.apply_import(session, LAN, plan, "test")
    observe(hatang, "SHOWN")
    return hatang


def observe(hatang: Hatang, value: str) -> None:
    with hatang.database.write() as session:
        device = service.get_device(session, LAN, "rtr-02")
        facts = {"serial": value}
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")


def present(hatang: Hatang) -> None:
    with hatang.database.write() as session:
        device = service.get_device(session, LAN, "core-1")
        seen = Proposal(
            DeviationKind.HOST_KEY, device.device_key, device.scope_id, "device", "core-1",
            "discovery", device.id, observed={"keys": [KEY], "fingerprints": ["SHA256:x"]},
        )  # fmt: skip
        recording.note(session, [seen])


def listed(hatang: Hatang, **filters: str) -> dict[str, Any]:
    where = [word for name, value in filters.items() for word in ("--where", f"{name}={value}")]
    (row,) = json.loads(hatang("inbox", "list", *where, "--as", "lan").out)
    return dict(row)


def serial(hatang: Hatang) -> str | None:
    with hatang.database.read() as session:
        return service.get_device(session, LAN, "rtr-02").serial


def test_the_digest_of_an_earlier_list_refuses_another_value(known: Hatang) -> None:
    row = listed(known)
    observe(known, "SWAPPED")
    words = ("inbox", "accept", str(row["id"]), "--digest", row["digest"], "--as", "lan")
    assert "changed since they were shown" in known(*words).err
    assert serial(known) != "SWAPPED"


def test_many_are_shown_and_exactly_that_is_accepted(
    known: Hatang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another value seen between showing and writing is not written."""
    honest = inbox.accept

    def slow(
        session: WriteSession, actor: Actor, shown: Mapping[int, str], *rest: Any, **named: Any
    ) -> int:
        device = service.get_device(session, LAN, "rtr-02")
        facts = {"serial": "SWAPPED"}
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")
        return honest(session, actor, shown, *rest, **named)

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "accept", slow)
        refused = known("inbox", "accept", "--where", "kind=field", "--as", "lan")
    assert refused.status != exits.OK
    ran = known("inbox", "accept", "--where", "kind=field", "--as", "lan")
    assert [row["observed"] for row in json.loads(ran.out)] == ["SHOWN"]
    assert serial(known) == "SHOWN"


def test_a_program_accepts_a_host_key_only_with_its_digest(known: Hatang) -> None:
    present(known)
    row = listed(known, kind="host_key")
    words = ("inbox", "accept", str(row["id"]), "--as", "lan")
    assert "is a host key" in known(*words).err
    assert (
        "is a host key" in known("inbox", "accept", "--where", "source=discovery", *words[-2:]).err
    )
    assert known(*words, "--digest", row["digest"]).status == exits.OK


@pytest.mark.parametrize(("until", "is_taken"), [("2026-03-05", False), ("2026-03-06", True)])
def test_the_day_is_that_of_the_province(known: Hatang, until: str, *, is_taken: bool) -> None:
    """At 18:00 in UTC it is the fifth in Vietnam, so that the fifth is no day to come."""
    number = str(listed(known)["id"])
    with clock.frozen(datetime(2026, 3, 4, 18, tzinfo=UTC)):
        ran = known("inbox", "ignore", number, "--until", until, "--reason", "chờ", "--as", "lan")
    assert (ran.status == exits.OK) is is_taken
