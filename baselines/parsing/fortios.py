"""FortiOS: `config`, `edit`, `set`, `next`, `end`; nesting by these words, never by indentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baselines.parsing.tree import Fault, Nesting, Tree

if TYPE_CHECKING:
    from baselines.parsing.dialects import Dialect

DEEPEST: Final = 32
_LEAVES: Final = frozenset(
    {
        "set",
        "unset",
        "append",
        "select",
        "unselect",
        "clear",
        "delete",
        "rename",
        "move",
        "purge",
        "clone",
    }
)


def parse(lines: list[str], known: Dialect, tree: Tree) -> None:
    """Fill `tree`; a quoted value may run over several lines and is one statement."""
    nesting = Nesting(tree, DEEPEST)
    number = 0
    while number < len(lines):
        begun = number = number + 1
        text = lines[begun - 1].strip()
        if not text or text.startswith("#"):
            continue
        tree.line_count += 1
        while _is_open(text) and number < len(lines):
            text += "\n" + lines[number].strip()
            number += 1
            tree.line_count += 1
        if _is_open(text):
            tree.fault = Fault.TRUNCATED
        _take(text, (begun, number), known, nesting)
        if tree.fault is not None:
            break
    if nesting.open and tree.fault is None:
        tree.fault = Fault.TRUNCATED
    nesting.close_to(0)


def _is_open(text: str) -> bool:
    return (text.count('"') - text.count('\\"')) % 2 == 1


def _take(text: str, lines: tuple[int, int], known: Dialect, nesting: Nesting) -> None:
    tree, (begun, last) = nesting.tree, lines
    word, _, rest = text.partition(" ")
    depth = len(nesting.open)
    if word == "config":
        if depth == 0 and rest.partition(" ")[0] not in known.words:
            tree.odd.add(begun)
        nesting.push(depth, tree.add(text, begun, last))
    elif word == "edit" and depth:
        nesting.push(depth, tree.add(text.replace('"', ""), begun, last))
    elif word in ("next", "end"):
        # `end` also leaves an `edit` that no `next` closed.
        inside = word == "end" and depth and tree.texts[nesting.open[-1][1]].startswith("edit ")
        nesting.close_to(max(depth - (2 if inside else 1), 0))
        if not depth:
            tree.odd.add(begun)
    else:
        if word not in _LEAVES or not depth:
            tree.odd.add(begun)
        tree.add(text, begun, last)
