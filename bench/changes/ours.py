"""The same change and the same backup through hatang's own command and a real worker."""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bench.changes.addressing import PASSWORD, PORT, USERNAME
from bench.changes.measured import Cost, run, spent
from bench.inventory.serving import BIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PEOPLE: Final = {"lan": "engineer", "hoa": "approver", "binh": "approver"}
_HEAD: Final = """version: 1
province: {code: "46", name: "Bench"}
units: [{code: tinh, name: "Bench", kind: province, parent: null}]
sites: [{slug: dc, name: "Bench", unit: tinh, kind: datacentre}]
devices:
"""
_READY_SECONDS: Final = 120


@dataclass(frozen=True)
class Hatang:
    """An installation of its own under `folder` that asks `workers` devices at a time."""

    folder: Path
    workers: int

    @property
    def environ(self) -> dict[str, str]:
        """Return what its processes start with."""
        return {
            **os.environ,
            "HATANG_DATA_DIR": f"{self.folder}/data",
            "HATANG_LAB": "true",
            "HATANG_JOBS__CONCURRENCY": str(self.workers),
        }

    def command(self, *words: str, person: str = "admin") -> tuple[Cost, str]:
        """Run a command as somebody; it must succeed."""
        return run((str(BIN / "hatang"), *words, "--as", person), self.environ)

    def set_up(self, hosts: Mapping[str, str], host_key: str) -> None:
        """Create people, the login, and a switch for each host."""
        run((str(BIN / "hatang"), "init"), self.environ)
        password = self.folder / "password"
        password.write_text("một mật khẩu đủ dài 4711\n")
        password.chmod(0o600)
        for name, role in PEOPLE.items():
            self.command("user", "create", name, "--role", role, "--password-file", str(password))
        secrets = self.folder / "credentials.toml"
        secrets.write_text(
            f'[credentials.bench]\nkind = "ssh"\nusername = "{USERNAME}"\npassword = "{PASSWORD}"\n'
        )
        secrets.chmod(0o600)
        self.command("credential", "import", str(secrets))
        rows = "".join(
            f"  - {{name: {name}, site: dc, role: switch, platform: cisco_ios, "
            f"primary_ip4: {address}, ports: {{ssh: {PORT}}}, credentials: {{ssh: bench}}, "
            f'host_keys: ["{host_key}"]}}\n'
            for name, address in hosts.items()
        )
        inventory = self.folder / "bench.yaml"
        inventory.write_text(_HEAD + rows)
        self.command("inventory", "import", str(inventory))

    def change(self, hosts: Mapping[str, str], text: Path) -> Cost:
        """Plan, have two people approve, and apply in one wave; people's steps cost nothing."""
        words = [
            *("change", "create", "Five lines", "--snippet", str(text), "--batch", "0"),
            *("--canary", "0", "--devices", ",".join(hosts), "--format", "json"),
        ]
        number = str(json.loads(self.command(*words, person="lan")[1])["change"])
        asked = ("--format", "json")
        planning, said = self.command("change", "plan", number, *asked, person="lan")
        shown = json.loads(said)["change"]
        self.command("change", "submit", number, person="lan")
        for person in ("hoa", "binh")[: shown.get("level", 1)]:
            plan = ("--plan", shown["plan_sha256"])
            self.command("change", "approve", number, *plan, person=person)
        with self.worker() as worker:
            before = spent(worker)
            waiting = ("change", "apply", number, "--wait", "7200")
            applying, _ = self.command(*waiting, person="lan")
            pushing = Cost(0.0, spent(worker) - before)
        return planning + applying + pushing

    def backup(self) -> Cost:
        """Collect running and startup configuration of all devices."""
        return self.command("backup", "run", person="lan")[0]

    @contextmanager
    def worker(self) -> Iterator[int]:
        """Run a worker; yields its process id once it takes jobs."""
        with (self.folder / "worker.log").open("a") as log:
            command = (str(BIN / "hatang"), "worker")
            process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(60)

    def _wait(self, process: subprocess.Popen[Any]) -> None:
        """Wait until the worker burns no more CPU to start."""
        end, last = time.monotonic() + _READY_SECONDS, -1.0
        while time.monotonic() < end and process.poll() is None:
            time.sleep(2)
            now = spent(process.pid)
            if now > 1 and now - last < 0.2:
                return
            last = now
        if process.poll() is not None:
            raise RuntimeError((self.folder / "worker.log").read_text()[-2000:])
