"""The drawing of the network and the map of its sites in a real browser, with their sabotages."""

from __future__ import annotations

import json
from itertools import combinations
from math import dist
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect

from inventory import service as inventory
from lab import large
from tests.acceptance.red import hold, turns_red
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, PHONE, Site, _opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

pytestmark = test_browser.pytestmark

SITES, DEVICES = 700, 10_000
SMALL = 15
"""Sites of the small province that the large one has not."""
PATIENCE = 120_000.0
"""Milliseconds a page may take on a machine that is busy with other things."""


def drawn(page: Page) -> None:
    """Wait until the sites stand on the drawing."""
    expect(page.locator("#drawing")).to_have_attribute("data-sites", "16")


def test_a_site_is_found_without_its_marks_and_told_with_its_lines(
    browser: Browser, site: Site
) -> None:
    site.fail()
    with _opened(browser, site, "/network") as page:
        drawn(page)
        page.fill("#find-site", "song huong")
        page.press("#find-site", "Enter")
        told = page.locator("#told")
        expect(told).to_contain_text("Điểm gom Khu vực Sông Hương: lỗi")
        expect(told).to_contain_text("VTL-002")


def test_what_is_broken_stands_there_in_words_too(browser: Browser, site: Site) -> None:
    site.fail()
    with _opened(browser, site, "/network") as page:
        drawn(page)
        broken = page.locator("section", has_text="Kết nối đang lỗi").locator("li")
        expect(broken).to_have_count(5)
        broken.first.get_by_role("link", name="VTL-002").click()
        expect(page.locator("h1")).to_contain_text("VTL-002")


DOTS = """() => {
  const graph = document.getElementById("drawing")._cyreg?.cy;
  if (!graph) return null;
  const canvas = document.querySelector('#drawing canvas[data-id="layer2-node"]');
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const ink = copy.getContext("2d", { willReadFrequently: true });
  ink.drawImage(canvas, 0, 0);
  const scale = canvas.width / canvas.clientWidth;
  return graph.nodes().map((node) => {
    const { x, y } = node.renderedPosition();
    const { w, h } = node.renderedBoundingBox({ includeLabels: false });
    const [r, g, b] = ink.getImageData(x * scale, y * scale, 1, 1).data;
    return { id: node.id(), x, y, size: Math.max(w, h), ink: [r, g, b] };
  });
}"""
COLOURS = """() => Object.fromEntries(["good", "bad", "degraded", "unknown", "map"].map((state) => {
  const mark = document.createElement("i");
  mark.style.color = `var(--${state})`;
  document.body.append(mark);
  const [r, g, b] = getComputedStyle(mark).color.match(/\\d+/g).map(Number);
  mark.remove();
  return [state, [r, g, b]];
}))"""


def nearest(colours: dict[str, list[int]], ink: list[int]) -> str:
    """Return whose colour the ink is; small dots are blended with what surrounds them."""
    return min(colours, key=lambda name: dist(colours[name], ink))


def check_drawing(page: Page, address: str) -> None:
    """Every site that a link leads to stands on the canvas, in its state's colour, by itself."""
    told = {
        one["id"]: one["state"]
        for one in page.request.get(f"{address}/network/drawing").json()["nodes"]
    }
    dots: list[dict[str, Any]] = page.evaluate(DOTS) or []
    hold({dot["id"] for dot in dots} == set(told), f"{len(dots)} of {len(told)} sites are drawn")
    colours = page.evaluate(COLOURS)
    wrong = [dot["id"] for dot in dots if nearest(colours, dot["ink"]) != told[dot["id"]]]
    hold(not wrong, f"{len(wrong)} sites have not their state's colour: {wrong[:5]}")
    touching = [
        (one["id"], other["id"])
        for one, other in combinations(dots, 2)
        if dist((one["x"], one["y"]), (other["x"], other["y"])) < (one["size"] + other["size"]) / 2
    ]
    hold(not touching, f"{len(touching)} pairs of sites touch: {touching[:5]}")


def altering(change: Callable[[Any], None]) -> Callable[[Route], None]:
    """Let the drawing be told something else than the network is."""

    def answer(route: Route) -> None:
        told = route.fetch().json()
        change(told)
        route.fulfill(json=told)

    return answer


def _on_one_place(told: Any) -> None:
    for node in told["nodes"][1:]:
        node.update(x=told["nodes"][0]["x"], y=told["nodes"][0]["y"])


def _all_good(told: Any) -> None:
    for node in told["nodes"]:
        node["state"] = "good"


def _one_missing(told: Any) -> None:
    lost = told["nodes"].pop()["id"]
    told["edges"] = [edge for edge in told["edges"] if lost not in (edge["a"], edge["z"])]


def settled(page: Page, sites: int) -> None:
    """Wait until the sites are drawn at the size that the whole needs."""
    expect(page.locator("#drawing")).to_have_attribute("data-sites", str(sites), timeout=PATIENCE)
    expect(page.locator("#drawing")).to_have_attribute("data-settled", "true", timeout=PATIENCE)


def test_each_site_is_drawn_by_itself_in_the_colour_of_its_state(
    browser: Browser, site: Site
) -> None:
    site.fail()
    with _opened(browser, site, "/network") as page:
        settled(page, 16)
        check_drawing(page, site.address)


@pytest.mark.parametrize(
    ("change", "sites"), [(_on_one_place, 16), (_all_good, 16), (_one_missing, 15)]
)
def test_sabotage_the_drawing_shows_something_else(
    browser: Browser, site: Site, change: Callable[[Any], None], sites: int
) -> None:
    site.fail()
    with _opened(browser, site, NOWHERE) as page:
        page.route("**/network/drawing", altering(change))
        page.goto(f"{site.address}/network")
        settled(page, sites)
        with turns_red():
            check_drawing(page, site.address)


def test_sabotage_nothing_is_drawn(browser: Browser, site: Site) -> None:
    with _opened(browser, site, NOWHERE) as page:
        page.route("**/static/network.js", lambda route: route.fulfill(body=""))
        page.goto(f"{site.address}/network")
        with turns_red():
            check_drawing(page, site.address)


PINS = """() => [...document.querySelectorAll("#map .pin")].map((pin) => {
  const { x, y, width } = pin.getBoundingClientRect();
  const count = pin.querySelector("b")?.textContent.split("/").pop() ?? "1";
  return { x: x + width / 2, y: y + width / 2, size: width, count: Number(count) };
})"""


def check_map(page: Page, address: str) -> None:
    """Every site with coordinates is in exactly one pin, and no pin lies on another."""
    pins: list[dict[str, float]] = page.evaluate(PINS)
    known = page.request.get(f"{address}/board/sites").json()
    hold(sum(pin["count"] for pin in pins) == len(known), f"{len(pins)} pins for {len(known)}")
    over = [
        (one, other)
        for one, other in combinations(pins, 2)
        if dist((one["x"], one["y"]), (other["x"], other["y"])) < (one["size"] + other["size"]) / 2
    ]
    hold(not over, f"{len(over)} pairs of pins lie on each other: {over[:3]}")


def grow(site: Site, devices: int = 0) -> None:
    """Make it a province of 700 sites and, on paper, of `devices` or what the sites need."""
    rows = large.describe(1)
    slugs = [row["slug"] for row in rows["sites"]]
    for number in range(devices - len(rows["devices"])):
        slug = slugs[number % SITES]
        name = f"{slug}-acc-{number // SITES + 1}"
        switch = {"name": name, "site": slug, "role": "switch", "platform": "cisco_ios"}
        rows["devices"].append(switch)
    # The small province has its own core-1, with cables in it.
    text = json.dumps(rows, ensure_ascii=False).replace('"core-', '"main-')
    with site.database.write() as session:
        plan = inventory.plan_import(session, province.SYSTEM, text, "large.yaml")
        inventory.apply_import(session, province.SYSTEM, plan, "test")
        province.measure(session, broken=True)


@pytest.mark.slow
def test_seven_hundred_sites_are_told_apart_on_a_phone(browser: Browser, site: Site) -> None:
    grow(site)
    with _opened(browser, site, viewport=PHONE) as page:
        page.set_default_timeout(PATIENCE)
        pinned = page.locator("#map[data-pinned]")
        expect(pinned).to_have_attribute("data-pinned", str(SITES + SMALL), timeout=PATIENCE)
        check_map(page, site.address)
        page.goto(f"{site.address}/network")
        settled(page, SITES + SMALL)
        check_drawing(page, site.address)


@pytest.mark.slow
def test_sabotage_each_site_has_a_pin_of_its_own(browser: Browser, site: Site) -> None:
    grow(site)

    def apart(route: Route) -> None:
        script = route.fetch().text()
        whole = "of grouped(shown)"
        assert whole in script
        route.fulfill(body=script.replace(whole, "of shown.map((one) => [one])"),
                      content_type="text/javascript")  # fmt: skip

    with _opened(browser, site, NOWHERE, viewport=PHONE) as page:
        page.route("**/static/map.js", apart)
        page.goto(f"{site.address}/")
        pinned = page.locator("#map[data-pinned]")
        expect(pinned).to_have_attribute("data-pinned", str(SITES + SMALL), timeout=PATIENCE)
        with turns_red():
            check_map(page, site.address)


def test_a_group_of_pins_opens_by_coming_nearer(browser: Browser, site: Site) -> None:
    site.fail()
    with _opened(browser, site, viewport=PHONE, reduced_motion="reduce") as page:
        pinned = page.locator("#map[data-pinned]")
        expect(pinned).to_have_attribute("data-pinned", str(SMALL + 1))
        out = page.locator("#map .leaflet-control-zoom-out:not(.leaflet-disabled)")
        while out.count():
            out.click()
        many = page.locator(".pin-many")
        expect(many).to_have_count(1)
        expect(many).to_have_text(f"5/{SMALL + 1}")
        many.click()
        expect(page.locator(".pin")).not_to_have_count(1)
        check_map(page, site.address)


@pytest.mark.slow
def test_in_a_province_of_ten_thousand_devices_a_site_is_found_and_opened(
    browser: Browser, site: Site
) -> None:
    grow(site, DEVICES)
    with _opened(browser, site, NOWHERE) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{site.address}/network")
        expect(page.locator("#drawing")).to_have_attribute(
            "data-sites", str(SITES + SMALL), timeout=PATIENCE
        )
        page.fill("#find-site", "xa-100")
        page.press("#find-site", "Enter")
        told = page.locator("#told")
        expect(told).to_contain_text("Trụ sở UBND", timeout=PATIENCE)
        page.press("#find-site", "Enter")
        page.wait_for_url("**/sites/xa-100")
        wired = page.locator(".wiring a.wired:not(.away)")
        expect(wired).to_have_count(15, timeout=PATIENCE)
