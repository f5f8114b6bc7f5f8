"""Whom Alertmanager tells by the configuration that hatang writes; judged by amtool."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from alerts.notification.checking import require_sound
from alerts.notification.rendering import render_alertmanager
from hatang.errors import InvalidInputError
from hatang.settings import Settings
from tests.alerts.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

RECEIVERS = [
    {"name": name, "kind": "webhook", "options": {"url": f"https://{name}.example.vn/"}}
    for name in ("noc", "xa", "lanh-dao")
]
MAIL = {"name": "m", "kind": "mail", "options": {"to": ["a@b.vn"]}}
FULL: dict[str, Any] = {
    "alertmanager": {
        "receivers": RECEIVERS,
        "default_receivers": ["noc"],
        "routes": [{"name": "xa-05", "units": ["xa-05"], "receivers": ["xa", "noc"]}],
        "quiet_hours": [
            {"times": ["22:00-06:00"]},
            {"weekdays": ["sunday"], "severities": ["info"]},
        ],
    },
    "alerts": {
        "escalations": [
            {"after_minutes": {"critical": 15}, "receivers": ["lanh-dao"]},
            {"after_minutes": {"critical": 60}},
        ]
    },
}


def settings(values: dict[str, Any]) -> Settings:
    return Settings.model_validate(values, strict=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "alertmanager.yml"
    found.write_text(render_alertmanager(settings(FULL)))
    return found


def test_amtool_accepts_routes_quiet_hours_and_escalations(file: Path) -> None:
    done = subprocess.run([tool("amtool"), "check-config", file], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("correlated=true incident=1 severity=critical", "people"),
        ("correlated=true incident=1 severity=warning", "people"),
        ("correlated=true incident=1 severity=info", "nobody"),
        ("alertname=DeviceRestarted severity=info", "nobody"),
        ("correlated=true incident=1 severity=info route=xa-05", "route-xa-05"),
        ("correlated=true incident=1 severity=critical route=xa-05", "route-xa-05"),
        ("correlated=true incident=1 severity=critical escalation=1", "escalation-1"),
        ("correlated=true incident=1 route=xa-05 escalation=2", "people"),
        ("alertname=HatangTest severity=info receiver_test=xa", "test-xa"),
        ("alertname=DeviceUnreachable severity=warning", "people"),
    ],
)
def test_amtool_routes_as_meant(file: Path, labels: str, receiver: str) -> None:
    words = ["config", "routes", "test", f"--config.file={file}", *labels.split()]
    done = subprocess.run([tool("amtool"), *words], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == receiver


def muted(labels: dict[str, str]) -> set[str]:
    """Return the names of the intervals that mute an alert, walking down as Alertmanager does."""
    route = yaml.safe_load(render_alertmanager(settings(FULL)))["route"]
    while True:
        below = (each for each in route.get("routes", []) if _fits(each["matchers"], labels))
        found = next(below, None)
        if found is None:
            return set(route.get("mute_time_intervals", []))
        route = found


def _fits(matchers: list[str], labels: dict[str, str]) -> bool:
    pairs = (each.split("=", 1) for each in matchers)
    return all(labels.get(name, "") == value.strip('"') for name, value in pairs)


@pytest.mark.parametrize(
    "more", [{}, {"correlated": "true"}, {"route": "xa-05", "correlated": "true"}]
)
@pytest.mark.parametrize(("severity", "intervals"), [("critical", set()), ("warning", {"quiet-1"})])
def test_quiet_hours_mute_what_they_say_and_never_what_is_critical(
    severity: str, intervals: set[str], more: dict[str, str]
) -> None:
    assert muted({"severity": severity, **more}) == intervals


def test_quiet_hours_mute_what_a_route_tells_of_info_too() -> None:
    told = {"severity": "info", "route": "xa-05", "correlated": "true"}
    assert muted(told) == {"quiet-1", "quiet-2"}


def test_a_test_notification_is_never_muted() -> None:
    assert muted({"severity": "info", "receiver_test": "xa"}) == set()


def test_a_night_is_cut_at_midnight_for_alertmanager() -> None:
    intervals = yaml.safe_load(render_alertmanager(settings(FULL)))["time_intervals"]
    spans = {
        (one["start_time"], one["end_time"])
        for i in intervals[0]["time_intervals"]
        for one in i["times"]
    }
    assert spans == {("22:00", "24:00"), ("00:00", "06:00")}


def test_every_contradiction_is_named_at_once() -> None:
    values = {
        "alertmanager": {
            "receivers": [
                *RECEIVERS,
                RECEIVERS[0],
                {"name": "m", "kind": "mail", "options": {"to": ["a@b.vn"]}},
            ],
            "default_receivers": ["nobody-knows"],
            "routes": [{"name": "r", "receivers": ["gone"], "times": ["07:00-07:00"]}],
        },
        "alerts": {"escalations": [{"after_minutes": {"critical": 5}, "receivers": ["left"]}]},
    }
    with pytest.raises(InvalidInputError) as caught:
        require_sound(settings(values))
    assert [(each.field, each.value) for each in caught.value.problems] == [
        ("alertmanager.receivers.m.options", ""),
        ("alertmanager.receivers", "noc"),
        ("alertmanager.default_receivers", "nobody-knows"),
        ("alertmanager.routes.r.receivers", "gone"),
        ("alertmanager.routes.r.times", "07:00-07:00"),
        ("alerts.escalations[1].receivers", "left"),
    ]


def test_what_is_whole_is_sound() -> None:
    require_sound(settings(FULL))
    require_sound(Settings())


@pytest.mark.parametrize(
    "escalations",
    [
        [{"after_minutes": {"critical": 60}}, {"after_minutes": {"critical": 15}}],
        [{"after_minutes": {"warning": 15}}, {"after_minutes": {"critical": 60}}],
    ],
)
def test_levels_that_do_not_follow_each_other_are_refused(escalations: list[Any]) -> None:
    with pytest.raises(ValueError, match="must grow from level to level"):
        settings({"alerts": {"escalations": escalations}})
