"""The command as a function: arguments in, exit status and both outputs out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from cli.main import run
from hatang import gates
from hatang.auth import Actor, Role, users
from tests.pings import unheard

__all__ = ["unheard"]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.db import Database

PASSWORD = "con-duong-dai-1975"
PEOPLE = {
    "truong": (Role.ADMIN,),
    "lan": (Role.ENGINEER, Role.OPERATOR),
    "hoa": (Role.APPROVER,),
    "minh": (Role.AUDITOR,),
    "khach": (),
}


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


class Hatang:
    """Runs commands on one data directory."""

    def __init__(self, data_dir: Path, database: Database, capfd: pytest.CaptureFixture[str]):
        self.data_dir = data_dir
        self.database = database
        self._capfd = capfd

    def __call__(self, *words: str) -> Ran:
        self._capfd.readouterr()
        status = run(words)
        seen = self._capfd.readouterr()
        return Ran(status, seen.out, seen.err)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith("HATANG_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)  # a command takes one of its own, and its process is ours here
    os.umask(before)
    yield
    os.umask(before)
    gates.clear()


@pytest.fixture
def hatang(
    sqlite_database: Database,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Hatang:
    """The command on a data directory with a few people."""
    monkeypatch.setenv("HATANG_DATA_DIR", str(data_dir))
    # Hashing costs a tenth of a second a person; nobody signs in here.
    monkeypatch.setattr(users, "hash_password", lambda password: f"no hash of {len(password)}")
    system = Actor.system("test")
    with sqlite_database.write() as session:
        for name, roles in PEOPLE.items():
            user = users.create_user(session, system, name, PASSWORD)
            for role in roles:
                users.grant_role(session, system, user.id, role)
    return Hatang(data_dir, sqlite_database, capfd)
