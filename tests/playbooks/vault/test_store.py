"""The vault: what counts as a new version, who reads what, and that secrets stay out of sight."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hatang.auth import Actor, Grant, Role
from hatang.errors import DeniedError, NotFoundError
from hatang.scope import add
from playbooks import vault
from tests.playbooks.records import SYSTEM, collected, device, keep

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

TEXT = "frr version 8.4.4\nhostname r1\nrouter bgp 65000\n neighbor 10.0.0.2 password s3cr3t\n"


@pytest.fixture
def access(database: Database) -> Access:
    with database.write() as session:
        return device(session)


def test_the_same_configuration_again_is_the_same_version(
    database: Database, access: Access
) -> None:
    first, _ = keep(database, access, TEXT)
    assert keep(database, access, TEXT) == (first, False)


def test_a_volatile_line_makes_no_new_version(database: Database, access: Access) -> None:
    first, _ = keep(database, access, TEXT)
    assert keep(database, access, f"Building configuration...\n{TEXT}") == (first, False)


def test_a_changed_line_makes_a_new_version(database: Database, access: Access) -> None:
    keep(database, access, TEXT)
    assert keep(database, access, TEXT.replace("r1", "r2"))[1]


def test_a_changed_secret_makes_a_new_version_too(database: Database, access: Access) -> None:
    keep(database, access, TEXT)
    assert keep(database, access, TEXT.replace("s3cr3t", "other"))[1]


def test_the_redacted_view_holds_no_secret(database: Database, access: Access) -> None:
    version, _ = keep(database, access, TEXT)
    with database.read() as session:
        _row, text = vault.read(session, SYSTEM, version)
    assert "s3cr3t" not in text
    assert "neighbor 10.0.0.2" in text


def test_the_full_text_is_for_those_who_may_read_secrets(
    database: Database, access: Access, admin: Actor, engineer: Actor
) -> None:
    version, _ = keep(database, access, TEXT)
    with database.write() as session:
        assert "s3cr3t" in vault.read_raw(session, admin, version)
    with database.write() as session, pytest.raises(DeniedError):
        vault.read_raw(session, engineer, version)


def test_the_difference_shows_what_changed(database: Database, access: Access) -> None:
    old, _ = keep(database, access, TEXT)
    new, _ = keep(database, access, TEXT.replace("hostname r1", "hostname r9"))
    with database.read() as session:
        lines = vault.difference(session, SYSTEM, old, new).splitlines()
    assert "-hostname r1" in lines
    assert "+hostname r9" in lines


def test_a_configuration_that_was_not_saved_is_told_apart(
    database: Database, access: Access
) -> None:
    for startup, is_saved in ((f"! 09:00\n{TEXT}", True), ("hostname old\n", False), (None, None)):
        given = replace(collected(f"{TEXT}! {startup}\n hostname {is_saved}\n"), startup=startup)
        given = replace(given, text=TEXT if is_saved else given.text)
        with database.write() as session:
            version, _ = vault.store(session, SYSTEM, access, given, source="backup")
        with database.read() as session:
            assert vault.read(session, SYSTEM, version)[0].is_saved is is_saved


def test_a_difference_in_meaning_ignores_order_and_layout(
    database: Database, access: Access
) -> None:
    old, _ = keep(database, access, "hostname r1\ninterface a\n mtu 1\n description x\n!\n")
    new, _ = keep(database, access, "interface a\n  description x\n  mtu 2\nhostname r1\n")
    with database.read() as session:
        found = vault.semantic_difference(session, SYSTEM, old, new)
    assert found.splitlines() == ["  interface a", "-  mtu 1", "+  mtu 2"]


def test_a_version_outside_the_scope_does_not_exist(database: Database, access: Access) -> None:
    version, _ = keep(database, access, TEXT)
    with database.write() as session:
        other = add(session)
    outsider = Actor(9, "outsider", frozenset({Role.ENGINEER}), frozenset({other}))
    with database.read() as session, pytest.raises(NotFoundError):
        vault.read(session, outsider, version)


def test_a_device_never_collected_says_so(database: Database, access: Access) -> None:
    with database.read() as session, pytest.raises(NotFoundError):
        vault.latest(session, SYSTEM, replace(access, device_id=999).device_id)


def test_secrets_and_collecting_are_for_the_scope_that_carries_the_right(
    database: Database, access: Access
) -> None:
    version, _ = keep(database, access, TEXT)
    with database.write() as session:
        other = add(session)
    grants = frozenset({Grant(Role.ADMIN, other), Grant(Role.AUDITOR, None)})
    actor = Actor(9, "a", frozenset({Role.ADMIN, Role.AUDITOR}), frozenset(), grants)
    with database.write() as session:
        assert vault.read(session, actor, version)
    with pytest.raises(DeniedError), database.write() as session:
        vault.read_raw(session, actor, version)
    outsider = Actor(9, "o", frozenset({Role.ENGINEER}), frozenset({other}))
    with pytest.raises(DeniedError), database.write() as session:
        vault.store(session, outsider, access, collected(TEXT), source="backup")
