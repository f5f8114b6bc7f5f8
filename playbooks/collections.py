"""The Ansible collections that speak to network devices: three out of one pinned package.

The package `ansible` holds a hundred collections, 200 MB; what is wanted of it is 7 MB. It is known
by its hash, nothing of it is installed, and what is unpacked lies beside ansible-core, where
Ansible looks by itself and every user may read it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from hatang.errors import ConflictError, InvalidInputError, Problem
from playbooks.catalogue import SITE

FOLDER: Final = "ansible_collections"
_FIX: Final = "Unpack them: hatang playbook collections --from ansible-{}-py3-none-any.whl"


class Pinned(BaseModel):
    """The package, its SHA-256, and the versions of the collections that are in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    package: str
    version: str
    sha256: str
    collections: dict[str, str]


@cache
def pinned() -> Pinned:
    """Return what playbooks on network devices need."""
    text = (SITE / "collections.yaml").read_text(encoding="utf-8")
    return Pinned.model_validate(yaml.load(text, yaml.CSafeLoader))


def place() -> Path:
    """Return the folder in which Ansible finds them: the one that ansible-core is in."""
    core = find_spec("ansible")
    if core is None or core.origin is None:
        raise ConflictError("there is no ansible-core")
    return Path(core.origin).parents[1]


def found(folder: Path | None = None) -> dict[str, str | None]:
    """Return the version of each collection that lies in `folder`, None where there is none."""
    return {name: _version(folder or place(), name) for name in pinned().collections}


def require(folder: Path | None = None) -> None:
    """Return when every collection is there as pinned; raises ConflictError naming the others."""
    wanted = pinned()
    absent = [name for name, one in found(folder).items() if one != wanted.collections[name]]
    if absent:
        raise ConflictError(
            f"playbooks on network devices need collections of Ansible: {', '.join(absent)}",
            fix=_FIX.format(wanted.version),
        )


def unpack(package: Path, folder: Path | None = None) -> None:
    """Unpack the pinned collections out of the file `package`, in place of those of before.

    Raises:
        InvalidInputError: it is not the pinned file, or cannot be read.
    """
    wanted, target = pinned(), folder or place()
    try:
        with package.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _refused(package, f"cannot be read: {error.strerror}") from error
    if digest != wanted.sha256:
        raise _refused(package, f"is not {wanted.package} {wanted.version} as it was published")
    with tempfile.TemporaryDirectory(dir=target, prefix=".collections-") as name:
        fresh = Path(name)
        starts = tuple(f"{FOLDER}/{each.replace('.', '/')}/" for each in wanted.collections)
        with zipfile.ZipFile(package) as archive:
            members = [each for each in archive.namelist() if each.startswith(starts)]
            archive.extractall(fresh, members)
        for each in starts:
            shutil.rmtree(target / each, ignore_errors=True)
            (target / each).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(fresh / each, target / each)
    _open(target / FOLDER)


def _open(folder: Path) -> None:
    """Let every user read what is there, whatever the umask: runs have a user of their own."""
    folder.chmod(0o755)
    for below in folder.rglob("*"):
        below.chmod(0o755 if below.is_dir() else 0o644)


def _refused(package: Path, message: str) -> InvalidInputError:
    fix = "pip download --no-deps --require-hashes -r requirements/collections.txt"
    return InvalidInputError([Problem("collections", "from", str(package), message, fix)])


def _version(folder: Path, name: str) -> str | None:
    manifest = folder / FOLDER / name.replace(".", "/") / "MANIFEST.json"
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        return str(told["collection_info"]["version"])
    except (OSError, ValueError, KeyError):
        return None
