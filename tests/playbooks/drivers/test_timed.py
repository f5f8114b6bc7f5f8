"""Lines are typed only while the timer surely runs, and confirmed only when all came in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from napalm.base.exceptions import CommitError, MergeConfigException

from hatang import clock
from playbooks.drivers.comware import ComwareDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = "interface a\n description x\n mtu 1500\n"


class Slow(ComwareDriver):
    """A device on a thin line: each line takes its time; `files` lie on its flash."""

    def __init__(self, hand: clock.Hand, seconds: float) -> None:
        super().__init__("device", "ops", "x", optional_args={"commit_id": "hatang-1"})
        self.hand, self.seconds = hand, seconds
        self.typed: list[str] = []
        self.files: set[str] = set()

    def _type(self, line: str, *, answer: str = "") -> str:
        self.typed.append(line)
        self.hand.advance(self.seconds)
        if line.startswith("save flash:/"):
            self.files.add(line.removeprefix("save flash:/"))
        if line.startswith("display diff"):
            return "+ description x"
        if line == "display version":
            return "H3C Comware Software, Version 7.1.070"
        return "\n".join(self.files) if line == "dir flash:/" else ""


@pytest.fixture
def hand() -> Iterator[clock.Hand]:
    with clock.frozen(datetime(2026, 11, 28, tzinfo=UTC)) as held:
        yield held


def test_lines_that_outlast_the_timer_are_taken_back(hand: clock.Hand) -> None:
    driver = Slow(hand, 20)
    driver.load_merge_candidate(config=LINES)
    with pytest.raises(MergeConfigException, match="too long"):
        driver.commit_config(revert_in=60)
    assert "mtu 1500" not in driver.typed
    assert "configuration replace file flash:/hatang-1.cfg" in driver.typed


def test_the_timer_is_armed_before_the_first_line(hand: clock.Hand) -> None:
    driver = Slow(hand, 1)
    driver.load_merge_candidate(config=LINES)
    driver.commit_config(revert_in=60)
    armed = driver.typed.index("configuration commit delay 1")
    assert armed < driver.typed.index("interface a")
    assert "save force" not in driver.typed


def test_what_did_not_come_in_whole_is_not_confirmed(hand: clock.Hand) -> None:
    driver = Slow(hand, 1)
    driver.files.add("hatang-1.cfg")
    with pytest.raises(CommitError, match="not all lines"):
        driver.confirm_commit()
    assert "configuration commit" not in driver.typed


def test_an_older_comware_is_refused(hand: clock.Hand) -> None:
    driver = Slow(hand, 1)
    driver._type = lambda line, *, answer="": "Comware Software, Version 5.20"  # type: ignore[method-assign]
    with pytest.raises(NotImplementedError):
        driver.load_merge_candidate(config=LINES)
