"""Answers as a table for people or JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from sqlalchemy import inspect

from cli.door import door
from hatang.db import Base

if TYPE_CHECKING:
    from inventory.rows import Page


def wants_json() -> bool:
    """Return whether the answer goes to a program: asked for, or no terminal listens."""
    form = door().form
    return form == "json" if form else not sys.stdout.isatty()


def say(line: str) -> None:
    """Tell a person something; in JSON form it goes to standard error, beside the answer."""
    stream = sys.stderr if wants_json() else sys.stdout
    print(line, file=stream, flush=True)


def show_rows(rows: Iterable[object], *columns: str) -> None:
    """Show a list: in JSON whole rows, in a table the `columns`."""
    plain = [to_plain(row) for row in rows]
    if wants_json():
        _print_json(plain)
        return
    # Programs ask for JSON, and loading this takes longer than their whole answer.
    from rich.console import Console  # noqa: PLC0415 RUF100
    from rich.table import Table  # noqa: PLC0415 RUF100
    from rich.text import Text  # noqa: PLC0415 RUF100

    grid = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        grid.add_column(column.replace("_", " "), overflow="fold")
    for row in plain:
        grid.add_row(*(Text(_cell(row.get(column))) for column in columns))
    console = Console(soft_wrap=not sys.stdout.isatty())
    console.print(grid)


def show_page(page: Page[Any], *columns: str) -> None:
    """Show a part of a list as `show_rows` does, and say so when there is more."""
    show_rows(page.items, *columns)
    if len(page.items) < page.total:
        say(f"{len(page.items)} rows from {page.offset + 1}, of {page.total}")


def show(value: object) -> None:
    """Show one thing: its fields one a line, or as JSON."""
    plain = to_plain(value)
    if wants_json():
        _print_json(plain)
        return
    items = plain.items() if isinstance(plain, dict) else [("", plain)]
    for name, field in items:
        print(f"{name.replace('_', ' ')}: {_cell(field)}" if name else _cell(field))


def show_parts(value: object, **columns: tuple[str, ...]) -> None:
    """Show one thing that holds lists: in JSON whole, else each list as a table of `columns`."""
    plain = to_plain(value)
    if wants_json():
        _print_json(plain)
        return
    for name, field in plain.items():
        if name not in columns:
            print(f"{name.replace('_', ' ')}: {_cell(field)}")
    for name, wanted in columns.items():
        print(f"\n{name.replace('_', ' ')}: {len(plain[name])}")
        if plain[name]:
            show_rows(plain[name], *wanted)


def show_text(text: str) -> None:
    """Print a text as it is, the same in every form."""
    print(text, end="" if text.endswith("\n") else "\n")


def to_plain(value: object) -> Any:  # noqa: ANN401 RUF100, PLR0911 - whatever JSON can hold
    """Return `value` as JSON's types: rows, records, times and sets turned into plain ones."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Base):
        mapped = inspect(type(value)).column_attrs
        return {column.key: to_plain(getattr(value, column.key)) for column in mapped}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [to_plain(item) for item in items]
    return value


def _print_json(plain: object) -> None:
    print(json.dumps(plain, ensure_ascii=False, indent=1, default=str))


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(f"{key}={_cell(item)}" for key, item in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value) or "-"
    # What a device said of itself must not steer the terminal.
    return "".join(letter if letter.isprintable() else "?" for letter in str(value))
