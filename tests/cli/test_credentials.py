"""Every algorithm of SNMPv3 is taken from a file, and the weak ones are named in the list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow


def user(name: str, digest: str, cipher: str) -> str:
    return (
        f'[credentials.{name}]\nkind = "snmpv3"\nusername = "nms"\n'
        f'auth_protocol = "{digest}"\nauth_password = "canary-auth-1"\n'
        f'priv_protocol = "{cipher}"\npriv_password = "canary-priv-1"\n'
    )


def test_a_list_names_the_weak_algorithms_and_no_secret(hatang: Hatang, tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(user("new", "SHA512", "AES256C") + user("old", "MD5", "DES"))
    path.chmod(0o600)
    assert hatang("credential", "import", str(path), "--as", "truong").status == exits.OK
    ran = hatang("credential", "list", "--as", "truong")
    assert {row["name"]: row["weak"] for row in json.loads(ran.out)} == {
        "new": [],
        "old": ["MD5", "DES"],
    }
    assert "canary" not in ran.out


def test_an_unknown_algorithm_is_refused_with_those_there_are(
    hatang: Hatang, tmp_path: Path
) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(user("odd", "MD4", "3DES"))
    path.chmod(0o600)
    ran = hatang("credential", "import", str(path), "--as", "truong")
    assert ran.status == exits.INVALID_INPUT
    assert "MD5, SHA, SHA224, SHA256, SHA384, SHA512" in ran.err
    assert "AES, AES192, AES192C, AES256, AES256C, DES" in ran.err
