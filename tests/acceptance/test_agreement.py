"""Status, event stream and Prometheus never tell different things of a device for over a period."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.installation import PERIOD_SECONDS
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

# A site with one device, for states are counted by site; no other proof breaks it.
SITE = "xa-12"
LOOK_SECONDS = 0.5
# One look's grain, and the time the three questions take.
GRAIN_SECONDS = 2 * LOOK_SECONDS
SEEN_SECONDS = 90.0
View = Counter[tuple[str, str]]
"""How many devices of a site are in a state, by both; those of unknown state are left out."""


@dataclass
class Stream:
    """The states of devices as the event stream tells them, from what stood when it began."""

    hatang: Installation
    deaf_to: str = ""
    states: dict[str, str] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)

    def view(self) -> View:
        return Counter(
            (self.sites[key], state)
            for key, state in list(self.states.items())
            if state != "unknown"
        )

    def read(self) -> None:
        """Follow the stream until it is told to end."""
        url = self.hatang.url("api", "/api/v1/events")
        headers = {"Authorization": f"Bearer {self.hatang.token}"}
        request = urllib.request.Request(url, headers=headers)
        with suppress(OSError), urllib.request.urlopen(request, timeout=30) as lines:
            event = ""
            for line in lines:
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                event = value if name == "event" else event
                if event == "ready" and not self.ready.is_set():
                    self._begin()
                elif name == "data" and event == "monitors.transition":
                    self._take(json.loads(value))
                if self.ended.is_set():
                    return

    def _begin(self) -> None:
        for row in self.hatang.ask("/api/v1/fleet").json()["devices"]:
            key = row["device_key"]
            self.states[key], self.sites[key] = row["state"], row["site"]
        self.ready.set()

    def _take(self, told: dict[str, Any]) -> None:
        kind, _, key = told["key"].partition(":")
        if kind == "device" and key in self.sites and self.sites[key] != self.deaf_to:
            self.states[key] = told["payload"]["to"]


@contextmanager
def following(hatang: Installation, deaf_to: str = "") -> Iterator[Stream]:
    """Follow the event stream in the block; `deaf_to` is a site whose events are not heard."""
    stream = Stream(hatang, deaf_to)
    thread = threading.Thread(target=stream.read, daemon=True)
    thread.start()
    try:
        assert stream.ready.wait(30)
        yield stream
    finally:
        stream.ended.set()


def status(hatang: Installation) -> View:
    """Return what `/network/status` says."""
    sites = hatang.ask("/api/v1/network/status").json()["sites"]
    found: View = Counter()
    for site in sites:
        for state, count in site["counts"].items():
            if count and state != "unknown":
                found[site["site"], state] += count
    return found


def prometheus(hatang: Installation) -> View:
    """Return what Prometheus says: a device is up, or it is not."""
    return Counter(
        (one["metric"]["site"], "good" if one["value"][1] == "1" else "bad")
        for one in hatang.query("hatang_device_up")
    )


def differing(*views: View) -> set[str]:
    """Return the sites of which not all say the same; one that is degraded is up."""
    plain = [
        Counter({(site, "bad" if state == "bad" else "good"): 0 for site, state in view})
        + _as_up(view)
        for view in views
    ]
    keys = {key for view in plain for key in view}
    return {site for site, state in keys if len({view[site, state] for view in plain}) > 1}


def _as_up(view: View) -> View:
    found: View = Counter()
    for (site, state), count in view.items():
        found[site, "bad" if state == "bad" else "good"] += count
    return found


@dataclass
class Comparison:
    """How long each site has been told of differently, at most, by one stream and the others."""

    stream: Stream
    worst: dict[str, float] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    def take(self, *views: View) -> None:
        """Compare what the others say now with what the stream has told."""
        now = time.monotonic()
        apart = differing(self.stream.view(), *views)
        self._since = {site: self._since.get(site, now) for site in apart}
        for site, since in self._since.items():
            self.worst[site] = max(self.worst.get(site, 0.0), now - since)


@dataclass
class Watching:
    """Looks by all ways at once: the status of `other`, Prometheus, and each stream compared."""

    hatang: Installation
    other: Installation
    comparisons: Sequence[Comparison]
    looks: int = 0

    def look(self) -> View:
        """Look once by all ways; return what the status says."""
        views = status(self.other), prometheus(self.hatang)
        for each in self.comparisons:
            each.take(*views)
        self.looks += 1
        return views[0]

    def until(self, condition: Callable[[View], bool]) -> None:
        """Look again and again until the status is as wanted, and three periods more."""
        deadline = time.monotonic() + SEEN_SECONDS
        while not condition(self.look()):
            assert time.monotonic() < deadline, "the lab did not change as it was told"
            time.sleep(LOOK_SECONDS)
        ended = time.monotonic() + 3 * PERIOD_SECONDS
        while time.monotonic() < ended:
            self.look()
            time.sleep(LOOK_SECONDS)


@dataclass(frozen=True)
class Outage:
    """A router broke and was healed, compared by a whole stream and by one that was deaf to it."""

    heard: Comparison
    deaf: Comparison
    looks: int


@pytest.fixture(scope="module")
def outage(hatang: Installation, province: Province) -> Outage:
    """Break the router and heal it, looking all the while."""
    assert eventually(lambda: not _is_bad(status(hatang)), SEEN_SECONDS)
    with following(hatang) as stream, following(hatang, deaf_to=SITE) as deaf:
        heard, unheard = Comparison(stream), Comparison(deaf)
        watching = Watching(hatang, hatang, (heard, unheard))
        watching.until(lambda _: True)
        province.command("break", SITE)
        try:
            watching.until(_is_bad)
        finally:
            province.command("heal", SITE)
        watching.until(lambda view: not _is_bad(view))
    return Outage(heard, unheard, watching.looks)


def _is_bad(view: View) -> bool:
    return view[SITE, "bad"] > 0


def check_agreement(comparison: Comparison) -> float:
    """No site was told of differently for over a period; return the longest."""
    longest = max(comparison.worst.values(), default=0.0)
    late = {site: round(s, 1) for site, s in comparison.worst.items()
            if s > PERIOD_SECONDS + GRAIN_SECONDS}  # fmt: skip
    hold(not late, f"told of differently for so many seconds: {late}")
    return longest


def test_three_ways_to_ask_tell_the_same_within_a_period(
    outage: Outage, figures: Callable[[str], None]
) -> None:
    longest = check_agreement(outage.heard)
    assert outage.heard.worst, "nothing was ever told of differently: nobody saw it coming"
    figures(f"{outage.looks} looks through an outage, apart for {longest:.1f} s at most")


def test_sabotage_the_stream_leaves_a_site_out(outage: Outage) -> None:
    with turns_red():
        check_agreement(outage.deaf)


def test_sabotage_the_status_is_of_a_hatang_that_lacks_a_router(
    hatang: Installation, blind: Installation, province: Province
) -> None:
    with following(hatang) as stream:
        comparison = Comparison(stream)
        Watching(hatang, blind, [comparison]).until(lambda _: True)
    with turns_red():
        check_agreement(comparison)
    assert len(province.devices) > 1
