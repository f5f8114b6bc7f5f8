"""People and tokens, with no password on a command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli import exits
from hatang.auth import tokens

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang


def test_a_person_is_created_with_roles_and_a_password_from_a_file(
    hatang: Hatang, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("mua-xuan-nho-nho\n")
    words = ("user", "create", "dung", "--role", "viewer", "--password-file", str(file))
    assert hatang(*words, "--as", "truong").status == exits.OK
    listed = json.loads(hatang("user", "list", "--as", "truong").out)
    assert {"name": "dung", "roles": ["viewer"]}.items() <= listed[0].items()
    assert "mua-xuan" not in json.dumps(listed)


def test_without_a_terminal_the_password_comes_from_a_file(hatang: Hatang) -> None:
    ran = hatang("user", "password", "lan", "--as", "truong")
    assert ran.status == exits.USAGE
    assert "--password-file" in ran.err


def test_a_weak_password_is_refused_with_its_fault(hatang: Hatang, tmp_path: Path) -> None:
    (tmp_path / "weak").write_text("short")
    ran = hatang("user", "password", "lan", "--password-file", "weak", "--as", "truong")
    assert ran.status == exits.INVALID_INPUT
    assert "12 to 256 characters" in ran.err


def test_roles_that_conflict_are_refused(hatang: Hatang) -> None:
    assert hatang("user", "grant", "minh", "admin", "--as", "truong").status == exits.CONFLICT


def test_an_unknown_person_or_unit_is_not_found(hatang: Hatang) -> None:
    for words in (("grant", "x", "viewer"), ("grant", "khach", "viewer", "--unit", "xa-99")):
        assert hatang("user", *words, "--as", "truong").status == exits.NOT_FOUND


def test_a_token_is_printed_alone_and_works(hatang: Hatang) -> None:
    ran = hatang("token", "create", "demo", "--role", "engineer", "--as", "lan")
    with hatang.database.read() as session:
        identity = tokens.authenticate_token(session, ran.out.strip())
    assert identity.actor.name == "lan"


def test_a_token_cannot_hold_more_than_its_owner(hatang: Hatang) -> None:
    ran = hatang("token", "create", "demo", "--role", "admin", "--as", "lan")
    assert ran.status == exits.DENIED
