"""Rotating the master key: nothing is lost when it is killed, nothing stays with the old key."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import blobs, clock, secrets
from hatang.audit import AuditEntry, AuditSeal, verification
from hatang.auth import Actor, User
from hatang.datadir import Places, equip_all
from hatang.db.equipment import equipment
from hatang.errors import ConflictError, DeniedError
from hatang.sealing import MasterKey, load_master_key, place
from hatang.secrets import CredentialRow, rotation
from tests.architecture.source import ROOT, modules

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

CONFIGURATION = b"hostname hub"
TOTP = b"JBSWY3DPEHPK3PXP"
CREDENTIALS = 5
VALUES = 2 * CREDENTIALS + 2

KILLED = """
import os, signal, sys
from pathlib import Path
from hatang.auth import Actor, Role
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.secrets import rotation

url, data_dir, batches = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
places = Places.under(data_dir)
database = Database.open(url)
equip_all(database, places)
left = [batches]
reseal = rotation.reseal

def counted(*given):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return reseal(*given)

rotation.reseal = counted
admin = Actor(1, "admin", frozenset({Role.ADMIN}), None)
rotation.rotate_master_key(database, admin, places.master_key, batch=1)
"""


@pytest.fixture
def filled(database: Database, admin: Actor) -> Database:
    """A database with every kind of sealed value: credentials, a blob, a second factor."""
    with database.write() as session:
        for number in range(CREDENTIALS):
            fields = {"username": "netadmin", "password": f"canary-{number}"}
            secrets.put(session, admin, f"ssh-{number}", "ssh", fields)
        blobs.put(session, CONFIGURATION)
        user = User(name="lan", created_at=clock.now())
        session.add(user)
        session.flush()
        key = equipment(session, MasterKey)
        user.totp_secret = key.seal(TOTP, place("user", user.id, "totp_secret"))
    return database


def read_all(database: Database) -> None:
    with database.read() as session:
        for number in range(CREDENTIALS):
            found = secrets.get(session, f"ssh-{number}")
            assert found.reveal("password") == f"canary-{number}"
        (blob,) = session.scalars(select(blobs.Blob)).all()
        assert blobs.get(session, blob.address) == CONFIGURATION
        (user,) = session.scalars(select(User)).all()
        assert user.totp_secret
        key = equipment(session, MasterKey)
        assert key.unseal(user.totp_secret, place("user", user.id, "totp_secret")) == TOTP


def keys_in_use(database: Database) -> set[str]:
    with database.read() as session:
        rows = session.scalars(select(CredentialRow)).all()
        sealed = [value for row in rows for value in row.fields.values()]
        sealed += session.scalars(select(blobs.Blob.data_key)).all()
        sealed += [each for each in session.scalars(select(User.totp_secret)) if each]
    return {value.split(":")[1] for value in sealed}


@pytest.mark.slow
@pytest.mark.parametrize("batches", [0, 3, 8, 12])
def test_killed_at_any_moment_all_stays_readable_and_it_goes_on(
    filled: Database, admin: Actor, data_dir: Path, batches: int
) -> None:
    places = Places.under(data_dir)
    (old,) = load_master_key(places.master_key).keys
    url = filled.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(data_dir), str(batches)],
        cwd=ROOT,
        env=dict(os.environ),
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    halfway = load_master_key(places.master_key)
    assert old in halfway.keys
    assert len(halfway.keys) == 2
    assert keys_in_use(filled) <= set(halfway.keys)
    read_all(filled)

    done = rotation.rotate_master_key(filled, admin, places.master_key)
    assert done.resumed
    assert list(load_master_key(places.master_key).keys) == [halfway.current] == [done.key]
    assert keys_in_use(filled) == {done.key}
    equip_all(filled, places)
    read_all(filled)


def test_a_rotation_leaves_nothing_with_the_old_key(
    filled: Database, admin: Actor, data_dir: Path
) -> None:
    path = Places.under(data_dir).master_key
    done = rotation.rotate_master_key(filled, admin, path, batch=2)
    assert (done.values, done.resumed) == (VALUES, False)
    assert keys_in_use(filled) == {done.key} == set(load_master_key(path).keys)


def test_a_running_process_seals_with_the_new_key_at_once(
    filled: Database, admin: Actor, data_dir: Path
) -> None:
    # `filled` was equipped before, as the api and the worker are while a command rotates.
    done = rotation.rotate_master_key(filled, admin, Places.under(data_dir).master_key)
    read_all(filled)
    with filled.write() as session:
        secrets.put(session, admin, "late", "token", {"token": "written-after"})
    assert keys_in_use(filled) == {done.key}


def test_a_value_sealed_while_it_runs_is_found(
    filled: Database, admin: Actor, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Places.under(data_dir).master_key
    old = load_master_key(path)

    def late(database: Database, _published: object) -> None:
        # A transaction that sealed before the new key was there commits behind the first round.
        with database.write() as session:
            row = session.scalars(select(CredentialRow)).first()
            assert row is not None
            again = old.only_current()
            row.fields = {
                field: again.seal(b"late", place("credential", row.id, field))
                for field in row.fields
            }

    monkeypatch.setattr(rotation, "_await_older", late)
    done = rotation.rotate_master_key(filled, admin, path)
    assert keys_in_use(filled) == {done.key}


@pytest.mark.postgresql
def test_the_old_key_stays_while_an_older_transaction_is_open(
    postgres_database: Database,
    admin: Actor,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotation, "PATIENCE_SECONDS", 0.0)
    path = Places.under(data_dir).master_key
    with postgres_database.engine.connect() as older:
        older.exec_driver_sql("SELECT 1")
        with pytest.raises(ConflictError):
            rotation.rotate_master_key(postgres_database, admin, path)
    assert len(load_master_key(path).keys) == 2
    assert rotation.rotate_master_key(postgres_database, admin, path).resumed


def test_a_rotation_is_audited_and_the_chain_holds(
    filled: Database, admin: Actor, data_dir: Path
) -> None:
    rotation.rotate_master_key(filled, admin, Places.under(data_dir).master_key)
    with filled.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        seal = equipment(session, AuditSeal)
        assert not verification.verify(session, seal.key, seal.heads)
    assert [each.action for each in entries][-2:] == ["master-key.rotate", "master-key.rotated"]


def test_only_an_administrator_rotates(filled: Database, engineer: Actor, data_dir: Path) -> None:
    path = Places.under(data_dir).master_key
    with pytest.raises(DeniedError):
        rotation.rotate_master_key(filled, engineer, path)
    assert len(load_master_key(path).keys) == 1


@pytest.mark.slow
def test_every_sealed_column_is_known_where_rotation_is() -> None:
    # A column declared in a module that the rotating process never loads would lose its key.
    program = "import hatang.datadir, hatang.secrets; from hatang.sealing import SEALED\n"
    program += "print(*(f'{c.model.__name__}.{c.column}' for c in SEALED))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert sorted(loaded) == sorted(declared())


def declared() -> list[str]:
    return [
        f"{node.args[0].id}.{node.args[2].value!s}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "declare"
        and isinstance(node.args[0], ast.Name)
        and isinstance(node.args[2], ast.Constant)
    ]


def test_a_second_rotation_at_the_same_time_is_refused(
    filled: Database, admin: Actor, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Places.under(data_dir).master_key
    wait = rotation._await_older
    refused = []

    def meanwhile(database: Database, published: object) -> None:
        with pytest.raises(ConflictError) as caught:
            rotation.rotate_master_key(database, admin, path)
        refused.append(caught.value)
        wait(database, None)

    monkeypatch.setattr(rotation, "_await_older", meanwhile)
    rotation.rotate_master_key(filled, admin, path)
    assert len(refused) == 1
    monkeypatch.undo()
    rotation.rotate_master_key(filled, admin, path)
    read_all(filled)
