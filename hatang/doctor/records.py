"""The databases and what in them weakens the whole."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, inspect, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from hatang.datadir import Places
from hatang.db import Database
from hatang.db.equipment import equip
from hatang.db.migrations import runner
from hatang.doctor.checked import Checked
from hatang.errors import HatangError
from hatang.gates import Verdict
from hatang.jobs.leases import database_now
from hatang.jobs.models import ExecutorHeartbeat
from hatang.sealing import load_master_key
from hatang.secrets import CredentialRow, list_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.settings import Settings

# Write-ahead log with RETURNING (sqlite.org/changes.html, 3.35); SQLAlchemy 2.1's PostgreSQL.
LEAST_SQLITE: Final = (3, 35)
LEAST_POSTGRESQL: Final = 13


def examine(settings: Settings) -> Iterator[Checked]:
    """Yield the lines about records."""
    for name, url in (("records", settings.database_url), ("jobs", settings.jobs_database_url)):
        file = _file_of(url)
        if file is not None and not file.is_file():
            yield Checked.bad(f"{name} database", f"{file} does not exist", "Run: hatang init")
            continue
        if file is not None and file.stat().st_uid != os.geteuid():
            # Opening it would leave a log beside it that its own account cannot write.
            told = f"{file} is another account's and was left alone"
            yield Checked.unknown(f"{name} database", told, "Run hatang as its owner.")
            continue
        try:
            yield from _database(name, url, settings)
        except (HatangError, SQLAlchemyError) as error:
            told = error.message if isinstance(error, HatangError) else _cause(error)
            fix = getattr(error, "fix", "") or "Start the database, or check its url and password."
            yield Checked.bad(f"{name} database", told, fix)
    yield _second_factor(settings)
    yield _waived(settings)


def _file_of(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def _database(name: str, url: str, settings: Settings) -> Iterator[Checked]:
    database = Database.open(url)
    try:
        yield _version(name, database)
        if name == "jobs":
            yield _job_tables(database)
        else:
            runner.require_current(database.engine)
            yield Checked.good("tables", f"are of this version ({runner.known_revisions()[-1]})")
            yield _beats(database, settings.jobs.dead_seconds)
            yield _clear_text(database)
            yield _weak(database, settings)
    finally:
        database.dispose()


def _version(name: str, database: Database) -> Checked:
    subject = f"{name} database"
    if database.is_sqlite:
        told, enough = f"SQLite {sqlite3.sqlite_version}", sqlite3.sqlite_version_info
        with database.read() as session:
            mode = session.scalar(text("PRAGMA journal_mode"))
        good = enough[:2] >= LEAST_SQLITE and mode == "wal"
        told = f"{told}, journal mode {mode}"
    else:
        with database.read() as session:
            found = str(session.scalar(text("SHOW server_version")))
        told, good = f"PostgreSQL {found}", int(found.partition(".")[0]) >= LEAST_POSTGRESQL
    if good:
        return Checked.good(subject, told)
    fix = f"Use SQLite 3.35 in WAL mode, or PostgreSQL {LEAST_POSTGRESQL}, or newer."
    return Checked.bad(subject, told, fix)


def _job_tables(database: Database) -> Checked:
    schema = None if database.is_sqlite else "dbos"
    if inspect(database.engine).has_table("workflow_status", schema=schema):
        return Checked.good("job tables", "are there")
    return Checked.bad("job tables", "are missing", "Run: hatang init")


def _beats(database: Database, dead_seconds: float) -> Checked:
    with database.read() as session:
        seen = session.scalar(select(func.max(ExecutorHeartbeat.seen_at)))
        now = database_now(session)
    if seen is None:
        return Checked.bad("worker", "none ever gave a sign of life", "Start `hatang up`.")
    age = (now - seen).total_seconds()
    told = f"last sign of life {max(0, round(age))} s ago"
    if age > dead_seconds:
        return Checked.bad(
            "worker", told, "Start it; `hatang status` and its log say why it ended."
        )
    return Checked.good("worker", told)


def _clear_text(database: Database) -> Checked:
    statement = select(CredentialRow.name).where(CredentialRow.kind == "snmpv2c")
    with database.read() as session:
        names = sorted(session.scalars(statement))
    if not names:
        return Checked.good("SNMP", "no credential travels in the clear")
    told = f"SNMPv2c sends its community in the clear: {', '.join(names)}"
    return Checked.bad("SNMP", told, "Use SNMPv3 where the device can; else keep v2c off the WAN.")


def _weak(database: Database, settings: Settings) -> Checked:
    subject = "SNMPv3"
    try:
        equip(database, load_master_key(Places.of(settings).master_key))
        with database.read() as session:
            held = {one.name: ", ".join(one.weak) for one in list_all(session) if one.weak}
    except HatangError as error:
        return Checked.unknown(subject, f"algorithms cannot be read: {error.message}", error.fix)
    if not held:
        return Checked.good(subject, "no credential uses MD5 or DES")
    told = "; ".join(f"{name} uses {weak}" for name, weak in held.items())
    fix = "Give the device a user with SHA-2 and AES, then import the credential again."
    return Checked.bad(subject, told, fix)


def _second_factor(settings: Settings) -> Checked:
    if settings.auth.second_factor == "required":
        return Checked.good("second factor", "is required of who changes things")
    told = "is offered, not required: a stolen password signs in"
    if settings.lab:
        return Checked("second factor", Verdict.NOT_APPLICABLE, f"{told} (a lab)")
    fix = 'Set auth.second_factor = "required".'
    return Checked.bad("second factor", told, fix)


def _waived(settings: Settings) -> Checked:
    subject, hosts = "HTTP", sorted(settings.conference.clear_text_hosts)
    if settings.lab:
        return Checked(subject, Verdict.NOT_APPLICABLE, "bridges may speak http:// (a lab)")
    if not hosts:
        return Checked.good(subject, "no secret travels in the clear")
    told = f"conference.clear_text_hosts waives https for {', '.join(hosts)}"
    fix = "Give them certificates, name their authority in conference.ca_file, drop the waiver."
    return Checked.bad(subject, told, fix)


def _cause(error: SQLAlchemyError) -> str:
    cause: Any = getattr(error, "orig", None)
    return f"does not answer: {cause or type(error).__name__}"
