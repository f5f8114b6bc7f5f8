"""Pages get through or it is shown that they do not; what nobody takes goes to the next level.

Only posted alerts make incidents here; pages are counted by the receivers. An hour of a refusing
receiver is shortened to as long as it takes to be seen and to be tried again (simulated); the long
form refuses for a whole one, or for HATANG_TEST_REFUSING_SECONDS.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.acceptance.debian import debian_alertmanager
from tests.acceptance.doors import http
from tests.acceptance.installation import Installation
from tests.acceptance.receiver import Receiver, receiving
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.acceptance

PAGE_SECONDS = 60.0
ESCALATION_SECONDS = 60.0  # the least that settings allow
SEEN_SECONDS = 120.0
V2 = "/alertmanager/api/v2"
REFUSING_SECONDS = float(os.environ.get("HATANG_TEST_REFUSING_SECONDS") or 3600)
LOOK_SECONDS = 60.0
OTHERS_SECONDS = 30.0  # a hold of 10 s, a step, and Alertmanager's group wait
PATIENCE_SECONDS = 420.0  # it tries again each group interval at least


@dataclass
class Gateway:
    """A modem's HTTP server that keeps what it was told and can be made to refuse."""

    url: str = ""
    refuses: bool = False
    tries: int = 0
    told: list[dict[str, str]] = field(default_factory=list)

    def naming(self, word: str) -> list[dict[str, str]]:
        return [each for each in self.told if word in each["text"]]


@contextmanager
def gateway() -> Iterator[Gateway]:
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.tries += 1
            if not found.refuses:
                found.told.append(dict(parse_qsl(urlsplit(self.path).query)))
            self.send_response(500 if found.refuses else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: the log is the list."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/sendsms"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def modem() -> Iterator[Gateway]:
    with gateway() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiving(tmp_path_factory.mktemp("pages") / "pages.jsonl") as found:
        yield found


@pytest.fixture(scope="module")
def leaders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """Who is told when nobody took an incident for a minute."""
    with receiving(tmp_path_factory.mktemp("leaders") / "pages.jsonl") as found:
        yield found


@pytest.fixture(scope="module")
def hatang(
    tmp_path_factory: pytest.TempPathFactory, pages: Receiver, leaders: Receiver, modem: Gateway
) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("notification"))
    made.ports["notifier"] = made.ports["prometheus"]  # which does not run
    webhook = "{{name = {0!r}, kind = 'webhook', options.url = {1!r}}}"
    sms = f"{{name = 'sms', kind = 'sms', options.url = {modem.url!r}, options.to = ['+84900']}}"
    receivers = [webhook.format("noc", pages.url), webhook.format("leaders", leaders.url), sms]
    made.configure(
        f'prometheus.run = false\nalertmanager.binary = "{debian_alertmanager(made.folder)}"\n'
        f"alertmanager.notifier.port = {made.ports['notifier']}\n"
        f"alertmanager.receivers = [{', '.join(receivers)}]\n"
        'alertmanager.default_receivers = ["noc"]\n'
        'alertmanager.routes = [{name = "power", severities = ["info"], receivers = ["sms"]}]\n'
        "alerts.escalations = "
        '[{after_minutes = {critical = 1}, receivers = ["leaders"]}]'
    )
    try:
        made.settle()
        made.start()
        made.token = made.hatang("token", "create", "proofs", "--role", "admin").good().out.strip()
        yield made
    finally:
        made.stop()


def post(hatang: Installation, name: str, severity: str, ends: str = "") -> None:
    alert: dict[str, Any] = {"labels": {"alertname": name, "severity": severity}}
    alert |= {"endsAt": ends} if ends else {}
    assert hatang.ask(f"{V2}/alerts", body=[alert]).status == 200


def resolve(hatang: Installation, name: str, severity: str) -> None:
    post(hatang, name, severity, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


def readiness(hatang: Installation) -> str:
    """Return what `/readyz` says of notification."""
    return str(http(hatang.url("api", "/readyz")).json()["parts"]["notification"])


def incident(hatang: Installation, name: str) -> int:
    rows = hatang.json("incident", "list")
    return next(int(each["id"]) for each in rows if each["alertname"] == name)


def escalated(leaders: Receiver, name: str) -> list[dict[str, Any]]:
    return leaders.naming(name, "firing")


@dataclass(frozen=True)
class Posted:
    """An alert that was posted, and when its first page came (monotonic seconds)."""

    name: str
    paged_at: float


@pytest.fixture(scope="module")
def posted(hatang: Installation, pages: Receiver) -> dict[str, Posted]:
    """Two critical alerts of which somebody was told; one was taken, then the worker was killed."""
    for name in ("Untaken", "Taken"):
        post(hatang, name, "critical")
    assert eventually(lambda: _both(pages), PAGE_SECONDS)
    paged_at = time.monotonic()
    number = incident(hatang, "Taken")
    hatang.hatang("incident", "ack", str(number), "--note", "đang xử lý", "--hours", "1").good()
    hatang.tell("worker", signal.SIGKILL)
    return {name: Posted(name, paged_at) for name in ("Untaken", "Taken")}


def _both(pages: Receiver) -> bool:
    return all(pages.naming(name, "firing") for name in ("Untaken", "Taken"))


def check_escalates_once(hatang: Installation, leaders: Receiver, posted: Posted) -> None:
    """Nobody takes it: the next level hears of it once, and once that it is over."""
    name, waited = posted.name, time.monotonic() - posted.paged_at
    left = max(0.0, ESCALATION_SECONDS + PAGE_SECONDS - waited)
    hold(eventually(lambda: bool(escalated(leaders, name)), left), "the next level heard nothing")
    labels = escalated(leaders, name)[0]["commonLabels"]
    hold(labels["escalation"] == "1", f"its labels are {labels}")
    resolve(hatang, name, "critical")
    over = eventually(lambda: bool(leaders.naming(name, "resolved")), PAGE_SECONDS)
    hold(over, "the next level never heard that it is over")
    counts = len(escalated(leaders, name)), len(leaders.naming(name, "resolved"))
    hold(counts == (1, 1), f"{counts} pages and recoveries at the next level")


def test_what_nobody_takes_escalates_though_the_worker_was_killed(
    hatang: Installation, pages: Receiver, leaders: Receiver, posted: dict[str, Posted]
) -> None:
    assert not escalated(leaders, "Untaken"), "it escalated at once"
    check_escalates_once(hatang, leaders, posted["Untaken"])
    assert len(pages.naming("Untaken", "firing")) == 1, "the first level was paged again"


def test_sabotage_somebody_took_it(
    hatang: Installation, leaders: Receiver, posted: dict[str, Posted]
) -> None:
    with turns_red():
        check_escalates_once(hatang, leaders, posted["Taken"])


def check_kept_and_shown(
    hatang: Installation, modem: Gateway, name: str, patience: float = SEEN_SECONDS
) -> None:
    """A receiver answers 500: that is shown, and the page comes when it no longer does."""
    before = modem.tries
    post(hatang, name, "info")
    hold(eventually(lambda: modem.tries > before, PAGE_SECONDS), "the gateway was never asked")

    def is_shown() -> bool:
        if "webhook" not in readiness(hatang):
            return False
        told = json.loads(hatang.hatang("notification", "status", "--format", "json").out)
        status = hatang.hatang("status")
        said = "do not get through" in status.out + status.err
        return said and [each["integration"] for each in told] == ["webhook"]

    hold(eventually(is_shown, patience), "nothing shows that pages do not get through")
    modem.refuses = False
    arrived = eventually(lambda: bool(modem.naming(name)), SEEN_SECONDS)
    hold(arrived, "the page was not kept until the receiver worked again")
    hold(len(modem.naming(name)) == 1, "the page came more than once")


def test_sabotage_nothing_refuses(hatang: Installation, modem: Gateway) -> None:
    # First: what fails once is shown for a while.
    with turns_red():
        check_kept_and_shown(hatang, modem, "Unrefused", patience=40)


def test_a_receiver_that_refuses_is_shown_and_told_when_it_works_again(
    hatang: Installation, modem: Gateway
) -> None:
    modem.refuses = True
    check_kept_and_shown(hatang, modem, "Refused")


def test_other_receivers_are_told_meanwhile(
    hatang: Installation, modem: Gateway, pages: Receiver
) -> None:
    modem.refuses = True
    post(hatang, "AtTheRefusing", "info")
    post(hatang, "AtTheOthers", "warning")
    assert eventually(lambda: bool(pages.naming("AtTheOthers", "firing")), PAGE_SECONDS)
    modem.refuses = False


@dataclass(frozen=True)
class Refusal:
    """What was seen each minute while a receiver refused: whether that was shown, how long another
    receiver's page took, and how often the refusing one had been asked.
    """

    shown: list[bool]
    waits: list[float]
    tries: list[int]


@pytest.fixture(scope="module")
def refusal(hatang: Installation, modem: Gateway, pages: Receiver) -> Refusal:
    """The gateway answered 500 for an hour; of two pages for it one ended meanwhile."""
    modem.refuses = True
    found = Refusal([], [], [])
    try:
        for name in ("Lasting", "Ended"):
            post(hatang, name, "info")
        asked = modem.tries
        assert eventually(lambda: modem.tries > asked, PAGE_SECONDS)
        end = time.monotonic() + REFUSING_SECONDS
        while time.monotonic() < end:
            time.sleep(min(LOOK_SECONDS, REFUSING_SECONDS / 4))
            post(hatang, "Lasting", "info")
            look(hatang, modem, pages, found)
            resolve(hatang, "Ended", "info")
    finally:
        modem.refuses = False
    eventually(lambda: bool(modem.naming("Lasting")), PATIENCE_SECONDS)
    time.sleep(LOOK_SECONDS)
    return found


def look(hatang: Installation, modem: Gateway, pages: Receiver, found: Refusal) -> None:
    name = f"Meanwhile{len(found.waits)}"
    began = time.monotonic()
    post(hatang, name, "warning")
    eventually(lambda: bool(pages.naming(f'{name}"', "firing")), PAGE_SECONDS)
    found.waits.append(time.monotonic() - began)
    found.shown.append("webhook" in readiness(hatang))
    found.tries.append(modem.tries)
    resolve(hatang, name, "warning")


def check_outlasts(refusal: Refusal, modem: Gateway, name: str) -> None:
    """All the while it was shown, tried again, and nobody else waited; then the page came once."""
    hold(all(refusal.shown[1:]), f"shown: {refusal.shown}")
    hold(max(refusal.waits) < OTHERS_SECONDS, f"others waited {refusal.waits} s")
    rising = all(later > sooner for sooner, later in pairwise(refusal.tries))
    hold(rising, f"it was not tried again: {refusal.tries}")
    hold(len(modem.naming(name)) == 1, f"told of {name} {len(modem.naming(name))} times")


@pytest.mark.soak
def test_a_receiver_that_refuses_for_an_hour_is_told_afterwards_and_delays_nobody(
    refusal: Refusal, modem: Gateway, figures: Callable[[str], None]
) -> None:
    figures(
        f"refused for {REFUSING_SECONDS:.0f} s, asked {refusal.tries[-1]} times; others' pages took"
        f" {min(refusal.waits):.0f} to {max(refusal.waits):.0f} s"
    )
    check_outlasts(refusal, modem, "Lasting")


@pytest.mark.soak
def test_sabotage_what_ended_while_it_refused(refusal: Refusal, modem: Gateway) -> None:
    with turns_red():
        check_outlasts(refusal, modem, "Ended")


def check_test_arrives(
    hatang: Installation, modem: Gateway, pages: Receiver, patience: float = PAGE_SECONDS
) -> None:
    """A test notification reaches its receiver and no other."""
    before = len(modem.told), len(pages.notifications())
    hatang.hatang("notification", "test", "sms").good()
    hold(eventually(lambda: len(modem.told) > before[0], patience), "no test arrived")
    hold(modem.told[-1]["text"].isascii(), "a short message with diacritics")
    hold(len(pages.notifications()) == before[1], "somebody else was told too")


def test_a_test_notification_reaches_one_receiver_through_the_notifier(
    hatang: Installation, modem: Gateway, pages: Receiver
) -> None:
    check_test_arrives(hatang, modem, pages)


def test_sabotage_the_notifier_hangs(hatang: Installation, modem: Gateway, pages: Receiver) -> None:
    hatang.tell("notifier", signal.SIGSTOP)
    try:
        with turns_red():
            check_test_arrives(hatang, modem, pages, patience=20)
    finally:
        hatang.tell("notifier", signal.SIGCONT)


def check_is_named(hatang: Installation, patience: float = SEEN_SECONDS) -> float:
    """An Alertmanager that hangs is named, and incidents open as fast as ever.

    Return after how many seconds it was named.
    """
    began = time.monotonic()
    before = len(hatang.json("incident", "list"))
    post(hatang, f"Hung{time.time_ns()}", "warning")
    opened = eventually(lambda: len(hatang.json("incident", "list")) > before, PAGE_SECONDS)
    hold(opened, "no incident opens any more")
    named = eventually(lambda: not _is_well(hatang), patience)
    hold(named, "the Alertmanager is not named")
    return time.monotonic() - began


def _is_well(hatang: Installation) -> bool:
    if readiness(hatang) == "ok":  # nothing would be told, and a command takes a second to say so
        return True
    told = json.loads(hatang.hatang("notification", "status", "--format", "json").out)
    return all(each["integration"] for each in told)


@pytest.fixture(scope="module")
def named_after(hatang: Installation) -> float:
    """After how many seconds an Alertmanager that hangs was named."""
    hatang.tell("alertmanager", signal.SIGSTOP)
    try:
        return check_is_named(hatang)
    finally:
        hatang.tell("alertmanager", signal.SIGCONT)


def test_an_alertmanager_that_hangs_is_named_and_delays_no_incident(
    named_after: float, figures: Callable[[str], None]
) -> None:
    figures(f"a hanging Alertmanager was named after {named_after:.0f} s")


def test_sabotage_the_alertmanager_answers(hatang: Installation, named_after: float) -> None:
    assert eventually(lambda: _is_well(hatang), SEEN_SECONDS)
    with turns_red():
        check_is_named(hatang, patience=2 * named_after)
