"""What an import would do, and how a workbook was understood."""

from datetime import datetime
from typing import Any

from api.rest.paging import Schema


class PlannedRow(Schema):
    """An element to create, change or remove; `fields` hold each field's value before and after."""

    do: str
    kind: str
    key: str
    fields: dict[str, tuple[Any, Any]]


class ImportPlan(Schema):
    """What importing a file would do; `sha256` names exactly this plan.

    `dragged` rows came along with chosen ones, `left_out` rows of the file were not chosen.
    """

    filename: str
    sha256: str
    counts: dict[str, int]
    rows: list[PlannedRow]
    dragged: list[str]
    left_out: int
    warnings: list[str]
    workbook: dict[str, Any] | None


class Import(Schema):
    """An applied import or undoing; `undone_by` is the undoing that took it back."""

    id: int
    verb: str
    applied_at: datetime
    applied_by: str
    filename: str
    source: str
    file_sha256: str | None
    plan_sha256: str
    counts: dict[str, int]
    undoes: int | None
    undone_by: int | None


class Imported(Schema):
    """What was applied."""

    sha256: str
    counts: dict[str, int]
