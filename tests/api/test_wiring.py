"""The drawing of a site's own devices."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from api.web.wiring import HEIGHT, WIDTH, wiring
from inventory import service
from inventory.network import DeviceNode, LinkEdge, Network
from inventory.rows import Query
from inventory.topology import Topology
from monitors.choices import State
from tests.api import province

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.web.wiring import Wiring
    from hatang.db import Database
    from inventory.rows import DeviceRow

SITES = {"hub-1": "Điểm gom", "dc": "Trung tâm dữ liệu"}
Far = dict[str, str]


def devices_of(database: Database, count: int) -> list[DeviceRow]:
    """Import a site with a router and switches; return its devices."""
    rows = "".join(
        f"  - {{name: sw-{one}, site: hub-1, role: switch, platform: frr}}\n"
        for one in range(count)
    )
    with database.write() as session:
        province.load(session)
        plan = service.plan_import(
            session, province.SYSTEM, f"version: 1\ndevices:\n{rows}", "d.yaml"
        )
        service.apply_import(session, province.SYSTEM, plan, "test")
        query = Query({"site": "hub-1"}, limit=None)
        return list(service.list_devices(session, province.SYSTEM, query).items)


def drawn(devices: list[DeviceRow], cables: Iterable[tuple[str, str]], far: Far) -> Wiring | None:
    """Draw the site with cables between device names, `far` giving the sites of others."""
    keys = {device.name: device.device_key for device in devices}
    nodes = [DeviceNode(device.device_key, "hub-1") for device in devices]
    nodes += [DeviceNode(name, site) for name, site in far.items()]
    links = [
        LinkEdge(str(index), keys.get(a, a), keys.get(z, z)) for index, (a, z) in enumerate(cables)
    ]
    topology = Topology(Network(tuple(nodes), tuple(links)))
    return wiring(topology, devices, SITES, lambda _: State.GOOD)


def test_a_site_without_a_cable_has_no_drawing(sqlite_database: Database) -> None:
    assert drawn(devices_of(sqlite_database, 2), [], {}) is None


def test_what_hangs_on_a_device_stands_below_it(sqlite_database: Database) -> None:
    devices = devices_of(sqlite_database, 2)
    cables = [("core", "hub-1"), ("hub-1", "sw-0"), ("sw-0", "sw-1")]
    found = drawn(devices, cables, {"core": "dc"})
    assert found is not None
    heights = {box.device.name if box.device else box.site: box.y for box in found.boxes}
    order = ("dc", "hub-1", "sw-0", "sw-1")
    assert all(heights[above] < heights[below] for above, below in pairwise(order))
    assert len(found.lines) == 3


def test_a_site_beyond_the_scope_of_who_asks_has_no_name(sqlite_database: Database) -> None:
    found = drawn(devices_of(sqlite_database, 1), [("x", "hub-1")], {"x": "secret"})
    assert found is not None
    assert [box.site for box in found.boxes if box.device is None] == [None]


def test_no_two_of_fifty_boxes_overlap(sqlite_database: Database) -> None:
    devices = devices_of(sqlite_database, 50)
    found = drawn(devices, [("hub-1", f"sw-{one}") for one in range(50)], {})
    assert found is not None
    taken = {
        (box.x + dx, box.y + dy) for box in found.boxes for dx in (0, WIDTH) for dy in (0, HEIGHT)
    }
    assert len(taken) == 4 * len(found.boxes) == 4 * 51


def test_devices_no_cable_leads_to_are_told(sqlite_database: Database) -> None:
    found = drawn(devices_of(sqlite_database, 2), [("hub-1", "sw-0")], {})
    assert found is not None
    assert {device.name for device in found.loose} == {"ups-1", "sw-1"}
