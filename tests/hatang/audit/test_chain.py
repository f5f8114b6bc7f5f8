from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, text, update

from hatang.audit import AuditEntry, AuditSeal, HeadFile, record, record_denied, verify
from hatang.auth import Actor
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.db.equipment import equipment

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.audit import Break

ACTOR = Actor(7, "lan", frozenset(), None)


def write(database: Database, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        with database.write() as session:
            record(session, ACTOR, "thing.do", f"thing/{number}", {"number": number, "tên": "Huế"})


def breaks(database: Database) -> list[Break]:
    with database.read() as session:
        seal = equipment(session, AuditSeal)
    with database.read() as session:
        return verify(session, seal.key, seal.heads)


def kinds(database: Database) -> set[str]:
    return {found.kind.value for found in breaks(database)}


def test_a_log_nobody_touched_is_whole(database: Database) -> None:
    write(database, 5)
    record_denied(database, ACTOR, "thing.do", "thing/9")
    assert breaks(database) == []
    with database.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert entries[-1].outcome == "denied"


@pytest.mark.parametrize("column", ["actor", "action", "target", "outcome", "detail"])
def test_an_altered_row_is_found(database: Database, column: str) -> None:
    write(database, 4)
    with database.write() as session:
        session.execute(text(f"UPDATE audit_entry SET {column} = '\"x\"' WHERE sequence = 2"))
    assert [(found.sequence, found.kind.value) for found in breaks(database)] == [(2, "altered")]


def test_a_row_deleted_in_the_middle_is_found(database: Database) -> None:
    write(database, 5)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence == 3))
    assert [(found.sequence, found.kind.value) for found in breaks(database)] == [(3, "missing")]


def test_ten_rows_cut_off_the_end_are_found(database: Database) -> None:
    write(database, 12)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence > 2))
    assert [(found.sequence, found.kind.value) for found in breaks(database)] == [(3, "cut")]


def recompute(database: Database, key: bytes) -> None:
    previous = "0" * 64
    with database.write() as session:
        forger = AuditSeal(key, equipment(session, AuditSeal).heads)
        session.execute(text("UPDATE audit_entry SET target = 'thing/none' WHERE sequence = 1"))
        session.execute(update(AuditEntry).values(hash=None, previous_hash=None))
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)):
            entry.previous_hash = previous
            entry.hash = previous = forger.link(entry)


def test_a_chain_recomputed_without_the_key_is_found(database: Database) -> None:
    write(database, 3)
    recompute(database, b"guessed")
    assert "altered" in kinds(database)


def test_a_chain_recomputed_with_the_key_is_found_by_the_heads_outside(
    database: Database,
) -> None:
    write(database, 3)
    with database.read() as session:
        key = equipment(session, AuditSeal).key
    recompute(database, key)
    assert kinds(database) == {"rewritten"}


def test_a_row_put_in_by_hand_is_found(database: Database) -> None:
    write(database, 2)
    with database.write() as session:
        row = session.scalars(select(AuditEntry)).first()
        assert row is not None
        values = {c: getattr(row, c) for c in ("at", "actor", "action", "target", "outcome")}
        session.execute(AuditEntry.__table__.insert().values(**values, detail={}))  # type: ignore[attr-defined]
    assert kinds(database) == {"unlinked"}


def write_and_fail(database: Database) -> None:
    with database.write() as session:
        record(session, ACTOR, "thing.do", "thing/1")
        raise ZeroDivisionError


def test_the_entry_goes_with_the_transaction_that_fails(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database)
    write(database, 1)
    assert breaks(database) == []


def test_a_savepoint_rolled_back_takes_only_its_own_entries(database: Database) -> None:
    with database.write() as session:
        record(session, ACTOR, "thing.do", "thing/kept")
        inner = session.begin_nested()
        record(session, ACTOR, "thing.do", "thing/dropped")
        inner.rollback()
        with session.begin_nested():
            record(session, ACTOR, "thing.do", "thing/kept-too")
    with database.read() as session:
        targets = session.scalars(select(AuditEntry.target).order_by(AuditEntry.sequence)).all()
    assert targets == ["thing/kept", "thing/kept-too"]
    assert breaks(database) == []


def record_in_savepoint_and_fail(database: Database) -> None:
    with database.write() as session:
        with session.begin_nested():
            record(session, ACTOR, "thing.do", "thing/1")
        raise ZeroDivisionError


def test_a_savepoint_promises_nothing_before_the_whole_commits(database: Database) -> None:
    write(database, 1)
    with pytest.raises(ZeroDivisionError):
        record_in_savepoint_and_fail(database)
    assert breaks(database) == []


def test_a_head_torn_by_a_crash_does_not_swallow_the_next(database: Database) -> None:
    write(database, 1)
    with database.read() as session:
        heads = equipment(session, AuditSeal).heads
    with heads.path.open("ab") as stream:
        stream.write(b"2 abc")
    write(database, 1)
    assert [head.sequence for head in heads.read()] == [1, 2]
    assert breaks(database) == []


def test_threads_that_write_at_once_make_one_chain(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda start: write(database, 5, start), range(4)))
    assert breaks(database) == []
    with database.read() as session:
        assert len(session.scalars(select(AuditEntry.id)).all()) == 20


def _write_elsewhere(url: str, data_dir: Path) -> None:
    database = Database.open(url)
    equip_all(database, Places.under(data_dir))
    write(database, 10)
    database.dispose()


@pytest.mark.slow
def test_two_processes_that_write_at_once_do_not_fork_the_chain(
    database: Database, data_dir: Path
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    spawn = get_context("spawn")
    writers = [spawn.Process(target=_write_elsewhere, args=(url, data_dir)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert breaks(database) == []
    assert max(head.sequence for head in HeadFile(data_dir / "keys" / "audit.heads").read()) == 20
