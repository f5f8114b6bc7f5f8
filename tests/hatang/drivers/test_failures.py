"""Reasons of failures, and output made safe."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers.failures import reason_of, translated
from hatang.drivers.terminal import clean, has_control, one_line
from hatang.errors import DriverError, Reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(), Reason.REFUSED),
        (TimeoutError(), Reason.TIMEOUT),
        (socket.gaierror(), Reason.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "no route"), Reason.UNREACHABLE),
        (ConnectionResetError(), Reason.PROTOCOL_ERROR),
        (ssl.SSLCertVerificationError(), Reason.CERTIFICATE_INVALID),
        (ssl.SSLError(), Reason.PROTOCOL_ERROR),
        (DriverError("x", Reason.BUSY), Reason.BUSY),
        (RuntimeError("a bug"), Reason.INTERNAL),
    ],
)
def test_each_failure_has_a_reason(error: Exception, reason: Reason) -> None:
    assert reason_of(error) is reason


def test_the_reason_is_found_below_what_wraps_it() -> None:
    def wrapped() -> None:
        try:
            raise ssl.SSLCertVerificationError("not the pinned one")
        except ssl.SSLError as error:
            raise ValueError("cannot connect") from error

    with pytest.raises(DriverError, match="sw1: login failed: cannot connect") as caught:
        _run(wrapped)
    assert caught.value.reason is Reason.CERTIFICATE_INVALID


def test_a_message_with_control_characters_becomes_one_clean_line() -> None:
    def fail() -> None:
        raise RuntimeError("first\r\nsecond \x1b[31mred\x1b[0m\x00")

    with pytest.raises(DriverError, match=r"failed: first second red$"):
        _run(fail)


@given(st.text())
def test_cleaned_text_has_no_control_characters_but_tabs_and_newlines(text: str) -> None:
    cleaned = clean(text)
    assert not has_control(cleaned.replace("\n", ""))
    assert clean(cleaned) == cleaned
    assert "\n" not in one_line(text)


def test_escape_sequences_go_whole() -> None:
    assert clean("\x1b]0;title\x07\x1b[1;31mup\x1b[0m\x1b[K") == "up"


def _run(work: object) -> None:
    with translated("sw1", "login"):
        assert callable(work)
        work()
