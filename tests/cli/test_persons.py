"""Every table that names who did something is looked after; frozen sheets and imports too."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError
from sqlalchemy import String, select

from alerts.models import Handover, Silence
from baselines.models import Override, Sheet
from baselines.service.sheets import written
from cli.wiring.jobs import JOB_MODULES
from hatang import clock, persons
from hatang.audit import AuditEntry
from hatang.audit.persons import number_pseudonym
from hatang.auth.models import User
from hatang.db import Base
from hatang.db import engine as db_engine
from hatang.jobs import JOBS
from hatang.jobs.memory import MemoryEngine
from hatang.jobs.models import JobRun
from hatang.persons import Held
from hatang.settings import Settings
from hatang.settings.model import RetentionSettings
from inventory import undoing
from inventory.choices import ElementKind
from inventory.persons import nameless
from inventory.planning import Difference, ImportPlan, PlannedRow

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database, WriteSession

THEN = datetime(2022, 1, 1, tzinfo=UTC)
WHO = re.compile(r"(actor|author|assignee|receiver|requester|reviewer|_by)$")
ELSEWHERE = {
    "alerts_handover.actor",
    "alerts_handover.receiver",
    "audit_entry.actor",
}


def test_every_column_that_names_who_did_something_is_held() -> None:
    assert JOB_MODULES
    held = {
        f"{column.class_.__tablename__}.{column.key}"
        for holder in persons.holders()
        if isinstance(holder, Held)
        for column in holder.columns
    }
    naming = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if WHO.search(column.name) and isinstance(column.type, String)
    }
    assert held | ELSEWHERE == naming


def test_the_job_runs_nightly_on_all_holders(database: Database, tmp_path: Path) -> None:
    assert JOBS.get("hatang.persons").cron == persons.NIGHTLY
    engine = MemoryEngine(database, Settings(data_dir=tmp_path))
    engine.enqueue("hatang.persons", {}, key="night")
    result = engine.status("night").result
    assert result is not None
    assert set(result) == {each.name for each in persons.holders()}


def test_names_are_never_kept_for_less_than_two_years() -> None:
    with pytest.raises(ValidationError):
        RetentionSettings(persons_days=730)


def forget(database: Database, name: str) -> int:
    (holder,) = [each for each in persons.holders() if each.name == name]
    return persons.replace(database, holder, 1_100)


def test_a_frozen_sheet_keeps_its_first_hash_and_names_nobody(database: Database) -> None:
    contact = {"unit": "Sở", "name": "Lan", "function": "CIO", "phone": "0912", "mail": "l@x.vn"}
    content = written({"year": 2021, "contacts": [contact]})
    with database.write() as session:
        session.add(
            Sheet(year=2021, content=content, sha256="a" * 64, author="lan", frozen_at=THEN)
        )
    assert forget(database, "baselines.sheets") == 1
    assert forget(database, "baselines.sheets") == 0
    with database.read() as session:
        row = session.query(Sheet).one()
        told = session.query(AuditEntry).filter_by(target="sheet/2021").one()
    found = json.loads(row.content)["contacts"][0]
    assert found["function"] == "CIO"
    assert not {"Lan", "0912", "l@x.vn"} & set(found.values())
    assert told.detail == {"from": "a" * 64, "to": row.sha256}
    assert row.frozen_sha256 == "a" * 64


def test_a_handover_names_nobody_in_its_lines(database: Database) -> None:
    with clock.frozen(THEN), database.write() as session:
        session.add(User(name="lan", created_at=THEN, password_hash=None))
        summary: dict[str, Any] = {"open": [{"owner": "lan"}, {"owner": ""}], "work": [1]}
        summary["done"] = [{"actor": "hatang"}]
        session.add(
            Handover(
                since=THEN,
                at=THEN,
                actor="lan",
                receiver_id=1,
                receiver="lan",
                note="",
                summary=summary,
            )
        )
    assert forget(database, "alerts.handovers") == 1
    with database.read() as session:
        row = session.query(Handover).one()
    assert "lan" not in json.dumps(row.summary)
    assert row.summary["open"][1] == {"owner": ""}
    assert row.summary["done"] == [{"actor": "hatang"}]
    assert row.actor == row.receiver == row.summary["open"][0]["owner"]


def test_an_old_import_keeps_no_telephone_number(database: Database) -> None:
    def made(kind: ElementKind, **fields: str) -> PlannedRow:
        return PlannedRow(kind, "x", {name: Difference(None, one) for name, one in fields.items()})

    created = (
        made(ElementKind.CONTACT, name="Lan", phone="0912", mobile="", mail="l@x.vn"),
        made(ElementKind.SITE, name="Huế", phone="0234"),
    )
    kept = undoing.pack(ImportPlan("f", created, (), (), (), "0", records=None))  # type: ignore[arg-type]
    found = undoing.unpack(nameless(kept, b"key")).created
    assert found[1].fields["name"].after == "Huế"
    assert found[1].fields["phone"].after == number_pseudonym(b"key", "0234")
    assert found[0].fields["mobile"].after == ""
    values = {each.after for each in found[0].fields.values()}
    assert not values & {"Lan", "0912", "l@x.vn"}


def test_an_import_whose_numbers_are_forgotten_is_not_taken_back() -> None:
    gone = PlannedRow(ElementKind.SITE, "dc", {"phone": Difference("0234", None)})
    plan = ImportPlan("f", (), (), (), (), "0", records=None, removed=(gone,))  # type: ignore[arg-type]
    snapshot: Any = SimpleNamespace(fields={ElementKind.SITE: {}})

    def problems(kept: bytes) -> list[str]:
        return [each.message for each in undoing.inverse(undoing.unpack(kept), snapshot, "f")[1]]

    kept = undoing.pack(plan)
    assert problems(kept) == []
    assert problems(nameless(kept, b"key")) == ["is kept no longer"]


def left(session: WriteSession, name: str) -> None:
    """An account that may not be used any more, and that did nothing for years."""
    session.add(User(name=name, created_at=THEN, password_hash=None, is_active=False))


def forget_all(database: Database) -> None:
    for holder in persons.holders():
        persons.replace(database, holder, 1_100)


def names_in(database: Database) -> str:
    """Return all that the tables hold, but for the audit log."""
    with database.read() as session:
        tables = (each for each in Base.metadata.sorted_tables if each.name != "audit_entry")
        return repr([session.execute(select(each)).all() for each in tables])


def test_an_override_without_an_end_loses_its_author_with_the_account(database: Database) -> None:
    with database.write() as session:
        left(session, "huong")
        session.add(
            Override(
                rule_id="AAA-01",
                parameter="p",
                value=1,
                reason="r",
                author="huong",
                created_at=THEN,
            )
        )
    forget_all(database)
    assert "huong" not in names_in(database)
    assert "person-" in names_in(database)


def test_the_files_of_the_database_hold_no_name_that_went(
    sqlite_database: Database, data_dir: Path
) -> None:
    with sqlite_database.write() as session:
        left(session, "huong")
        state = {"queue": "bulk", "state": "succeeded", "created_at": THEN}
        session.add(JobRun(key="k", name="n", args={}, actor="huong", **state))
    engine = MemoryEngine(sqlite_database, Settings(data_dir=data_dir))
    engine.enqueue("hatang.persons", {}, key="night")
    files = list(data_dir.glob("hatang.sqlite3*"))
    assert files
    assert [each.name for each in files if b"huong" in each.read_bytes()] == []


def test_names_that_a_reader_kept_in_the_log_go_the_next_night(
    sqlite_database: Database,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(db_engine.LOG, "warning", told.append)
    monkeypatch.setattr(db_engine, "BUSY_TIMEOUT_MS", 50)
    sqlite_database.engine.dispose()  # connections from now on wait for a reader no longer
    with sqlite_database.write() as session:
        left(session, "huong")
    engine = MemoryEngine(sqlite_database, Settings(data_dir=data_dir))
    log = data_dir / "hatang.sqlite3-wal"
    with sqlite_database.read() as session:
        assert "huong" in session.scalars(select(User.name)).all()
        engine.enqueue("hatang.persons", {}, key="night")
    assert "somebody reads" in told.pop()
    assert b"huong" in log.read_bytes()
    engine.enqueue("hatang.persons", {}, key="next night")
    assert b"huong" not in log.read_bytes()
    assert not told


def test_a_silence_that_outlives_the_account_names_nobody(database: Database) -> None:
    with database.write() as session:
        left(session, "huong")
        session.add(
            Silence(
                id="s",
                matchers=[],
                updated_at=THEN,
                starts_at=THEN,
                ends_at=clock.now() + timedelta(days=9),
                created_by="huong",
                comment="",
            )
        )
    forget_all(database)
    assert "huong" not in names_in(database)


def test_what_others_handed_over_later_names_no_account_that_is_gone(database: Database) -> None:
    with database.write() as session:
        left(session, "huong")
        session.add(User(name="lan", created_at=clock.now(), password_hash=None))
        summary: dict[str, Any] = {"open": [{"owner": "huong"}, {"owner": "lan"}]}
        row = {"actor": "lan", "receiver": "hoa", "note": "", "summary": summary}
        session.add(Handover(since=THEN, at=clock.now(), receiver_id=2, **row))
        session.flush()
    forget_all(database)
    assert "huong" not in names_in(database)
    with database.read() as session:
        assert session.query(Handover).one().summary["open"][1] == {"owner": "lan"}
