"""Pushes changes that cut their own way onto one node, and tells what became of each.

A process of its own, because it runs in the network namespace of the one who pushes:
`python -m tests.playbooks.drivers.cutting DRIVER FOLDER ADDRESS TIMES SECONDS TEXTS`.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatang import clock
from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.napalm import NapalmOptions, open_napalm
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from playbooks.changes.push import Order, hash_diff, push
from playbooks.drivers.frr import FrrDriver
from playbooks.drivers.linux import LinuxDriver
from tests.playbooks.drivers.personas import Watch, identify

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.drivers.napalm import NapalmSession

DRIVERS = {"frr": FrrDriver, "linux": LinuxDriver}


def pushed(connect: Callable[[], NapalmSession], text: str, name: str, seconds: int) -> Any:
    """Push `text` under `name` as a plan would have it; returns what became of it."""
    with connect() as session:
        before = session.call("get_config", retrieve="running")["running"]
        session.call("load_merge_candidate", config=text)
        diff = session.call("compare_config")
        session.call("discard_config")
    order = Order(
        rendered=text,
        diff_sha256=hash_diff(diff),
        before_identity=identify(before),
        revert_seconds=seconds,
        started_at=clock.now(),
        commit_id=name,
        username="ops",
    )
    outcome = push(order, connect, identify, Watch())
    return {"state": outcome.state, "detail": outcome.detail}


def main(name: str, folder: Path, address: str, times: int, given: tuple[int, list[str]]) -> Any:
    """Push so often, one text after the other, each with so many seconds until it is taken back."""
    seconds, texts = given
    kind, data = (folder / "key.host.pub").read_text().split()[:2]
    known = FakeHostKeys({(address, 22): [PublicKey(kind, data)]})
    login = SshLogin("ops", private_key=(folder / "key").read_text())
    target = Target("cut", address, 22)
    found = []
    for number in range(times):
        commit_id = f"hatang-{number}-cut"
        arguments = {"commit_id": commit_id}
        options = NapalmOptions(DRIVERS[name], timeout_seconds=5, optional_args=arguments)
        connect = partial(open_napalm, target, login, known, options)
        found.append(pushed(connect, texts[number % len(texts)], commit_id, seconds))
    return found


if __name__ == "__main__":
    words = sys.argv[1:]
    many = (int(words[4]), json.loads(words[5]))
    told = main(words[0], Path(words[1]), words[2], int(words[3]), many)
    sys.stdout.write(json.dumps(told))
