"""Collections come out of exactly the pinned package, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from hatang.errors import ConflictError, InvalidInputError
from playbooks import collections

ROOT = Path(__file__).parents[2]


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str = "1.0.0") -> Path:
    """Make a package with one wanted and one other collection, and pin it."""
    made = folder / f"ansible-{version}.whl"
    manifest = json.dumps({"collection_info": {"version": version}})
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("cisco/ios", "cisco/other"):
            archive.writestr(f"ansible_collections/{name}/MANIFEST.json", manifest)
        archive.writestr(f"ansible_collections/cisco/ios/{version}.py", "")
    pinned = collections.Pinned(
        package="ansible",
        version=version,
        sha256=hashlib.sha256(made.read_bytes()).hexdigest(),
        collections={"cisco.ios": version},
    )
    monkeypatch.setattr(collections, "pinned", lambda: pinned)
    return made


def test_only_the_wanted_collections_are_unpacked_and_those_of_before_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    collections.unpack(package(tmp_path, monkeypatch), place)
    collections.unpack(package(tmp_path, monkeypatch, "2.0.0"), place)
    kept = sorted(str(each.relative_to(place)) for each in place.rglob("*") if each.is_file())
    start = "ansible_collections/cisco/ios"
    assert kept == [f"{start}/2.0.0.py", f"{start}/MANIFEST.json"]
    collections.require(place)


def test_every_user_may_read_the_collections_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir(mode=0o755)
    before = os.umask(0o077)
    try:
        collections.unpack(package(tmp_path, monkeypatch), place)
    finally:
        os.umask(before)
    modes = {each.is_dir(): stat.S_IMODE(each.stat().st_mode) for each in place.rglob("*")}
    assert modes == {True: 0o755, False: 0o644}


def test_a_package_that_is_not_the_pinned_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = package(tmp_path, monkeypatch)
    with made.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(InvalidInputError):
        collections.unpack(made, tmp_path)
    with pytest.raises(InvalidInputError):
        collections.unpack(tmp_path / "absent.whl", tmp_path)
    assert not (tmp_path / collections.FOLDER).exists()


def test_what_is_missing_or_of_another_version_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, monkeypatch)
    with pytest.raises(ConflictError, match=r"cisco\.ios"):
        collections.require(tmp_path)


def test_pip_is_told_of_the_same_file() -> None:
    wanted = collections.pinned()
    text = (ROOT / "requirements" / "collections.txt").read_text(encoding="utf-8")
    assert f"{wanted.package}=={wanted.version}" in text
    assert f"--hash=sha256:{wanted.sha256}" in text
