"""Closed sets have words of both languages on the pages, not codes."""

from __future__ import annotations

import pytest

from api.web import words
from hatang.i18n import use_language
from inventory.choices import DeviceRole, SiteKind

# Called the same in both languages.
SAME = {"camera", "UPS", "hub"}


@pytest.mark.parametrize("value", list(DeviceRole))
def test_a_device_role_has_its_vietnamese_word(value: DeviceRole) -> None:
    with use_language("en"):
        english = words.role(value)
    with use_language("vi"):
        assert words.role(value) != english or english in SAME


@pytest.mark.parametrize("value", list(SiteKind))
def test_a_kind_of_site_has_its_vietnamese_word(value: SiteKind) -> None:
    with use_language("en"):
        english = words.site_kind(value)
    with use_language("vi"):
        assert words.site_kind(value) != english
