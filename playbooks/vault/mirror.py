"""A git repository of the masked configurations, a commit a version, for those who read with git.

Paths are devices' stable keys, so that a rename keeps its history. The repository is bare: nothing
in it is ever read back, and the vault stays the truth.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import audit, blobs, scope
from hatang.auth import Permission, require
from hatang.errors import InvalidInputError, Problem
from inventory.models import Device
from playbooks.models import ConfigVersion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

_BRANCH: Final = "refs/heads/main"
_VERSION: Final = re.compile(r"^Version: (\d+)$", re.MULTILINE)
_AUTHOR: Final = re.compile(r"configured by (.+)")
# Nothing of the person's or the machine's own git settings acts here.
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}


def mirror(session: WriteSession, actor: Actor, folder: Path) -> int:
    """Bring the repository in `folder` up to date; returns how many versions were added.

    It is made where none is. Who runs this sees all it holds: `actor` must be allowed to read
    every configuration.

    Raises:
        DeniedError: the actor may not read configurations.
        InvalidInputError: git is missing, or `folder` is no repository of this kind.
    """
    require(actor, Permission.VAULT_READ)
    if not (folder / "HEAD").exists():
        _git(folder.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    head = _git(folder, "for-each-ref", "--format=%(contents)", _BRANCH)
    last = max((int(found) for found in _VERSION.findall(head)), default=0)
    commits = list(_commits(session, actor, last, is_first=not head.strip()))
    if commits:
        _git(folder, "fast-import", "--quiet", data=b"".join(commits))
        what = {"folder": str(folder), "versions": len(commits)}
        audit.record(session, actor, "vault.mirror", "vault", what)
    return len(commits)


def _commits(session: AnySession, actor: Actor, last: int, *, is_first: bool) -> Iterator[bytes]:
    visible = scope.visible(actor.acting(Permission.VAULT_READ), ConfigVersion.scope_id)
    rows = session.execute(
        select(ConfigVersion, Device.name, Device.device_key)
        .join(Device, Device.id == ConfigVersion.device_id)
        .where(visible, ConfigVersion.id > last)
        .order_by(ConfigVersion.id)
    )
    for version, name, key in rows:
        text = blobs.get(session, version.redacted)
        message = f"{name}: {version.source}\n\nVersion: {version.id}\nDigest: {version.digest}\n"
        by = _AUTHOR.fullmatch(version.source)
        author = re.sub(r"[<>\n\0]", "", by[1]) if by else "hatang"
        at = int(version.collected_at.timestamp())
        yield b"".join(
            (
                f"commit {_BRANCH}\nauthor {author} <{author}> {at} +0000\n".encode(),
                f"committer hatang <hatang> {at} +0000\n".encode(),
                _data(message.encode()),
                b"" if is_first else f"from {_BRANCH}^0\n".encode(),
                f"M 100644 inline {_path(key, version.kind)}\n".encode(),
                _data(text),
            )
        )
        is_first = False


def _path(key: str, kind: str) -> str:
    """Return where a device's configuration lies; what is no plain letter is written as `_`."""
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', key)}/{kind}.conf"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _git(folder: Path, *arguments: str, data: bytes = b"") -> str:
    try:
        done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
            ["git", *arguments],  # noqa: S607 - found in the PATH above
            cwd=folder,
            input=data,
            capture_output=True,
            env=_ENVIRONMENT,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        fix = "Install git, and give an empty folder or one that this command made."
        problem = Problem("mirror", "folder", str(folder), said.decode(errors="replace")[:200], fix)
        raise InvalidInputError([problem]) from error
    return done.stdout.decode(errors="replace")
