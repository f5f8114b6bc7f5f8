"""What was told before an upgrade stays told: else every open incident would page anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import create_engine, text

from hatang.db.migrations.runner import configuration, upgrade

if TYPE_CHECKING:
    from pathlib import Path

INCIDENT = """INSERT INTO alerts_incident (id, fault, element, origin, name, site, alertname,
severity, state, is_verified, bad_since, opened_at) VALUES (7, 'f', 'e', 'e', 'n', '', 'X',
'critical', 'open', 1, '2026-11-22 00:00:00', '2026-11-22 00:00:00')"""
FORWARD = """INSERT INTO alerts_forward (incident_id, alertmanager, fired_at, silence_id, error)
VALUES (7, 'http://am', '2026-11-22 00:00:01.000000', 's1', '')"""


def test_the_ledger_keeps_what_was_told(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0016")
        for statement in (INCIDENT, FORWARD):
            connection.execute(text(statement))
    upgrade(engine)
    with engine.connect() as connection:
        columns = "incident_id, level, alertmanager, fired_at, silence_id"
        rows = connection.execute(text(f"SELECT {columns} FROM alerts_forward")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [(7, 0, "http://am", "2026-11-22 00:00:01.000000", "s1")]
