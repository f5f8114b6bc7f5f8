"""People and tokens, with no password on a command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits
from hatang import clock
from hatang.auth import sessions, throttle, tokens, users
from hatang.errors import UnauthenticatedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow


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


def roles_of(hatang: Hatang, name: str) -> list[str]:
    shown = json.loads(hatang("user", "roles", name, "--as", "truong").out)
    return [row["role"] for row in shown]


def test_a_revoked_role_is_gone(hatang: Hatang) -> None:
    assert roles_of(hatang, "lan") == ["engineer", "operator"]
    assert hatang("user", "revoke", "lan", "operator", "--as", "truong").status == exits.OK
    assert roles_of(hatang, "lan") == ["engineer"]
    assert hatang("user", "revoke", "lan", "operator", "--as", "truong").status == exits.NOT_FOUND


def test_a_role_is_revoked_where_it_was_given(hatang: Hatang) -> None:
    ran = hatang("user", "revoke", "lan", "operator", "--unit", "xa-99", "--as", "truong")
    assert ran.status == exits.NOT_FOUND
    assert "operator" in roles_of(hatang, "lan")


def test_who_is_deactivated_has_no_token_and_no_session_left(hatang: Hatang) -> None:
    text = hatang("token", "create", "demo", "--role", "engineer", "--as", "lan").out.strip()
    cookie = signed_in(hatang, "lan")
    assert hatang("user", "deactivate", "lan", "--as", "truong").status == exits.OK
    assert hatang("user", "reactivate", "lan", "--as", "truong").status == exits.OK
    with hatang.database.read() as session:
        with pytest.raises(UnauthenticatedError):
            tokens.authenticate_token(session, text)
        with pytest.raises(UnauthenticatedError):
            sessions.authenticate(session, cookie)
    assert roles_of(hatang, "lan") == ["engineer", "operator"]


def test_who_never_left_is_not_reactivated(hatang: Hatang) -> None:
    assert hatang("user", "reactivate", "lan", "--as", "truong").status == exits.CONFLICT


def test_a_reset_password_is_printed_alone_and_is_the_one(
    hatang: Hatang, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def remember(text: str) -> str:
        hashed.append(text)
        return "a hash"

    monkeypatch.setattr(users, "hash_password", remember)
    ran = hatang("user", "reset-password", "lan", "--as", "truong")
    assert ran.out.strip() == hashed[0]
    assert hashed[0] not in ran.err
    with hatang.database.read() as session:
        assert users.get_user(session, "lan").must_change_password


def test_a_reset_password_unlocks_the_name(hatang: Hatang) -> None:
    limited = throttle.limits("lan", "")
    with hatang.database.write() as session:
        for _ in range(6):
            throttle.reserve(session, limited)
    hatang("user", "reset-password", "lan", "--as", "truong")
    with hatang.database.write() as session:
        assert throttle.reserve(session, limited) is None


def test_a_lost_second_factor_is_taken_away(hatang: Hatang) -> None:
    with hatang.database.write() as session:
        users.get_user(session, "lan").totp_confirmed_at = clock.now()
    assert hatang("user", "reset-second-factor", "lan", "--as", "truong").status == exits.OK
    with hatang.database.read() as session:
        assert users.get_user(session, "lan").totp_confirmed_at is None


@pytest.mark.parametrize(
    "words",
    [
        ("user", "roles", "hoa"),
        ("user", "revoke", "hoa", "approver"),
        ("user", "deactivate", "hoa"),
        ("user", "reactivate", "hoa"),
        ("user", "reset-password", "hoa"),
        ("user", "reset-second-factor", "hoa"),
        ("token", "list", "--user", "hoa"),
        ("token", "list", "--all"),
        ("session", "list", "--user", "hoa"),
        ("session", "list", "--all"),
    ],
)
def test_only_an_administrator_looks_after_others(hatang: Hatang, words: tuple[str, ...]) -> None:
    assert hatang(*words, "--as", "lan").status == exits.DENIED


@pytest.mark.parametrize("verb", ["deactivate", "reset-password", "reset-second-factor"])
def test_an_administrator_does_not_lock_himself_out(hatang: Hatang, verb: str) -> None:
    assert hatang("user", verb, "truong", "--as", "truong").status == exits.DENIED


def test_everybodys_tokens_are_listed_with_their_owners(hatang: Hatang) -> None:
    hatang("token", "create", "demo", "--role", "engineer", "--as", "lan")
    for words in (("--all",), ("--user", "lan")):
        (row,) = json.loads(hatang("token", "list", *words, "--as", "truong").out)
        assert (row["user"], row["name"], row["revoked_at"]) == ("lan", "demo", None)
    ran = hatang("token", "revoke", row["prefix"], "--as", "truong")
    assert ran.status == exits.OK


def test_a_session_is_listed_without_its_cookie_and_ended(hatang: Hatang) -> None:
    cookie = signed_in(hatang, "lan")
    ran = hatang("session", "list", "--all", "--as", "truong")
    (row,) = json.loads(ran.out)
    assert row["user"] == "lan"
    assert cookie not in ran.out
    assert hatang("session", "end", row["key"], "--as", "hoa").status == exits.DENIED
    assert hatang("session", "end", row["key"], "--as", "truong").status == exits.OK
    with hatang.database.read() as session, pytest.raises(UnauthenticatedError):
        sessions.authenticate(session, cookie)
    assert hatang("session", "end", row["key"], "--as", "truong").status == exits.NOT_FOUND


def signed_in(hatang: Hatang, name: str) -> str:
    with hatang.database.write() as session:
        user = users.get_user(session, name)
        return sessions.open_session(session, user, has_second_factor=False, address="192.0.2.7")
