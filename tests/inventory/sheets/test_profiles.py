"""The provinces drawn from public reports import from a workbook as they do from YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from inventory import checks, records, service, yamlfile
from inventory.sheets.book import Book
from inventory.sheets.reading import settle, understand
from inventory.snapshot import Snapshot
from lab.profiles import PROFILES
from lab.seeding import SeedOrder, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow]
OFFICES = ("hue-2014", "hue-2024", "thanh-hoa", "hung-yen")
SEED = 7


def written(name: str, form: str, folder: Path) -> Path:
    path = folder / f"{name}.{form}"
    write(SeedOrder(name, path, None, None, SEED, form), folder)
    return path


def fields(found: records.Records) -> dict[str, Any]:
    kinds = {kind: rows for kind, rows in found.found.items() if rows}
    return {kind: {key: one.fields for key, one in rows.items()} for kind, rows in kinds.items()}


@pytest.mark.parametrize("name", OFFICES)
def test_a_profiles_workbook_says_what_its_yaml_says(name: str, tmp_path: Path) -> None:
    assert name in PROFILES
    book = service.open_source(written(name, "xlsx", tmp_path))
    assert isinstance(book, Book)
    reading = understand(book, {})
    found = records.collect(reading.tree, book.name)
    assert not settle(reading, [*found.problems, *checks.check(found, Snapshot())])
    text = written(name, "yaml", tmp_path).read_text(encoding="utf-8")
    assert fields(found) == fields(records.collect(yamlfile.read(text, name), name))
