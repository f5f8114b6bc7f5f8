"""One real FRRouting in namespaces of its own, with sshd and the helper of our driver.

Who pushes stands at the other end of its only wire. What it did is read from its own journal, and
from the startup configuration on its own disk.
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
from lab.render.node import COMMIT_CONFIRM, FILES, READY, START_HEAD, START_TAIL
from lab.render.services import File
from lab.shell import run
from lab.stage import Accounts, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENT: Final = "hatang-cuts-c"
ROUTER: Final = "hatang-cuts-r"
ADDRESSES: Final = {CLIENT: "10.252.8.1", ROUTER: "10.252.8.2"}
HOST_KEY: Final = "etc/ssh/ssh_host_ed25519_key"
STARTUP: Final = "etc/frr/frr.conf"
JOURNAL: Final = "var/log/hatang-cc/journal.jsonl"
CONFIGURATION: Final = f"""\
frr version 8.4.4
frr defaults traditional
hostname cut
log file /var/log/frr/frr.log informational
log commands
service integrated-vtysh-config
!
interface eth0
 ip address {ADDRESSES[ROUTER]}/24
exit
!
end
"""
START: Final = f"""\
mkdir -p /run/sshd /run/frr /var/log/frr; chown frr:frr /run/frr /var/log/frr; chmod 755 /run/frr
/usr/lib/frr/zebra -d -A 127.0.0.1
/usr/lib/frr/staticd -d -A 127.0.0.1
vtysh -b >/var/log/vtysh-boot.log 2>&1
chmod 600 /{HOST_KEY}
/usr/sbin/sshd
"""


@dataclass(frozen=True)
class Router:
    """A running router; `folder` has `key`, and `key.host.pub`, of who may log in and of it."""

    folder: Path
    root: Path

    def entries(self) -> list[dict[str, Any]]:
        """Return what it wrote into its journal."""
        path = self.root / JOURNAL
        return [json.loads(line) for line in path.read_text().splitlines()]

    def startup(self) -> str:
        """Return what it would start with."""
        return (self.root / STARTUP).read_text()

    def push(self, times: int, texts: Sequence[str], seconds: int) -> list[dict[str, Any]]:
        """Push one of `texts` after the other from the other end of the wire.

        Each takes itself back after so many `seconds`. Returns state and detail of each.
        """
        words = ["ip", "netns", "exec", CLIENT, sys.executable, "-m"]
        words += ["tests.playbooks.drivers.frr_cutting", str(self.folder), ADDRESSES[ROUTER]]
        found: list[dict[str, Any]] = json.loads(
            run([*words, str(times), str(seconds), json.dumps(list(texts))])
        )
        return found

    def lets_in(self) -> bool:
        """Return whether its sshd answers at the other end of the wire."""
        words = ["ip", "netns", "exec", CLIENT, "ssh-keyscan", "-T", "2", ADDRESSES[ROUTER]]
        return "ssh-ed25519" in run(words, check=False)


@contextmanager
def booted(folder: Path, tree: Path, helper: str | None = None) -> Iterator[Router]:
    """Hold a router that runs from `tree`, with another `helper` than ours where one is given."""
    _stage(folder, tree, helper or COMMIT_CONFIRM.read_text())
    for name in ADDRESSES:
        run(["ip", "netns", "add", name])
    run(["ip", "link", "add", "eth0", "netns", CLIENT, "type", "veth", "peer", "name", "eth0",
         "netns", ROUTER])  # fmt: skip
    run(["ip", "-n", CLIENT, "address", "add", f"{ADDRESSES[CLIENT]}/24", "dev", "eth0"])
    for name in ADDRESSES:
        for port in ("lo", "eth0"):
            run(["ip", "-n", name, "link", "set", port, "up"])
    words = ["ip", "netns", "exec", ROUTER, "unshare", "--mount", "--uts", "--pid", "--ipc"]
    words += ["--fork", "--kill-child", "bash", str(FILES / "node-init.sh")]
    with (folder / "log").open("w") as log:
        holder = subprocess.Popen([*words, "cut", str(tree), str(folder)], stdout=log, stderr=log)
    try:
        yield _ready(folder, holder.pid)
    finally:
        pids = [int(pid) for pid in run(["ip", "netns", "pids", ROUTER]).split()]
        guard.send(pids, signal.SIGKILL)
        holder.wait()
        for name in ADDRESSES:
            run(["ip", "netns", "delete", name])


def _stage(folder: Path, tree: Path, helper: str) -> None:
    (folder / "mnt").mkdir(parents=True)
    secrets = keys.load_or_create(folder / "secrets.json")
    (folder / "key").write_text(secrets.client_key)
    host = secrets.host_key("cut")
    (folder / "key.host.pub").write_text(keys.public_ssh_key(host))
    own = "frr:frr"
    files = [
        File(HOST_KEY, host, 0o600),
        File("etc/ssh/sshd_config", SSHD_CONFIG),
        File(f"etc/ssh/authorized_keys/{keys.OPS_USER}", keys.public_ssh_key(secrets.client_key)),
        File(STARTUP, CONFIGURATION, 0o640, own),
        File("etc/frr/vtysh.conf", "service integrated-vtysh-config\n", 0o640, "frr:frrvty"),
        File("etc/frr/daemons", "zebra=yes\nstaticd=yes\nvtysh_enable=yes\n", 0o640, own),
        File("usr/local/sbin/hatang-cc", helper, 0o755),
        File("etc/lab/start.sh", START_HEAD + START + START_TAIL, 0o755),
    ]
    write(files, Accounts(tree, secrets), folder / "files")


def _ready(folder: Path, holder: int) -> Router:
    def ready() -> bool:
        init = child_of(holder)
        return init is not None and (_root(init) / READY).exists()

    wait_for(f"the router (see {folder / 'log'})", ready, 60)
    init = child_of(holder)
    assert init is not None
    router = Router(folder, _root(init))
    wait_for("the router's sshd", router.lets_in, 30)
    return router


def _root(pid: int) -> Path:
    return Path(f"/proc/{pid}/root")
