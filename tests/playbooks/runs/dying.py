"""A worker with a run of three local hosts; run as a process of its own, to be killed.

Its playbook is written into `folder` by the test, and so is what the hosts did.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from inventory import platforms
from playbooks.access import Access
from playbooks.runs import jobs
from playbooks.runs.playing import Play

ADDRESS = ("10.0.0.1", 22)


def access(_session: object, row: Any) -> Access:
    """Return a login that is never used: the hosts are local."""
    target = Target(row.device_key, *ADDRESS)
    login = SshLogin("ops", private_key="none")
    return Access(row.id, 1, row.name, platforms.get("linux"), target, target, login, login)


def main(data_dir: str, url: str, number: int, folder: str) -> None:
    """Run it, or go on with it."""
    keys = FakeHostKeys({ADDRESS: [PublicKey("ssh-ed25519", "AAAA")]})
    setattr(jobs, "prepare", access)  # noqa: B010 - mypy knows what stands there
    setattr(jobs, "StoredHostKeys", lambda _db: keys)  # noqa: B010 - as above
    setattr(jobs, "Play", partial(Play, project_dir=Path(folder)))  # noqa: B010 - as above
    database = Database.open(url)
    equip_all(database, Places.under(Path(data_dir)))
    jobs._run(database, number, f"run/{number}", lambda: False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
