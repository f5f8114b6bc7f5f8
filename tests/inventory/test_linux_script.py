"""What the script for Linux servers prints stays the same where nobody configured anything."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from inventory import platforms

if TYPE_CHECKING:
    from pathlib import Path

SS = """Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
udp   UNCONN 0      0         127.0.0.1:323        0.0.0.0:*
udp   UNCONN 0      0           0.0.0.0:48172      0.0.0.0:*
tcp   LISTEN 7      128            [::]:22            [::]:*
"""
COMMANDS = {
    "ss": f"cat <<'E'\n{SS}E",
    "nft": '[ "$*" = "-s list ruleset" ] && echo counter drop || echo counter packets 7 drop',
    "apt": "echo Listing...; echo a/stable-security 2 amd64",
    "systemctl": "echo user@0.service x; echo run-u7.service x; echo ssh.service running x",
}
FOUND = ("cat", "sed", "awk", "sort", "sh", "timeout", "find", "id", "tr", "uname")
DAY = 86_400


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A server of which only these commands are there; its lists of packages are below it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "lists").mkdir()
    for name, said in COMMANDS.items():
        file = tmp_path / "bin" / name
        file.write_text(f"#!/bin/sh\n{said}\n")
        file.chmod(0o755)
    for name in FOUND:
        known = next(
            place for place in ("/usr/bin", "/bin") if os.access(f"{place}/{name}", os.X_OK)
        )
        (tmp_path / "bin" / name).symlink_to(f"{known}/{name}")
    return tmp_path


def sections(server: Path) -> dict[str, list[str]]:
    lines = platforms.script(platforms.get("linux")).splitlines()
    lines = [f"PATH={server}/bin" if line.startswith("PATH=") else line for line in lines]
    script = "\n".join(lines).replace("/var/lib/apt/lists", str(server / "lists"))
    done = subprocess.run(
        ["/bin/sh", "-s"], input=script, capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("# "):
            found[line[2:]] = told = []
        else:
            told.append(line)
    return found


def lists(server: Path, name: str, days: float) -> None:
    file = server / "lists" / name
    file.touch()
    at = time.time() - days * DAY
    os.utime(file, (at, at))


def test_queues_counters_and_what_one_login_started_are_left_out(server: Path) -> None:
    found = sections(server)
    assert found["command: ss -lntu"] == [
        "tcp [::]:22 [::]:*",
        "udp 127.0.0.1:323 0.0.0.0:*",
    ]
    assert found["command: nft list ruleset"] == ["counter drop"]
    assert found["command: systemctl list-units"] == ["ssh.service running x"]


def test_what_listens_is_unreadable_where_its_answer_cannot_be_cut(server: Path) -> None:
    (server / "bin" / "awk").unlink()
    assert "unreadable: ss -lntu" in sections(server)


@pytest.mark.parametrize(
    ("name", "days", "is_told"),
    [
        ("mirror.test_debian-security_dists_bookworm-security_InRelease", 1, True),
        ("mirror.test_ubuntu_dists_noble-security_Release", 6, True),
        ("mirror.test_debian-security_dists_bookworm-security_InRelease", 9, False),
        ("mirror.test_debian_dists_bookworm_InRelease", 1, False),
    ],
)
def test_updates_are_told_only_by_young_lists_of_a_security_archive(
    server: Path, name: str, days: float, is_told: bool
) -> None:
    lists(server, name, days)
    found = sections(server)
    assert ("command: apt list --upgradable" in found) is is_told
    assert ("unreadable: apt list --upgradable" in found) is not is_told
