"""What a change is made of: bad input is told with device, line and fix before anything else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.errors import ConflictError, DeniedError, InvalidInputError
from playbooks import changes
from playbooks.changes.composing import whole
from playbooks.models import Change
from tests.playbooks.records import collected, device, keep

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access
    from playbooks.changes.composing import Source

RANGES = {
    "vlan": {"type": "integer", "min": 100, "max": 199},
    "words": {"type": "text", "pattern": "[a-z ]{1,20}"},
    "speed": {"type": "choice", "choices": ["auto", 1000]},
    "server": {"type": "address", "within": "10.0.0.0/8"},
}
FILLED = {"vlan": "150", "words": "room two", "speed": "auto", "server": "10.1.1.1"}


@pytest.fixture
def routers(sqlite_database: Database) -> tuple[Access, Access]:
    with sqlite_database.write() as session:
        return device(session, "r1"), device(session, "r2")


def preview(
    database: Database, actor: Actor, source: Source, *names: str
) -> list[changes.PreviewGroup]:
    wanted = changes.Wanted("T", source, changes.Selection(names=names))
    with database.read() as session:
        return changes.preview(session, actor, wanted)


@pytest.mark.usefixtures("routers")
def test_devices_that_get_the_same_lines_are_shown_together(
    sqlite_database: Database, engineer: Actor
) -> None:
    (group,) = preview(sqlite_database, engineer, changes.Snippet("ntp server a"), "r1", "r2")
    assert group.devices == ("r1", "r2")
    text = "hostname {{ device.name }}"
    assert len(preview(sqlite_database, engineer, changes.Template(text), "r1", "r2")) == 2


@pytest.mark.usefixtures("routers")
def test_a_selection_by_site_or_unit_finds_its_devices(
    sqlite_database: Database, engineer: Actor
) -> None:
    for chosen in (changes.Selection(sites=("s-r2",)), changes.Selection(units=("u-r2",))):
        wanted = changes.Wanted("T", changes.Snippet("ntp server a"), chosen)
        with sqlite_database.read() as session:
            (group,) = changes.preview(session, engineer, wanted)
        assert group.devices == ("r2",)


@pytest.mark.usefixtures("routers")
@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (changes.Selection(), "the selection holds no device"),
        (changes.Selection(roles=("firewall",)), "the selection holds no device"),
        (changes.Selection(roles=("nothing",)), "there is no such role"),
        (changes.Selection(sites=("nowhere",)), "there is no such site"),
        (changes.Selection(names=("r1", "r9\n")), "there is no such device"),
    ],
)
def test_an_empty_or_unknown_selection_is_told(
    sqlite_database: Database, engineer: Actor, chosen: changes.Selection, told: str
) -> None:
    wanted = changes.Wanted("T", changes.Snippet("ntp server a"), chosen)
    with sqlite_database.read() as session, pytest.raises(InvalidInputError, match=told):
        changes.preview(session, engineer, wanted)


@pytest.mark.usefixtures("routers")
def test_a_past_window_is_refused_before_anything_is_touched(
    sqlite_database: Database, engineer: Actor
) -> None:
    window = changes.Window(None, clock.now() - timedelta(hours=1))
    chosen = changes.Selection(names=("r1",))
    wanted = changes.Wanted("T", changes.Snippet("ntp server a"), chosen, window=window)
    with sqlite_database.write() as session, pytest.raises(InvalidInputError, match="is past"):
        changes.create(session, engineer, changes.drafted(session, engineer, wanted))


def test_a_version_of_the_vault_is_restored_whole(
    sqlite_database: Database, engineer: Actor, routers: tuple[Access, Access]
) -> None:
    text = "Building configuration...\n\nhostname r1\npassword 7 secret\nend\n"
    version, _ = keep(sqlite_database, routers[0], text)
    with sqlite_database.write() as session:
        wanted = changes.Wanted("T", changes.Restore((version,)))
        number = changes.create(session, engineer, changes.drafted(session, engineer, wanted))
        assert session.get_one(Change, number).is_replace
        (group,) = changes.get_change(session, engineer, number).groups
    assert group.rendered.startswith("hostname r1\n")
    assert collected(text).text == text


def test_what_a_device_prints_around_its_configuration_is_left_out() -> None:
    assert whole("Current configuration:\n!\nhostname a\nend\n\n") == "!\nhostname a\n"


def define(database: Database, actor: Actor, **wrong: object) -> None:
    given = {
        "name": "port",
        "description": "A port's VLAN",
        "template": "interface eth2\n description {{ parameters.words }} {{ parameters.vlan }}\n",
        "parameters": RANGES,
        "platforms": ["frr"],
        "expires_at": clock.now() + timedelta(days=30),
    }
    with database.write() as session:
        changes.define(session, actor, changes.StandardDraft(**(given | wrong)))  # type: ignore[arg-type]


def digest(database: Database, actor: Actor) -> str:
    with database.read() as session:
        return changes.list_standards(session, actor)[0].sha256


@pytest.mark.usefixtures("routers")
def test_a_standard_change_is_approved_once_and_never_by_who_asked(
    sqlite_database: Database, engineer: Actor, approver: Actor
) -> None:
    define(sqlite_database, engineer)
    known = digest(sqlite_database, engineer)
    with sqlite_database.write() as session, pytest.raises(DeniedError):
        changes.decide_standard(session, engineer, "port", known, approve=True)
    with sqlite_database.write() as session, pytest.raises(ConflictError):
        changes.decide_standard(session, approver, "port", "0" * 64, approve=True)
    with sqlite_database.write() as session:
        changes.decide_standard(session, approver, "port", known, approve=True)


@pytest.mark.usefixtures("routers")
@pytest.mark.parametrize(
    ("name", "value"),
    [("vlan", "200"), ("vlan", "x"), ("words", "a\nb"), ("speed", "10"), ("server", "192.0.2.1")],
)
def test_a_parameter_beyond_its_range_is_refused(
    sqlite_database: Database, engineer: Actor, name: str, value: str
) -> None:
    define(sqlite_database, engineer)
    source = changes.Standard("port", FILLED | {name: value})
    with pytest.raises(InvalidInputError, match=f"standard change: {name}"):
        preview(sqlite_database, engineer, source, "r1")


@pytest.mark.usefixtures("routers")
def test_a_standard_change_stays_at_one_site(sqlite_database: Database, engineer: Actor) -> None:
    define(sqlite_database, engineer)
    source = changes.Standard("port", FILLED)
    assert preview(sqlite_database, engineer, source, "r1")[0].rendered.endswith("room two 150\n")
    with pytest.raises(InvalidInputError, match="more than one site"):
        preview(sqlite_database, engineer, source, "r1", "r2")


def test_a_standard_change_is_not_used_on_another_platform(
    sqlite_database: Database, engineer: Actor
) -> None:
    with sqlite_database.write() as session:
        device(session, "sw", "cisco_ios")
    define(sqlite_database, engineer)
    with pytest.raises(InvalidInputError, match="for which it is not written"):
        preview(sqlite_database, engineer, changes.Standard("port", FILLED), "sw")


def test_a_range_that_is_none_is_refused(sqlite_database: Database, engineer: Actor) -> None:
    rules = {"a": {"type": "integer", "min": 9, "max": 1}, "b": {"type": "text", "pattern": "("}}
    with pytest.raises(InvalidInputError) as caught:
        define(sqlite_database, engineer, parameters=rules, platforms=["nothing"])
    assert len(caught.value.problems) == 3


def test_where_a_change_stands_is_told_alone_as_beside_its_differences(
    sqlite_database: Database, engineer: Actor, routers: tuple[Access, Access]
) -> None:
    texts = {each.name: "ntp server a\n" for each in routers}
    with sqlite_database.write() as session:
        number = changes.create(session, engineer, changes.Draft("T", "why", texts))
    with sqlite_database.read() as session:
        whole = changes.get_change(session, engineer, number)
        assert changes.get_head(session, engineer, number) == whole.change
