"""One broken hub is one page, one recovery: counted where pages arrive, webhook and mailbox."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province
    from tests.acceptance.receiver import Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

HUB = "hub-2"
PAGE_SECONDS = 90.0
RECOVERY_SECONDS = 120.0
QUIET_SECONDS = 12.0  # more pages, if any, would come with Alertmanager's next group interval
# A routing session that stays down is told two minutes after the heal, and a poll of 30 s.
LONG_QUIET_SECONDS = 200.0
Pages = list[dict[str, Any]]


@pytest.fixture(scope="module")
def outage(
    hatang: Installation,
    blind: Installation,
    province: Province,
    pages: Receiver,
    blind_pages: Receiver,
) -> dict[str, float]:
    """Break the hub and heal it again, once for the proof and its sabotage."""
    assert hatang.process
    assert blind.process
    assert eventually(pages.is_over, LONG_QUIET_SECONDS), pages.notifications()
    pages.forget()
    blind_pages.forget()
    mails = len(province.mails())
    return suffer(province, pages, QUIET_SECONDS) | {"mails before": mails}


def suffer(province: Province, pages: Receiver, quiet: float) -> dict[str, float]:
    """Break the hub, heal it once somebody was paged, and wait for what else may come."""
    seconds = {}
    assert not pages.notifications(), pages.notifications()
    started = time.monotonic()
    province.command("break", HUB)
    try:
        eventually(lambda: bool(pages.notifications("firing")), PAGE_SECONDS)
        seconds["page"] = time.monotonic() - started
        time.sleep(quiet)
    finally:
        started = time.monotonic()
        province.command("heal", HUB)
    eventually(lambda: bool(pages.notifications("resolved")), RECOVERY_SECONDS)
    seconds["recovery"] = time.monotonic() - started
    time.sleep(quiet)
    return seconds


def check_one_page_one_recovery(found: Pages, communes: list[str]) -> None:
    """Exactly one notification names the hub and its communes; exactly one says it is over."""
    firing = [page for page in found if page["status"] == "firing"]
    resolved = [page for page in found if page["status"] == "resolved"]
    counted = f"{len(firing)} pages and {len(resolved)} recoveries"
    hold(
        (len(firing), len(resolved)) == (1, 1), f"{counted} instead of one and one: {titles(found)}"
    )
    text = json.dumps(firing[0], ensure_ascii=False)
    hold(HUB in text, f"the page does not name {HUB}: {text}")
    absent = [name for name in communes if name not in text]
    hold(not absent, f"the page does not name {absent}: {text}")


def check_one_mail_each(mails: list[dict[str, str]]) -> None:
    """The mailbox holds one page and one recovery."""
    subjects = [mail["subject"] for mail in mails]
    for word in ("FIRING", "RESOLVED"):
        hold(sum(word in subject for subject in subjects) == 1, f"not one {word}: {subjects}")


def titles(found: Pages) -> list[str]:
    return [f"{p['status']} {p['commonLabels'].get('alertname')} {p['groupLabels']}" for p in found]


def test_a_broken_hub_is_one_page_and_one_recovery(
    outage: dict[str, float],
    pages: Receiver,
    province: Province,
    figures: Callable[[str], None],
) -> None:
    figures(f"page after {outage['page']:.1f} s, recovery after {outage['recovery']:.1f} s")
    check_one_page_one_recovery(pages.notifications(), province.commune_names(HUB))


def test_the_mailbox_holds_one_of_each(outage: dict[str, float], province: Province) -> None:
    check_one_mail_each(province.mails()[int(outage["mails before"]) :])


def test_sabotage_without_cables_one_fault_is_many_pages(
    outage: dict[str, float], blind_pages: Receiver, province: Province
) -> None:
    assert outage
    assert len(blind_pages.notifications("firing")) > 1
    with turns_red():
        check_one_page_one_recovery(blind_pages.notifications(), province.commune_names(HUB))


def test_sabotage_a_mail_that_came_twice(outage: dict[str, float], province: Province) -> None:
    mails = province.mails()[int(outage["mails before"]) :]
    with turns_red():
        check_one_mail_each(mails + mails[:1])


@pytest.mark.soak
def test_it_is_one_page_and_one_recovery_at_default_periods_too(
    patient: tuple[Installation, Receiver],
    province: Province,
    figures: Callable[[str], None],
) -> None:
    _, pages = patient
    seconds = suffer(province, pages, LONG_QUIET_SECONDS)
    figures(
        f"polls of 30 s: page after {seconds['page']:.0f} s, recovery {seconds['recovery']:.0f} s"
    )
    check_one_page_one_recovery(pages.notifications(), province.commune_names(HUB))
