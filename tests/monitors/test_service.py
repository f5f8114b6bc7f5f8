from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock, secrets
from hatang.auth import Actor, Role
from hatang.drivers.target import SnmpCommunity, SnmpUser
from hatang.errors import DeniedError, NotFoundError
from inventory import service as inventory
from monitors import facts, loading, repository, service
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.feed import Numbered
from monitors.state import Transition

if TYPE_CHECKING:
    from hatang.db import Database

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def say(database: Database, admin: Actor, name: str, state: State) -> Element:
    """Have the monitor say that the device `name` is in `state` at NOW."""
    with clock.frozen(NOW), database.write() as session:
        row = inventory.get_device(session, admin, name)
        element = Element(ElementKind.DEVICE, row.device_key)
        moved = Transition(element, State.UNKNOWN, state, Cause.ANSWERED, NOW)
        number = int(row.id)
        repository.write(session, "m", "e", [Numbered(number, moved, row.scope_id)])
    return element


def test_targets_carry_what_the_loop_needs_and_leave_out_what_is_not_there_yet(
    province: Database,
) -> None:
    with province.read() as session:
        targets = loading.load(session)
    devices = {target.name: target for target in targets.devices}
    assert set(devices) == {"core-1", "rtr-01"}
    core = devices["core-1"]
    assert (core.address, core.snmp_port, core.site) == ("10.250.0.1", 1161, "dc")
    assert isinstance(core.snmp, SnmpUser)
    assert core.snmp.username == "nms"
    assert core.interfaces == {"eth1", "eth2"}
    assert devices["rtr-01"].snmp is None
    assert [(s.code, s.probe) for s in targets.services] == [("portal", "http")]


def test_the_credential_says_which_snmp_is_spoken(province: Database, engineer: Actor) -> None:
    with province.write() as session:
        secrets.put(session, engineer, "lab-snmp", "snmpv2c", {"community": "canary-comm"})
    with province.read() as session:
        (core, _) = sorted(loading.load(session).devices, key=lambda each: each.name)
    assert core.snmp == SnmpCommunity("canary-comm", "credential/lab-snmp")
    assert "canary" not in repr(core)


def test_shards_share_the_devices_out(province: Database) -> None:
    with province.read() as session:
        parts = [loading.load(session, f"{n}/2") for n in range(2)]
    assert sum(len(part.devices) for part in parts) == 2


def test_a_state_is_told_while_its_monitor_lives_and_unknown_afterwards(
    province: Database, admin: Actor
) -> None:
    say(province, admin, "core-1", State.GOOD)
    with clock.frozen(NOW) as hand, province.read() as session:
        fresh = service.device_status(session, admin, "core-1").device
        hand.advance(31)
        old = service.device_status(session, admin, "core-1").device
    assert fresh.state is State.GOOD
    assert (old.state, old.cause, old.last_state) == (State.UNKNOWN, Cause.STALE, State.GOOD)


def test_a_site_is_as_bad_as_its_worst_device_and_never_good_by_silence(
    province: Database, admin: Actor
) -> None:
    say(province, admin, "core-1", State.GOOD)
    say(province, admin, "rtr-01", State.BAD)
    with clock.frozen(NOW), province.read() as session:
        sites = {site.site: site for site in service.site_statuses(session, admin)}
    assert sites["dc"].state is State.UNKNOWN
    assert sites["dc"].counts == {State.GOOD: 1, State.UNKNOWN: 1}
    assert sites["xa-01-site"].state is State.BAD


def test_who_sees_one_commune_sees_nothing_of_the_others(province: Database, admin: Actor) -> None:
    say(province, admin, "core-1", State.GOOD)
    theirs = say(province, admin, "rtr-01", State.BAD)
    with province.read() as session:
        scope_id = inventory.get_device(session, admin, "rtr-01").scope_id
        viewer = Actor(9, "xa", frozenset({Role.VIEWER}), frozenset({scope_id}))
        assert [s.element for s in service.list_status(session, viewer)] == [theirs]
        assert [t.element for t in service.list_transitions(session, viewer)] == [theirs]
        with pytest.raises(NotFoundError):
            service.device_status(session, viewer, "core-1")


def test_who_has_no_role_sees_nothing(province: Database) -> None:
    nobody = Actor(9, "nobody", frozenset(), None)
    with province.read() as session, pytest.raises(DeniedError):
        service.list_status(session, nobody)


def test_a_name_with_its_domain_is_no_deviation_and_another_name_is(
    province: Database, admin: Actor
) -> None:
    with province.write() as session:
        keys = {n: inventory.get_device(session, admin, n).device_key for n in ("core-1", "rtr-01")}
        facts.record(session, loading.ACTOR, keys["core-1"], {"name": "CORE-1.tinh.test"})
        facts.record(session, loading.ACTOR, keys["rtr-01"], {"name": "old-router"})
        facts.record(session, loading.ACTOR, "gone", {"name": "x"})
        found = inventory.deviations(session, admin).items
    assert [(row.field, row.observed) for row in found] == [("name", "old-router")]


def test_prometheus_is_told_where_to_scrape(province: Database, admin: Actor) -> None:
    with province.read() as session:
        (target,) = service.sd_targets(session, admin, "127.0.0.1:9109")
    assert target["targets"] == ["127.0.0.1:9109"]


def test_prometheus_is_told_of_each_shard_by_its_own_address(
    province: Database, admin: Actor
) -> None:
    with province.write() as session:
        for number in (0, 1):
            where = (f"127.0.0.1:{9109 + number}", 40)
            repository.announce(session, f"shard-{number}-of-2", "e", where)
        found = service.sd_targets(session, admin, "127.0.0.1:1")
    assert [one["targets"] for one in found] == [["127.0.0.1:9109"], ["127.0.0.1:9110"]]


def test_shards_of_an_earlier_division_are_scraped_no_more(
    province: Database, admin: Actor
) -> None:
    with province.write() as session:
        with clock.frozen(NOW):
            repository.announce(session, "shard-0-of-1", "e", ("127.0.0.1:9109", 40))
        with clock.frozen(NOW + timedelta(seconds=60)):
            repository.announce(session, "shard-1-of-2", "e", ("127.0.0.1:9110", 20))
        found = service.sd_targets(session, admin, "127.0.0.1:1")
    assert [one["targets"] for one in found] == [["127.0.0.1:9110"]]
