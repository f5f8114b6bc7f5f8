"""A hub goes dark after its UPS ran on battery: the first line of its page says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.storm import what

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

DARK, LIT = "hub-3", "hub-2"  # the first loses its mains before it fails, the other only fails
PAGE_SECONDS = 120.0
RECOVERY_SECONDS = 300.0


def pages_of(pages: Receiver, device: str) -> list[dict[str, Any]]:
    """Return the pages whose cause is the device, and not its UPS."""
    found = pages.notifications("firing")
    return [each for each in found if what(each) == f"device {device}"]


@pytest.fixture(scope="module")
def dark(hatang: Installation, province: Province, pages: Receiver) -> Iterator[Receiver]:
    """One hub's UPS ran on battery; then that hub and another failed."""
    assert hatang.process
    assert eventually(pages.is_over, RECOVERY_SECONDS), pages.notifications()
    pages.forget()
    try:
        province.command("ups", DARK, "battery")
        assert eventually(lambda: bool(pages.naming(f"ups-{DARK}", "firing")), PAGE_SECONDS)
        for hub in (DARK, LIT):
            province.command("break", hub)
        assert eventually(lambda: all(pages_of(pages, hub) for hub in (DARK, LIT)), PAGE_SECONDS)
        yield pages
    finally:
        for hub in (DARK, LIT):
            province.command("heal", hub)
        province.command("ups", DARK, "mains")
        eventually(pages.is_over, RECOVERY_SECONDS)
        pages.forget()


def check_says_power(pages: Receiver, device: str) -> None:
    """The first line names the device, then its UPS; in the words of each language."""
    told = pages_of(pages, device)[0]["commonAnnotations"]
    for language, words in (("en", "ran on battery"), ("vi", "chạy bằng ắc quy")):
        first = told[f"summary_{language}"].splitlines()[0]
        hold(f"ups-{device} {words}" in first, f"the first line says {first!r}")


def test_the_page_of_a_dark_hub_says_that_its_ups_ran_on_battery(dark: Receiver) -> None:
    check_says_power(dark, DARK)


def test_sabotage_a_hub_that_failed_on_mains(dark: Receiver) -> None:
    with turns_red():
        check_says_power(dark, LIT)
