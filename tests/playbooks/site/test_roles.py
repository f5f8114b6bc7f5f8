"""Every role, run twice on a real Debian server, changes nothing the second time.

The server is a namespace with its own sshd; what is installed there comes from Debian.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hatang.supervisor import guard
from playbooks.catalogue import all_playbooks

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
CACHE = Path(os.environ.get("HATANG_LAB_CACHE", "/var/cache/hatang-lab"))
CLIENT, SERVER = "hatang-roles-c", "hatang-roles-s"
CLIENT_ADDRESS, ADDRESS = "10.252.7.1", "10.252.7.2"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3tQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0pQ0p"
GIVEN: dict[str, dict[str, Any]] = {
    "server-access": {"users_administrators": f"lan={KEY}", "users_removed": "noc"},
    "server-time": {"chrony_servers": CLIENT_ADDRESS},
    "server-logging": {"rsyslog_relay": CLIENT_ADDRESS},
    "server-snmp": {"snmpd_location": "DC 1"},
    "server-firewall": {"firewall_management": "10.252.7.0/24", "firewall_restore_seconds": 12},
    "web-server": {"nginx_server_names": "dvc.tinh.gov.vn"},
    "database-server": {"postgresql_networks": "10.252.7.0/24"},
}
WRITING = sorted(
    name for name, book in all_playbooks().items() if book.writes and "linux" in book.platforms
)

pytestmark = [
    pytest.mark.lab,
    pytest.mark.soak,
    pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root"),
]


def run(*words: str | Path, check: bool = True) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def inside(*words: str | Path, check: bool = True) -> str:
    return run("ip", "netns", "exec", CLIENT, *words, check=check)


@pytest.fixture(scope="module")
def tree() -> Path:
    lab = Path(run(sys.executable, "-m", "lab", "tree").split()[-1])
    found = CACHE / f"{lab.name}-servers"
    if not found.is_dir():
        run("sh", HERE / "build.sh", lab, found)
    return found


@pytest.fixture(scope="module")
def server(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder with the keys of a running server."""
    folder = tmp_path_factory.mktemp("server")
    for name in ("key", "key.host"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
    (folder / "root").mkdir()
    for name in (CLIENT, SERVER):
        run("ip", "netns", "add", name)
    run("ip", "link", "add", "eth0", "netns", CLIENT, "type", "veth", "peer", "name", "eth0",
        "netns", SERVER)  # fmt: skip
    for name, address in ((CLIENT, CLIENT_ADDRESS), (SERVER, ADDRESS)):
        run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            run("ip", "-n", name, "link", "set", device, "up")
    words = ["ip", "netns", "exec", SERVER, "unshare", "--mount", "--uts", "--pid", "--ipc"]
    words += ["--fork", "--kill-child", "sh", str(HERE / "server.sh")]
    init = subprocess.Popen([*words, str(folder / "root"), str(tree), str(folder / "key")])
    try:
        deadline = time.monotonic() + 30
        while ADDRESS not in inside("ssh-keyscan", "-T", "2", ADDRESS, check=False):
            assert time.monotonic() < deadline, "the server never answered"
            assert init.poll() is None
        yield folder
    finally:
        guard.send([int(pid) for pid in run("ip", "netns", "pids", SERVER).split()], signal.SIGKILL)
        init.wait()
        for name in (CLIENT, SERVER):
            run("ip", "netns", "delete", name)
        shutil.rmtree(folder)


def play(server: Path, name: str, **changed: Any) -> dict[str, Any]:
    given = json.dumps(GIVEN.get(name, {}) | changed)
    words = ("-m", "tests.playbooks.site.playing", server, ADDRESS, name, given)
    return dict(json.loads(inside(sys.executable, *words)))


@pytest.mark.parametrize("name", WRITING)
def test_the_second_run_changes_nothing(server: Path, name: str) -> None:
    first, second = play(server, name), play(server, name)
    assert first["status"] == second["status"] == "successful", first
    assert first["changed"]
    assert second["changed"] == []
    assert not first["leaked"]


def test_a_firewall_that_locks_its_own_run_out_comes_back(server: Path) -> None:
    play(server, "server-firewall")
    locked = play(server, "server-firewall", firewall_management="10.253.0.0/24")
    assert locked["failed"] == ["Log in anew"]
    deadline = time.monotonic() + 60
    while play(server, "gather-facts")["status"] != "successful":
        assert time.monotonic() < deadline, "the server is locked"
    # What holds after a restart was never touched either.
    assert play(server, "server-firewall")["changed"] == []
