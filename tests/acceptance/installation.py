"""A hatang of its own: data directory, ports, settings file, processes; asked through its doors."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.parse
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.acceptance.doors import BIN, Answer, Reply, clean_environ, free_ports, http, run
from tests.acceptance.red import eventually

if TYPE_CHECKING:
    from tests.acceptance.province import Province

PORTS = ("api", "monitors", "jobs", "prometheus", "alertmanager")
START_SECONDS = 120.0
STOP_SECONDS = 60.0
POLLED_SECONDS = 120.0  # and some periods more
PASSWORD_OF_PEOPLE = "một mật khẩu đủ dài 4711"
PEOPLE = {"lan": ("engineer", "operator"), "hoa": ("approver",), "truc": ("auditor",)}
PERIOD_SECONDS = 5
PASSWORD = re.compile(r"admin, password: (\S+)")


@dataclass
class Installation:
    """One hatang; `folder` holds its settings file and its data directory."""

    folder: Path
    ports: dict[str, int] = field(
        default_factory=lambda: dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    )
    period_seconds: int = PERIOD_SECONDS
    admin_password: str = ""
    token: str = ""
    process: subprocess.Popen[str] | None = None

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def config(self) -> Path:
        return self.folder / "hatang.toml"

    @property
    def output(self) -> Path:
        return self.folder / "up.log"

    @property
    def environ(self) -> dict[str, str]:
        return clean_environ(TMPDIR=str(self.folder / "tmp"))

    def url(self, part: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[part]}{path}"

    def configure(self, text: str) -> None:
        """Write the settings file; `text` goes below what every installation needs."""
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        listens = {
            name: f'{{host = "127.0.0.1", port = {port}}}' for name, port in self.ports.items()
        }
        self.config.write_text(
            f'data_dir = "{self.data_dir}"\nlab = true\n'
            f'api.listen = {listens["api"]}\napi.public_url = "{self.url("api")}"\n'
            f"jobs.listen = {listens['jobs']}\nmonitors.listen = {listens['monitors']}\n"
            f"monitors.period_seconds = {self.period_seconds}\n"
            f"prometheus.listen = {listens['prometheus']}\n"
            f"alertmanager.listen = {listens['alertmanager']}\n{text}\n",
            encoding="utf-8",
        )

    def people(self) -> None:
        """Create those who act: an engineer, an approver, an auditor; and a token to read with."""
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(f"{PASSWORD_OF_PEOPLE}\n", encoding="utf-8")
        for name, roles in PEOPLE.items():
            given = [word for role in roles for word in ("--role", role)]
            given += ["--password-file", str(password)]
            self.hatang("user", "create", name, *given).good()
        words = ("token", "create", "proofs", "--role", "engineer")
        self.token = self.hatang(*words, person="lan").good().out.strip()

    def settle(self) -> None:
        """Take the data directory of a hatang with people, which was made once in this run."""
        made = _with_people()
        shutil.copytree(made.data_dir, self.data_dir)
        shutil.copy2(made.folder / "password", self.folder / "password")
        self.token = made.token

    def hatang(self, *words: str, person: str = "admin") -> Answer:
        """Run `hatang` as a person of this installation."""
        return run(self.command_line(*words, person=person), self.environ)

    def command_line(self, *words: str, person: str = "admin") -> list[str]:
        """Return what starts `hatang` as a person of this installation."""
        command = [str(BIN / "hatang"), *words]
        if "--config" not in words:
            command += ["--config", str(self.config)]
        if person:
            command += ["--as", person]
        return command

    def json(self, *words: str, person: str = "admin") -> Any:
        """Return the JSON answer of a command that must succeed."""
        return self.hatang(*words, "--format", "json", person=person).good().json()

    def start(self) -> None:
        """Run `hatang up` until everything is ready."""
        command = [str(BIN / "hatang"), "up", "--config", str(self.config)]
        with self.output.open("a") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, text=True, env=self.environ,
                start_new_session=True,
            )  # fmt: skip
        up = eventually(self._runs, START_SECONDS)
        assert up, f"hatang did not come up\n{self.output.read_text()[-3000:]}"
        found = PASSWORD.search(self.output.read_text())
        self.admin_password = found[1] if found else self.admin_password

    def _runs(self) -> bool:
        assert self.process is not None
        status = self.process.poll()
        assert status is None, f"exit status {status}\n{self.output.read_text()[-3000:]}"
        return bool(self.children) and all(c["state"] == "ready" for c in self.children.values())

    def stop(self) -> None:
        """Press Ctrl-C and wait for the end."""
        if self.process is None:
            return
        for name in self.children:
            self.tell(name, signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def children(self) -> dict[str, dict[str, Any]]:
        """Return what `hatang status` knows of the processes."""
        path = self.data_dir / "run" / "status.json"
        if not path.exists():
            return {}
        children: dict[str, dict[str, Any]] = json.loads(path.read_text())["children"]
        return children

    def pids(self, name: str = "") -> list[int]:
        """Return a role's processes, or all that belong to this installation."""
        assert self.process is not None
        first = self.children[name]["pid"] if name else self.process.pid
        return [first, *descendants(first)]

    def tell(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a role and to everything it started."""
        for pid in self.pids(name):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def ask(self, path: str, *, accept: str = "", body: object = None) -> Reply:
        """Ask the API with this installation's token."""
        return http(self.url("api", path), token=self.token, accept=accept, body=body)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return what Prometheus answers to an instant query."""
        words = urllib.parse.urlencode({"query": expression})
        answer = http(self.url("prometheus", f"/api/v1/query?{words}")).json()
        assert answer["status"] == "success", answer
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def number(self, expression: str) -> int:
        """Return a query's single number; nothing found is 0 here, for counting only."""
        found = self.query(expression)
        return int(float(found[0]["value"][1])) if found else 0

    def load(self, province: Province, inventory: Path | None = None) -> None:
        """Import credentials and inventory, and wait until every device was polled."""
        self.hatang("credential", "import", str(province.credentials)).good()
        wanted = inventory or province.inventory
        self.hatang("inventory", "import", str(wanted)).good()
        expected = wanted.read_text(encoding="utf-8").count("primary_ip4:")
        for metric in ("hatang_device_up == 1", "hatang_device_snmp_up == 1", "sysUpTime"):
            self._wait_for(f"count({metric})", expected)

    def _wait_for(self, expression: str, expected: int) -> None:
        seconds = POLLED_SECONDS + 3 * self.period_seconds
        reached = eventually(lambda: self.number(expression) == expected, seconds)
        assert reached, f"{expression} is {self.number(expression)}, not {expected}"


def descendants(pid: int) -> list[int]:
    """Return the processes below `pid`, from the kernel's table."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, open_ = [], [pid]
    while open_:
        below = parents.get(open_.pop(), [])
        found += below
        open_ += below
    return found


@cache
def _with_people() -> Installation:
    """Return a hatang that knows people: five commands take as many seconds of a processor."""
    folder = Path(tempfile.mkdtemp(prefix="hatang-people-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = initialised(folder)
    made.people()
    return made


def settled(folder: Path) -> Installation:
    """Return a hatang that knows people and nothing else, and does not run."""
    made = Installation(folder)
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    made.settle()
    return made


def initialised(folder: Path) -> Installation:
    """Return a hatang that knows nothing and does not run."""
    made = Installation(folder)
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    made.hatang("init", person="").good()
    return made
