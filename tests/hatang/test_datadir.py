from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.datadir import Places, equip_all, load_audit_key, prepare
from hatang.db import Database
from hatang.db.equipment import equipment
from hatang.errors import SettingsError
from hatang.sealing import MasterKey
from hatang.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_preparing_twice_keeps_the_keys(tmp_path: Path) -> None:
    places = Places.under(tmp_path)
    prepare(places)
    before = places.master_key.read_bytes(), places.audit_key.read_bytes()
    prepare(places)
    assert (places.master_key.read_bytes(), places.audit_key.read_bytes()) == before
    assert places.audit_key.stat().st_mode & 0o777 == 0o600


def test_settings_may_put_the_keys_elsewhere(tmp_path: Path) -> None:
    named = {"secrets": {"audit_heads_file": tmp_path / "far" / "heads"}}
    places = Places.of(Settings.model_validate({"data_dir": tmp_path, **named}))
    assert places.audit_heads == tmp_path / "far" / "heads"
    assert places.master_key == Places.under(tmp_path).master_key


@pytest.mark.parametrize(
    ("mode", "content", "message"),
    [(0o644, b"k" * 32, "may be read by others"), (0o600, b"k", "not an audit key")],
)
def test_an_unsafe_or_broken_audit_key_is_refused(
    tmp_path: Path, mode: int, content: bytes, message: str
) -> None:
    path = tmp_path / "audit.key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(SettingsError, match=message):
        load_audit_key(path)


def test_a_missing_key_is_said_and_never_made_anew(tmp_path: Path) -> None:
    database = Database.open("sqlite://")
    with pytest.raises(SettingsError, match="cannot be read"):
        equip_all(database, Places.under(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_database_opened_without_its_keys_says_so() -> None:
    database = Database.open("sqlite://")
    with database.read() as session, pytest.raises(SettingsError, match="without its MasterKey"):
        equipment(session, MasterKey)
