"""A device that was exchanged: its new key counts once a person vouched for it."""

from __future__ import annotations

import base64
import json
import struct
from typing import TYPE_CHECKING

import pytest

from cli import exits
from cli.commands import hostkeys as commands
from hatang.audit import AuditEntry
from hatang.auth import Actor, Role, users
from hatang.drivers import hostkeys
from hatang.drivers.protocols import PublicKey
from inventory import service
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow

KIND = "ssh-ed25519"
ADDRESS = ("10.250.0.1", 22)


def key(number: int) -> PublicKey:
    blob = (
        struct.pack(">I", len(KIND)) + KIND.encode() + struct.pack(">I", 32) + bytes([number]) * 32
    )
    return PublicKey(KIND, base64.b64encode(blob).decode())


OLD, NEW, OTHER = (key(number) for number in (1, 2, 3))


@pytest.fixture
def known(hatang: Hatang, monkeypatch: pytest.MonkeyPatch) -> Hatang:
    """A province whose core-1 is enrolled with OLD and now presents NEW."""
    engineer = Actor(2, "lan", frozenset({Role.ENGINEER}), None)
    with hatang.database.write() as session:
        plan = service.plan_import(session, engineer, PROVINCE, "province.yaml")
        service.apply_import(session, engineer, plan, "test")
        hostkeys.enrol(session, *ADDRESS, [OLD], "lan")
    monkeypatch.setattr(commands, "scan", lambda _target: [NEW])
    return hatang


def counting(hatang: Hatang) -> list[PublicKey]:
    with hatang.database.read() as session:
        return hostkeys.lookup(session, *ADDRESS)


def test_a_scan_shows_and_trusts_nothing(known: Hatang) -> None:
    (row,) = json.loads(known("host-key", "scan", "core-1", "--as", "lan").out)
    assert row == {
        "kind": KIND,
        "fingerprint": hostkeys.fingerprint(NEW),
        "is_enrolled": False,
    }
    assert counting(known) == [OLD]


def test_the_vouched_key_counts_and_the_old_one_is_history(known: Hatang) -> None:
    new, old = hostkeys.fingerprint(NEW), hostkeys.fingerprint(OLD)
    ran = known("host-key", "replace", "core-1", "--fingerprint", new, "--yes", "--as", "lan")
    assert ran.status == exits.OK
    assert old in ran.err
    assert new in ran.err
    assert counting(known) == [NEW]
    listed = json.loads(known("host-key", "list", "core-1", "--as", "lan").out)
    assert [(row["fingerprint"], row["replaced_at"] is None) for row in listed] == [
        (new, True),
        (old, False),
    ]
    with known.database.read() as session:
        entries = session.query(AuditEntry).filter_by(action="host-key.replace").all()
    assert [entry.detail for entry in entries] == [{"old": [old], "new": new, "kind": KIND}]


def test_a_fingerprint_the_device_does_not_present_changes_nothing(known: Hatang) -> None:
    vouched = hostkeys.fingerprint(OTHER)
    ran = known("host-key", "replace", "core-1", "--fingerprint", vouched, "--yes", "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert hostkeys.fingerprint(NEW) in ran.err
    assert counting(known) == [OLD]


def test_what_is_presented_is_not_trusted_for_being_presented(known: Hatang) -> None:
    ran = known("host-key", "replace", "core-1", "--yes", "--as", "lan")
    assert ran.status == exits.USAGE
    assert counting(known) == [OLD]


@pytest.mark.parametrize(("answer", "expected"), [(True, NEW), (False, OLD)])
def test_on_a_terminal_it_asks(
    known: Hatang, monkeypatch: pytest.MonkeyPatch, answer: bool, expected: PublicKey
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda _question, err: answer)
    known("host-key", "replace", "core-1", "--as", "lan")
    assert counting(known) == [expected]


def test_a_key_given_as_a_line_is_taken_without_asking_the_device(known: Hatang) -> None:
    line = f"{KIND} {OTHER.data}"
    known("host-key", "replace", "core-1", "--key", line, "--yes", "--as", "lan")
    assert counting(known) == [OTHER]


def test_a_withdrawn_key_counts_no_more(known: Hatang) -> None:
    old = hostkeys.fingerprint(OLD)
    words = ("host-key", "withdraw", "core-1", old, "--yes", "--as", "lan")
    assert known(*words).status == exits.OK
    assert counting(known) == []
    assert known(*words).status == exits.NOT_FOUND


def test_without_a_terminal_a_key_is_withdrawn_only_with_yes(known: Hatang) -> None:
    old = hostkeys.fingerprint(OLD)
    ran = known("host-key", "withdraw", "core-1", old, "--as", "lan")
    assert ran.status == exits.USAGE
    assert counting(known) == [OLD]


@pytest.mark.parametrize(
    "words",
    [("scan", "core-1"), ("replace", "core-1"), ("withdraw", "core-1", "SHA256:x", "--yes")],
)
def test_who_may_not_enrol_may_not_change_either(known: Hatang, words: tuple[str, ...]) -> None:
    with known.database.write() as session:
        khach = users.get_user(session, "khach")
        users.grant_role(session, Actor.system("test"), khach.id, Role.VIEWER)
    assert known("host-key", *words, "--as", "khach").status == exits.DENIED
    assert known("host-key", "list", "core-1", "--as", "khach").status == exits.OK
    assert counting(known) == [OLD]
