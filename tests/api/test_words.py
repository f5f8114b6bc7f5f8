"""Closed sets have words of both languages on the pages, not codes."""

from __future__ import annotations

import pytest
import yaml

from alerts.conditions import ALERT_NAMES
from alerts.configuration import RULES
from api.web import words
from api.web.alert_words import ALERTS
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


RULES_AND_STATES = sorted(
    {
        rule["alert"]
        for file in RULES.glob("*.yml")
        for group in yaml.safe_load(file.read_text("utf-8"))["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    | {*ALERT_NAMES.values(), "ElementDown"}
)


@pytest.mark.parametrize("name", RULES_AND_STATES)
def test_an_alert_has_words_of_both_languages(name: str) -> None:
    with use_language("en"):
        english = words.alert(name)
    with use_language("vi"):
        assert words.alert(name) not in {name, english}
    assert english != name


def test_no_words_are_kept_for_an_alert_that_is_gone() -> None:
    assert sorted(ALERTS) == RULES_AND_STATES


def test_no_two_alerts_are_called_the_same() -> None:
    for language in ("en", "vi"):
        with use_language(language):
            assert len({words.alert(name) for name in ALERTS}) == len(ALERTS)
