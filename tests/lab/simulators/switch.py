"""Start, read and end one simulated switch in a process of its own."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

ROOT = Path(__file__).parents[3]
LISTEN = "127.0.0.1"
USERNAME = "ops"
PASSWORD = "lab-password"


@dataclass
class Switch:
    """A switch with its own directory of state, keys and journal."""

    directory: Path
    settings: dict[str, Any]
    process: "subprocess.Popen[str] | None" = None
    port: int = 0
    host_key: str = field(default="")
    prefix: tuple[str, ...] = ()

    def start(self) -> "Switch":
        """Boot it and wait until it listens; it keeps the port it once had."""
        path = self.directory / "switch.json"
        key = "https_port" if self.settings["persona"] == "eos" else "ssh_port"
        path.write_text(json.dumps({**self.settings, key: self.port}))
        command = [*self.prefix, sys.executable, "-m", "lab.simulators", "--config", str(path)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self.process.stdout
        readable, _, _ = select.select([self.process.stdout], [], [], 15)
        assert readable, "the switch did not come up"
        self.port = json.loads(self.process.stdout.readline())["port"]
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it and reap it."""
        assert self.process
        self.process.send_signal(number)
        code = self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None
        return code

    def entries(self) -> list[dict[str, Any]]:
        """The journal so far."""
        path = Path(self.settings["journal"])
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def actions(self) -> Counter[str]:
        """How often each action stands in the journal."""
        return Counter(entry["action"] for entry in self.entries())

    def until(self, action: str, count: int = 1, seconds: float = 10) -> dict[str, Any]:
        """The entry of the `count`-th `action`, waited for on the journal file."""
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            found = [entry for entry in self.entries() if entry["action"] == action]
            if len(found) >= count:
                return found[count - 1]
            select.select([], [], [], 0.02)
        raise AssertionError(f"no {action} in {self.actions()}")

    def listening(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex((LISTEN, self.port)) == 0

    def until_listening(self, *, wanted: bool = True, seconds: float = 10) -> None:
        """Wait until it takes connections (or, `wanted` false, until it does not)."""
        deadline = monotonic() + seconds
        while self.listening() is not wanted:
            assert monotonic() < deadline, f"listening: {not wanted}"
            select.select([], [], [], 0.02)
