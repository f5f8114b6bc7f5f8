"""kill -9 of a worker in the middle of a real run of Ansible: no host is done twice."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playbooks import runs
from playbooks.choices import HostOutcome, RunState
from tests.playbooks.records import SYSTEM, device
from tests.playbooks.runs import dying

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
DEVICES = ("srv-1", "srv-2", "srv-3")
# Two hosts at once: the first comes to its end, the second hangs, the third waits.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  connection: local
  serial: 2
  tasks:
    - ansible.builtin.shell: "echo {{ inventory_hostname }} >> {{ playbook_dir }}/done"
    - ansible.builtin.command: sleep 600
      when: inventory_hostname == 'srv-2'
    - name: Host is finished
      ansible.builtin.debug: {msg: finished}
"""


def worker(
    database: Database, data_dir: Path, number: int, folder: Path
) -> subprocess.Popen[bytes]:
    url = database.engine.url.render_as_string(hide_password=False)
    words = [str(data_dir), url, str(number), str(folder)]
    return subprocess.Popen([sys.executable, "-m", dying.__name__, *words], cwd=ROOT)


def events(database: Database, number: int) -> set[tuple[str, str, str]]:
    with database.read() as session:
        found = runs.list_events(session, SYSTEM, number)
    return {(each.kind, each.device, each.task) for each in found}


def test_only_the_host_that_had_not_begun_runs_after_a_kill(
    sqlite_database: Database, data_dir: Path, tmp_path: Path, engineer: Actor
) -> None:
    with sqlite_database.write() as session:
        for name in DEVICES:
            device(session, name, "linux")
        number = runs.request(session, engineer, "gather-facts", DEVICES, check_mode=False)
    (tmp_path / "gather-facts.yml").write_text(PLAYBOOK)
    wanted = {
        ("runner_on_ok", "srv-1", "Host is finished"),
        ("runner_on_start", "srv-2", "ansible.builtin.command"),
    }
    killed = worker(sqlite_database, data_dir, number, tmp_path)
    try:
        deadline = time.monotonic() + 120
        while not wanted <= events(sqlite_database, number):
            assert time.monotonic() < deadline, events(sqlite_database, number)
            assert killed.poll() is None
            time.sleep(0.1)
    finally:
        killed.kill()
        killed.wait()
    assert worker(sqlite_database, data_dir, number, tmp_path).wait(120) == 0
    assert sorted((tmp_path / "done").read_text().split()) == list(DEVICES)
    with sqlite_database.read() as session:
        found = runs.get_run(session, SYSTEM, number)
    assert found.state == RunState.FAILED
    assert found.outcomes == {
        "srv-1": HostOutcome.DONE,
        "srv-2": HostOutcome.UNKNOWN,
        "srv-3": HostOutcome.DONE,
    }
