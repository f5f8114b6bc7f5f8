"""An installation with data is upgraded and loses nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic import command

from hatang.db import Database
from hatang.db.migrations import runner

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-01-02 03:04:05.000000"
FILLED = ("playbooks_run", "playbooks_run_event", "baselines_audit_run", "baselines_finding")


def needed(connection: sqlite3.Connection, *tables: str) -> list[str]:
    """Return `tables` and all that their rows refer to."""
    found = list(tables)
    for table in found:  # grows while it is walked
        keys = connection.execute(f"PRAGMA foreign_key_list({table})")
        found += [key[2] for key in keys if key[2] not in found]
    return found


def fill(path: Path) -> None:
    """Put a row with number 1 into each of the tables, and into those they refer to."""
    with closing(sqlite3.connect(path)) as connection:
        for table in needed(connection, *FILLED):
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            values = {
                name: 1 if kind in {"INTEGER", "FLOAT", "BOOLEAN"} else AT
                for _, name, kind, is_needed, _, _ in columns
                if is_needed or name == "id"
            }
            places = ", ".join("?" * len(values))
            names = ", ".join(values)
            connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({places})",
                list(values.values()),
            )
        connection.commit()


@pytest.mark.slow
def test_evidence_of_an_earlier_version_stays(tmp_path: Path) -> None:
    path = tmp_path / "hatang.db"
    database = Database.open(f"sqlite:///{path}")
    engine = database.engine.execution_options(hatang_write=True)
    with engine.begin() as connection:
        command.upgrade(runner.configuration(connection), "0007")
    fill(path)
    database.migrate()
    database.dispose()
    with closing(sqlite3.connect(path)) as plain:
        counts = {
            table: plain.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in FILLED
        }
    assert counts == dict.fromkeys(FILLED, 1)
