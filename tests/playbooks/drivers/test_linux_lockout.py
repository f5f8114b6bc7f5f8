"""A push that cuts its own management path comes back, on a real server: sudo, sshd, nftables.

Its login may run one command as root and nothing else. The server's own rules, and what lies on
its own disk, are the truth. The mutants of the helper stand in test_linux.py.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab.errors import LabError
from lab.render.services import File
from lab.shell import run
from playbooks.choices import TargetState
from tests.playbooks.drivers.wired import CLIENT, NODE, START, wired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.playbooks.drivers.wired import Wired

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root"),
]

# Longer than the server's own text takes to read: what is late before it was sent is never sent.
SECONDS = 15
STATES = ("pending", "reverting", "confirmed", "rolledback", "rejected")
# As docs/changes.md says, with what newer releases of sudo have by default.
SUDOERS = "Defaults use_pty\nops ALL=(root) NOPASSWD: /bin/sh -s\n"
ADDRESS = f"ip address add {NODE}/24 dev eth0\n"
RULES = """\
# file: /etc/nftables.conf
flush ruleset
table inet filter {{
 chain input {{
  type filter hook input priority 0; policy accept;
  {}
 }}
}}
"""
# The first ends every session at once; the second leaves it, and lets nobody else in.
CUTS = (
    RULES.format(f"ip saddr {CLIENT} tcp dport 22 reject with tcp reset"),
    RULES.format(f"ip saddr {CLIENT} tcp dport 22 tcp flags syn / syn,ack drop"),
)


@pytest.fixture(scope="module")
def tree() -> Path:
    return Path(run([sys.executable, "-m", "lab", "tree"]).split()[-1])


@contextmanager
def booted(folder: Path, tree: Path, sudoers: str = SUDOERS) -> Iterator[Wired]:
    files = [File("etc/sudoers.d/ops", sudoers, 0o440)]
    with wired("linux", folder, tree, files, ADDRESS + START) as server:
        yield server


def faults(server: Wired, states: list[str]) -> list[str]:
    """What is wrong with pushes that cut themselves off, by what the server has."""
    found = [f"a push says {state}" for state in states if state != TargetState.REVERTED]
    records = server.root / "run/hatang-cc"
    ends = Counter(path.name for path in records.glob("hatang-*/*") if path.name in STATES)
    if ends != {"rolledback": len(states)}:
        found.append(f"it notes {dict(ends)}")
    if not server.lets_in():
        found.append("nobody can log in")
    if server.said("nft", "list", "ruleset").strip():
        found.append("rules are left")
    if CLIENT in (server.root / "etc/nftables.conf").read_text():
        found.append("the file was written before anybody confirmed")
    return found


def cut(server: Wired, times: int) -> list[str]:
    states = [each["state"] for each in server.push(times, CUTS, SECONDS)]
    assert len(states) == times
    return faults(server, states)


def test_a_push_that_cuts_itself_off_comes_back_three_times(tree: Path, tmp_path: Path) -> None:
    with booted(tmp_path / "server", tree) as server:
        assert cut(server, 3) == []


@pytest.mark.soak
def test_a_hundred_pushes_that_cut_themselves_off_come_back(tree: Path, tmp_path: Path) -> None:
    with booted(tmp_path / "server", tree) as server:
        assert cut(server, 100) == []


def test_the_login_may_do_nothing_else_as_root(tree: Path, tmp_path: Path) -> None:
    with booted(tmp_path / "server", tree) as server:
        words = ("runuser", "-u", "ops", "--", "sudo", "-n")
        assert server.said(*words, "cat", "/etc/shadow") == ""
        assert "root:" in server.said("cat", "/etc/shadow")


def test_without_that_command_the_push_is_refused_before_anything_changes(
    tree: Path, tmp_path: Path
) -> None:
    with booted(tmp_path / "server", tree, "ops ALL=(root) NOPASSWD: /bin/true\n") as server:
        with pytest.raises(LabError, match="password is required"):
            server.push(1, CUTS, SECONDS)
        assert server.said("nft", "list", "ruleset") == ""
