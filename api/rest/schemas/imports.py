"""What an import would do, and how a workbook was understood."""

from typing import Any

from api.rest.paging import Schema


class PlannedRow(Schema):
    """An element to create, change or remove; `fields` hold each field's value before and after."""

    do: str
    kind: str
    key: str
    fields: dict[str, tuple[Any, Any]]


class ImportPlan(Schema):
    """What importing a file would do; `sha256` names exactly this plan."""

    filename: str
    sha256: str
    counts: dict[str, int]
    rows: list[PlannedRow]
    workbook: dict[str, Any] | None


class Imported(Schema):
    """What was applied."""

    sha256: str
    counts: dict[str, int]
