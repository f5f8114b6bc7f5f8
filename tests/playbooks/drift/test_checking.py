"""How a device stands to what is intended, by the newest configuration the vault holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from hatang.blobs import BlobStore
from hatang.db.equipment import equipment
from inventory.models import Device, Site
from playbooks import drift
from playbooks.changes import Selection
from playbooks.choices import DriftReason
from playbooks.drift import IntendedDraft, checking
from playbooks.models import ConfigVersion, Drift
from tests.playbooks.drift.scene import DRIFTED, IN_LINE, TEMPLATE, Scene, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from playbooks.access import Access

pytestmark = pytest.mark.slow

SECRET = "hunter2-of-the-neighbour"


def test_a_device_that_differs_is_told_with_the_lines_that_bring_it_back(scene: Scene) -> None:
    version = scene.keep(scene.router(), DRIFTED)
    scene.intend("r1")
    assert scene.check() == {"drifted": 1}
    row = scene.row()
    assert (row.state, row.version_id, row.drifted_since) == ("drifted", version, at(0))
    assert (row.device, row.unit, row.site, row.intended) == ("r1", "u-r1", "s-r1", "bgp")
    assert "  neighbor 10.0.0.1 remote-as 65009" in scene.lines().splitlines()


def test_a_device_that_is_as_intended_is_in_line(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    scene.intend("r1")
    assert scene.check() == {"in_line": 1}
    assert (scene.row().drifted_since, scene.lines()) == (None, "")


def no_backup(scene: Scene) -> None:
    scene.router()
    scene.intend("r1")


def too_old(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    scene.hour = 49
    scene.intend("r1")


def template_error(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    scene.intend("r1", template="hostname {{ device.nickname }}\n")


def no_certain_way(scene: Scene) -> None:
    scene.keep(scene.router("r1", "fortinet"), "config system global\n")
    scene.intend("r1")


def unreadable(scene: Scene) -> None:
    version = scene.keep(scene.router(), IN_LINE)
    scene.intend("r1")
    with scene.database.read() as session:
        address = session.get_one(ConfigVersion, version).raw
        store = equipment(session, BlobStore)
    (name,) = [name for name in store.files() if address in name]
    os.truncate(store.directory / name, 10)


@pytest.mark.parametrize(
    "because", [no_backup, too_old, template_error, no_certain_way, unreadable]
)
def test_what_cannot_be_compared_is_unknown_with_its_reason(
    scene: Scene, because: Callable[[Scene], None]
) -> None:
    because(scene)
    assert scene.check() == {"unknown": 1}
    row = scene.row()
    assert (row.state, row.reason, row.drifted_since) == ("unknown", because.__name__, None)
    assert DriftReason(row.reason)


def test_the_templates_error_names_its_line_and_no_value_of_a_parameter(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    scene.intend("r1", template="hostname a\n{{ [][parameters.key] }}\n", key=SECRET)
    scene.check()
    row = scene.row()
    assert row.reason == "template_error"
    assert row.detail == "line 2"


def test_no_part_of_a_value_stands_in_what_is_kept_of_a_template_that_fails(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    key = "k3y'" * 14 + "z"
    scene.intend("r1", template="{{ parameters.key + '\n' }}\n", key=key)
    scene.check()
    assert scene.row().reason == "template_error"
    assert key[:4] not in scene.row().detail


def test_a_template_that_grows_too_long_is_told_so(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    scene.intend("r1", template="{{ 'x' * 500001 }}\n")
    scene.check()
    assert scene.row().detail == "grows too long"


def test_one_device_the_template_fails_for_spoils_no_other(scene: Scene) -> None:
    for name in ("r1", "r2"):
        scene.keep(scene.router(name), IN_LINE)
    wrong = "{% if device.name == 'r1' %}{{ device.nickname }}{% endif %}"
    scene.intend("r1", "r2", template=f"{wrong}{TEMPLATE}")
    assert scene.check() == {"unknown": 1, "in_line": 1}


def test_no_secret_of_the_device_or_of_a_parameter_stands_in_what_is_kept(scene: Scene) -> None:
    old = "the-old-secret"
    running = f"router bgp 65001\n neighbor 10.0.0.1 password {old}\nexit\n"
    scene.keep(scene.router(), running)
    template = "router bgp 65001\n neighbor 10.0.0.1 password {{ parameters.key }}\n"
    scene.intend("r1", template=template, key=SECRET)
    assert scene.check() == {"drifted": 1}
    lines = scene.lines().splitlines()
    assert "  neighbor 10.0.0.1 password <redacted>" in lines
    with scene.database.read() as session:
        kept = session.scalars(select(Drift)).one().lines
    assert old not in kept
    assert SECRET not in kept


def test_only_what_stands_differently_is_compared_by_day(scene: Scene) -> None:
    access = scene.router()
    scene.keep(access, DRIFTED)
    scene.intend("r1")
    assert scene.check(is_everything=False) == {"drifted": 1}
    scene.hour = 1
    assert scene.check(is_everything=False) == {}
    scene.keep(access, IN_LINE)
    assert scene.check(is_everything=False) == {"in_line": 1}
    scene.hour = 2
    scene.intend("r1", peer="65010")
    assert scene.check(is_everything=False) == {"drifted": 1}


def test_by_day_a_backup_that_grows_too_old_and_is_seen_again_is_noticed(scene: Scene) -> None:
    access = scene.router()
    scene.keep(access, IN_LINE)
    scene.intend("r1")
    scene.check()
    scene.hour = 60
    assert scene.check(is_everything=False) == {"unknown": 1}
    scene.keep(access, IN_LINE)  # the same version, seen again
    assert scene.check(is_everything=False) == {"in_line": 1}


def test_a_device_that_comes_to_be_chosen_is_compared_without_being_named(scene: Scene) -> None:
    scene.keep(scene.router(), DRIFTED)
    chosen = Selection(roles=("hub",))
    scene.set(IntendedDraft("bgp", TEMPLATE, {"peer": "65009"}, chosen))
    scene.check()
    scene.keep(scene.router("r2"), DRIFTED)
    assert scene.check(is_everything=False) == {"drifted": 1}
    assert {row.device for row in scene.rows()} == {"r1", "r2"}


def test_a_device_that_is_renamed_stays_chosen(scene: Scene) -> None:
    access = scene.router()
    scene.keep(access, DRIFTED)
    scene.intend("r1")
    with scene.database.write() as session:
        session.get_one(Device, access.device_id).name = "edge-1"
    scene.check()
    assert scene.row().device == "edge-1"
    with scene.database.read() as session:
        (row,) = drift.list_intended(session, scene.engineer)
    assert row.selection == {"names": ["edge-1"]}


def test_a_device_out_of_service_is_no_longer_counted_and_its_drift_is_history(
    scene: Scene,
) -> None:
    access = scene.router()
    scene.keep(access, DRIFTED)
    scene.intend("r1")
    scene.check()
    with scene.database.write() as session:
        session.get_one(Device, access.device_id).status = "decommissioning"
    scene.hour = 1
    scene.check(is_everything=False)
    assert scene.rows() == []
    assert past(scene, access) == [(at(0), at(1), "not_intended")]


def test_what_a_dissolved_site_leaves_without_a_device_ends_no_drift_and_is_told(
    scene: Scene,
) -> None:
    access = scene.router()
    scene.keep(access, DRIFTED)
    chosen = Selection(sites=("s-r1",))
    scene.set(IntendedDraft("bgp", TEMPLATE, {"peer": "65009"}, chosen))
    scene.check()
    assert not intended(scene).is_for_none
    with scene.database.write() as session:
        session.scalars(select(Site).where(Site.slug == "s-r1")).one().slug = "renamed"
    scene.hour = 1
    assert scene.check() == {}
    assert scene.check(is_everything=False) == {}
    assert intended(scene).is_for_none
    assert (scene.row().state, scene.row().drifted_since) == ("drifted", at(0))
    assert past(scene, access) == []


def test_set_again_for_other_devices_the_drifts_of_those_it_left_end(scene: Scene) -> None:
    access, other = scene.router(), scene.router("r2")
    for one in (access, other):
        scene.keep(one, DRIFTED)
    scene.intend("r1")
    scene.check()
    scene.hour = 1
    scene.intend("r2")
    scene.check()
    assert [row.device for row in scene.rows()] == ["r2"]
    assert past(scene, access) == [(at(0), at(1), "not_intended")]


def test_of_each_chunk_only_its_own_rows_are_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "CHUNK", 1)
    names = ("r1", "r2", "r3")
    for name in names:
        scene.keep(scene.router(name), DRIFTED)
    scene.intend(*names)
    scene.check()
    loaded: list[int] = []

    def load(row: Drift, _context: object) -> None:
        loaded.append(row.device_id)

    event.listen(Drift, "load", load)
    try:
        scene.check()
        assert len(loaded) == len(names)
        scene.rows()
        assert len(loaded) == len(names)
    finally:
        event.remove(Drift, "load", load)


def intended(scene: Scene) -> drift.IntendedRow:
    with scene.database.read() as session:
        (row,) = drift.list_intended(session, scene.engineer)
    return row


def past(scene: Scene, access: Access) -> list[tuple[object, object, str]]:
    with scene.database.read() as session:
        found = drift.of_device(session, scene.engineer, access.name).past
    return [(row.since, row.ended_at, row.ending) for row in found]
