"""Dialects that nest by indentation: IOS, EOS, NX-OS, FRR, VRP, Comware.

Free text (banners) and key material (certificate bodies) are one statement each: a line of a banner
that looks like a command is not one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from baselines.parsing.tree import Fault, Nesting, Tree

if TYPE_CHECKING:
    from baselines.parsing.dialects import Dialect

DEEPEST: Final = 32
_REFUSALS: Final = (
    "% Invalid",
    "% Incomplete",
    "% Ambiguous",
    "% Unknown command",
    "% Command",
    "Error: Unrecognized",
    "Error:Unrecognized",
    "Error: Wrong parameter",
)
_PREAMBLE: Final = (
    "Building configuration",
    "Current configuration",
    "Using ",
    "!Command:",
    "!Time:",
)
# `banner login ^C`, `banner motd #`; EOS names no mark and ends with EOF; VRP `header login "`.
_BANNER: Final = re.compile(
    r"^(?:banner (?!motd (?:line|file|default)\b)(?:\S+|slip-ppp \S+)|header \S+ information)"
    r"(?: (?P<mark>\^C|\^|[^\s\w])(?P<rest>.*)| (?P<word>\w)(?P<wordrest>.*))?$"
)
_KEY_BODY: Final = re.compile(r"^\s*(?:certificate |pki export|key-chain raw)\S+")
_HEX: Final = re.compile(r"^\s*[0-9A-Fa-f]{1,8}(?:\s+[0-9A-Fa-f]{1,8})*\s*$")


def parse(lines: list[str], known: Dialect, tree: Tree) -> None:
    """Fill `tree` from `lines`, which carry no control characters."""
    nesting = Nesting(tree, DEEPEST)
    closers, silent = frozenset(known.closers), (known.comment, *_PREAMBLE)
    negations, words = known.negations, known.words
    number, counted, total = 0, 0, len(lines)
    is_known = False
    while number < total:
        raw = lines[number]
        number += 1
        text = raw.strip()
        if not text or text in closers or text.startswith(silent):
            continue
        counted += 1
        if text.startswith(_REFUSALS):
            tree.odd.add(number)
            continue
        depth = len(raw) - len(raw.lstrip())
        nesting.close_to(depth)
        statement = tree.add(text, number)
        if depth and not nesting.open:
            is_known = False
        elif not nesting.open:
            first = _first(text, negations)
            is_known = first in words
            if first in known.foreign:
                tree.fault = Fault.NOT_UNDERSTOOD
        if not is_known:
            tree.odd.add(number)
        nesting.push(depth, statement)
        end = _body_end(lines, number, text, tree)
        if end != number:
            counted += end - number
            number = tree.last[statement] = end
    nesting.close_to(0)
    tree.line_count = counted


def _first(text: str, negations: tuple[str, ...]) -> str:
    first, _, rest = text.partition(" ")
    return rest.partition(" ")[0] if first in negations and rest else first


def _body_end(lines: list[str], number: int, text: str, tree: Tree) -> int:
    """Return the number of the last line of the statement that starts on line `number`."""
    if text.startswith(("banner", "header")):
        return _banner_end(lines, number, text, tree)
    if text.startswith("certificate "):
        return _key_end(lines, number, tree)
    return number


def _banner_end(lines: list[str], number: int, text: str, tree: Tree) -> int:
    found = _BANNER.match(text)
    if found is None:
        return number
    mark = found["mark"] or found["word"] or "EOF"
    rest = found["rest"] or found["wordrest"] or ""
    if mark != "EOF" and mark in rest:
        return number
    for later in range(number, len(lines)):
        line = lines[later]
        if line.strip() == mark if mark == "EOF" else mark in line:
            return later + 1
    if found["word"]:
        return number  # one word after the banner's kind: it was no mark
    tree.fault = Fault.TRUNCATED
    return number


def _key_end(lines: list[str], number: int, tree: Tree) -> int:
    later = number
    while later < len(lines):
        if lines[later].strip() == "quit":
            return later + 1
        if not _HEX.match(lines[later]):
            return number
        later += 1
    if later > number:
        tree.fault = Fault.TRUNCATED
    return number
