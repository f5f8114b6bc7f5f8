"""Whom pages go to, through the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from alerts.models import Delivery
from cli import exits
from hatang import clock

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang

SECRET = "s3cret-of-the-hook"
RECEIVERS = json.dumps(
    [{"name": "noc", "kind": "webhook", "options": {"url": f"https://noc.example.vn/{SECRET}"}}]
)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATANG_ALERTMANAGER__RECEIVERS", RECEIVERS)
    monkeypatch.setenv("HATANG_ALERTMANAGER__DEFAULT_RECEIVERS", "noc")


def test_the_configuration_is_shown_without_its_secrets(hatang: Hatang) -> None:
    found = hatang("notification", "config")
    assert "https://noc.example.vn/<secret>" in found.out
    assert SECRET not in found.out


def test_what_holds_together_is_sound(hatang: Hatang) -> None:
    assert hatang("notification", "config", "--check").status == exits.OK


def test_every_fault_of_the_settings_is_named(
    hatang: Hatang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATANG_ALERTMANAGER__DEFAULT_RECEIVERS", "noc,gone,left")
    found = hatang("notification", "config", "--check")
    assert found.status != exits.OK
    assert "gone" in found.err
    assert "left" in found.err


def test_a_route_for_a_unit_nobody_knows_is_named(
    hatang: Hatang, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = [{"name": "xa", "units": ["xa-99"], "receivers": ["noc"]}]
    monkeypatch.setenv("HATANG_ALERTMANAGER__ROUTES", json.dumps(routes))
    found = hatang("notification", "config", "--check")
    assert found.status == exits.FAILED
    assert "xa-99" in found.err


def test_receivers_are_listed_with_what_they_are_told_of(hatang: Hatang) -> None:
    found = json.loads(hatang("notification", "list", "--as", "lan").out)
    assert found == [{"name": "noc", "kind": "webhook", "used_by": ["default"]}]


def test_a_test_of_nobody_is_refused(hatang: Hatang) -> None:
    found = hatang("notification", "test", "nobody", "--as", "lan")
    assert "there is no receiver nobody" in found.err


def test_what_does_not_get_through_is_shown(hatang: Hatang) -> None:
    assert hatang("notification", "status").status == exits.OK
    with hatang.database.write() as session:
        at = clock.now()
        row = Delivery(alertmanager="http://127.0.0.1:9093", integration="webhook")
        row.seen_at = row.failing_since = at
        session.add(row)
    found = hatang("notification", "status")
    assert found.status == exits.FAILED
    assert json.loads(found.out)[0]["integration"] == "webhook"
    shown = hatang("status")
    assert "webhook at http://127.0.0.1:9093 fails since" in shown.out + shown.err
