"""An indented configuration as an ordered tree: a line and the lines beneath it.

A section is a line with children. Order is kept, a line stands once in its section. A banner, the
only text of several lines, is one entry whose key holds the line breaks.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Tree: TypeAlias = "dict[str, Tree]"

_DELIMITED = re.compile(r"banner \S+ (\^C|[^\s\w])(.*)", re.DOTALL)
_HEREDOC = re.compile(r"banner (login|motd)")
_NOISE = ("Building configuration", "Current configuration", "version ")
_LEAVE = frozenset({"end", "exit", "exit-address-family"})


def banner_is_open(text: str) -> bool:
    """Whether `text` begins a banner whose closing delimiter has not come yet."""
    if _HEREDOC.fullmatch(text.split("\n", maxsplit=1)[0].strip()):
        return "\nEOF" not in text
    found = _DELIMITED.match(text)
    return bool(found) and found[1] not in found[2] if found else False


def as_shown(banner: str) -> str:
    """A banner as IOS shows it: whatever character ended it, it stands between two ^C."""
    found = _DELIMITED.match(banner)
    if _HEREDOC.fullmatch(banner.split("\n", maxsplit=1)[0].strip()) or not found:
        return banner
    return f"{banner[: found.start(1)]}^C{found[2].replace(found[1], '^C', 1)}"


def logical_lines(text: str) -> Iterator[str]:
    """The lines of `text`, a banner joined into one; blank lines and comments left out."""
    pending = ""
    for raw in text.splitlines():
        pending = f"{pending}\n{raw.rstrip()}" if pending else raw.rstrip()
        if banner_is_open(pending):
            continue
        line, pending = pending, ""
        if line.strip() and not line.lstrip().startswith(("!", *_NOISE)):
            yield line
    if pending:
        yield pending


def parse(text: str) -> Tree:
    """Read rendered text back; the inverse of `render` for any indentation step."""
    root: Tree = {}
    stack: list[tuple[int, Tree]] = [(-1, root)]
    for line in logical_lines(text):
        key = line.strip()
        if key in _LEAVE:
            continue
        indent = len(line) - len(line.lstrip())
        while stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, stack[-1][1].setdefault(key, {})))
    return root


def render(tree: Tree, step: int = 1, depth: int = 0) -> list[str]:
    """The lines of `tree`, indented by `step` spaces a level, `!` after each top section."""
    lines: list[str] = []
    for key, children in tree.items():
        lines.append(" " * (step * depth) + key)
        lines += render(children, step, depth + 1)
        if depth == 0 and children:
            lines.append("!")
    return lines


def clone(tree: Tree) -> Tree:
    """A deep copy."""
    return {key: clone(children) for key, children in tree.items()}


def paths(tree: Tree, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every line with the sections it stands in, in order."""
    for key, children in tree.items():
        yield (*above, key)
        yield from paths(children, (*above, key))


def node(tree: Tree, path: tuple[str, ...]) -> Tree:
    """The section at `path`, made when it is not there."""
    for key in path:
        tree = tree.setdefault(key, {})
    return tree


# Sections in which the order of lines is meaning; everywhere else the device orders them itself.
_ORDERED = ("ip access-list ", "ip prefix-list ")


def follow(tree: Tree, model: Tree, section: str = "") -> Tree:
    """`tree` with its lines in the order of `model`, new ones last, as a switch shows them."""
    keys = list(tree)
    if not section.startswith(_ORDERED):
        keys = [*(key for key in model if key in tree), *(key for key in tree if key not in model)]
    return {key: follow(tree[key], model.get(key, {}), key) for key in keys}


@dataclass(frozen=True)
class Changes:
    """What differs between two trees, as lines with the sections they stand in."""

    added: tuple[tuple[str, ...], ...]
    removed: tuple[tuple[str, ...], ...]
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.reordered)


def changes(before: Tree, after: Tree) -> Changes:
    """Lines added and removed; `reordered` when only their order differs."""
    old, new = list(paths(before)), list(paths(after))
    had, has = set(old), set(new)
    added = tuple(path for path in new if path not in had)
    removed = tuple(path for path in old if path not in has)
    return Changes(added, removed, reordered=not added and not removed and old != new)


def transplant(delta: Changes, tree: Tree) -> None:
    """Make in `tree` the changes that were computed between two others."""
    for path in delta.removed:
        parent = tree
        for key in path[:-1]:
            parent = parent.get(key, {})
        parent.pop(path[-1], None)
    for path in delta.added:
        node(tree, path)


def contextual_diff(before: Tree, after: Tree, depth: int = 0) -> list[str]:
    """IOS's contextual difference: the sign stands after the indentation, sections unsigned."""
    pad, lines = " " * depth, []
    for sign, key in _aligned(list(before), list(after)):
        if sign == " ":
            inner = contextual_diff(before[key], after[key], depth + 1)
            lines += [pad + key, *inner] if inner else []
            continue
        subtree = (before if sign == "-" else after)[key]
        lines.append(f"{pad}{sign}{key}")
        lines += [_signed(line, sign) for line in render(subtree, 1, depth + 1)]
    return lines


def _signed(line: str, sign: str) -> str:
    bare = line.lstrip()
    return f"{line[: len(line) - len(bare)]}{sign}{bare}"


def _aligned(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, stop, begin, finish in matcher.get_opcodes():
        if tag == "equal":
            yield from ((" ", key) for key in old[start:stop])
        else:
            yield from (("-", key) for key in old[start:stop])
            yield from (("+", key) for key in new[begin:finish])


def unified_diff(before: Tree, after: Tree, names: tuple[str, str], step: int) -> str:
    """A unified difference of the rendered texts, empty when nothing differs."""
    old, new = render(before, step), render(follow(after, before), step)
    return "\n".join(difflib.unified_diff(old, new, *names, lineterm="", n=3))
