"""Linux servers without a lab: Debian's sshd on loopback, each with an /etc of its own.

Each keeps a journal of the commands it was sent; one that is held hangs in the first of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.debian import TREES
from tests.acceptance.doors import free_ports
from tests.acceptance.red import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation

START_SECONDS = 60.0
CONFIG = """\
Port {port}
ListenAddress {address}
HostKey /etc/ssh/host
PidFile none
UsePAM no
StrictModes no
AuthorizedKeysFile {shared}/login.pub
PermitRootLogin yes
Subsystem sftp /usr/lib/openssh/sftp-server
ForceCommand {folder}/journal
"""
JOURNAL = """\
#!/bin/sh
echo begun >> {folder}/commands
[ -e {folder}/held ] && exec sleep 600
exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
"""
PASSWD = """\
root:x:0:0:root:/root:/bin/sh
sshd:x:107:65534::/run/sshd:/usr/sbin/nologin
"""
PLACES = """\
version: 1
province: {code: "99", name: "Tỉnh Thử"}
units:
  - {code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}
sites:
  - {slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}
devices:
"""
DEVICE = """\
  - name: {name}
    site: dc
    role: server
    platform: linux
    primary_ip4: {address}
    ports: {{ssh: {port}}}
    credentials: {{ssh: servers}}
    host_keys: ["{key}"]
"""


@dataclass(frozen=True)
class Server:
    """One server; its files lie in `folder`."""

    name: str
    address: str
    port: int
    folder: Path

    def file(self, path: str) -> Path:
        """Return a file of its /etc."""
        return self.folder / "etc" / path

    def hold(self) -> None:
        """Let every command hang from now on."""
        (self.folder / "held").touch()

    def let_go(self) -> None:
        """Let commands through again; those that hang stay so."""
        (self.folder / "held").unlink(missing_ok=True)

    @property
    def commands(self) -> int:
        """How many commands it was sent so far."""
        path = self.folder / "commands"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def inventory(self) -> str:
        """Return its row of an inventory file."""
        key = " ".join(self.file("ssh/host.pub").read_text().split()[:2])
        return DEVICE.format(name=self.name, address=self.address, port=self.port, key=key)


@contextmanager
def serving(shared: Path, count: int) -> Iterator[list[Server]]:
    """Yield so many servers, srv-01 and on, that let root in with the key `shared`/login."""
    tree = _tree()
    _keygen(shared / "login")
    (port,) = free_ports(1)
    found = [
        Server(f"srv-{number:02}", f"127.0.0.{10 + number}", port, shared / f"srv-{number:02}")
        for number in range(1, count + 1)
    ]
    running = []
    try:
        for server in found:
            _equip(server, shared, tree)
            running.append(_start(server, tree))
        up = eventually(lambda: all(map(_listens, found)), START_SECONDS)
        assert up, [(server.folder / "log").read_text() for server in found]
        yield found
    finally:
        for process in running:
            process.send_signal(signal.SIGKILL)
            process.wait(10)


def register(made: Installation, servers: list[Server]) -> None:
    """Tell an installation of the servers, and of the key that lets root in."""
    places = made.folder / "places.yaml"
    rows = "".join(server.inventory() for server in servers)
    places.write_text(PLACES + rows, encoding="utf-8")
    secrets = made.folder / "secrets.toml"
    secrets.touch(mode=0o600)
    private = (servers[0].folder.parent / "login").read_text()
    secrets.write_text(
        f"[credentials.servers]\nkind = 'ssh'\nusername = 'root'\nprivate_key = '''{private}'''\n"
    )
    made.hatang("credential", "import", str(secrets)).good()
    made.hatang("inventory", "import", str(places)).good()


def _tree() -> Path:
    """Return where Debian's OpenSSH server lies: installed, or in the tree the lab built."""
    if os.geteuid() != 0:
        pytest.skip("servers with an /etc of their own need root")
    if shutil.which("sshd"):
        return Path("/")
    for path in sorted(TREES.glob("*/usr/sbin/sshd")):
        return path.parents[2]
    pytest.skip("OpenSSH's server is not installed, and no tree of the lab holds it")


def _keygen(path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(words, check=True)


def _equip(server: Server, shared: Path, tree: Path) -> None:
    server.file("ssh").mkdir(parents=True)
    _keygen(server.file("ssh/host"))
    shutil.copy(tree / "etc" / "ld.so.cache", server.file("ld.so.cache"))
    server.file("passwd").write_text(PASSWD)
    server.file("group").write_text("root:x:0:\n")
    server.file("ssh/sshd_config").write_text(
        CONFIG.format(port=server.port, address=server.address, folder=server.folder, shared=shared)
    )
    journal = server.folder / "journal"
    journal.write_text(JOURNAL.format(folder=server.folder))
    journal.chmod(0o755)


def _start(server: Server, tree: Path) -> subprocess.Popen[bytes]:
    """Run its sshd in namespaces that end, with every process in them, when it is killed."""
    binds = (
        [] if tree == Path("/") else [f"{tree}/{name} /{name}" for name in ("usr/sbin", "usr/lib")]
    )
    steps = [f"mount --bind {each}" for each in [*binds, f"{server.folder}/etc /etc"]]
    script = " && ".join(["mkdir -p /run/sshd", *steps, "exec /usr/sbin/sshd -D -e"])
    words = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*words, "--mount-proc", "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _listens(server: Server) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((server.address, server.port)) == 0
