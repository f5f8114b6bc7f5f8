"""What IOS XR's driver makes of what a router says, where nobody knows what a real one would.

Whose commit is taken back is asked of the simulated router, over netmiko's unmodified client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from napalm.base.exceptions import CommitError, MergeConfigException

from hatang import clock
from hatang.errors import DriverError
from playbooks.changes.push import Attempt, Order
from playbooks.choices import TargetState
from playbooks.drivers.xr import XrDriver
from tests.acceptance.red import hold, turns_red
from tests.lab.simulators.conftest import boots
from tests.playbooks.drivers.personas import PERSONAS, Watch, connect, identify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.drivers.napalm import NapalmSession
    from playbooks.drivers.tree import Lines
    from tests.lab.simulators.switch import Switch

RUNNING = """\
Sat Nov 28 02:00:00.123 UTC
Building configuration...
!! IOS XR Configuration 7.3.2
router bgp 65001
 neighbor 10.0.0.1
  remote-as 65002
 !
 address-family ipv4 unicast
 !
!
end
"""


LISTED = """\
   1) CommitId: 1000000001                  Label: {label}
      UserId:   ops                         Line:  vty0:node0_RP0_CPU0
      Client:   CLI                         Time:  Sat Nov 28 02:00:00 2026
      Comment:  NONE
"""


class Told(XrDriver):
    """A router that answers a `commit` with `word`; the newest commit has the label `newest`."""

    word = "% Confirming commit for trial session."
    newest = "hatang-1"

    def __init__(self) -> None:
        super().__init__("192.0.2.1", "u", "p", optional_args={"commit_id": "hatang-1"})
        self.typed: list[str] = []

    def _type(self, line: str, *, answer: str = "") -> str:
        self.typed.append(line)
        if line.startswith("show configuration commit list"):
            return LISTED.format(label=self.newest)
        return self.word if line == "commit" else ""


def test_what_the_device_says_to_confirm_is_kept() -> None:
    router = Told()
    router.confirm_commit()
    assert "commit" in router.typed


@pytest.mark.parametrize("word", ["", "% No configuration changes to commit."])
def test_without_its_word_nothing_is_called_kept(word: str) -> None:
    router = Told()
    router.word = word
    with pytest.raises(CommitError, match="does not say"):
        router.confirm_commit()


@pytest.mark.parametrize("newest", ["NONE", "hatang-2"])
def test_what_is_not_the_newest_commit_waits_no_more(newest: str) -> None:
    router = Told()
    router.newest = newest
    assert router.pending_commits() == []
    with pytest.raises(CommitError):
        router.confirm_commit()
    assert "commit" not in router.typed


@pytest.mark.parametrize("line", ["route-policy A", "no prefix-set B", "end-policy"])
def test_a_policy_is_refused_before_anything_is_typed(line: str) -> None:
    router = Told()
    with pytest.raises(MergeConfigException, match="cannot be planned"):
        router.load_merge_candidate(config=f"{line}\n")
    assert router.typed == []


def test_a_section_goes_on_behind_the_end_of_one_in_it() -> None:
    wanted: Lines = {
        "router bgp 65001": {
            "neighbor 10.0.0.1": {"remote-as 65002": {}},
            "address-family ipv4 unicast": {},
        }
    }
    assert Told()._parse(RUNNING) == wanted


OURS, THEIRS, LAST = "snmp-server location ours\n", "ntp\n server 10.9.9.9\n", "hatang-2-last"


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Switch]:
    for boot in boots(tmp_path):
        yield boot("iosxr")


def opened(router: Switch, name: str = "hatang-1-ours", driver: type = XrDriver) -> NapalmSession:
    return connect(router, PERSONAS["iosxr"], name, driver)


def commit(session: NapalmSession, text: str) -> None:
    session.call("load_merge_candidate", config=text)
    session.call("commit_config", revert_in=600)


def type_by_hand(session: NapalmSession, text: str) -> None:
    """What another does: no trial, no label."""
    session.call("cli", ["configure", *text.splitlines(), "commit", "end"])


def lines(session: NapalmSession) -> tuple[bool, bool]:
    text = session.call("get_config", retrieve="running")["running"]
    return "location ours" in text, "server 10.9.9.9" in text


@pytest.mark.slow
def test_its_own_commit_is_taken_back(router: Switch) -> None:
    with opened(router) as session:
        commit(session, OURS)
        session.call("rollback")
        assert lines(session) == (False, False)
        assert session.call("pending_commits") == []


class Overtaken(XrDriver):
    """Another commits in the moment before the router is told to take something back."""

    router: Switch
    back = ""

    def _type(self, line: str, *, answer: str = "") -> str:
        if line.startswith("rollback"):
            with opened(self.router, "hatang-2") as other:
                type_by_hand(other, THEIRS)
            line = self.back or line
        return super()._type(line, answer=answer)


class ByPosition(Overtaken):
    """Takes back whatever lies on top."""

    back = "rollback configuration last 1"


def check_only_ours_goes(router: Switch, driver: type[Overtaken]) -> None:
    driver.router = router
    with opened(router, driver=driver) as session:
        commit(session, OURS)
        session.call("rollback")
        hold(lines(session) == (False, True), f"ours and theirs stand: {lines(session)}")


@pytest.mark.slow
def test_another_commit_in_between_is_not_what_is_taken_back(router: Switch) -> None:
    check_only_ours_goes(router, Overtaken)


@pytest.mark.slow
def test_sabotage_a_commit_is_taken_back_by_its_position(router: Switch) -> None:
    with turns_red():
        check_only_ours_goes(router, ByPosition)


@pytest.mark.slow
def test_under_another_commit_nothing_is_taken_back_and_it_says_so(router: Switch) -> None:
    with opened(router) as session:
        commit(session, OURS)
        with opened(router, "hatang-2") as other:
            type_by_hand(other, THEIRS)
        with pytest.raises(DriverError, match="1000000002 of ops lies on top of 1000000001"):
            session.call("rollback")
        assert lines(session) == (True, True)
        assert router.actions()["revert"] == 0


@pytest.mark.slow
def test_a_push_that_finds_another_commit_on_its_own_touches_nothing(router: Switch) -> None:
    with opened(router) as session:
        commit(session, OURS)
        type_by_hand(session, THEIRS)
    order = Order(OURS, None, "before", 600, clock.now(), "hatang-1-ours", is_resumed=True)
    with opened(router) as session:
        outcome = Attempt(order, identify, Watch()).settle(session)
    assert outcome is not None
    assert outcome.state is TargetState.DRIFT
    assert router.actions()["confirm"] == 0


@pytest.mark.slow
def test_what_was_confirmed_waits_no_more_for_any_login(router: Switch) -> None:
    with opened(router) as session:
        commit(session, OURS)
        session.call("confirm_commit")
        assert session.call("pending_commits") == []
    with opened(router) as session:
        assert session.call("pending_commits") == []
        with pytest.raises(DriverError, match="was confirmed"):
            session.call("rollback")
        assert lines(session) == (True, False)
    with opened(router, LAST) as session:
        commit(session, THEIRS)
        session.call("confirm_commit")
    assert [path.name for path in kept(router)] == [f"{LAST}-kept"]


def kept(router: Switch) -> list[Path]:
    return sorted(router.directory.rglob("*-kept"))


@pytest.mark.slow
def test_what_the_router_took_back_waits_no_more_under_later_commits(router: Switch) -> None:
    with opened(router) as session:
        commit(session, OURS)
        session.call("rollback")
        type_by_hand(session, THEIRS)
    with opened(router) as session:
        assert session.call("pending_commits") == []
        session.call("rollback")
        assert lines(session) == (False, True)
