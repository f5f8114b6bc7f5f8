"""Parses a text of any dialect under bounds; never raises, whatever the text is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from baselines.parsing import fortios, indented, junos, linux, routeros
from baselines.parsing.dialects import dialect
from baselines.parsing.tree import Fault, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from baselines.parsing.dialects import Dialect

MAXIMUM_CHARACTERS: Final = 16 * 1024 * 1024
MAXIMUM_LINES: Final = 400_000
MAXIMUM_LINE: Final = 64 * 1024  # a certificate in one line has a few thousand characters
# C0 and C1 controls, line and paragraph separators, and signs that turn the writing direction.
CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BANNER_MARK: Final = "\x03"  # IOS shows the key Ctrl-C as the end of a banner

FORMS: Final[Mapping[str, Callable[[list[str], Dialect, Tree], None]]] = {
    "indented": indented.parse,
    "junos": junos.parse,
    "fortios": fortios.parse,
    "routeros": routeros.parse,
    "linux": linux.parse,
}


def split(text: str) -> list[str]:
    """Return the lines as editors count them: only line feeds end one."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


def parse(text: str, spoken: str, *, is_whole: bool = False) -> Tree:
    """Parse `text` as dialect `spoken`.

    `is_whole`: the text claims to be all of a configuration, so the mark that ends one must be
    there; a text that begins as such a listing claims it by itself.

    Raises:
        NotFoundError: there is no such dialect.
    """
    known = dialect(spoken)
    tree = Tree(is_flat=known.form == "junos")
    tree.fault = _bounds(text)
    if tree.fault is not None:
        return tree
    lines = split(text)
    if len(lines) > MAXIMUM_LINES:
        tree.fault = Fault.TOO_LARGE
        return tree
    clean, odd = _cleaned(lines)
    FORMS[known.form](clean, known, tree)
    tree.odd |= odd
    _finish(tree, cut=_is_cut(clean, known, is_whole=is_whole))
    return tree


def _finish(tree: Tree, *, cut: bool) -> None:
    tree.line_count = max(tree.line_count, len(tree.odd))
    if tree.line_count == 0:
        tree.fault = Fault.EMPTY
    elif tree.fault is None and cut:
        tree.fault = Fault.TRUNCATED


def _bounds(text: str) -> Fault | None:
    if len(text) > MAXIMUM_CHARACTERS:
        return Fault.TOO_LARGE
    if "\0" in text or "\ufffd" * 4 in text:
        return Fault.BINARY
    longest = max((len(line) for line in text.split("\n")), default=0)
    return Fault.LINE_TOO_LONG if longest > MAXIMUM_LINE else None


def _cleaned(lines: list[str]) -> tuple[list[str], set[int]]:
    clean = [line.rstrip() for line in lines]
    odd: set[int] = set()
    for number, line in enumerate(clean, 1):
        if line.isascii() and line.isprintable():
            continue
        cleaned = CONTROL.sub(_kept, line)
        if cleaned != line.replace(_BANNER_MARK, "^C"):
            odd.add(number)
        clean[number - 1] = cleaned
    return clean, odd


def _kept(found: re.Match[str]) -> str:
    return "^C" if found.group() == _BANNER_MARK else ""


def _is_cut(lines: list[str], known: Dialect, *, is_whole: bool) -> bool:
    if not known.ends_with:
        return False
    claims = is_whole or any(
        line.startswith(("Building configuration", "Current configuration", "! Command: show run"))
        for line in lines[:10]
    )
    if not claims:
        return False
    for line in reversed(lines):
        if line.strip():
            return line.strip() != known.ends_with
    return True
