"""What persons answer for: evidence that is bounded and sealed, two people, an end; the sheet."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from baselines import service
from baselines.jobs import freeze_due
from baselines.service import File, Reply, attaching
from baselines.service.sheets import ZONE
from hatang import clock
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from hatang.gates import Verdict
from inventory.models import Unit
from tests.baselines.service.test_life import BOTH, HOA, LAN, NOW, OPERATOR, TRUC
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = pytest.mark.slow

PDF = File("danh sách.pdf", b"%PDF-1.7 list of those present")
ASKED = "POL-03"  # training, about a unit


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    with sqlite_database.write() as session:
        device(session, "r1", "frr")
    return sqlite_database


def reply(verdict: str = "pass", *files: File, text: str = "all took part") -> Reply:
    return Reply(ASKED, "unit:u-r1", verdict, text, files)


def answered(database: Database, given: Reply, actor: Actor = LAN) -> service.AnswerRow:
    with database.write() as session:
        service.answer(session, actor, given)
    with database.read() as session:
        return service.list_answers(session, SYSTEM)[0]


def accept(database: Database, row: service.AnswerRow, actor: Actor = HOA) -> None:
    with database.write() as session:
        service.decide_answer(session, actor, row.id, row.sha256, approve=True)


def state(database: Database, at: datetime | None = None) -> service.QuestionRow:
    with database.read() as session:
        rows = service.list_questions(session, SYSTEM, at)
    return next(row for row in rows if (row.question_id, row.subject) == (ASKED, "unit:u-r1"))


def test_an_answer_counts_once_another_person_accepted_it(database: Database) -> None:
    assert (state(database).verdict, state(database).is_overdue) == (Verdict.MANUAL, True)
    row = answered(database, reply("pass", PDF))
    assert (state(database).verdict, state(database).waiting) == (Verdict.MANUAL, row.id)
    accept(database, row)
    assert (state(database).verdict, state(database).accepted_by) == (Verdict.PASS, "hoa")


def test_nobody_accepts_his_own_answer(database: Database) -> None:
    row = answered(database, reply("pass", PDF), BOTH)
    with pytest.raises(DeniedError, match="who asked does not decide"):
        accept(database, row, BOTH)


def test_an_answer_ends_by_itself_and_counted_then(database: Database) -> None:
    accept(database, answered(database, reply("pass", PDF)))
    with clock.frozen(NOW + timedelta(days=366)):
        assert (state(database).verdict, state(database).is_overdue) == (Verdict.MANUAL, True)
        assert state(database, NOW + timedelta(days=300)).verdict == Verdict.PASS


def test_an_accepted_answer_counts_until_a_newer_one_is_accepted(database: Database) -> None:
    accept(database, answered(database, reply("pass", PDF)))
    with clock.frozen(NOW + timedelta(days=1)):
        newer = answered(database, reply("fail", text="two were absent"))
        assert state(database).verdict == Verdict.PASS
        accept(database, newer)
        assert state(database).verdict == Verdict.FAIL


def test_evidence_comes_back_as_it_was_given(database: Database) -> None:
    number = answered(database, reply("pass", PDF)).evidence[0].id
    with database.read() as session:
        row, data = service.attachment(session, TRUC, number)
        with pytest.raises(NotFoundError):
            service.attachment(session, TRUC, number + 1)
    assert data == PDF.data
    assert row.sha256 == hashlib.sha256(PDF.data).hexdigest()


@pytest.mark.parametrize("actor", [TRUC, OPERATOR], ids=lambda actor: actor.name)
def test_who_watches_or_operates_does_not_answer(database: Database, actor: Actor) -> None:
    with pytest.raises(DeniedError):
        answered(database, reply("pass", PDF), actor)


def test_all_that_is_wrong_is_told_at_once(database: Database) -> None:
    files = (
        File("a.exe", b"MZ"),
        File("b.pdf", b"MZ not a pdf"),
        File("c.png", b""),
        File("d.pdf", b"%PDF-" + bytes(attaching.MAX_BYTES)),
    )
    with pytest.raises(InvalidInputError) as caught:
        answered(database, reply("perhaps", *files, text=" "))
    assert len(caught.value.problems) == len(files) + 2
    with pytest.raises(InvalidInputError, match="missing"):
        answered(database, reply("pass"))


def test_the_sheet_is_frozen_after_its_year_and_never_again(database: Database) -> None:
    with pytest.raises(ConflictError, match="14 December"), database.write() as session:
        service.freeze(session, SYSTEM, 2026)
    with clock.frozen(datetime(2026, 12, 15, 0, 10, tzinfo=ZONE)):
        assert freeze_due(database) == {"year": 2026}
        assert freeze_due(database) == {"year": 0}
        with pytest.raises(ConflictError, match="frozen"), database.write() as session:
            service.freeze(session, SYSTEM, 2026)


def test_a_frozen_sheet_takes_its_signed_copy(database: Database) -> None:
    with clock.frozen(datetime(2026, 12, 16, 8, 0, tzinfo=ZONE)):
        freeze_due(database)
        with database.write() as session:
            digest = service.keep_signed(session, LAN, 2026, PDF)
        accept(database, answered(database, reply("pass", PDF)))
        with database.read() as session:
            found = service.get_sheet(session, TRUC, 2026)
    assert hashlib.sha256(found.content.encode()).hexdigest() == found.sha256
    assert [one.sha256 for one in found.signed] == [digest]
    content = json.loads(found.content)
    assert content["window"] == {"from": "2025-12-15", "until": "2026-12-14"}
    assert {row["verdict"] for row in content["questions"]} == {"manual"}


def test_a_dissolved_unit_is_asked_until_its_last_day(database: Database) -> None:
    with database.write() as session:
        session.execute(update(Unit).where(Unit.code == "u-r1").values(valid_to=NOW.date()))
    assert state(database).subject == "unit:u-r1"
    with pytest.raises(StopIteration):
        state(database, NOW + timedelta(days=1))


def test_the_sheet_names_the_owner_of_its_day(database: Database) -> None:
    with database.write() as session:
        session.execute(update(Unit).values(valid_to=NOW.date() - timedelta(days=1)))
    with database.read() as session:
        assert service.preview(session, SYSTEM, 2026)["owner"] is None
