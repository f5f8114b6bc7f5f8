"""Lay a node's files out on disk, with the owners the tree knows."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from lab import keys
from lab.shell import run

if TYPE_CHECKING:
    from pathlib import Path

    from lab.keys import Secrets
    from lab.render.services import File

SHADOW_MODE = 0o640


class Accounts:
    """User and group numbers of the tree, and its shadow file with the lab's passwords."""

    def __init__(self, tree: Path, secrets: Secrets) -> None:
        self._users = _numbers(tree / "etc/passwd")
        self._groups = _numbers(tree / "etc/group")
        words = {
            keys.OPS_USER: secrets.ops_password,
            keys.NETADMIN_USER: secrets.netadmin_password,
        }
        self.shadow = _shadow(tree, words)

    def owner(self, owner: str) -> tuple[int, int]:
        """Return (uid, gid) of `user:group`."""
        user, group = owner.split(":")
        return self._users[user], self._groups[group]


def _numbers(table: Path) -> dict[str, int]:
    rows = (line.split(":") for line in table.read_text().splitlines())
    return {row[0]: int(row[2]) for row in rows}


def _shadow(tree: Path, words: dict[str, str]) -> str:
    lines = []
    for line in (tree / "etc/shadow").read_text().splitlines():
        user, _, rest = line.split(":", 2)
        if user in words:
            line = f"{user}:{_hash(tree, words[user])}:{rest}"  # noqa: PLW2901 - the row, replaced
        lines.append(line)
    return "\n".join(lines) + "\n"


def _hash(tree: Path, word: str) -> str:
    """Hash a password with the tree's own openssl; the password travels on standard input."""
    return run(
        ["chroot", str(tree), "openssl", "passwd", "-6", "-stdin"], stdin=word + "\n"
    ).strip()


def write(files: list[File], accounts: Accounts, place: Path) -> None:
    """Write the files below `place`, replacing what an earlier run left there."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o755)
    for file in files:
        target = place / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        target.write_text(file.text)
        os.chown(target, *accounts.owner(file.owner))
        target.chmod(file.mode)
    _write_shadow(accounts, place)


def _write_shadow(accounts: Accounts, place: Path) -> None:
    shadow = place / "etc/shadow"
    shadow.touch(mode=0o600)
    shadow.write_text(accounts.shadow)
    os.chown(shadow, *accounts.owner("root:shadow"))
    shadow.chmod(SHADOW_MODE)
