"""One node of Debian in namespaces of its own, with sshd, and who pushes at the end of its wire.

It runs from the tree of the lab. What happened is read from the node's own disk.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hatang.supervisor import guard
from lab import keys
from lab.processes import child_of, wait_for
from lab.render.agents import SSHD_CONFIG
from lab.render.node import FILES, READY, START_HEAD, START_TAIL
from lab.render.services import File
from lab.shell import run
from lab.stage import Accounts, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENT: Final = "10.252.8.1"
NODE: Final = "10.252.8.2"
HOST_KEY: Final = "etc/ssh/ssh_host_ed25519_key"
START: Final = f"""\
mkdir -p /run/sshd
chmod 600 /{HOST_KEY}
/usr/sbin/sshd
"""


@dataclass(frozen=True)
class Wired:
    """A running node; `folder` has `key`, and `key.host.pub`, of who may log in and of it.

    `driver` is what changes it; its network namespaces are named after that.
    """

    driver: str
    folder: Path
    root: Path

    @property
    def client(self) -> str:
        """The network namespace of who pushes."""
        return f"hatang-{self.driver}-c"

    def push(self, times: int, texts: Sequence[str], seconds: int) -> list[dict[str, Any]]:
        """Push one of `texts` after the other from the other end of the wire.

        Each takes itself back after so many `seconds`. Returns state and detail of each.
        """
        words = ["ip", "netns", "exec", self.client, sys.executable, "-m"]
        words += ["tests.playbooks.drivers.cutting", self.driver, str(self.folder), NODE]
        found: list[dict[str, Any]] = json.loads(
            run([*words, str(times), str(seconds), json.dumps(list(texts))])
        )
        return found

    def lets_in(self) -> bool:
        """Return whether its sshd answers at the other end of the wire."""
        words = ["ip", "netns", "exec", self.client, "ssh-keyscan", "-T", "2", NODE]
        return "ssh-ed25519" in run(words, check=False)

    def said(self, *command: str) -> str:
        """Return what a command of its own prints there, as root."""
        words = ["ip", "netns", "exec", f"hatang-{self.driver}-n", "chroot", str(self.root)]
        return run([*words, *command], check=False)


@contextmanager
def wired(
    driver: str, folder: Path, tree: Path, files: Sequence[File], start: str
) -> Iterator[Wired]:
    """Hold a node that has `files` of its own and runs `start` before sshd."""
    stage(folder, tree, [*files, File("etc/lab/start.sh", START_HEAD + start + START_TAIL, 0o755)])
    client, node = f"hatang-{driver}-c", f"hatang-{driver}-n"
    for name in (client, node):
        run(["ip", "netns", "add", name])
    run(["ip", "link", "add", "eth0", "netns", client, "type", "veth", "peer", "name", "eth0",
         "netns", node])  # fmt: skip
    run(["ip", "-n", client, "address", "add", f"{CLIENT}/24", "dev", "eth0"])
    for name in (client, node):
        for port in ("lo", "eth0"):
            run(["ip", "-n", name, "link", "set", port, "up"])
    words = ["ip", "netns", "exec", node, "unshare", "--mount", "--uts", "--pid", "--ipc"]
    words += ["--fork", "--kill-child", "bash", str(FILES / "node-init.sh")]
    with (folder / "log").open("w") as log:
        holder = subprocess.Popen([*words, "cut", str(tree), str(folder)], stdout=log, stderr=log)
    try:
        yield _ready(driver, folder, holder.pid)
    finally:
        pids = [int(pid) for pid in run(["ip", "netns", "pids", node]).split()]
        guard.send(pids, signal.SIGKILL)
        holder.wait()
        for name in (client, node):
            run(["ip", "netns", "delete", name])


def stage(folder: Path, tree: Path, files: Sequence[File]) -> None:
    """Lay out keys, sshd's files and `files`."""
    (folder / "mnt").mkdir(parents=True)
    secrets = keys.load_or_create(folder / "secrets.json")
    (folder / "key").write_text(secrets.client_key)
    host = secrets.host_key("cut")
    (folder / "key.host.pub").write_text(keys.public_ssh_key(host))
    own = [
        File(HOST_KEY, host, 0o600),
        File("etc/hosts", "127.0.0.1 localhost cut\n"),
        File("etc/ssh/sshd_config", SSHD_CONFIG),
        File(f"etc/ssh/authorized_keys/{keys.OPS_USER}", keys.public_ssh_key(secrets.client_key)),
    ]
    write([*own, *files], Accounts(tree, secrets), folder / "files")


def _ready(driver: str, folder: Path, holder: int) -> Wired:
    def ready() -> bool:
        init = child_of(holder)
        return init is not None and (_root(init) / READY).exists()

    wait_for(f"the node (see {folder / 'log'})", ready, 60)
    init = child_of(holder)
    assert init is not None
    node = Wired(driver, folder, _root(init))
    wait_for("its sshd", node.lets_in, 30)
    return node


def _root(pid: int) -> Path:
    return Path(f"/proc/{pid}/root")
