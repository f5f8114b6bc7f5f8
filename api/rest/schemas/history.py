"""Roll-ups over a span of days."""

from __future__ import annotations

from api.rest.paging import Schema


class Span(Schema):
    """What a span of days comes to; null is not measured, and nothing hides a gap.

    Availability is a share (0 to 1), traffic bit/s, errors packets a second, durations seconds;
    `measured` is the share of the time that was measured, `missing_days` have no roll-up.
    """

    kind: str
    key: str
    name: str
    metric: str
    days: int
    missing_days: int
    measured: float
    average: float | None
    worst_day_percentile95: float | None
    maximum: float | None
    source: str
