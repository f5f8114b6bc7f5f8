"""What a network engineer writes with nornir and nornir-napalm; run by the peers' own Python.

`python nornir_peer.py change|backup HOSTS.json`: the file has `hosts` (name: address), `port`,
`username`, `password`, `text` and `workers`. A change is what hatang's is: a session for the
difference, one for the commit under a timer, a new one that confirms and reads the result.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nornir.core import Nornir  # type: ignore[import-not-found,unused-ignore]
from nornir.core.configuration import Config  # type: ignore[import-not-found,unused-ignore]
from nornir.core.inventory import (  # type: ignore[import-not-found,unused-ignore]
    ConnectionOptions,
    Defaults,
    Groups,
    Host,
    Hosts,
    Inventory,
)
from nornir.core.plugins.connections import (  # type: ignore[import-not-found,unused-ignore]
    ConnectionPluginRegister,
)
from nornir.plugins.runners import ThreadedRunner  # type: ignore[import-not-found,unused-ignore]
from nornir_napalm.plugins.tasks import (  # type: ignore[import-not-found,unused-ignore]
    napalm_configure,
    napalm_confirm_commit,
    napalm_get,
)

REVERT_SECONDS = 120


def look(task: Any, given: Any) -> None:
    """Have the device compute the difference."""
    task.run(napalm_get, getters=["config"], getters_options={"config": {"retrieve": "running"}})
    task.run(napalm_configure, configuration=given["text"], dry_run=True)
    task.host.close_connections()


def push(task: Any, given: Any) -> None:
    """Commit under a timer; a new session confirms and reads what stands there."""
    task.run(napalm_configure, configuration=given["text"], revert_in=REVERT_SECONDS)
    task.host.close_connections()
    task.run(napalm_confirm_commit)
    found = task.run(napalm_get, getters=["config"])
    if given["text"].splitlines()[1].strip() not in found.result["config"]["running"]:
        raise ValueError("the text is not in")
    task.host.close_connections()


def backup(task: Any, given: Any) -> None:
    """Read running and startup configuration and write them to files."""
    found = task.run(napalm_get, getters=["config"])
    folder = Path(given["folder"])
    for kind in ("running", "startup"):
        (folder / f"{task.host.name}-{kind}.conf").write_text(found.result["config"][kind])
    task.host.close_connections()


TASKS = {"change": (look, push), "backup": (backup,)}


def main(what: str, file: str) -> int:
    """Run the tasks over all hosts; 1 when one failed."""
    given = json.loads(Path(file).read_text())
    ConnectionPluginRegister.auto_register()
    options = {"napalm": ConnectionOptions(extras={"optional_args": {"port": given["port"]}})}
    hosts = {
        name: Host(
            name,
            hostname=address,
            username=given["username"],
            password=given["password"],
            platform="ios",
            connection_options=options,
            defaults=Defaults(),
        )
        for name, address in given["hosts"].items()
    }
    nornir = Nornir(
        inventory=Inventory(Hosts(hosts), Groups(), Defaults()),
        runner=ThreadedRunner(given["workers"]),
        config=Config(),
    )
    for task in TASKS[what]:
        result = nornir.run(task, given=given)
        if result.failed:
            first = next(iter(result.failed_hosts))
            sys.stderr.write(f"{len(result.failed_hosts)} failed: {result[first].exception!r}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
