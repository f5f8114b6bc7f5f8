"""What the demo puts around hatang: its settings, and `hatang up` as a child."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lab.demo_doors import Doors, StepError, fetch, until
from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.demo_sink import Sink
    from lab.state import LabState

START_SECONDS = 90.0
STOP_SECONDS = 60.0
PORTS = {"api": 8080, "monitors": 9109, "jobs": 9110, "prometheus": 9090, "alertmanager": 9093}
# Debian's Alertmanager reads its templates from /usr/share: the tree's lies over ours for it alone.
_WRAPPER = """#!/bin/sh
exec unshare --mount --propagation private sh -c \\
  'mount --bind "{tree}/usr/share" /usr/share && exec "$0" "$@"' \\
  "{tree}/usr/bin/prometheus-alertmanager" "$@"
"""


@dataclass
class Running:
    """A started hatang, with what it printed."""

    doors: Doors
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @property
    def passwords(self) -> list[str]:
        """Return each first password that was printed."""
        mark = "password: "
        return [line.split(mark)[1].split()[0] for line in self.lines if mark in line]


def write_settings(folder: Path, held: LabState, sink: Sink, *, free_ports: bool) -> Doors:
    """Write hatang.toml for the running lab and return the doors it will open.

    Raises:
        LabError: the lab's tree lacks Prometheus or Alertmanager.
    """
    ports = {name: _free_port() if free_ports else port for name, port in PORTS.items()}
    binaries = _binaries(folder, Path(held.tree))
    mail = held.nodes["srv-mail"].mgmt_ip
    api = f"http://127.0.0.1:{ports['api']}"
    tables = [f"[{name}.listen]\nport = {port}" for name, port in ports.items()]
    text = "\n\n".join(
        [
            f'lab = true\ndata_dir = "{folder / "data"}"',
            f'[api]\npublic_url = "{api}"',
            "[monitors]\nperiod_seconds = 10",
            f'[prometheus]\nbinary = "{binaries["prometheus"]}"',
            f'[alertmanager]\nbinary = "{binaries["alertmanager"]}"',
            f'[[alertmanager.webhooks]]\nname = "sink"\nurl = "{sink.url}"',
            f'[alertmanager.mail]\nsmarthost = "{mail}:25"\nfrom = "hatang@tinh.test"\n'
            'to = ["noc@tinh.test"]\nrequire_tls = false',
            *tables,
        ]
    )
    file = folder / "hatang.toml"
    file.write_text(text + "\n", "utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HATANG_")}
    environ["HATANG_CONFIG"] = str(file)
    return Doors(environ, api, f"http://127.0.0.1:{ports['prometheus']}")


def _binaries(folder: Path, tree: Path) -> dict[str, Path]:
    wrapper = folder / "alertmanager"
    wrapper.write_text(_WRAPPER.format(tree=tree), "ascii")
    wrapper.chmod(0o755)
    prometheus = tree / "usr/bin/prometheus"
    for program in (prometheus, tree / "usr/bin/prometheus-alertmanager"):
        if not program.exists():
            raise LabError(
                f"The lab's tree lacks {program.name}. Take the lab down, remove {tree}, and the "
                "next `hatang-lab up` builds it anew."
            )
    return {"prometheus": prometheus, "alertmanager": wrapper}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(doors: Doors) -> Iterator[Running]:
    """Run `hatang up` until the block ends; StepError when it does not come up."""
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("hatang")), "up", "--format", "table"],
        env=dict(doors.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    started = Running(doors, process)
    reader = threading.Thread(target=_read, args=(started,), daemon=True)
    reader.start()
    try:
        until("hatang is ready", START_SECONDS, lambda: _is_ready(started))
        yield started
    finally:
        _stop(process)
        reader.join(5)


def _read(started: Running) -> None:
    for line in started.process.stdout or ():
        started.lines.append(line.rstrip("\n"))


def _is_ready(started: Running) -> bool:
    if started.process.poll() is not None:
        # Not a StepError: waiting longer cannot help.
        raise LabError("hatang up ended: " + " ".join(started.lines)[-600:])
    says_so = any("Ctrl-C" in line for line in started.lines)
    return says_so and bool(fetch(f"{started.doors.api}/readyz")["ready"])


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise StepError("hatang up did not stop in time") from None
