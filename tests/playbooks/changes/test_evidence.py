"""Approvals by as many as it takes, broken glasses, and evidence that cannot be touched unseen."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import clock
from hatang.audit import AuditEntry
from hatang.errors import ConflictError, DeniedError
from playbooks import changes
from playbooks.changes import lines
from playbooks.changes.evidence import public_key
from playbooks.changes.planning import plan_hash
from playbooks.choices import ChangeState
from playbooks.models import Change
from tests.playbooks.changes.planned import approved, person, planned
from tests.playbooks.records import device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access


@pytest.fixture
def router(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        return device(session)


def rewritten(data: bytes, name: str, content: bytes | None) -> bytes:
    """Return the ZIP with one file changed, added, or with None left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        if content is not None:
            new.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def bundle(
    sqlite_database: Database, router: Access, engineer: Actor, approver: Actor
) -> tuple[bytes, str]:
    number = approved(sqlite_database, engineer, approver, router)
    data = changes.bundle(sqlite_database, engineer, number)
    with sqlite_database.read() as session:
        return data, public_key(session)


def test_a_bundle_is_whole_and_ours(bundle: tuple[bytes, str]) -> None:
    checked = changes.verify_bundle(*bundle)
    assert checked.faults == ()
    assert checked.is_ours
    assert checked.files > 8


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("approvals.json", b"[]", "approvals.json was changed"),
        ("health.json", None, "health.json is missing"),
        ("more.txt", b"x", "more.txt was added"),
        ("manifest.sig", b"x" * 64, "the signature is false"),
        ("plan.json", b"{}", "plan.json is not what was approved"),
    ],
)
def test_what_was_touched_is_named(
    bundle: tuple[bytes, str], name: str, content: bytes | None, told: str
) -> None:
    data, key = bundle
    assert told in changes.verify_bundle(rewritten(data, name, content), key).faults


def test_another_key_is_told(bundle: tuple[bytes, str]) -> None:
    checked = changes.verify_bundle(bundle[0], "another")
    assert not checked.is_ours
    assert "is signed with another key" in checked.faults


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bundle_is_told(data: bytes) -> None:
    (fault,) = changes.verify_bundle(data).faults
    assert "is no evidence bundle" in fault


def widened(database: Database, actor: Actor, router: Access) -> tuple[int, str]:
    """Return a planned change so wide that two must approve it, and its hash."""
    number = planned(database, actor, router)
    with database.write() as session:
        change = session.get_one(Change, number)
        change.level = 2
        change.plan_sha256 = plan_hash(session, change)
        changes.submit(session, actor, number)
        return number, change.plan_sha256


def test_a_wide_change_takes_two_other_people(
    sqlite_database: Database, router: Access, engineer: Actor, approver: Actor
) -> None:
    number, digest = widened(sqlite_database, engineer, router)
    with sqlite_database.write() as session:
        changes.decide(session, approver, number, digest, approve=True)
        assert session.get_one(Change, number).state == ChangeState.AWAITING_APPROVAL
    with sqlite_database.write() as session, pytest.raises(DeniedError):
        changes.decide(session, approver, number, digest, approve=True)
    with sqlite_database.write() as session:
        changes.decide(session, person(77, approver=None), number, digest, approve=True)
        assert session.get_one(Change, number).state == ChangeState.APPROVED


def test_one_approval_does_not_start_a_wide_change(
    sqlite_database: Database, router: Access, engineer: Actor, approver: Actor
) -> None:
    number, digest = widened(sqlite_database, engineer, router)
    with sqlite_database.write() as session:
        changes.decide(session, approver, number, digest, approve=True)
        session.get_one(Change, number).state = ChangeState.APPROVED
    with sqlite_database.write() as session, pytest.raises(ConflictError):
        changes.execute(session, engineer, number)


def test_a_broken_glass_stays_listed_until_another_reviews_it(
    sqlite_database: Database, router: Access, engineer: Actor, approver: Actor
) -> None:
    number = planned(sqlite_database, engineer, router)
    with sqlite_database.write() as session:
        digest = session.get_one(Change, number).plan_sha256 or ""
        changes.break_glass(session, engineer, number, digest, "the hospital is cut off")
        changes.execute(session, engineer, number)
        assert [row.id for row in changes.list_unreviewed(session, approver)] == [number]
    with sqlite_database.write() as session, pytest.raises(DeniedError):
        changes.review(session, engineer, number, "fine")
    with sqlite_database.write() as session:
        changes.review(session, approver, number, "right")
        assert changes.list_unreviewed(session, approver) == []


def test_a_glass_is_not_broken_for_another_plan_than_was_read(
    sqlite_database: Database, router: Access, engineer: Actor
) -> None:
    number = planned(sqlite_database, engineer, router)
    with sqlite_database.write() as session, pytest.raises(ConflictError):
        changes.break_glass(session, engineer, number, "0" * 64, "why")


def test_a_glass_is_not_broken_for_a_window_that_opens_when_it_holds_no_more(
    sqlite_database: Database, router: Access, engineer: Actor
) -> None:
    number = planned(sqlite_database, engineer, router)
    with sqlite_database.write() as session:
        change = session.get_one(Change, number)
        change.opens_at = clock.now() + timedelta(hours=3)
        change.plan_sha256 = digest = plan_hash(session, change)
    with (
        sqlite_database.write() as session,
        pytest.raises(ConflictError, match="before the window opens"),
    ):
        changes.break_glass(session, engineer, number, digest, "the hospital is cut off")


def test_evidence_and_page_hold_the_last_lines_of_many(
    sqlite_database: Database,
    router: Access,
    engineer: Actor,
    approver: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = approved(sqlite_database, engineer, approver, router)
    monkeypatch.setattr(lines, "MOST", 2)
    with sqlite_database.write() as session:
        for text in "abcde":
            lines.tell(session, number, "note", text)
    data = changes.bundle(sqlite_database, engineer, number)
    with sqlite_database.read() as session:
        newest = changes.list_lines(session, engineer, number, newest=3)
    kept = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("lines.json"))
    assert [one["text"] for one in kept][-5:] == [*"abcde"]
    assert [one.text for one in newest] == [*"cde"]


def test_the_audit_log_holds_the_hash_of_an_exported_bundle(
    sqlite_database: Database, router: Access, engineer: Actor, approver: Actor
) -> None:
    number = approved(sqlite_database, engineer, approver, router)
    data = changes.bundle(sqlite_database, engineer, number)
    with sqlite_database.read() as session:
        kept = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "change.evidence")
        ).all()
    assert [one["sha256"] for one in kept] == [sha256(data).hexdigest()]


def test_a_change_without_a_plan_has_no_evidence(
    sqlite_database: Database, router: Access, engineer: Actor
) -> None:
    with sqlite_database.write() as session:
        draft = changes.Draft("T", "why", {router.name: "hostname new"})
        number = changes.create(session, engineer, draft)
    with pytest.raises(ConflictError, match="never planned"):
        changes.bundle(sqlite_database, engineer, number)
