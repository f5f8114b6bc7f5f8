"""What a device lacks to be as intended: sections a template names, judged by another's pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang.errors import InvalidInputError
from playbooks import changes
from playbooks.models import Change
from playbooks.remediation import remediation
from tests.playbooks.records import device, keep

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

DIRECTORY = Path(__file__).parents[4] / "shared/oracles/diff/hier_config/dev/circular"
SYSTEMS = {
    "comware5": "hp_comware",
    "eos": "arista_eos",
    "ios": "cisco_ios",
    "nxos": "cisco_nxos",
}
RUNNING = """\
frr version 8.4.4
hostname r1
router bgp 65001
 neighbor 10.0.0.1 remote-as 65002
 neighbor 10.0.0.2 remote-as 65003
exit
ip route 10.9.0.0/16 10.0.0.1
end
"""
WANTED = """\
hostname {{ device.name }}
router bgp 65001
 neighbor 10.0.0.1 remote-as {{ parameters.peer }}
 neighbor 10.0.0.2 remote-as 65003
"""
PEER = {"peer": "65009"}


@pytest.mark.skipif(not DIRECTORY.is_dir(), reason="no pairs beside the project")
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_remediation_and_its_rollback_are_those_that_were_published(system: str) -> None:
    running, wanted, there, back = (
        (DIRECTORY / f"{system}_{name}.conf").read_text("utf-8")
        for name in ("running", "generated", "remediation", "rollback")
    )
    found = (
        remediation(SYSTEMS[system], running, wanted, is_whole=True),
        remediation(SYSTEMS[system], wanted, running, is_whole=True),
    )
    assert [(text or "").strip() for text in found] == [there.strip(), back.strip()]


@pytest.mark.parametrize("platform", ["cisco_ios", "arista_eos", "cisco_nxos", "frr"])
def test_a_device_that_is_as_intended_lacks_nothing(platform: str) -> None:
    assert remediation(platform, RUNNING, RUNNING, is_whole=True) == ""


def test_a_section_that_is_named_becomes_as_it_says_and_no_other_is_touched() -> None:
    wanted = "router bgp 65001\n neighbor 10.0.0.2 remote-as 65003\n"
    found = remediation("frr", RUNNING, wanted, is_whole=False)
    assert found == "router bgp 65001\n  no neighbor 10.0.0.1 remote-as 65002\n"


def test_as_a_whole_what_is_not_named_goes() -> None:
    wanted = RUNNING.replace("ip route 10.9.0.0/16 10.0.0.1\n", "")
    assert (
        remediation("frr", RUNNING, wanted, is_whole=True) == "no ip route 10.9.0.0/16 10.0.0.1\n"
    )


def test_what_a_router_prints_around_its_configuration_is_no_difference() -> None:
    plain = "\n".join(line for line in RUNNING.splitlines() if line not in {"exit", "end"})
    assert remediation("frr", RUNNING, plain.partition("\n")[2], is_whole=True) == ""


PRINTED = """\
Building configuration...

Current configuration:
!
frr version 8.4.4
!
hostname r1
!
router bgp 65001
 neighbor 10.0.0.1 remote-as 65002
 !
 address-family ipv4 unicast
  network 10.0.0.0/8
 exit-address-family
 !
 address-family ipv6 unicast
  network 2001:db8::/32
 exit-address-family
exit
!
end
"""


def test_a_router_is_compared_as_it_prints_itself() -> None:
    assert remediation("frr", PRINTED, PRINTED, is_whole=True) == ""
    found = remediation("frr", PRINTED, PRINTED.replace("65002", "65009"), is_whole=True)
    assert found is not None
    assert "  neighbor 10.0.0.1 remote-as 65009" in found.splitlines()


def test_what_the_library_cannot_tell_apart_has_no_certain_way() -> None:
    assert remediation("frr", "hostname a\nhostname a\n", "hostname b\n", is_whole=True) is None


@pytest.mark.parametrize("platform", ["fortinet", "juniper_junos", "mikrotik_routeros"])
def test_where_no_certain_way_is_known_nothing_is_proposed(platform: str) -> None:
    assert remediation(platform, "a\n", "b\n", is_whole=True) is None


def wanted(*names: str, text: str = WANTED) -> changes.Wanted:
    source = changes.Intended(text, PEER)
    return changes.Wanted("As intended", source, changes.Selection(names=names), "drifted")


def kept(database: Database, name: str, text: str = RUNNING, platform: str = "frr") -> None:
    with database.write() as session:
        access = device(session, name, platform)
    keep(database, access, text.replace("r1", name))


def test_what_drifted_is_proposed_as_a_draft_and_what_did_not_is_left_out(
    sqlite_database: Database, engineer: Actor
) -> None:
    kept(sqlite_database, "r1")
    kept(sqlite_database, "r2", RUNNING.replace("65002", "65009"))
    with sqlite_database.read() as session:
        draft = changes.drafted(session, engineer, wanted("r1", "r2"))
    assert set(draft.texts) == {"r1"}
    with sqlite_database.write() as session:
        row = session.get_one(Change, changes.create(session, engineer, draft))
        assert (row.state, row.intent) == ("draft", "remediation")


def test_the_proposal_is_shown_before_anything_is_written(
    sqlite_database: Database, engineer: Actor
) -> None:
    kept(sqlite_database, "r1")
    with sqlite_database.read() as session:
        (group,) = changes.preview(session, engineer, wanted("r1"))
    assert "  no neighbor 10.0.0.1 remote-as 65002" in group.rendered.splitlines()


def test_where_nothing_drifted_no_change_is_written_and_none_is_shown(
    sqlite_database: Database, engineer: Actor
) -> None:
    kept(sqlite_database, "r1", RUNNING.replace("65002", "65009"))
    with sqlite_database.read() as session:
        assert changes.preview(session, engineer, wanted("r1")) == []
        with pytest.raises(InvalidInputError, match="already so on every device"):
            changes.drafted(session, engineer, wanted("r1"))


def test_every_device_that_cannot_be_compared_is_told(
    sqlite_database: Database, engineer: Actor
) -> None:
    kept(sqlite_database, "f1", "config system interface\n", "fortinet")
    with sqlite_database.write() as session:
        device(session, "r3")
    with sqlite_database.read() as session, pytest.raises(InvalidInputError) as caught:
        changes.drafted(session, engineer, wanted("f1", "r3"))
    assert {problem.value for problem in caught.value.problems} == {"f1", "r3"}
