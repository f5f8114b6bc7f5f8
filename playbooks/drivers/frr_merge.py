"""Merges a snippet into an FRR configuration, so that FRR's own tool can compute what changes.

frr-reload works on whole configurations; a snippet is therefore laid into the running one first.
`no …` is understood in its context: it takes away the statement it names, with all below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playbooks.configuration import Statement, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Statements of which a context holds one: the new value takes the old one's place.
_SINGLE: Final = (
    "hostname",
    "description",
    "bandwidth",
    "log syslog",
    "log file",
    "ip ospf area",
    "ip ospf cost",
    "ip ospf dead-interval",
    "ip ospf hello-interval",
    "ip ospf network",
    "ip ospf priority",
    "ospf router-id",
    "bgp router-id",
)
_ADDRESS_FAMILY: Final = "address-family "


def merge(running: str, snippet: str) -> str:
    """Return `running` with `snippet` laid into it, ready for frr-reload.

    The result is a whole configuration; statements of `running` keep their order.
    """
    base = list(parse(running).statements)
    _apply(base, parse(snippet).statements)
    return "\n".join([*_lines(base, 0), "end", ""])


def _apply(base: list[Statement], wanted: Iterable[Statement]) -> None:
    for statement in wanted:
        if statement.text.startswith("no "):
            _take_away(base, statement.text)
            continue
        _remove(base, f"no {statement.text}")
        held = _held(base, statement.text)
        if held is None:
            base.append(Statement(0, statement.text, 0))
            held = base[-1]
        held.text = statement.text
        _apply(held.children, statement.children)


def _take_away(base: list[Statement], negation: str) -> None:
    # What is on by default stands in the configuration only as its negation.
    is_held = any(statement.text == negation for statement in base)
    if not _remove(base, negation.removeprefix("no ")) and not is_held:
        base.append(Statement(0, negation, 0))


def _remove(base: list[Statement], text: str) -> bool:
    kept = [
        statement
        for statement in base
        if statement.text != text and not statement.text.startswith(f"{text} ")
    ]
    is_changed = len(kept) != len(base)
    base[:] = kept
    return is_changed


def _held(base: list[Statement], text: str) -> Statement | None:
    prefix = next((key for key in _SINGLE if text == key or text.startswith(f"{key} ")), None)
    for statement in base:
        if statement.text == text:
            return statement
        if prefix is not None and statement.text.startswith(f"{prefix} "):
            return statement
    return None


def _lines(statements: Iterable[Statement], depth: int) -> Iterator[str]:
    for statement in statements:
        yield " " * depth + statement.text
        yield from _lines(statement.children, depth + 1)
        if statement.children:
            closer = "exit-address-family" if statement.text.startswith(_ADDRESS_FAMILY) else "exit"
            yield " " * depth + closer
