r"""RouterOS exports: `/path` lines with `add` and `set` under them, long ones cut with `\`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from baselines.parsing.tree import Fault, Tree

if TYPE_CHECKING:
    from baselines.parsing.dialects import Dialect

_VERBS: Final = ("add", "set", "remove", "enable", "disable", "unset", "move")
_ONE_LINE: Final = re.compile(r"^(/[a-z0-9 /-]+?) (add|set|remove|enable|disable)\b ?(.*)$")


def parse(lines: list[str], known: Dialect, tree: Tree) -> None:
    """Fill `tree`: each path is a statement, what is done there stands under it."""
    number, block = 0, -1
    while number < len(lines):
        begun = number = number + 1
        text = lines[begun - 1].strip()
        if not text or text.startswith("#"):
            continue
        tree.line_count += 1
        while text.endswith("\\"):
            if number >= len(lines):
                tree.fault = Fault.TRUNCATED
                break
            text = text[:-1].rstrip(" ") + _joint(text, lines[number])
            number += 1
            tree.line_count += 1
        block = _take(text, (begun, number), known, (tree, block))
    if block >= 0:
        tree.ends[block] = len(tree.texts)


def _joint(text: str, following: str) -> str:
    """A cut between words leaves a space before the backslash, one within a value does not."""
    return (" " if text[:-1].endswith(" ") else "") + following.strip()


def _take(text: str, lines: tuple[int, int], known: Dialect, where: tuple[Tree, int]) -> int:
    tree, block = where
    begun, last = lines
    if text.startswith("/"):
        if block >= 0:
            tree.ends[block] = len(tree.texts)
        one = _ONE_LINE.match(text)
        path = one[1] if one else text
        block = tree.add(path, begun, last)
        if path[1:].partition(" ")[0].partition("/")[0] not in known.words:
            tree.odd.add(begun)
        if one:
            tree.add(f"{one[2]} {one[3]}".strip(), begun, last)
        return block
    if block < 0 or text.partition(" ")[0] not in _VERBS:
        tree.odd.add(begun)
    tree.add(text, begun, last)
    return block
