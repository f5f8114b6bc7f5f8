from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from hatang import secrets
from hatang.audit import AuditEntry
from hatang.datadir import Places, equip_all
from hatang.drivers.target import AuthProtocol, PrivProtocol, SnmpUser
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, TamperedError
from hatang.secrets import Credential, CredentialRow
from hatang.secrets.credential import CHOICES

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database

SSH = {"username": "netadmin", "password": "canary-7f3a-password"}
CANARY = SSH["password"]


@pytest.fixture
def stored(database: Database, admin: Actor) -> Database:
    with database.write() as session:
        secrets.put(session, admin, "lab-ssh", "ssh", SSH)
    return database


def test_a_credential_comes_back_by_name(stored: Database) -> None:
    with stored.read() as session:
        found = secrets.get(session, "lab-ssh")
        listed = secrets.list_all(session)
    assert (found.reveal("password"), found.username, found.kind) == (CANARY, "netadmin", "ssh")
    assert [(c.name, c.fields) for c in listed] == [("lab-ssh", ("password", "username"))]


def test_no_secret_lies_in_the_database_nor_in_the_audit_log(stored: Database) -> None:
    with stored.read() as session:
        rows = session.scalars(select(CredentialRow)).all()
        entries = session.scalars(select(AuditEntry)).all()
        stuff = json.dumps([[r.fields for r in rows], [e.detail for e in entries]])
    assert [entry.action for entry in entries] == ["credential.create"]
    assert CANARY not in stuff


def test_a_field_copied_from_another_row_does_not_open(stored: Database, admin: Actor) -> None:
    with stored.write() as session:
        secrets.put(session, admin, "other", "ssh", {**SSH, "password": "another"})
        original = select(CredentialRow.fields).where(CredentialRow.name == "lab-ssh")
        copied = update(CredentialRow).where(CredentialRow.name == "other")
        session.execute(copied.values(fields=session.scalar(original)))
    with stored.read() as session, pytest.raises(TamperedError):
        secrets.get(session, "other")


def test_putting_again_replaces_and_deleting_forgets(stored: Database, admin: Actor) -> None:
    with stored.write() as session:
        secrets.put(session, admin, "lab-ssh", "ssh", {"username": "x", "password": "new"})
        assert secrets.get(session, "lab-ssh").reveal("password") == "new"
        secrets.delete(session, admin, "lab-ssh")
        with pytest.raises(NotFoundError):
            secrets.get(session, "lab-ssh")


def test_who_may_not_write_credentials_is_denied(
    sqlite_database: Database, approver: Actor
) -> None:
    with sqlite_database.write() as session, pytest.raises(DeniedError):
        secrets.put(session, approver, "lab-ssh", "ssh", SSH)


def test_a_credential_never_shows_its_fields() -> None:
    found = Credential("lab-ssh", "ssh", SSH)
    shown = f"{found} {found!r} {found!s} {found:>9} {dir(found)} {[found]}"
    assert CANARY not in shown
    assert "[redacted]" in shown
    for leak in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars):
        with pytest.raises(TypeError):
            leak(found)


def test_a_rotation_that_fails_leaves_all_readable(
    stored: Database, admin: Actor, data_dir: Path
) -> None:
    path = Places.under(data_dir).master_key
    with stored.write() as session:
        secrets.put(session, admin, "broken", "token", {"token": "x"})
        spoiled = update(CredentialRow).where(CredentialRow.name == "broken")
        session.execute(spoiled.values(fields={"token": "v1:none"}))
    with pytest.raises(Exception, match=r"master key|does not open"):
        secrets.rotate_master_key(stored, admin, path)
    equip_all(stored, Places.under(data_dir))
    with stored.read() as session:
        assert secrets.get(session, "lab-ssh").reveal("password") == CANARY


GOOD = """
[credentials.lab-snmp]
kind = "snmpv3"
username = "hatang"
auth_protocol = "SHA"
auth_password = "canary-auth-1"
priv_protocol = "AES"
priv_password = "canary-priv-1"
[credentials.lab-ssh]
kind = "ssh"
username = "netadmin"
password = "canary-ssh-1"
"""
BAD = """
[credentials.one]
kind = "snmpv3"
username = "hatang"
auth_protocol = "MD4"
auth_password = "short"
community = "canary-community"
[credentials.two]
kind = "telnet"
[credentials."Three!"]
kind = "token"
token = 7
"""


def write(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_of_credentials_is_imported(
    sqlite_database: Database, admin: Actor, tmp_path: Path
) -> None:
    with sqlite_database.write() as session:
        names = secrets.import_file(session, admin, write(tmp_path, GOOD))
        assert names == ["lab-snmp", "lab-ssh"]
        assert secrets.get(session, "lab-snmp").reveal("priv_password") == "canary-priv-1"


def test_all_problems_of_a_file_come_at_once_without_a_secret(
    sqlite_database: Database, admin: Actor, tmp_path: Path
) -> None:
    with sqlite_database.write() as session, pytest.raises(InvalidInputError) as caught:
        secrets.import_file(session, admin, write(tmp_path, BAD))
    fields = {problem.field for problem in caught.value.problems}
    assert fields >= {"one.auth_protocol", "one.auth_password", "one.community", "two.kind", "name"}
    assert {"one.priv_protocol", "one.priv_password", "Three!.token"} <= fields
    assert "canary" not in str(caught.value)
    with sqlite_database.read() as session:
        assert secrets.list_all(session) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[credentials.x]\npassword = "canary', "is no TOML"),
        ("[other]\nx = 1", "no such tables"),
        ("", "no such tables"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(
    sqlite_database: Database, admin: Actor, tmp_path: Path, text: str, message: str
) -> None:
    with (
        sqlite_database.write() as session,
        pytest.raises(InvalidInputError, match=message) as caught,
    ):
        secrets.import_file(session, admin, write(tmp_path, text))
    assert "canary" not in str(caught.value)


def test_every_algorithm_of_the_engine_may_be_stored_but_clear_text() -> None:
    digests, ciphers = set(AuthProtocol) - {"none"}, set(PrivProtocol) - {"none"}
    assert {"auth_protocol": digests, "priv_protocol": ciphers} == CHOICES


@pytest.mark.parametrize("cipher", sorted(CHOICES["priv_protocol"]))
@pytest.mark.parametrize("digest", sorted(CHOICES["auth_protocol"]))
def test_a_stored_user_comes_back_with_its_algorithms_and_the_weak_ones_are_told(
    sqlite_database: Database, admin: Actor, digest: str, cipher: str
) -> None:
    fields = {"username": "nms", "auth_password": "canary-auth", "priv_password": "canary-priv"}
    fields |= {"auth_protocol": digest, "priv_protocol": cipher}
    with sqlite_database.write() as session:
        secrets.put(session, admin, "all", "snmpv3", fields)
    with sqlite_database.read() as session:
        user = SnmpUser.of(secrets.get(session, "all"))
        (row,) = secrets.list_all(session)
    assert (user.auth_protocol, user.priv_protocol) == (digest, cipher)
    assert row.weak == tuple(one for one in (digest, cipher) if one in {"MD5", "DES"})


def test_a_credential_that_does_not_open_is_listed_as_unknown(
    sqlite_database: Database, admin: Actor
) -> None:
    fields = {"username": "nms", "auth_password": "canary-auth", "priv_password": "canary-priv"}
    fields |= {"auth_protocol": "SHA", "priv_protocol": "AES"}
    with sqlite_database.write() as session:
        secrets.put(session, admin, "spoiled", "snmpv3", fields)
        spoiled = update(CredentialRow).where(CredentialRow.name == "spoiled")
        session.execute(spoiled.values(fields=dict.fromkeys(fields, "v1:none")))
    with sqlite_database.read() as session:
        assert [row.weak for row in secrets.list_all(session)] == [("unknown",)]


@pytest.mark.parametrize("clear", [{"auth_protocol": "none"}, {"priv_protocol": "none"}])
def test_a_user_in_the_clear_is_not_stored(
    sqlite_database: Database, admin: Actor, clear: dict[str, str]
) -> None:
    fields = {"username": "nms", "auth_password": "canary-auth", "priv_password": "canary-priv"}
    fields |= {"auth_protocol": "SHA", "priv_protocol": "AES", **clear}
    with (
        sqlite_database.write() as session,
        pytest.raises(InvalidInputError, match="is not supported"),
    ):
        secrets.put(session, admin, "clear", "snmpv3", fields)


def test_a_file_others_may_read_is_refused(
    sqlite_database: Database, admin: Actor, tmp_path: Path
) -> None:
    path = write(tmp_path, GOOD, 0o644)
    with (
        sqlite_database.write() as session,
        pytest.raises(InvalidInputError, match="may be read by others"),
    ):
        secrets.import_file(session, admin, path)
