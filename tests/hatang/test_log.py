"""Logs: no secret in them, and no line that a device or a visitor wrote himself."""

from __future__ import annotations

import logging
import re

import pytest

from hatang.log import MASK, LineFormatter, redact

SECRET = "s3cr3t-Hue-1975"
_KIND = "OPENSSH PRIVATE KEY"
PEM = f"-----BEGIN {_KIND}-----\nb3BlbnNzaC1r\n-----END {_KIND}-----"


def line_of(message: str, *arguments: object, error: BaseException | None = None) -> str:
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("hatang.test", logging.INFO, "f", 1, message, arguments, told)
    return LineFormatter().format(record)


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"password: {SECRET}, then more",
        f'{{"api_key": "{SECRET}"}}',
        f"{{'auth_password': '{SECRET}'}}",
        f"HATANG_DATABASE_PASSWORD={SECRET}",
        f"community = {SECRET}",
        f"Authorization: {SECRET}",
        f"sent Bearer {SECRET} to it",
        f"https://lan:{SECRET}@bridge.example/admin",
        f"postgresql+psycopg://hatang:{SECRET}@db/hatang",
        f"?token={SECRET}&page=2",
    ],
)
def test_what_stands_where_secrets_stand_is_masked(text: str) -> None:
    told = redact(text)
    assert SECRET not in told
    assert MASK in told


def test_a_private_key_is_masked_whole() -> None:
    assert redact(f"read {PEM} from it") == f"read {MASK} from it"


def test_words_beside_secrets_stay() -> None:
    told = redact(f"user=lan password={SECRET} host=hub-2")
    assert told == f"user=lan password={MASK} host=hub-2"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    told = "hub-2 answered in 0.4 s: FRRouting 8.4.4 tại Huế"
    assert redact(told) == told


def test_a_secret_among_the_arguments_is_masked() -> None:
    assert SECRET not in line_of("opened %s", f"https://lan:{SECRET}@host/")


def test_a_secret_in_an_error_is_masked() -> None:
    assert SECRET not in line_of("failed", error=ValueError(f"password={SECRET}"))


@pytest.mark.parametrize(
    "forged",
    [
        *("\n", "\r\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"),
        *("\x1b[2K\x1b[1A", "\x9b2K", "\u202e", "\u2066"),
    ],
)
def test_a_name_cannot_forge_a_line(forged: str) -> None:
    told = line_of("sysName is %s", f"hub-1{forged}2026-11-28T00:00:00.000Z info audit all well")
    assert len(told.splitlines()) == 1
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", told)
    assert "hub-1" in told


def test_a_traceback_stays_one_line() -> None:
    with pytest.raises(ValueError, match="first") as caught:
        int("first\nsecond")
    told = line_of("failed: %s", "first\nsecond", error=caught.value)
    assert len(told.splitlines()) == 1
    assert "second" in told


def test_a_line_tells_when_how_bad_and_who() -> None:
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info hatang\.test well", line_of("well")
    )
