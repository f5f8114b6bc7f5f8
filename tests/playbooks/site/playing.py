"""Plays one playbook of the catalogue on one server, and tells what it changed, as JSON.

A process of its own, because it runs in the network namespace of the one who asks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from inventory import platforms
from playbooks.access import Access
from playbooks.catalogue import playbook
from playbooks.parameters import check
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace

PASSWORD = "a password-of-1"
CREDENTIAL = {
    "username": "nms",
    "auth_protocol": "SHA256",
    "auth_password": PASSWORD,
    "priv_protocol": "AES",
    "priv_password": PASSWORD,
}


def main(folder: Path, address: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Play it with `given` parameters; a credential is always the one above."""
    kind, key = (folder / "key.host.pub").read_text().split()[:2]
    keys = FakeHostKeys({(address, 22): [PublicKey(kind, key)]})
    login = SshLogin("ops", private_key=(folder / "key").read_text())
    target = Target("srv", address, 22)
    access = Access(1, 1, "srv", platforms.get("linux"), target, target, login, login)
    book = playbook(name)
    secrets = {each: "x" for each, found in book.parameters.items() if found.kind}
    values, problems = check(book.parameters, given | secrets)
    if problems:
        raise ValueError(problems)
    files = {each: json.dumps(CREDENTIAL) for each in secrets}
    shown = {each: value for each, value in values.items() if each not in files}
    events: list[dict[str, Any]] = []
    with workspace([access], keys, None, shown, files) as place:
        status = play(Play(place, book.file, cmdline="--diff"), events.append)
    kept = [each for each in events if "detail" in each]
    return {
        "status": status,
        "changed": [each["task"] for each in kept if each["detail"].get("changed")],
        "failed": [each["task"] for each in kept if each["event"] == "runner_on_failed"],
        "leaked": PASSWORD in json.dumps(events),
    }


if __name__ == "__main__":
    answer = main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))
    sys.stdout.write(json.dumps(answer))
