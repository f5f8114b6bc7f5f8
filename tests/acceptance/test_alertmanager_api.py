"""Unmodified clients of Alertmanager talk to hatang: amtool, and any that follows its API.

The oracle is Alertmanager's own description of its API; pages are counted by the receiver.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.debian import debian_alertmanager, debian_tool
from tests.acceptance.doors import ROOT, Answer, http, run
from tests.acceptance.installation import Installation
from tests.acceptance.receiver import Receiver, receiving
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.schemas import Swagger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.acceptance

V2 = "/alertmanager/api/v2"
DESCRIPTION = ROOT.parent / "shared" / "oracles/prometheus/alertmanager/api/v2/openapi.yaml"
PAGE_SECONDS = 60.0
# Half as much again as a recovery takes: 21 s that an alert must stay over, a tick, and
# Alertmanager's interval of 10 s.
QUIET_SECONDS = 48.0
GETS = ("/status", "/receivers", "/silences", "/alerts", "/alerts/groups")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(tmp_path_factory.mktemp("api-pages") / "pages.jsonl") as found:
        yield found


@pytest.fixture(scope="module")
def hatang(tmp_path_factory: pytest.TempPathFactory, pages: Receiver) -> Iterator[Installation]:
    """A hatang that knows nothing and measures nothing: all it hears is posted."""
    made = Installation(tmp_path_factory.mktemp("api"), period_seconds=1)
    program = debian_alertmanager(made.folder)
    webhook = f'[{{name = "noc", url = "{pages.url}"}}]'
    made.configure(
        f'prometheus.run = false\nalertmanager.binary = "{program}"\n'
        f"alertmanager.webhooks = {webhook}"
    )
    try:
        made.settle()
        made.start()
        yield made
    finally:
        made.stop()


@dataclass(frozen=True)
class Door:
    """hatang's Alertmanager door with one token."""

    url: str
    token: str

    def ask(self, path: str, **more: Any) -> Any:
        return http(f"{self.url}{path}", token=self.token, **more)

    def tell(self, *alerts: dict[str, Any]) -> Any:
        return self.ask("/api/v2/alerts", body=list(alerts))


def door(hatang: Installation, name: str, role: str) -> Door:
    """Return the door with a fresh token of a person who holds the role."""
    person = "admin" if role in {"admin", "collector"} else "lan"
    words = ("token", "create", name, "--role", role)
    token = hatang.hatang(*words, person=person).good().out.strip()
    return Door(hatang.url("api", "/alertmanager"), token)


@pytest.fixture(scope="module")
def admin(hatang: Installation) -> Door:
    return door(hatang, "noc", "admin")


@pytest.fixture(scope="module")
def replicas(hatang: Installation) -> tuple[Door, Door]:
    """Two replicas of one Prometheus, each with a token of its own."""
    return door(hatang, "replica-a", "admin"), door(hatang, "replica-b", "admin")


def alert(name: str, *, ends: float = 600, labels: dict[str, str] | None = None) -> dict[str, Any]:
    moment = datetime.now(UTC) + timedelta(seconds=ends)
    shown = {"alertname": name, "severity": "warning", **(labels or {})}
    return {"labels": shown, "endsAt": moment.isoformat()}


@dataclass(frozen=True)
class Amtool:
    """amtool as its users run it, with a token in its HTTP configuration."""

    program: str
    door: Door
    folder: Path

    def __call__(self, *words: str) -> Answer:
        file = self.folder / "http.yml"
        file.touch(mode=0o600)
        file.write_text(f"authorization: {{type: Bearer, credentials: {self.door.token}}}\n")
        places = (f"--alertmanager.url={self.door.url}", f"--http.config.file={file}")
        return run([self.program, *words, *places])


@pytest.fixture
def amtool(admin: Door, tmp_path: Path) -> Amtool:
    return Amtool(debian_tool("amtool"), admin, tmp_path)


def check_amtool_silences(amtool: Amtool, between: Callable[[str], object]) -> None:
    """amtool adds a silence, lists it, sees what it mutes, and expires it."""
    name = "Disk" + str(time.time_ns())
    amtool.door.tell(*(alert(name, labels={"instance": one}) for one in ("srv-1", "srv-2")))
    words = ("silence", "add", f"alertname={name}", "instance=~srv-[1]", "--comment=thay đĩa")
    made = amtool(*words).good().out.strip()
    between(made)
    listed = amtool("silence", "query", f"alertname={name}", "-q").good().out.split()
    hold(listed == [made], f"amtool lists {listed}, not {made}")
    loud = amtool("alert", "query", name, "-o", "json").good().json()
    names = [each["labels"]["instance"] for each in loud]
    hold(names == ["srv-2"], f"{names} are shown as not silenced")
    amtool("silence", "update", made, "--comment=thay nguồn", "-d", "3h").good()
    told = amtool("silence", "query", f"alertname={name}", "-o", "json").good().json()
    hold(told[0]["comment"] == "thay nguồn", f"the comment is {told[0]['comment']}")
    amtool("silence", "expire", told[0]["id"]).good()
    left = amtool("silence", "query", f"alertname={name}", "-q").good().out.split()
    hold(left == [], f"{left} still hold")
    over = amtool("silence", "query", f"alertname={name}", "--expired", "-q").good().out.split()
    hold(made in over, "the expired silence is forgotten")


def test_amtool_adds_lists_updates_and_expires_silences(amtool: Amtool) -> None:
    check_amtool_silences(amtool, between=lambda _: None)


def test_sabotage_a_silence_ended_behind_its_back(amtool: Amtool) -> None:
    def end(number: str) -> None:
        amtool.door.ask(f"/api/v2/silence/{number}", method="DELETE")

    with turns_red():
        check_amtool_silences(amtool, between=end)


def test_amtool_reads_status_configuration_and_routes(amtool: Amtool, pages: Receiver) -> None:
    shown = amtool("config", "show").good().out
    assert "receiver: people" in shown
    assert pages.url not in shown, "the address of a webhook may hold a secret"
    assert amtool("config", "routes", "test", "correlated=true").good().out.strip() == "people"


def check_answers_fit(description: Swagger, answers: dict[str, Any]) -> None:
    """What was answered is what Alertmanager's description says."""
    wrong = [
        problem
        for path, value in answers.items()
        for problem in description.refused(path, "get", 200, value)
    ]
    hold(not wrong, "; ".join(wrong))


@pytest.fixture
def answers(admin: Door) -> dict[str, Any]:
    moment = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "alertname", "value": "Shown", "isRegex": False}],
        "startsAt": moment.isoformat(),
        "endsAt": (moment + timedelta(hours=1)).isoformat(),
        "createdBy": "noc",
        "comment": "",
    }
    admin.tell(alert("Shown"), {**alert("Loud"), "generatorURL": "http://p/graph"})
    made = admin.ask("/api/v2/silences", body=silence).json()["silenceID"]
    found = {path: admin.ask(f"/api/v2{path}").json() for path in GETS}
    return {**found, "/silence/{silenceID}": admin.ask(f"/api/v2/silence/{made}").json()}


@pytest.fixture
def description() -> Swagger:
    if not DESCRIPTION.exists():
        pytest.skip("Alertmanager's openapi.yaml is not beside the checkout: shared/oracles")
    return Swagger(DESCRIPTION)


def test_every_answer_fits_alertmanagers_own_description(
    description: Swagger, answers: dict[str, Any], admin: Door
) -> None:
    assert all(answers.values()), "an empty list fits everything"
    check_answers_fit(description, answers)
    refused = admin.tell({"labels": {}})
    assert not description.refused("/alerts", "post", refused.status, refused.json())
    refused = admin.ask("/api/v2/alerts?filter=%3D")
    assert not description.refused("/alerts", "get", refused.status, refused.json())


@pytest.mark.parametrize("path", ["/alerts", "/silences", "/alerts/groups"])
def test_sabotage_an_answer_that_lacks_a_word(
    description: Swagger, answers: dict[str, Any], path: str
) -> None:
    for one in answers[path]:
        one.pop("status", one.pop("receiver", None))
        one.pop("alerts", None)
    with turns_red():
        check_answers_fit(description, answers)


def check_recovers_when_both_say_so(senders: tuple[Door, Door], pages: Receiver, name: str) -> None:
    """Two replicas fire; one resolves, and nobody hears of it; both do, and it is over once."""
    for sender in senders:
        sender.tell(alert(name))
    hold(eventually(lambda: bool(pages.naming(name, "firing")), PAGE_SECONDS), "no page came")
    senders[0].tell(alert(name, ends=0))
    early = eventually(lambda: bool(pages.naming(name, "resolved")), QUIET_SECONDS)
    hold(not early, "a recovery came though one replica still fires")
    senders[1].tell(alert(name, ends=0))
    over = eventually(lambda: bool(pages.naming(name, "resolved")), PAGE_SECONDS)
    hold(over, "no recovery came though both resolved")
    counts = len(pages.naming(name, "firing")), len(pages.naming(name, "resolved"))
    hold(counts == (1, 1), f"{counts} pages and recoveries")


def test_two_replicas_are_one_page_and_one_recovery(
    replicas: tuple[Door, Door], pages: Receiver
) -> None:
    check_recovers_when_both_say_so(replicas, pages, "BothReplicas")


def test_sabotage_both_replicas_are_taken_for_one(
    replicas: tuple[Door, Door], pages: Receiver
) -> None:
    with turns_red():
        check_recovers_when_both_say_so((replicas[0], replicas[0]), pages, "OneReplica")


def check_says_nothing_is_over(sender: Door, pages: Receiver, name: str, ends: float) -> None:
    """A sender whose clock is wrong ends an alert; nobody hears that it is over."""
    sender.tell(alert(name))
    hold(eventually(lambda: bool(pages.naming(name, "firing")), PAGE_SECONDS), "no page came")
    sender.tell(alert(name, ends=ends))
    early = eventually(lambda: bool(pages.naming(name, "resolved")), QUIET_SECONDS)
    hold(not early, "a recovery came by a wrong clock")


def test_a_senders_clock_that_jumps_back_is_no_recovery(admin: Door, pages: Receiver) -> None:
    check_says_nothing_is_over(admin, pages, "ClockJump", ends=-3600)


def test_sabotage_the_clock_is_right(admin: Door, pages: Receiver) -> None:
    with turns_red():
        check_says_nothing_is_over(admin, pages, "ClockRight", ends=0)


def check_good_among_bad_pages(sender: Door, pages: Receiver, name: str, bad: list[Any]) -> None:
    """What cannot be taken is named, and keeps nothing else waiting."""
    begun = time.monotonic()
    answer = sender.tell(*bad, alert(name))
    took = time.monotonic() - begun
    hold(took < 5, f"the answer took {took:.1f} s")
    hold(answer.status == 400 and "alerts[1]" in answer.json(), f"{answer.status}: nothing named")
    arrived = eventually(lambda: bool(pages.naming(name, "firing")), PAGE_SECONDS)
    hold(arrived, "the good one beside the bad ones paged nobody")


BAD = [
    {**alert("Huge"), "annotations": {"description": "x" * 10_000_000}},
    alert("Labels", labels={f"l{number}": "x" for number in range(300)}),
    alert("Many", labels={f"l{number}": "x" for number in range(198)}),
]


def test_bombs_are_bounded_named_and_delay_nothing(admin: Door, pages: Receiver) -> None:
    check_good_among_bad_pages(admin, pages, "AmongBombs", BAD)
    shown = admin.ask("/api/v2/alerts?filter=alertname%3DHuge").json()[0]["annotations"]
    assert len(shown["description"]) < 20_000
    assert "10000000" in shown["hatang_cut"]
    assert len(admin.ask("/api/v2/alerts?filter=alertname%3DMany").json()) == 1


def test_sabotage_nothing_is_wrong_with_the_batch(admin: Door, pages: Receiver) -> None:
    with turns_red():
        check_good_among_bad_pages(admin, pages, "AmongGood", [alert("Good"), alert("Better")])
