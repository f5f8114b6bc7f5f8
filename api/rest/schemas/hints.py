"""What devices said unasked."""

from datetime import datetime
from typing import Any

from api.rest.paging import Schema


class Hint(Schema):
    """A trap or log line, understood: said `count` times between `at` and `last_at`.

    `detail` is what the device said; `is_verified` that a monitor measured because of it.
    """

    id: int
    at: datetime
    last_at: datetime
    device: str
    element: str
    kind: str
    source: str
    rule: str
    text_vi: str
    text_en: str
    detail: dict[str, Any]
    count: int
    is_verified: bool
