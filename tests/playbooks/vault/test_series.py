from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import clock
from hatang.metrics import render
from playbooks import vault
from playbooks.models import Change, ChangeTarget, ConfigVersion
from playbooks.vault import series
from tests.playbooks.records import AT, SYSTEM, collected, device, keep

if TYPE_CHECKING:
    from hatang.db import Database
    from playbooks.access import Access

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


def lines(database: Database, name: str) -> list[str]:
    with clock.frozen(AT + timedelta(days=1)), database.read() as session:
        series.update(session)
    return [line for line in render()[0].decode().splitlines() if line.startswith(f"{name}{{")]


def found(database: Database, access: Access, *texts: str, startup: str | None = None) -> None:
    """Collect one text after another, three hours apart."""
    for number, text in enumerate(texts):
        at = AT + timedelta(hours=3 * number)
        given = replace(collected(text), collected_at=at, startup=startup)
        kept = vault.compared(database, access, given)
        with clock.frozen(at), database.write() as session:
            vault.store(session, SYSTEM, access, kept, source="backup")


def pushed(
    database: Database, access: Access, begun: float, ended: float | None, state: str = "confirmed"
) -> None:
    """Let a change set of ours have been on the device, in hours."""
    with database.write() as session:
        change = Change(title="x", reason="x", intent="config", state="done", created_at=AT)
        change.revert_seconds, change.requester = 60, "an"
        session.add(change)
        session.flush()
        target = ChangeTarget(change_id=change.id, device_id=access.device_id, state=state)
        target.rendered, target.commit_id, target.safety = "", f"c{change.id}", "native"
        target.started_at = AT + timedelta(hours=begun)
        target.finished_at = None if ended is None else AT + timedelta(hours=ended)
        session.add(target)


OLD, NEW = "hostname r1\n", "hostname r1\nntp server 10.0.0.1\n"
SERVER = (
    "# command: ss -lntu\ntcp [::]:22 [::]:*\n"
    "# command: systemctl list-units\na.service loaded active running A\n"
    "# command: apt list --upgradable\nListing...\n"
    "# end of what the server says\n"
)
DRIFTED, SAVED = "hatang_vault_drifted_timestamp_seconds", "hatang_vault_saved"


@pytest.fixture
def access(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        return device(session)


@pytest.mark.parametrize(
    ("pushes", "is_told"),
    [
        ([], True),
        ([(1, 2)], False),
        ([(2.9, None)], False),
        ([(-5, -4)], True),
        ([(4, 5)], True),
    ],
    ids=["nobody's", "ours", "ours still", "ours long before", "ours after"],
)
def test_what_changed_while_no_change_of_ours_was_there_has_drifted(
    sqlite_database: Database,
    access: Access,
    pushes: list[tuple[float, float | None]],
    is_told: bool,
) -> None:
    found(sqlite_database, access, OLD, NEW)
    for begun, ended in pushes:
        pushed(sqlite_database, access, begun, ended)
    told = lines(sqlite_database, DRIFTED)
    expected = [(AT + timedelta(hours=3)).timestamp()] if is_told else []
    assert [float(line.rpartition(" ")[2]) for line in told] == expected


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (SERVER.replace("a.service", "b.service"), False),
        (SERVER.replace("command: apt", "unreadable: apt"), False),
        (SERVER.replace("tcp [::]:22 [::]:*", "tcp [::]:23 [::]:*"), True),
        (SERVER.replace("a.service", "b.service").replace("[::]:22", "[::]:23"), True),
    ],
    ids=["a service", "lists too old", "a port", "both"],
)
def test_a_server_drifts_when_its_configuration_changes_and_not_by_what_it_does(
    sqlite_database: Database, now: str, is_told: bool
) -> None:
    with sqlite_database.write() as session:
        server = device(session, "srv", "linux")
    found(sqlite_database, server, SERVER, now)
    assert bool(lines(sqlite_database, DRIFTED)) is is_told


@pytest.mark.parametrize("state", ["rejected", "failed", "cancelled"])
def test_a_push_that_wrote_nothing_explains_no_change(
    sqlite_database: Database, access: Access, state: str
) -> None:
    found(sqlite_database, access, OLD, NEW)
    pushed(sqlite_database, access, 1, 4, state)
    assert len(lines(sqlite_database, DRIFTED)) == 1


def test_what_a_push_had_stored_stays_ours_when_it_is_taken_back_later(
    sqlite_database: Database, access: Access
) -> None:
    found(sqlite_database, access, OLD, NEW)
    pushed(sqlite_database, access, 5, None, "reverting")  # taking back begins the time anew
    with sqlite_database.write() as session:
        target = session.scalars(select(ChangeTarget)).one()
        first, second = session.scalars(select(ConfigVersion).order_by(ConfigVersion.id))
        target.before_version_id, second.source = first.id, f"change/{target.change_id}"
    assert lines(sqlite_database, DRIFTED) == []


def test_the_first_configuration_and_the_same_again_have_not_drifted(
    sqlite_database: Database, access: Access
) -> None:
    found(sqlite_database, access, OLD, OLD)
    assert lines(sqlite_database, DRIFTED) == []


@pytest.mark.parametrize(("startup", "told"), [(NEW, ["1.0"]), (OLD, ["0.0"]), (None, [])])
def test_a_device_tells_whether_what_it_runs_was_saved(
    sqlite_database: Database, access: Access, startup: str | None, told: list[str]
) -> None:
    found(sqlite_database, access, NEW, startup=startup)
    assert [line.rpartition(" ")[2] for line in lines(sqlite_database, SAVED)] == told
