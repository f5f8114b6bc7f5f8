"""The same thing told otherwise is no difference; another thing is."""

from __future__ import annotations

import pytest

from inventory.discovery.facts import Facts
from inventory.discovery.standing import Held, Standing

HELD = Held(
    "Cisco", "Catalyst 2960X-24TS-L", "WS-C2960X-24TS-L", "cisco-c2960x", "IOS", "15.2(2)E7"
)
STANDS = Standing(
    {1: HELD}, {"dc": "dc", "tru so xa tan lap": "xa-01-site", "xa-01-site": "xa-01-site"}
)
INTENDED = "Cisco/Catalyst 2960X-24TS-L"


def facts(**told: str) -> Facts:
    return Facts("10.0.0.1", platform="cisco_ios", **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "device_id", "expected"),
    [
        ("WS-C2960X-24TS-L", 1, INTENDED),
        ("catalyst 2960x-24ts-l", 1, INTENDED),
        ("WS-C3560", 1, "Cisco/WS-C3560"),
        ("WS-C3560", None, "Cisco/WS-C3560"),
        ("", 1, None),
    ],
)
def test_a_type_is_known_by_model_part_number_or_slug(
    model: str, device_id: int | None, expected: str | None
) -> None:
    assert STANDS.device_type(facts(model=model), device_id) == expected


def test_a_type_without_a_maker_is_unknown() -> None:
    assert STANDS.device_type(Facts("10.0.0.1", model="X1"), None) is None


@pytest.mark.parametrize(
    ("version", "device_id", "expected"),
    [
        ("15.2(2)E7", 1, "IOS/15.2(2)E7"),
        ("15.2(7)E3", 1, "IOS/15.2(7)E3"),
        ("15.2(7)E3", None, "Cisco IOS and IOS XE/15.2(7)E3"),
        ("", 1, None),
    ],
)
def test_a_release_is_called_as_the_one_intended(
    version: str, device_id: int | None, expected: str | None
) -> None:
    assert STANDS.software(facts(version=version), device_id) == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("dc", "dc"),
        ("Tầng 2, Trụ sở xã Tân Lập, tỉnh X", "xa-01-site"),
        ("somewhere", None),
        ("dc, Trụ sở xã Tân Lập", None),
        ("", None),
    ],
)
def test_a_place_is_known_where_exactly_one_site_is_named(
    location: str, expected: str | None
) -> None:
    assert STANDS.site(facts(location=location)) == expected
