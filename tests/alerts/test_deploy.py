"""The files under deploy/ are what hatang writes for a usual installation; they cannot go stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.configuration import RULES, render_prometheus
from alerts.notification.rendering import render_alertmanager
from hatang.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
INSTALLED_RULES = "/usr/share/hatang/rules"


def rendered() -> dict[Path, str]:
    values = {
        "data_dir": "/var/lib/hatang",
        "alertmanager": {
            "webhooks": [{"name": "noc", "url": "https://noc.example.vn/pages"}],
            "mail": {
                "smarthost": "mail.example.vn:587",
                "from": "hatang@example.vn",
                "to": ["truc@example.vn"],
            },
        },
    }
    settings = Settings.model_validate(values, strict=False)
    prometheus = render_prometheus(settings).replace(str(RULES), INSTALLED_RULES)
    return {
        DEPLOY / "prometheus" / "prometheus.yml": prometheus,
        DEPLOY / "alertmanager" / "alertmanager.yml": render_alertmanager(settings),
    }


@pytest.mark.parametrize("path", rendered(), ids=lambda path: path.name)
def test_an_example_is_what_hatang_writes(path: Path) -> None:
    assert path.read_text() == rendered()[path]
