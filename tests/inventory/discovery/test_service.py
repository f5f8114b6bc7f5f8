"""A run proposes exactly what differs, keeps intent as it is, and knows its devices again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock, secrets
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.discovery import service
from inventory.discovery.order import Limits, Order
from inventory.inbox import service as inbox
from inventory.rows import EVERYTHING, Query
from tests.inventory.discovery.network import SWITCH, Box, Network, small

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.discovery.service import Outcome
    from inventory.inbox.listing import InboxRow

pytestmark = pytest.mark.slow

PLACES = """\
version: 1
units: [{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province, parent: null}]
sites: [{slug: dc, name: "Trung tâm dữ liệu", unit: tinh, kind: datacentre}]
"""
FAST = Limits(per_second=10_000.0, per_network_second=10_000.0)
ORDER = Order(seeds=("10.250.1.2",), credentials=("lab-snmp",), limits=FAST)
AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2N4oJ4mUEJ1kFj0XyX9m3r8v1cQ2o0m0Yb5c3b7dQe"


@pytest.fixture
def places(database: Database, admin: Actor, load: Callable[[str], object]) -> Database:
    """A province with one site and one SNMPv3 user, and no device yet."""
    load(PLACES)
    fields = {
        "username": "nms",
        "auth_password": "authpass123",
        "priv_password": "privpass123",
        "auth_protocol": "SHA",
        "priv_protocol": "AES",
    }
    with database.write() as session:
        secrets.put(session, admin, "lab-snmp", "snmpv3", fields)
    return database


def run(db: Database, actor: Actor, network: Network, order: Order = ORDER) -> Outcome:
    with db.write() as session:
        run_id = service.begin(session, actor, order)
    return service.carry_out(db, run_id, network)


def waiting(db: Database, actor: Actor, **filters: str) -> list[InboxRow]:
    with db.read() as session:
        query = Query({"state": "open", **filters}, limit=None)
        return list(inbox.list_deviations(session, actor, query, today=clock.now().date()).items)


def shown(*rows: InboxRow) -> dict[int, str]:
    return {row.id: row.digest for row in rows}


def accept_all(db: Database, actor: Actor, **values: str) -> None:
    given = {"site": "dc", "role": "switch", **values}
    with db.write() as session:
        inbox.accept(session, actor, shown(*waiting(db, actor)), given)


def settled(db: Database, actor: Actor, network: Network) -> None:
    """Discover the network, accept all of it, and discover again: nothing differs."""
    run(db, actor, network)
    accept_all(db, actor)
    run(db, actor, network)
    assert waiting(db, actor) == []


def summary(rows: list[InboxRow]) -> list[tuple[str, str]]:
    return [(row.kind, row.element) for row in rows]


def test_an_empty_inventory_is_proposed_everything_and_keeps_its_intent(
    places: Database, engineer: Actor
) -> None:
    run(places, engineer, small())
    rows = waiting(places, engineer)
    with places.read() as session:
        assert inventory.list_devices(session, engineer, EVERYTHING).total == 0
    assert sorted(summary(rows)) == [
        ("new_cable", "core-1:eth1 -- rtr-01:eth0"),
        ("new_cable", "core-1:eth2 -- rtr-02:eth0"),
        ("new_cable", "core-1:eth3 -- sw-1:Ethernet1"),
        ("new_device", "core-1"),
        ("new_device", "rtr-01"),
        ("new_device", "rtr-02"),
        ("new_device", "sw-1"),
    ]


def test_machines_cloned_with_their_engine_are_proposed_each(
    places: Database, engineer: Actor
) -> None:
    network = small()
    for name in ("rtr-01", "rtr-02"):
        network.boxes[name].engine = 99
    first, again = run(places, engineer, network), run(places, engineer, network)
    found = [row.element for row in waiting(places, engineer, kind="new_device")]
    assert sorted(found) == ["core-1", "rtr-01", "rtr-02", "sw-1"]
    assert (first.opened, again.opened) == (7, 0)


def test_a_clone_keeps_its_row_while_the_other_is_silent(places: Database, engineer: Actor) -> None:
    network = small()
    for name in ("rtr-01", "rtr-02"):
        network.boxes[name].engine = 99
    run(places, engineer, network)
    network.silent.update(network.boxes["rtr-02"].addresses)
    assert run(places, engineer, network).opened == 0


def test_a_run_that_is_only_tried_out_keeps_nothing(places: Database, engineer: Actor) -> None:
    outcome = service.try_out(places, engineer, ORDER, small())
    assert len(outcome.proposals) == 7
    assert waiting(places, engineer) == []
    with places.read() as session:
        assert service.list_runs(session, engineer) == []


def test_what_was_accepted_stands_in_the_inventory(places: Database, engineer: Actor) -> None:
    settled(places, engineer, small())
    with places.read() as session:
        rows = inventory.list_devices(session, engineer, EVERYTHING).items
        links = inventory.list_links(session, engineer, EVERYTHING).items
    assert {(row.name, row.platform, row.credentials["snmp"]) for row in rows} == {
        ("core-1", "frr", "lab-snmp"),
        ("rtr-01", "frr", "lab-snmp"),
        ("rtr-02", "frr", "lab-snmp"),
        ("sw-1", "arista_eos", "lab-snmp"),
    }
    assert len(links) == 3


def test_what_a_device_tells_of_its_type_and_ports_is_compared_with_intent(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    switch = network.boxes["sw-1"]
    switch.description = SWITCH.replace("4.28.3M", "4.30.1F")
    switch.disabled.add(1)
    run(places, engineer, network)
    found = {(row.kind, row.element, row.field, row.observed) for row in waiting(places, engineer)}
    assert found == {
        ("field", "sw-1", "software", "Arista EOS/4.30.1F"),
        ("field", "sw-1:Ethernet1", "enabled", False),
    }
    accept_all(places, engineer)
    assert waiting(places, engineer) == []
    with places.read() as session:
        device = inventory.get_element(session, engineer, ElementKind.DEVICE, "sw-1")
        port = inventory.get_element(session, engineer, ElementKind.INTERFACE, "sw-1:Ethernet1")
    assert (device.fields["software"], port.fields["enabled"]) == ("Arista EOS/4.30.1F", False)


def test_seeing_the_same_again_makes_no_second_row(places: Database, engineer: Actor) -> None:
    first = run(places, engineer, small())
    again = run(places, engineer, small())
    assert (first.opened, again.opened) == (7, 0)
    assert len(waiting(places, engineer)) == 7


def test_moving_one_cable_shows_exactly_that(places: Database, engineer: Actor) -> None:
    network = small()
    settled(places, engineer, network)
    switch = network.boxes["sw-1"]
    network.cables[2] = (network.cables[2][0], ("sw-1", switch.add("Ethernet7")))
    run(places, engineer, network)
    (row,) = waiting(places, engineer)
    assert (row.kind, row.element, row.certainty) == (
        "moved_cable",
        "core-1:eth3 -- sw-1:Ethernet1",
        "certain",
    )
    assert (row.observed["a"], row.observed["b"]) == ("core-1:eth3", "sw-1:Ethernet7")
    accept_all(places, engineer)
    run(places, engineer, network)
    assert waiting(places, engineer) == []


def test_a_cable_put_back_leaves_the_inbox_by_itself(places: Database, engineer: Actor) -> None:
    network = small()
    network.boxes["sw-1"].add("Ethernet7")
    settled(places, engineer, network)
    held = network.cables[2]
    network.cables[2] = (held[0], ("sw-1", 2))
    run(places, engineer, network)
    network.cables[2] = held
    assert run(places, engineer, network).closed == 1
    assert waiting(places, engineer) == []


def test_a_renamed_and_readdressed_device_is_the_same_device(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    router = network.boxes.pop("rtr-02")
    router.name = "rtr-99"
    router.addresses = {"10.250.77.1": 1}
    network.boxes["rtr-99"] = router
    network.cables[1] = (("core-1", 2), ("rtr-99", 1))
    run(places, engineer, network)
    changed = {
        (row.kind, row.field, row.intended, row.observed)
        for row in waiting(places, engineer, kind="field")
    }
    assert summary(waiting(places, engineer, kind="new_address")) == [
        ("new_address", "rtr-02:10.250.77.1/24")
    ]
    assert changed == {
        ("field", "name", "rtr-02", "rtr-99"),
        ("field", "primary_ip4", "10.250.2.1", "10.250.77.1"),
    }
    accept_all(places, engineer)
    with places.read() as session:
        assert inventory.get_device(session, engineer, "rtr-99").primary_ip4 == "10.250.77.1"


def test_a_device_that_is_gone_is_told_and_one_that_is_back_leaves(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    network.silent.add("10.250.2.1")
    run(places, engineer, network)
    assert ("vanished_device", "rtr-02") in summary(waiting(places, engineer))
    network.silent.clear()
    run(places, engineer, network)
    assert waiting(places, engineer) == []


def test_a_known_device_whose_first_echoes_were_lost_has_not_vanished(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    network.losing["10.250.2.1"] = 1
    run(places, engineer, network)
    assert network.losing["10.250.2.1"] == 0
    assert waiting(places, engineer) == []


def test_who_answers_but_lets_nobody_in_has_not_vanished(places: Database, engineer: Actor) -> None:
    network = small()
    settled(places, engineer, network)
    network.refusing.add("10.250.2.1")
    run(places, engineer, network)
    assert ("vanished_device", "rtr-02") not in summary(waiting(places, engineer))


def test_what_a_limit_left_unasked_has_not_vanished(places: Database, engineer: Actor) -> None:
    network = small()
    settled(places, engineer, network)
    limits = replace(FAST, devices=1, at_once=1)
    seeds = ("10.250.1.2", "10.250.1.1", "10.250.2.1", "10.250.9.5")
    run(places, engineer, network, replace(ORDER, seeds=seeds, limits=limits))
    assert waiting(places, engineer, kind="vanished_device") == []


def test_no_cable_is_gone_where_nobody_could_say_who_is_there(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    network.deaf = True
    seeds = ("10.250.1.2", "10.250.1.1", "10.250.2.1", "10.250.9.5")
    run(places, engineer, network, replace(ORDER, seeds=seeds))
    assert waiting(places, engineer, kind="gone_cable") == []


def test_a_shown_host_key_is_proposed_and_never_trusted_by_itself(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    network.keys["10.250.1.2"] = (KEY,)
    run(places, engineer, network)
    (row,) = waiting(places, engineer)
    assert (row.kind, row.element) == ("host_key", "core-1")
    assert row.observed["fingerprints"][0].startswith("SHA256:")


def test_a_host_that_only_shows_a_key_is_a_new_device_of_unknown_facts(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    host = network.add(Box("hidden", 77))
    host.add("eth0", "10.250.9.66")
    network.refusing.add("10.250.9.66")
    network.keys["10.250.9.66"] = (KEY,)
    order = replace(ORDER, seeds=("10.250.1.2", "10.250.9.66"))
    outcome = run(places, engineer, network, order)
    assert [one.address for one in outcome.found.failures] == ["10.250.9.66"]
    (row,) = waiting(places, engineer)
    assert (row.kind, row.element, row.certainty) == ("new_device", "10.250.9.66", "likely")
    with places.write() as session, pytest.raises(InvalidInputError) as caught:
        inbox.accept(session, engineer, shown(row), {"site": "dc", "role": "server"})
    assert {one.field for one in caught.value.problems} == {"platform", "name"}
    assert run(places, engineer, network, order).opened == 0
    network.refusing.clear()
    run(places, engineer, network, order)
    assert summary(waiting(places, engineer)) == [("new_device", "hidden")]


def test_a_known_device_that_lets_nobody_in_is_no_stranger(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    network.refusing.add("10.250.2.1")
    network.keys["10.250.2.1"] = (KEY,)
    run(places, engineer, network)
    assert waiting(places, engineer, kind="new_device") == []


def test_an_ignored_difference_opens_again_on_its_day(places: Database, engineer: Actor) -> None:
    with clock.frozen(AT):
        run(places, engineer, small())
        given = shown(*waiting(places, engineer, kind="new_device"))
        with places.write() as session:
            until = AT.date() + timedelta(days=7)
            inbox.ignore(session, engineer, given, until, "chờ nhà thầu", today=AT.date())
        run(places, engineer, small())
        assert waiting(places, engineer, kind="new_device") == []
    with clock.frozen(AT + timedelta(days=7)):
        assert len(waiting(places, engineer, kind="new_device")) == 4


@pytest.mark.parametrize("days", [0, -1, 400])
def test_ignoring_needs_a_reason_and_a_day_that_comes(
    places: Database, engineer: Actor, days: int
) -> None:
    run(places, engineer, small())
    until = AT.date() + timedelta(days=days)
    with places.write() as session, pytest.raises(InvalidInputError) as caught:
        inbox.ignore(session, engineer, {}, until, " ", today=AT.date())
    assert [one.field for one in caught.value.problems] == ["reason", "until"]


def test_a_new_device_is_not_accepted_without_its_place(places: Database, engineer: Actor) -> None:
    run(places, engineer, small())
    chosen = shown(*waiting(places, engineer, kind="new_device"))
    with places.write() as session, pytest.raises(InvalidInputError) as caught:
        inbox.accept(session, engineer, chosen)
    assert {one.field for one in caught.value.problems} >= {"site"}
    with places.read() as session:
        assert inventory.list_devices(session, engineer, EVERYTHING).total == 0


def test_a_decision_is_not_taken_twice(places: Database, engineer: Actor) -> None:
    run(places, engineer, small())
    (row,) = waiting(places, engineer, element="sw-1")
    values = {"site": "dc", "role": "switch"}
    with places.write() as session:
        inbox.accept(session, engineer, shown(row), values)
    with places.write() as session, pytest.raises(ConflictError):
        inbox.accept(session, engineer, shown(row), values)


def test_a_hostile_name_is_data_and_no_device_name(places: Database, engineer: Actor) -> None:
    network = small()
    evil = network.add(Box("{{ lookup('pipe','id') }}\n\x1b", 66))
    near, far = network.boxes["core-1"].add("eth4", "10.250.66.2"), evil.add("eth0", "10.250.66.1")
    network.cable(network.boxes["core-1"], near, evil, far)
    run(places, engineer, network)
    rows = [row for row in waiting(places, engineer) if "lookup" in row.element]
    assert rows
    assert all(row.element.isprintable() for row in rows)
    with places.write() as session, pytest.raises(InvalidInputError):
        inbox.accept(session, engineer, shown(rows[0]), {"site": "dc", "role": "switch"})


def test_two_runs_do_not_go_on_at_once(places: Database, engineer: Actor) -> None:
    with places.write() as session:
        first = service.begin(session, engineer, ORDER)
    with places.write() as session, pytest.raises(ConflictError):
        service.begin(session, engineer, ORDER)
    with places.write() as session:
        service.stop(session, engineer, first)
    with places.write() as session:
        service.begin(session, engineer, ORDER)


def test_a_run_is_recorded_with_its_failures_and_their_next_steps(
    places: Database, engineer: Actor
) -> None:
    network = small()
    network.refusing.add("10.250.9.5")
    run(places, engineer, network)
    with places.read() as session:
        (row,) = service.list_runs(session, engineer)
    assert (row.requester, row.state, row.devices, row.failed) == ("engineer", "done", 3, 1)
    assert row.failures[0]["reason"] == "auth_failed"
    assert row.failures[0]["next_step"]


def test_a_refused_credential_stays_refused_after_a_restart_until_forgotten(
    places: Database, engineer: Actor
) -> None:
    network = small()
    network.refusing.add("10.250.1.2")
    for _ in range(5):
        run(places, engineer, network)
    assert len(network.asked) == 3
    with places.write() as session:
        assert service.forget(session, engineer, "10.250.1.2") == 1
    run(places, engineer, network)
    assert len(network.asked) == 4


def test_only_who_reaches_the_province_discovers(places: Database) -> None:
    commune = Actor(9, "x", frozenset({Role.ENGINEER}), frozenset({1}))
    with places.write() as session, pytest.raises(DeniedError):
        service.begin(session, commune, ORDER)


def test_a_credential_that_is_no_snmpv3_user_is_refused(places: Database, engineer: Actor) -> None:
    order = Order(seeds=ORDER.seeds, credentials=("nobody",), limits=FAST)
    with pytest.raises(InvalidInputError):
        service.try_out(places, engineer, order, small())
