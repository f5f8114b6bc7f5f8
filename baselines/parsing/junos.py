"""Junos: `set` lines and braces, both as whole paths; what is deactivated is left out.

Statements of a group that the top level applies count as if written there, at the group's lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from baselines.parsing.tree import Fault, Tree

if TYPE_CHECKING:
    from baselines.parsing.dialects import Dialect

DEEPEST: Final = 64
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|##?.*$|[{};]|\[[^\]]*\]|[^\s{};"]+')
_PROMPT: Final = re.compile(r"^\{[\w:-]+\}$|^(?:\S+@)?\S+[>#]\s")
_VERBS: Final = ("set ", "deactivate ", "activate ", "delete ", "protect ")
_LEFT_OUT: Final = ("inactive:", "protect:", "replace:")


def parse(lines: list[str], known: Dialect, tree: Tree) -> None:
    """Fill `tree` with one statement a leaf."""
    off: list[str] = []
    meaningful = [text for text in (line.strip() for line in lines) if not _silent(text)]
    sets = sum(1 for line in meaningful if line.startswith(_VERBS))
    if sets * 2 >= len(meaningful):
        _sets(lines, known, tree, off)
    else:
        _braces(lines, known, tree, off)
    _without(tree, off)
    _apply_groups(tree)


def _silent(text: str) -> bool:
    return not text or text.startswith(("#", "/*")) or _PROMPT.match(text) is not None


def _sets(lines: list[str], known: Dialect, tree: Tree, off: list[str]) -> None:
    for number, raw in enumerate(lines, 1):
        text = raw.strip()
        if _silent(text):
            continue
        tree.line_count += 1
        verb, _, path = text.partition(" ")
        first = path.partition(" ")[0]
        if first not in known.words or path.count('"') % 2:
            tree.odd.add(number)
        if verb == "set":
            _set(tree, path, number)
        elif verb == "deactivate":
            off.append(path)
        elif verb not in ("activate", "protect"):
            tree.odd.add(number)


def _set(tree: Tree, path: str, number: int) -> None:
    """A list in brackets is so many statements, as the device itself would show them."""
    start, _, rest = path.partition("[")
    values, closing, after = rest.partition("]")
    if not closing or after.strip() or '"' in start:
        tree.add(path, number)
        return
    for value in values.split():
        tree.add(start + value, number)


class _Braces:
    """The open path and the words of the statement being read."""

    def __init__(self, tree: Tree, off: list[str]) -> None:
        self.tree = tree
        self.off = off
        self.path: list[str] = []
        self.words: list[str] = []
        self.begun = 0

    def take(self, piece: str, number: int) -> None:
        """Read one piece of line `number`."""
        if piece == "{":
            self.path.append(_joined(self.words, self.path, self.off))
            self.words = []
        elif piece == "}":
            if not self.path or self.words:
                self.tree.odd.add(number)
            del self.path[-1:]
            self.words = []
        elif piece == ";":
            _leaf(self.tree, (self.path, self.words), self.begun or number, self.off)
            self.words = []
        elif not piece.startswith(("#", "/*")):
            self.begun = self.begun if self.words else number
            self.words.append(piece)


def _braces(lines: list[str], known: Dialect, tree: Tree, off: list[str]) -> None:
    state = _Braces(tree, off)
    in_comment = False
    for number, raw in enumerate(lines, 1):
        text = raw.strip()
        if in_comment or text.startswith("/*"):
            in_comment = "*/" not in text
            continue
        if _silent(text):
            continue
        tree.line_count += 1
        for piece in _TOKEN.findall(text):
            state.take(piece, number)
        if len(state.path) > DEEPEST:
            tree.fault = Fault.TOO_DEEP
            return
        top = state.path[0] if state.path else text.rstrip(";{ ")
        if top.partition(" ")[0] not in known.words and text != "}":
            tree.odd.add(number)
    if state.path or state.words or in_comment:
        tree.fault = Fault.TRUNCATED


def _joined(words: list[str], path: list[str], off: list[str]) -> str:
    kept = [word for word in words if word not in _LEFT_OUT]
    if "inactive:" in words:
        off.append(" ".join([*path, *kept]))
    return " ".join(kept)


def _leaf(tree: Tree, where: tuple[list[str], list[str]], number: int, off: list[str]) -> None:
    path, words = where
    if not words:
        return
    last = words[-1]
    if last.startswith("[") and last.endswith("]"):
        for value in last[1:-1].split():
            _leaf(tree, (path, [*words[:-1], value]), number, off)
        return
    text = _joined(words, path, off)
    tree.add(" ".join([*path, text]) if path else text, number)


def _without(tree: Tree, off: list[str]) -> None:
    if not off:
        return
    kept = [
        number
        for number, text in enumerate(tree.texts)
        if not any(text == path or text.startswith(path + " ") for path in off)
    ]
    _keep(tree, kept)


def _keep(tree: Tree, kept: list[int]) -> None:
    tree.texts = [tree.texts[number] for number in kept]
    tree.lines = [tree.lines[number] for number in kept]
    tree.last = [tree.last[number] for number in kept]
    tree.ends = list(range(1, len(kept) + 1))


def _apply_groups(tree: Tree) -> None:
    applied = [
        text.removeprefix("apply-groups ")
        for text in tree.texts
        if text.startswith("apply-groups ")
    ]
    for name in applied:
        prefix = f"groups {name} "
        for text, line in list(zip(tree.texts, tree.lines, strict=True)):
            if text.startswith(prefix):
                tree.add(text.removeprefix(prefix), line)
    if any(text.startswith("groups ") for text in tree.texts):
        _keep(tree, [n for n, text in enumerate(tree.texts) if not text.startswith("groups ")])
