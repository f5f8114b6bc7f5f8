"""A schedule's time is run once, also when its worker is killed, and not without its requester.

Two servers have the same time. Who asked for the second one's may act no more by then. The servers'
own journals and banners are the truth.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.installation import settled
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.servers import register, serving
from tests.acceptance.serving import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation
    from tests.acceptance.servers import Server

pytestmark = pytest.mark.acceptance

PLAYBOOK = "login-banner"
LOOKS = (10, 30, 50)  # the seconds of a minute at which hatang looks what is due
COMMANDS = 8  # so many are typed before the time comes, and how long one takes is measured
PATIENCE_SECONDS = 120.0
ENDED = {"successful", "failed", "cancelled"}
DISABLED = "the account of who asked is disabled"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two servers."""
    with serving(tmp_path_factory.mktemp("servers"), 2) as found:
        yield found


@pytest.fixture(scope="module")
def hatang(tmp_path_factory: pytest.TempPathFactory, servers: list[Server]) -> Installation:
    """An installation that knows the servers, and a second engineer."""
    made = settled(tmp_path_factory.mktemp("hatang"))
    register(made, servers)
    words = ("--role", "engineer", "--password-file", str(made.folder / "password"))
    made.hatang("user", "create", "nam", *words).good()
    return made


def soon(hatang: Installation) -> datetime:
    """Return a second before hatang looks again, as soon as there is time to ask and approve."""
    begun = time.monotonic()
    hatang.hatang("playbook", "schedule", "list").good()
    needed = timedelta(seconds=COMMANDS * (time.monotonic() - begun))
    found = (datetime.now(UTC) + needed).replace(microsecond=0)
    while (found.second + 1) % 60 not in LOOKS:
        found += timedelta(seconds=1)
    return found


def propose(
    hatang: Installation, server: Server, at: datetime, person: str, minutes: int = 5
) -> dict[str, Any]:
    """Ask for the playbook each day at the second of `at`, with a window of so many minutes."""
    words = ("--devices", server.name, "--at", f"{at:%H:%M:%S}", "--timezone", "UTC")
    days = ("--first", f"{at:%Y-%m-%d}", "--until", f"{at + timedelta(days=30):%Y-%m-%d}")
    reason = ("--minutes", str(minutes), "--reason", "a banner each day")
    asked: dict[str, Any] = hatang.json(
        "playbook", "schedule", "add", PLAYBOOK, *words, *days, *reason, person=person
    )
    return asked


def approve(hatang: Installation, asked: dict[str, Any], person: str = "hoa") -> int:
    """Let a person approve it; returns the exit status."""
    words = ("approve", str(asked["id"]), "--plan", asked["plan_sha256"])
    return hatang.hatang("playbook", "schedule", *words, person=person).status


def shown(hatang: Installation, asked: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = hatang.json("playbook", "schedule", "show", str(asked["id"]))
    return found


def banner(server: Server) -> str:
    path = server.file("issue.net")
    return path.read_text() if path.exists() else ""


def check_ran_once(
    hatang: Installation, asked: dict[str, Any], server: Server, occurs_at: datetime
) -> None:
    """One time, one run of it that changed the server, and the schedule stands for the next."""
    found = shown(hatang, asked)
    times = [datetime.fromisoformat(each["occurs_at"]) for each in found["times"]]
    hold(times == [occurs_at], f"times are {times}")
    hold(found["times"][0]["state"] == "started", f"became {found['times']}")
    runs = [each for each in hatang.json("playbook", "runs") if each["devices"] == [server.name]]
    hold(len(runs) == 1, f"{len(runs)} runs on {server.name}")
    hold(runs[0]["schedule_id"] == asked["id"], f"the run is of {runs[0]['schedule_id']}")
    # A task that the kill caught half way is not done again; nobody saw how it ended.
    word = runs[0]["outcomes"][server.name]
    hold(word in {"done", "unknown"}, f"the server is {word}")
    hold(word == "unknown" or banner(server) != "", "the server has no banner")
    next_at = datetime.fromisoformat(found["schedule"]["next_at"] or "1970-01-01T00:00:00+00:00")
    hold(next_at == occurs_at + timedelta(days=1), f"comes again at {next_at}")


def check_stopped(found: dict[str, Any], server: Server, reason: str) -> None:
    """It says why it starts nothing any more, and nothing was sent."""
    schedule = found["schedule"]
    told = schedule["state"], schedule["state_reason"]
    hold(told == ("paused", reason), f"it is {told}")
    hold(server.commands == 0, f"{server.commands} commands were sent")


@pytest.fixture(scope="module")
def story(hatang: Installation, servers: list[Server]) -> tuple[datetime, dict[str, Any], Any]:
    """Two schedules come to their time; the worker is killed as the first run is decided on."""
    at = soon(hatang)
    kept = propose(hatang, servers[0], at, "lan")
    left = propose(hatang, servers[1], at, "nam")
    assert approve(hatang, kept, person="lan") != 0, "who asked approved"
    assert (approve(hatang, kept), approve(hatang, left)) == (0, 0)
    hatang.hatang("user", "deactivate", "nam").good()
    assert datetime.now(UTC) < at, "asking took longer than there was time"
    with Worker(hatang) as worker:
        decided = eventually(lambda: bool(shown(hatang, kept)["times"]), PATIENCE_SECONDS)
        worker.kill()
        assert decided, shown(hatang, kept)
    with Worker(hatang) as worker:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while shown(hatang, kept)["times"][0]["run_state"] not in ENDED:
            worker.require_alive()
            assert time.monotonic() < deadline, shown(hatang, kept)
    return at, kept, left


def test_a_time_is_run_once_though_its_worker_is_killed_as_it_is_decided_on(
    hatang: Installation, servers: list[Server], story: tuple[datetime, Any, Any]
) -> None:
    at, kept, _left = story
    check_ran_once(hatang, kept, servers[0], at)


def test_a_schedule_whose_requester_was_disabled_stops_and_says_so(
    hatang: Installation, servers: list[Server], story: tuple[datetime, Any, Any]
) -> None:
    check_stopped(shown(hatang, story[2]), servers[1], DISABLED)


def test_sabotage_the_requester_is_disabled_before_the_time(
    hatang: Installation, servers: list[Server], story: tuple[datetime, Any, Any]
) -> None:
    at, kept, left = story
    with turns_red():
        check_ran_once(hatang, left, servers[1], at)
    with turns_red():
        check_stopped(shown(hatang, kept), servers[0], DISABLED)


@pytest.mark.soak
def test_a_time_whose_window_closes_while_hatang_is_down_is_missed_and_not_made_up_for(
    hatang: Installation, servers: list[Server], story: tuple[datetime, Any, Any]
) -> None:
    at = soon(hatang)
    before = servers[1].commands
    asked = propose(hatang, servers[1], at, "lan", minutes=1)
    assert approve(hatang, asked) == 0
    over = at + timedelta(minutes=1)
    assert eventually(lambda: datetime.now(UTC) > over, PATIENCE_SECONDS)
    with Worker(hatang):
        assert eventually(lambda: bool(shown(hatang, asked)["times"]), PATIENCE_SECONDS)
    (told,) = shown(hatang, asked)["times"]
    assert (told["state"], told["run_id"]) == ("missed", None)
    assert servers[1].commands == before
