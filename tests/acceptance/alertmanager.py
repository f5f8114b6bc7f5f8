"""A real Alertmanager on hatang's own configuration, with only its long waits cut short."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from tests.acceptance.doors import free_ports, http
from tests.acceptance.red import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What hatang writes, and what a test can wait for; everything else stays as written.
SHORTER = {"2m": "3s", "1m": "3s", "10s": "2s"}
WAITS = ("group_wait", "group_interval")


def shortened(text: str, webhook: str) -> dict[str, Any]:
    """Return hatang's configuration with short waits and our receiver."""
    found: dict[str, Any] = yaml.safe_load(text)
    for route in [found["route"], *found["route"]["routes"]]:
        for name in WAITS:
            if name in route:
                route[name] = SHORTER.get(route[name], route[name])
    for receiver in found["receivers"]:
        if receiver["name"] != "nobody":
            configs = [{"url": webhook, "send_resolved": True}]
            receiver.pop("email_configs", None)
            receiver["webhook_configs"] = configs
    return found


@dataclass(frozen=True)
class Running:
    """An Alertmanager of a proof's own."""

    url: str

    def post(self, seconds: float, **labels: str) -> None:
        """Post an alert that lives that long unless it is sent again."""
        ends = datetime.now(UTC) + timedelta(seconds=seconds)
        alert = {"labels": labels, "endsAt": ends.isoformat()}
        assert http(f"{self.url}/api/v2/alerts", body=[alert]).status == 200


@contextmanager
def alertmanager(program: str, folder: Path, configuration: dict[str, Any]) -> Iterator[Running]:
    """Run Alertmanager until the block ends."""
    folder.mkdir()
    file = folder / "alertmanager.yml"
    file.write_text(yaml.safe_dump(configuration))
    address = f"127.0.0.1:{free_ports(1)[0]}"
    options = {
        "config.file": file, "storage.path": folder, "web.listen-address": address,
        "cluster.listen-address": "",
    }  # fmt: skip
    command = [program, *(f"--{name}={value}" for name, value in options.items())]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            ready = f"http://{address}/-/ready"
            assert eventually(lambda: _answers(ready), 20), (folder / "log").read_text()
            yield Running(f"http://{address}")
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return http(url).status == 200
    except OSError:
        return False
