"""Masks what a device says when it refuses a text: it quotes the line, or a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory.platforms.schema import REDACTED

if TYPE_CHECKING:
    from inventory.platforms import Platform

_QUOTES: Final = "\"'`,;"


def masked(platform: Platform, said: str, text: str) -> str:
    """Return what a device said with every secret of `text`, and every known one, replaced."""
    said = platform.redact(said)
    secrets: set[str] = set()
    for line in text.splitlines():
        hidden = platform.redact(line)
        if hidden != line:
            secrets |= {*line.split()} - {*hidden.split()}
    bare = {one.strip(_QUOTES) for one in secrets}
    for one in sorted(bare - {""}, key=len, reverse=True):
        said = said.replace(one, REDACTED)
    return said
