"""What a device printed, made safe to keep: no escape sequence, no control character."""

from __future__ import annotations

import re
from typing import Final

# ECMA-48: CSI sequences, OSC strings ended by BEL or ST, and two-character escapes.
_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MESSAGE_CHARACTERS: Final = 300


def clean(text: str) -> str:
    """Return `text` with line ends as newlines and only tabs and newlines as controls."""
    text = _ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Return the start of `text` as one clean line, fit for an error message or a log."""
    line = " ".join(clean(text).split())
    return line if len(line) <= _MESSAGE_CHARACTERS else f"{line[:_MESSAGE_CHARACTERS]}…"


def has_control(text: str) -> bool:
    """Tell whether `text` would do more on a command line than be one line."""
    return "\n" in text or _CONTROL.search(text) is not None
