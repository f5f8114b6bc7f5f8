"""What the bench does with one large YAML file: read it there, and send it back row by row.

The answer is lines of JSON. The first names the sections of the file; each further line is one row
of them. So neither side holds the whole file in three forms at once.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from hatang.errors import InvalidInputError, Problem
from hatang.workshop import Bench, Fault, Limits, SpoiltError
from inventory import collector, yamlfile
from inventory.yamlfile import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMITS: Final = Limits(
    seconds=180.0,
    cpu_seconds=120,
    memory_bytes=1536 * 1024 * 1024,
    answer_bytes=256 * 1024 * 1024,
)


@collector.held()
def read_apart(data: bytes, where: str) -> Tree:
    """Return the tree of the UTF-8 text in `data`, read in a process of its own with limits.

    Raises:
        InvalidInputError: as `yamlfile.read`, or it needs more memory or time than a file may take.
    """
    try:
        with Bench("inventory.yamlchild:read", _LIMITS) as bench:
            answer = bench.work(os.fsencode(where) + b"\0" + data)
    except SpoiltError as error:
        slow = error.fault is Fault.OUT_OF_TIME
        message = "takes too long to read" if slow else "needs too much memory to read"
        problem = Problem(where, "file", "", message, "Split it.")
        raise InvalidInputError([problem]) from error
    lines = _lines(answer)
    head = json.loads(next(lines))
    if "problems" in head:
        raise InvalidInputError([Problem(**one) for one in head["problems"]])
    return _grow(head, lines)


@collector.held()
def read(given: bytes) -> bytes:
    """Return the tree of the text in `given`, after the file's name and a NUL."""
    name, _, data = given.partition(b"\0")
    try:
        tree = yamlfile.read(data.decode(), os.fsdecode(name))
    except InvalidInputError as error:
        return json.dumps({"problems": [asdict(one) for one in error.problems]}).encode()
    return b"\n".join(line.encode() for line in _told(tree))


def _told(tree: Tree) -> Iterator[str]:
    root = tree.root
    if not isinstance(root, dict):
        yield json.dumps({"whole": _plain(tree, root)})
        return
    lines = tree.entries(root)
    rows = {key: len(value) if isinstance(value, list) else None for key, value in root.items()}
    yield json.dumps({"sections": [[key, lines[key], count] for key, count in rows.items()]})
    for value in root.values():
        if not isinstance(value, list):
            yield json.dumps(_plain(tree, value))
            continue
        starts = tree.entries(value)
        for index, row in enumerate(value):
            yield json.dumps([starts[index], _plain(tree, row)])


def _plain(tree: Tree, value: Any) -> Any:  # noqa: ANN401 RUF100 - YAML's types
    if isinstance(value, dict):
        lines = list(tree.entries(value).values())
        return {"k": list(value), "l": lines, "v": [_plain(tree, one) for one in value.values()]}
    if isinstance(value, list):
        lines = list(tree.entries(value).values())
        return {"l": lines, "v": [_plain(tree, one) for one in value]}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _lines(answer: bytes) -> Iterator[bytes]:
    start = 0
    while start <= len(answer):
        end = answer.find(b"\n", start)
        end = len(answer) if end < 0 else end
        yield answer[start:end]
        start = end + 1


def _grow(head: dict[str, Any], lines: Iterator[bytes]) -> Tree:
    tree, words = Tree(), dict[str, str]()
    if "whole" in head:
        tree.root = _grown(tree, head["whole"], words)
        return tree
    tree.root = {}
    at = tree.lines[id(tree.root)] = {}
    for key, line, count in head["sections"]:
        at[key] = line
        if count is None:
            tree.root[key] = _grown(tree, json.loads(next(lines)), words)
            continue
        rows: list[Any] = []
        tree.root[key] = rows
        starts = tree.lines[id(rows)] = {}
        for index in range(count):
            starts[index], row = json.loads(next(lines))
            rows.append(_grown(tree, row, words))
    return tree


def _grown(tree: Tree, value: Any, words: dict[str, str]) -> Any:  # noqa: ANN401 RUF100 - as above
    """Return what `_plain` told; equal texts are one, for most of a province is said again."""
    if isinstance(value, str):
        return words.setdefault(value, value)
    if not isinstance(value, dict):
        return value
    if "d" in value:
        return date.fromisoformat(value["d"])
    values = [_grown(tree, one, words) for one in value["v"]]
    if "k" not in value:
        tree.lines[id(values)] = dict(enumerate(value["l"]))
        return values
    keys = [words.setdefault(key, key) for key in value["k"]]
    grown = dict(zip(keys, values, strict=True))
    tree.lines[id(grown)] = dict(zip(keys, value["l"], strict=True))
    return grown
