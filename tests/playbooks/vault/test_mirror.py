"""The git mirror: a commit a version, by stable paths, masked, by whom."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from hatang.errors import InvalidInputError
from playbooks import vault
from playbooks.vault.mirror import mirror
from tests.playbooks.records import SYSTEM, collected, device, keep

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database
    from playbooks.access import Access

TEXT = "frr version 8.4.4\nhostname r1\nrouter bgp 65000\n neighbor 10.0.0.2 password s3cr3t\n"


@pytest.fixture
def access(sqlite_database: Database) -> Access:
    with sqlite_database.write() as session:
        return device(session)


def brought(database: Database, folder: Path) -> int:
    with database.write() as session:
        return mirror(session, SYSTEM, folder)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()


def test_each_version_is_one_commit_and_no_secret_is_in_it(
    sqlite_database: Database, access: Access, tmp_path: Path
) -> None:
    folder = tmp_path / "mirror"
    keep(sqlite_database, access, TEXT)
    assert brought(sqlite_database, folder) == 1
    with sqlite_database.write() as session:
        given = collected(f"{TEXT}ip route 0.0.0.0/0 10.0.0.1\n")
        vault.store(session, SYSTEM, access, given, source="configured by lan")
    assert brought(sqlite_database, folder) == 1
    assert brought(sqlite_database, folder) == 0
    assert git(folder, "log", "--format=%an: %s").splitlines() == [
        "lan: r1: configured by lan",
        "hatang: r1: backup",
    ]
    shown = git(folder, "log", "-p")
    assert "+ip route 0.0.0.0/0 10.0.0.1" in shown
    assert "s3cr3t" not in shown
    assert git(folder, "ls-tree", "-r", "--name-only", "main") == "key-r1/running.conf\n"


def test_a_folder_that_is_something_else_is_refused(
    sqlite_database: Database, access: Access, tmp_path: Path
) -> None:
    (tmp_path / "HEAD").write_text("not a repository")
    keep(sqlite_database, access, TEXT)
    with pytest.raises(InvalidInputError):
        brought(sqlite_database, tmp_path)
