"""What may stand in the text of a change: configuration, and nothing that acts by itself.

A plan asks the device for its difference before anybody approved. Where the text is typed into a
configuration session (EOS), a line that leaves the session, commits it or is a command would act
then and there; where it is copied (IOS), `do` would act without showing in the difference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hatang.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

# Commands of IOS, EOS and FRR that work in configuration mode or leave it, and configure nothing.
_COMMANDS: Final = (
    r"abort|agent|bash|clear|commit|configure|copy|crypto\s+key\s+zeroize|delete|dir|disable|do|"
    "end|erase|exec|format|install|more|ping|python-shell|reload|rename|reset|rollback|save|scp|"
    "send|show|ssh|tclsh|tcpdump|telnet|terminal|traceroute|write|zerotouch"
)
_ACTS: Final = re.compile(rf"\s*(?:{_COMMANDS})(?![\w-])", re.IGNORECASE)
_BLANKS: Final = frozenset("\n\r\t")


def problems(device: str, text: str) -> Iterator[Problem]:
    """Yield what is wrong with the text for `device`, with its line."""
    where = f"texts.{device}"
    if not text.strip():
        yield Problem("change", where, "", "is empty", "Give the lines to configure.")
    for number, line in enumerate(text.splitlines(), 1):
        if _ACTS.match(line):
            message, fix = "is a command and configures nothing", "Leave the line out."
            yield Problem("change", where, line[:80], message, fix, line=number)
    if any(not each.isprintable() and each not in _BLANKS for each in text):
        fix = "Write it as plain text."
        yield Problem("change", where, "", "holds a control character", fix)
