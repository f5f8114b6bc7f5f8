"""A carrier's incident in a real browser: whose it is, whom to call, which circuits and why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from alerts.choices import IncidentEventKind
from alerts.models import Incident, IncidentEffect
from alerts.repository import tell
from hatang import clock
from inventory.models import Circuit, Site
from tests.e2e import test_browser
from tests.e2e.test_browser import PHONE, _fits, _opened
from tests.e2e.test_incident import KEY
from tests.e2e.test_night import faults

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.test_browser import Site as Served

pytestmark = [*test_browser.pytestmark, pytest.mark.slow]

LAPTOP = {"width": 1440, "height": 1000}
WORDS = {
    "vi": ("Suy ra từ 2 kênh", "Có thể do ups-hub-1 chạy ắc quy, 18 phút trước đó"),
    "en": ("Inferred from 2 circuits", "Probably ups-hub-1 ran on battery, 18 minutes before"),
}


@pytest.fixture
def carrier(site: Served) -> Served:
    """VNPT is out with both its circuits."""
    moment = clock.now()
    with site.database.write() as session:
        circuits = session.scalars(select(Circuit).where(Circuit.cid.like("VNPT%"))).all()
        incident = Incident(
            fault="provider:VNPT", element="provider:VNPT", origin="provider:VNPT", name="VNPT",
            alertname="CarrierOutage", severity="critical", state="open", is_verified=True,
            bad_since=moment - timedelta(minutes=7), opened_at=moment - timedelta(minutes=6),
        )  # fmt: skip
        incident.scope_id, incident.parts = None, []
        session.add(incident)
        session.flush()
        for circuit in circuits:
            place = session.get_one(Site, circuit.z_site_id)
            hit = (("circuit", circuit.cid, circuit.cid), ("site", place.slug, place.name))
            for kind, key, name in hit:
                effect = IncidentEffect(incident_id=incident.id, element=f"{kind}:{key}", kind=kind)
                effect.name, effect.site, effect.scope_id = name, place.slug, circuit.scope_id
                effect.people, effect.impact = 0, "down"
                session.add(effect)
        tell(session, incident, IncidentEventKind.OPENED, element=incident.element)
        hinted = {
            "of": "provider:VNPT", "element": "provider:VNPT", "source": "power", "link": "",
            "since": (incident.bad_since - timedelta(minutes=18)).isoformat(),
            "vi": "ups-hub-1 chạy ắc quy", "en": "ups-hub-1 ran on battery",
        }  # fmt: skip
        tell(session, incident, IncidentEventKind.PROBABLE_CAUSE, **hinted)
    return site


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_carriers_incident_names_carrier_circuits_hotline_and_the_probable_cause(
    browser: Browser, carrier: Served, language: str, tmp_path: Path
) -> None:
    with _opened(browser, carrier, f"/language/{language}", viewport=LAPTOP) as page:
        page.goto(f"{carrier.address}/incidents/1")
        page.screenshot(path=tmp_path / f"carrier-{language}.png", full_page=True)
        for word in ("VNPT-001", "VNPT-003", "18001260", *WORDS[language]):
            expect(page.locator(".first")).to_contain_text(word)
        expect(page.locator(".pin.dot-bad")).to_have_count(2)
        assert not KEY.search(page.locator("main").inner_text())
        assert "provider" not in page.locator("main").inner_text()


def test_a_carriers_incident_fits_a_phone_and_axe_finds_nothing(
    browser: Browser, carrier: Served
) -> None:
    with _opened(browser, carrier, "/incidents/1", viewport=PHONE) as page:
        page.wait_for_load_state("load")
        assert _fits(page)
        assert not faults(page)
