"""Configurations as nested lines, merging a snippet into them, and what differs then.

Where a device shows no difference before a change is in, this is what the change is planned by.
A prediction that is wrong costs a refused push, never a wrong one: what came out is compared
again before it is confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Lines: TypeAlias = "dict[str, Lines]"
"""Each line with the lines below it, in the order of the text."""


def indented(text: str, separator: str, silent: Sequence[str]) -> Lines:
    """Read lines that nest by indentation; `separator` ends whatever was open.

    Lines in `silent` (`return`, `quit`) say nothing.
    """
    top: Lines = {}
    stack: list[tuple[int, Lines]] = [(-1, top)]
    for raw in text.splitlines():
        line = raw.strip()
        if line == separator:
            del stack[1:]
        if not line or line.startswith(separator) or line in silent:
            continue
        indent = len(raw) - len(raw.lstrip())
        while stack[-1][0] >= indent:
            stack.pop()
        stack.append((indent, stack[-1][1].setdefault(line, {})))
    return top


def merged(before: Lines, wanted: Lines, negation: str, single: Sequence[str]) -> Lines:
    """Return `before` with `wanted` in it.

    `negation` and a line take the line away with all that continues it; of lines that begin with
    one of `single` a section holds one.
    """
    after = {line: dict(below) for line, below in before.items()}
    for line, below in wanted.items():
        if line.startswith(f"{negation} "):
            if not _drop(after, line.removeprefix(f"{negation} ")):
                after.setdefault(line, {})
            continue
        after.pop(f"{negation} {line}", None)
        kind = next((one for one in single if line.startswith(f"{one} ")), None)
        if kind is not None and line not in after:
            _drop(after, kind)
        after[line] = merged(after.get(line, {}), below, negation, single)
    return after


def difference(before: Lines, after: Lines, depth: int = 0) -> str:
    """Return what differs, `-` or `+` before each line and its sections unsigned above it."""
    return "\n".join(_differences(before, after, depth))


def _differences(before: Lines, after: Lines, depth: int) -> Iterator[str]:
    pad = " " * depth
    for line in before:
        if line not in after:
            yield from _whole("-", line, before[line], depth)
    for line, below in after.items():
        if line not in before:
            yield from _whole("+", line, below, depth)
        elif inner := list(_differences(before[line], below, depth + 1)):
            yield f"  {pad}{line}"
            yield from inner


def _whole(sign: str, line: str, below: Lines, depth: int) -> Iterator[str]:
    yield f"{sign} {' ' * depth}{line}"
    for one, lines in below.items():
        yield from _whole(sign, one, lines, depth + 1)


def _drop(lines: Lines, head: str) -> bool:
    gone = [line for line in lines if line == head or line.startswith(f"{head} ")]
    for line in gone:
        del lines[line]
    return bool(gone)


def typed(wanted: Lines, closer: str) -> Iterator[str]:
    """Yield the lines to type, `closer` after each section."""
    for line, below in wanted.items():
        yield line
        if below:
            yield from typed(below, closer)
            yield closer
