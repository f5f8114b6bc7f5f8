"""Facts say what is known; what nobody knows leaves its rule unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import pytest

from baselines import engine, packs
from baselines.service.facts import of_device

TODAY = date(2026, 11, 28)
TEXT = "hostname a\n"


@dataclass
class Device:
    role: str = "core"


@dataclass
class Version:
    platform: str = "cisco_ios"
    is_saved: bool | None = None
    transport: str = "ssh"


def verdict(rule: str, *, end: date | None = None, saved: bool | None = None, **device: str) -> str:
    found: Any = of_device(
        cast("Any", Device(**device)), cast("Any", Version(is_saved=saved)), 3, (end, TODAY)
    )
    return engine.audit(TEXT, "ios", [packs.load().rule(rule)], found)[0].verdict


@pytest.mark.parametrize(
    ("end", "wanted"),
    [(date(2026, 11, 28), "pass"), (date(2026, 11, 27), "fail"), (None, "unknown")],
)
def test_support_ends_after_its_last_day_and_is_unknown_without_one(
    end: date | None, wanted: str
) -> None:
    assert verdict("SVC-05", end=end) == wanted


def test_what_runs_unsaved_fails_and_saved_alone_is_not_yet_approved() -> None:
    assert [verdict("SVC-06", saved=one) for one in (False, True, None)] == [
        "fail",
        "unknown",
        "unknown",
    ]


def test_only_main_devices_need_a_partner() -> None:
    assert [verdict("AVL-01", role=role) for role in ("core", "switch")] == [
        "fail",
        "not_applicable",
    ]
