"""Enrolment of SSH host keys, and what netmiko, OpenSSH and Ansible get to read."""

from __future__ import annotations

import base64
import shutil
import subprocess
from typing import TYPE_CHECKING

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hatang.db import Base, Database
from hatang.drivers import hostkeys
from hatang.drivers.hostkeys import FixedHostKeys, StoredHostKeys, fingerprint, parse_key
from hatang.drivers.models import HostKey
from hatang.drivers.target import Target
from hatang.drivers.tls import TlsTrust
from hatang.errors import ConflictError, DriverError, InvalidInputError, Reason
from tests.hatang.drivers.httpserver import make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.drivers.protocols import PublicKey

HOST, PORT = "10.250.0.1", 22


def _new_key(kind: str = "ssh-ed25519") -> PublicKey:
    return parse_key(asyncssh.generate_private_key(kind).export_public_key().decode())


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path / 'test.db'}")
    Base.metadata.create_all(database.engine, tables=[Base.metadata.tables["host_key"]])
    yield database
    database.dispose()


def test_enrolled_keys_are_found_and_enrolling_again_changes_nothing(database: Database) -> None:
    keys = [_new_key(), _new_key("ecdsa-sha2-nistp256")]
    for expected in (keys, []):
        with database.write() as session:
            assert hostkeys.enrol(session, HOST, PORT, keys, "an") == expected
    stored = StoredHostKeys(database)
    assert stored.lookup(HOST, PORT) == keys
    assert stored.lookup(HOST, 2222) == []


def test_another_key_of_the_same_kind_is_a_conflict(database: Database) -> None:
    with database.write() as session:
        hostkeys.enrol(session, HOST, PORT, [_new_key()], "an")
    with pytest.raises(ConflictError, match="has another ssh-ed25519"), database.write() as session:
        hostkeys.enrol(session, HOST, PORT, [_new_key()], "binh")


def test_a_replaced_key_stays_as_history(database: Database) -> None:
    old, new = _new_key(), _new_key()
    with database.write() as session:
        hostkeys.enrol(session, HOST, PORT, [old], "an")
        hostkeys.replace(session, HOST, PORT, new, "binh")
        hostkeys.replace(session, HOST, PORT, new, "binh")
    assert StoredHostKeys(database).lookup(HOST, PORT) == [new]
    with database.read() as session:
        rows = list(session.scalars(select(HostKey).order_by(HostKey.id)))
    assert [row.public_key for row in rows] == [old.data, new.data]
    assert rows[0].replaced_at is not None
    assert (rows[0].enrolled_by, rows[1].enrolled_by) == ("an", "binh")


def test_only_presented_keys_that_somebody_vouches_for_are_enrolled(database: Database) -> None:
    presented = [_new_key(), _new_key("ecdsa-sha2-nistp256")]
    listed = [fingerprint(presented[1])]
    with database.write() as session:
        hostkeys.enrol_presented(session, HOST, PORT, presented, fingerprints=listed, by="an")
    assert StoredHostKeys(database).lookup(HOST, PORT) == [presented[1]]
    with pytest.raises(InvalidInputError, match="SHA256:"), database.write() as session:
        hostkeys.enrol_presented(session, HOST, PORT, presented[:1], fingerprints=listed, by="an")


def test_the_known_hosts_file_is_private_and_gone_afterwards() -> None:
    target, other = Target("r1", HOST, PORT), Target("r2", HOST, 2222)
    key = _new_key()
    keys = FixedHostKeys({(HOST, PORT): [key], (HOST, 2222): [key]})
    with hostkeys.known_hosts_file(keys, [target, other]) as path:
        assert path.stat().st_mode & 0o077 == 0
        assert path.read_text() == f"{HOST} {key}\n[{HOST}]:2222 {key}\n"
    assert not path.exists()
    with (
        pytest.raises(DriverError) as caught,
        hostkeys.known_hosts_file(keys, [Target("r3", "10.250.0.9", 22)]),
    ):
        pass
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH's ssh-keygen is not here")
def test_openssh_reads_the_file_and_agrees_on_the_fingerprint() -> None:
    key = _new_key()
    keys = FixedHostKeys({(HOST, 2222): [key]})
    with hostkeys.known_hosts_file(keys, [Target("r1", HOST, 2222)]) as path:
        command = ["ssh-keygen", "-l", "-F", f"[{HOST}]:2222", "-f", str(path)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert fingerprint(key) in found.stdout


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-ed25519 AAAA", "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAA"],
)
def test_a_line_that_is_no_key_is_named(line: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_key(line)


@given(st.text())
def test_any_text_is_a_key_or_a_clear_refusal(text: str) -> None:
    try:
        key = parse_key(text)
    except InvalidInputError:
        return
    assert "\n" not in str(key)


def test_a_tls_certificate_is_enrolled_beside_the_keys_and_pinned(database: Database) -> None:
    certificate, _ = make_certificate()
    der = certificate.public_bytes(serialization.Encoding.DER)
    pinned = parse_key(f"{hostkeys.CERTIFICATE} {base64.b64encode(der).decode()}")
    ssh_key = _new_key()
    with database.write() as session:
        hostkeys.enrol(session, HOST, PORT, [ssh_key, pinned], "an")
    stored, target = StoredHostKeys(database), Target("sw1", HOST, PORT)
    assert hostkeys.certificate(stored, target) == TlsTrust.pinned(der)
    assert hostkeys.enrolled(stored, target) == [ssh_key]


def test_an_ssh_key_is_no_tls_certificate() -> None:
    keys = FixedHostKeys({(HOST, PORT): [_new_key()]})
    with pytest.raises(DriverError) as caught:
        hostkeys.certificate(keys, Target("sw1", HOST, PORT))
    assert caught.value.reason is Reason.CERTIFICATE_INVALID
