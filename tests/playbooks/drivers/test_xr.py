"""What IOS XR's driver makes of what a router says, where nobody knows what a real one would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from napalm.base.exceptions import CommitError, MergeConfigException

from playbooks.drivers.xr import XrDriver

if TYPE_CHECKING:
    from playbooks.drivers.tree import Lines

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
            return f"   1) CommitId: 1000000001        Label: {self.newest}\n"
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
