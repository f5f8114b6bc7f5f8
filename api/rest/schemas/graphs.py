"""Graphs: moments, lines of values, and what they are compared with."""

from __future__ import annotations

from api.rest.paging import Schema


class GraphLine(Schema):
    """A curve: a value a moment, null where nothing was measured."""

    name: str
    label: str
    values: list[float | None]
    last: float | None
    maximum: float | None
    percentile95: float | None


class GraphMark(Schema):
    """A level to compare with, such as a committed rate."""

    name: str
    value: float


class GraphPicture(Schema):
    """A graph as read from Prometheus; `at` are moments in Unix time."""

    name: str
    unit: str
    zero: bool
    source: str
    at: list[int]
    lines: list[GraphLine]
    marks: list[GraphMark]
