"""A push that cuts its own management path comes back, on a real FRRouting.

The router's own journal and its startup configuration are the truth. Every helper that gives one
of the four promises up must be told apart. The simulated personas are asked in test_lockout.py.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.render.node import COMMIT_CONFIRM
from lab.shell import run
from playbooks.choices import TargetState
from tests.playbooks.drivers.frr_router import CONFIGURATION, booted
from tests.playbooks.drivers.wired import CLIENT

if TYPE_CHECKING:
    from tests.playbooks.drivers.frr_router import Router

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root"),
]

# A router that stays cut off is waited for until the session gives up, a minute and a half.
LONG = pytest.mark.soak
SECONDS = 4
# The first ends every session at once; the second leaves the port up, and no answer finds back.
CUTS = ("interface eth0\n shutdown\n", f"ip route {CLIENT}/32 blackhole\n")
ARMING = (
    '  arm "$seconds" || { claim rejected; die 2 "the timer cannot be armed"; }\n  note arm false\n'
)
APPLIED = '  note apply "$(changed_since "$old")"\n'
SHOWN = '  cat "$state.diff"\n}'


@pytest.fixture(scope="module")
def tree() -> Path:
    return Path(run([sys.executable, "-m", "lab", "tree"]).split()[-1])


def faults(router: Router, states: list[str]) -> list[str]:
    """What is wrong with pushes that cut themselves off, by what the router wrote down."""
    found = [f"a push says {state}" for state in states if state != TargetState.REVERTED]
    did = [entry["action"] for entry in router.entries()]
    if did != ["arm", "apply", "revert"] * len(states):
        found.append(f"it did {dict(Counter(did))} in another order than a timer that saves it")
    if not router.lets_in():
        found.append("nobody can log in")
    if router.startup() != CONFIGURATION:
        found.append("startup was written before anybody confirmed")
    return found


def cut(router: Router, times: int) -> list[str]:
    states = [each["state"] for each in router.push(times, CUTS, SECONDS)]
    assert len(states) == times
    return faults(router, states)


def test_a_push_that_cuts_itself_off_comes_back_three_times(tree: Path, tmp_path: Path) -> None:
    with booted(tmp_path / "router", tree) as router:
        assert cut(router, 3) == []


@pytest.mark.soak
def test_a_hundred_pushes_that_cut_themselves_off_come_back(tree: Path, tmp_path: Path) -> None:
    with booted(tmp_path / "router", tree) as router:
        assert cut(router, 100) == []


def without(*changes: tuple[str, str]) -> str:
    """Our helper with parts replaced, each of which it must have once."""
    text = COMMIT_CONFIRM.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param([(ARMING, "")], "nobody can log in", id="never armed", marks=LONG),
        pytest.param(
            [(ARMING, ""), (APPLIED, APPLIED + ARMING)],
            "in another order",
            id="armed after applying",
        ),
        pytest.param(
            [(SHOWN, SHOWN[:-1] + "  confirm\n}")],
            "a push says",
            id="confirmed at once",
            marks=LONG,
        ),
        pytest.param(
            [(APPLIED, APPLIED + "  vtysh -w >/dev/null\n")], "startup was", id="saved early"
        ),
    ],
)
def test_sabotage_a_helper_that_breaks_a_promise(
    changes: list[tuple[str, str]], fault: str, tree: Path, tmp_path: Path
) -> None:
    with booted(tmp_path / "router", tree, without(*changes)) as router:
        assert any(fault in each for each in cut(router, 1))
