"""Findings as they stood are asked for with a time that means one moment."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from api.rest.baselines import Part


def test_a_time_without_a_zone_is_refused() -> None:
    at = TypeAdapter(get_type_hints(Part, include_extras=True)["at"])
    assert at.validate_python("2026-11-28T08:00:00+07:00").utcoffset() is not None
    with pytest.raises(ValidationError):
        at.validate_python("2026-11-28T08:00:00")
