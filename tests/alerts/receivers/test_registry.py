"""Every kind of receiver, walked over: what it takes, what it makes, what it never shows."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from alerts.notification.rendering import render_alertmanager
from alerts.receivers import registry
from hatang.errors import InvalidInputError
from hatang.settings import Receiver, Settings
from tests.alerts.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cret-of-the-receiver"
GOOD: dict[str, dict[str, Any]] = {
    "gateway": {
        "url": f"https://zns.example.vn/send?token={SECRET}",
        "to": ["0900000001"],
        "headers": {"access_token": SECRET},
        "fields": {"phone": "{to}", "content": "{text}"},
    },
    "mail": {
        "to": ["truc@example.vn"],
        "smarthost": "mail.example.vn:587",
        "from": "hatang@example.vn",
        "username": "hatang",
        "password": SECRET,
    },
    "sms": {"url": f"http://127.0.0.1:8000/sendsms?password={SECRET}", "to": ["+84900000001"]},
    "verbatim": {
        "integration": "telegram_configs",
        "config": {"bot_token": SECRET, "chat_id": -100200, "api_url": "https://api.telegram.org"},
    },
    "webhook": {"url": f"https://noc.example.vn/{SECRET}", "token": SECRET},
}
BAD: dict[str, dict[str, Any]] = {
    "gateway": {"url": "https://zns.example.vn", "to": ["1"], "fields": {"text": "{text.x} {up}"}},
    "mail": {"to": ["nobody"]},
    "sms": {"url": "http://sms.example.vn/send", "to": ["+84900000001"]},
    "verbatim": {"integration": "carrier_pigeon_configs", "config": {}},
    "webhook": {"url": "ftp://noc.example.vn"},
}
kinds = pytest.mark.parametrize("kind", sorted(registry.KINDS))


def settings(tmp_path: Path, kind: str, options: dict[str, Any]) -> Settings:
    receiver = {"name": "truc", "kind": kind, "options": options}
    values = {
        "data_dir": str(tmp_path),
        "alertmanager": {"receivers": [receiver], "default_receivers": ["truc"]},
    }
    return Settings.model_validate(values, strict=False)


@kinds
def test_amtool_takes_what_a_kind_makes(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(render_alertmanager(settings(tmp_path, kind, GOOD[kind])))
    done = subprocess.run([tool("amtool"), "check-config", file], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@kinds
def test_no_secret_of_a_kind_is_shown(tmp_path: Path, kind: str) -> None:
    given = settings(tmp_path, kind, GOOD[kind])
    assert SECRET not in render_alertmanager(given, redacted=True)
    assert SECRET not in repr(given)
    _kind, options = registry.read(given.alertmanager.receivers[0])
    if kind not in ("gateway", "sms", "verbatim"):  # what these send, Alertmanager need not know
        assert SECRET in render_alertmanager(given)
    assert SECRET not in repr(options) or kind in ("gateway", "sms", "verbatim", "webhook")


@kinds
def test_a_wrong_option_is_named_and_its_value_is_not_repeated(kind: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        registry.read(Receiver(name="truc", kind=kind, options={**BAD[kind], "colour": SECRET}))
    fields = [each.field for each in caught.value.problems]
    assert "options.colour" in fields
    assert len(fields) > 1
    assert SECRET not in str([str(each) for each in caught.value.problems])


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidInputError) as caught:
        registry.read(Receiver(name="truc", kind="pigeon"))
    assert "gateway, mail, sms, verbatim, webhook" in caught.value.problems[0].fix
