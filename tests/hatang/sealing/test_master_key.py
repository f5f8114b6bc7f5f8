from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import SettingsError, TamperedError
from hatang.sealing import MasterKey, create_master_key, load_master_key, replace_master_key

if TYPE_CHECKING:
    from pathlib import Path

KEY = MasterKey({"k1": b"1" * 32}, b"n" * 32)


def test_a_created_key_is_read_back_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    created = create_master_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_master_key(path) == created


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_master_key(tmp_path / "master.key")
    with pytest.raises(SettingsError, match="exists already"):
        create_master_key(tmp_path / "master.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    create_master_key(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="may be read by others") as caught:
        load_master_key(path)
    assert "chmod 600" in caught.value.fix


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"version":1,"keys":{},"naming":""}'])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="not a master key"):
        load_master_key(path)


@given(st.binary(max_size=200), st.text(max_size=30))
def test_what_was_sealed_opens_at_its_place(data: bytes, place: str) -> None:
    assert KEY.unseal(KEY.seal(data, place), place) == data


def test_a_value_moved_elsewhere_does_not_open() -> None:
    with pytest.raises(TamperedError):
        KEY.unseal(KEY.seal(b"x", "credential:1:password"), "credential:2:password")


@given(st.text(max_size=40))
def test_garbage_is_refused_by_name(text: str) -> None:
    with pytest.raises((TamperedError, SettingsError)):
        KEY.unseal(text, "here")


def test_a_changed_value_does_not_open() -> None:
    sealed = KEY.seal(b"secret", "here")
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(TamperedError):
        KEY.unseal(changed, "here")


def test_a_rotated_key_opens_old_values_until_the_old_key_goes(tmp_path: Path) -> None:
    sealed = KEY.seal(b"secret", "here")
    rotated = KEY.rotated()
    assert rotated.unseal(sealed, "here") == b"secret"
    assert rotated.seal(b"secret", "here").split(":")[1] != "k1"
    with pytest.raises(SettingsError, match="does not hold"):
        rotated.only_current().unseal(sealed, "here")
    create_master_key(tmp_path / "k")
    replace_master_key(tmp_path / "k", rotated)
    assert load_master_key(tmp_path / "k") == rotated
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600


def test_a_key_never_prints_and_never_travels() -> None:
    assert "1111" not in f"{KEY} {KEY!r}"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


def test_addresses_depend_on_the_key_and_not_on_rotation() -> None:
    other = MasterKey(KEY.keys, b"m" * 32)
    assert KEY.address(b"x") == KEY.rotated().address(b"x") != other.address(b"x")
