"""A change of 500 devices watched in a real browser: how late its page says what is so.

The long proof (`-m soak`) prints each figure for docs/measurements.md.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import select

from hatang import clock
from inventory.models import Device
from playbooks import changes
from playbooks.changes.lines import tell
from playbooks.choices import ChangeState, TargetState
from playbooks.models import Change, ChangeTarget
from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened
from tests.e2e.test_changes import person

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from hatang.db import Database

pytestmark = [*test_browser.pytestmark, pytest.mark.soak]

DEVICES: Final = 500
ENDED: Final = 240
EACH_SECONDS: Final = 0.25
MOST_SECONDS: Final = 2.0
COUNT: Final = """() => {
  window.seen = [];
  window.ended = 0;
  setInterval(() => {
    const cells = document.querySelectorAll('#change-live td[data-label="State"]');
    const ended = [...cells].filter((cell) => cell.textContent.includes("confirmed")).length;
    if (ended > window.ended) {
      window.ended = ended;
      window.seen.push([Date.now() / 1000, ended]);
    }
  }, 50);
}"""


@pytest.fixture
def running(site: Site) -> int:
    """A change under way on so many devices, none of which has ended."""
    with site.database.write() as session:
        hub = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        for number in range(DEVICES):
            fields: dict[str, Any] = {"scope_id": hub.scope_id, "site_id": hub.site_id}
            fields |= {"role": hub.role, "platform": hub.platform, "ports": {}, "credentials": {}}
            name = f"sw-{number:03}"
            session.add(Device(name=name, device_key=f"key-{name}", **fields))
        session.flush()
        texts = {f"sw-{number:03}": "interface eth2\n mtu 1400\n" for number in range(DEVICES)}
        rollout = changes.Rollout(canary=0, batch=0)
        actor = person(session, "an")
        draft = changes.Draft("Five hundred", "a look", texts, rollout=rollout)
        found = changes.create(session, actor, draft)
        change = session.get_one(Change, found)
        change.state, change.started_at, change.wave = ChangeState.RUNNING, clock.now(), 1
        change.phase = "pushing"
    return found


def push(database: Database, number: int, ended: list[float]) -> None:
    """End one device after another as a worker does, and note when each was written down."""
    with database.read() as session:
        of = select(ChangeTarget.id, Device.name).join(Device, Device.id == ChangeTarget.device_id)
        rows = session.execute(of.where(ChangeTarget.change_id == number)).all()
    for target, device in rows[:ENDED]:
        time.sleep(EACH_SECONDS)
        with database.write() as session:
            session.get_one(ChangeTarget, target).state = TargetState.CONFIRMED
            tell(session, number, "confirmed", device=device)
        ended.append(time.time())


def test_the_page_of_500_devices_is_less_than_two_seconds_late(
    browser: Browser, site: Site, running: int
) -> None:
    ended: list[float] = []
    with _opened(browser, site, viewport={"width": 1280, "height": 900}, locale="en") as page:
        page.goto(f"{site.address}/language/en")
        page.goto(f"{site.address}/changes/{running}")
        page.wait_for_selector("#live:not(.live-lost)")
        page.evaluate(COUNT)
        worker = threading.Thread(target=push, args=(site.database, running, ended))
        worker.start()
        end = time.monotonic() + 180
        while page.evaluate("window.ended") < ENDED and time.monotonic() < end:
            page.wait_for_timeout(500)
        seen: list[tuple[float, int]] = page.evaluate("window.seen")
        worker.join()
    late = sorted(next(at for at, n in seen if n > k) - then for k, then in enumerate(ended))
    half, most = late[len(late) // 2], late[-1]
    sys.stdout.write(f"p50 {half:.2f} s, p99 {late[-3]:.2f} s, most {most:.2f} s\n")
    assert most < MOST_SECONDS
