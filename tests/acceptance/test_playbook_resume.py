"""kill -9 of the worker in the middle of a playbook: what is done is not done twice.

Ten servers have their turn at once: one comes to its end, ten hang in their first task, and the
last has not begun when the worker is killed. The servers' own journals are the truth.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.installation import initialised
from tests.acceptance.red import hold, turns_red
from tests.acceptance.servers import register, serving
from tests.acceptance.serving import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.acceptance.installation import Installation
    from tests.acceptance.servers import Server

pytestmark = [pytest.mark.acceptance, pytest.mark.soak]

PLAYBOOK = "login-banner"
AT_ONCE = 10  # forks of playbooks/site/ansible.cfg
ENDED = {"successful", "failed", "cancelled"}
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 1.0


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two servers more than have their turn at once."""
    with serving(tmp_path_factory.mktemp("servers"), AT_ONCE + 2) as found:
        yield found


@pytest.fixture(scope="module")
def hatang(tmp_path_factory: pytest.TempPathFactory, servers: list[Server]) -> Installation:
    """An installation that knows the servers."""
    made = initialised(tmp_path_factory.mktemp("hatang"))
    made.people()
    register(made, servers)
    return made


def begin(hatang: Installation, servers: list[Server], wait: float = 0) -> int:
    """Ask for the playbook, have a second person approve it, and start it; `wait` is seconds."""
    names = ",".join(server.name for server in servers)
    asked = hatang.json("playbook", "run", PLAYBOOK, "--devices", names, person="lan")
    number = int(asked["id"])
    words = ("playbook", "approve", str(number), "--plan", asked["plan_sha256"])
    hatang.hatang(*words, person="hoa").good()
    hatang.hatang("playbook", "start", str(number), "--wait", str(int(wait)), person="lan")
    return number


def shown(hatang: Installation, number: int) -> dict[str, Any]:
    found: dict[str, Any] = hatang.json("playbook", "show", str(number))
    return found


def finished(hatang: Installation, worker: Worker, number: int) -> dict[str, Any]:
    """Return the run with its events once it has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := shown(hatang, number))["run"]["state"] not in ENDED:
        worker.require_alive()
        assert time.monotonic() < deadline, f"run {number} does not end"
        time.sleep(POLL_SECONDS)
    return found


def journals(servers: list[Server]) -> dict[str, int]:
    return {server.name: server.commands for server in servers}


def check_only_unbegun_ran(
    before: Mapping[str, int], after: Mapping[str, int], unbegun: str
) -> None:
    """Among all servers, one was sent anything since: the one that had not begun."""
    touched = {name for name, count in after.items() if count != before[name]}
    hold(touched == {unbegun}, f"sent commands again: {sorted(touched)}")


def check_unknown_listed(found: Mapping[str, Any], unknown: list[str]) -> None:
    """Those nobody saw end are named, and the run is no success."""
    outcomes = found["run"]["outcomes"]
    listed = sorted(name for name, word in outcomes.items() if word == "unknown")
    hold(listed == unknown, f"unknown are {listed}")
    told = [e["detail"]["message"] for e in found["events"] if e["kind"] == "devices_unknown"]
    hold(told == [", ".join(unknown)], f"told as unknown: {told}")
    hold(found["run"]["state"] == "failed", f"the run is {found['run']['state']}")


def check_nothing_changed(found: Mapping[str, Any], names: list[str]) -> None:
    """Ansible's own recap has every server, each with changed=0."""
    hold(found["run"]["state"] == "successful", f"the run is {found['run']['state']}")
    changed = {name: counts["changed"] for name, counts in found["run"]["summary"].items()}
    hold(changed == dict.fromkeys(names, 0), f"changed: {changed}")


def test_a_killed_run_goes_on_with_the_unfinished_alone_and_a_second_run_changes_nothing(
    hatang: Installation, servers: list[Server]
) -> None:
    first, *hanging, last = servers
    for server in hanging:
        server.hold()
    number = begin(hatang, servers)
    with Worker(hatang) as worker:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(server.commands for server in hanging):
            worker.require_alive()
            assert time.monotonic() < deadline, journals(servers)
            time.sleep(0.1)
        worker.kill()
    assert first.file("issue.net").exists()
    assert not last.commands
    before = journals(servers)
    for server in hanging:
        server.let_go()
    with Worker(hatang) as worker:
        found = finished(hatang, worker, number)
        check_only_unbegun_ran(before, journals(servers), last.name)
        check_unknown_listed(found, [server.name for server in hanging])
        assert first.file("issue.net").read_text() == last.file("issue.net").read_text()
        again = finished(hatang, worker, begin(hatang, [first, last], PATIENCE_SECONDS))
        check_nothing_changed(again, [first.name, last.name])


def test_sabotage_the_playbook_is_started_anew_after_a_line_was_changed_by_hand(
    hatang: Installation, servers: list[Server]
) -> None:
    first, last = servers[0], servers[-1]
    before = journals(servers)
    first.file("issue.net").write_text("somebody was here\n")
    with Worker(hatang) as worker:
        found = finished(hatang, worker, begin(hatang, [first, last], PATIENCE_SECONDS))
    with turns_red():
        check_only_unbegun_ran(before, journals(servers), last.name)
    with turns_red():
        check_unknown_listed(found, [server.name for server in servers[1:-1]])
    with turns_red():
        check_nothing_changed(found, [first.name, last.name])
