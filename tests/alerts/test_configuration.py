from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from alerts.configuration import ScrapeFiles, render_prometheus
from alerts.notification.rendering import render_alertmanager
from hatang.settings import Settings
from tests.alerts.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

MAIL = {"smarthost": "mail.test:25", "from": "a@b.test", "to": ["noc@b.test"], "username": "u"}
HOOK = {"name": "noc", "url": "https://noc.test/hook"}


def settings(tmp_path: Path) -> Settings:
    values = {
        "data_dir": str(tmp_path),
        "alertmanager": {"webhooks": [HOOK], "mail": MAIL},
        "api": {"listen": {"host": "::", "port": 8443}},
    }
    return Settings.model_validate(values, strict=False)


@pytest.mark.parametrize("has_receivers", [True, False])
def test_amtool_accepts_what_is_written(tmp_path: Path, has_receivers: bool) -> None:
    file = tmp_path / "alertmanager.yml"
    given = settings(tmp_path) if has_receivers else Settings()
    file.write_text(render_alertmanager(given))
    done = subprocess.run([tool("amtool"), "check-config", file], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("correlated=true", "incident=1", "severity=critical"), "people"),
        (("alertname=HatangHeartbeat", "severity=none", "correlated=true"), "nobody"),
        (("alertname=DeviceUnreachable", "class=state", "severity=critical"), "people"),
        (("alertname=HatangMonitorsDown", "class=hatang", "severity=critical"), "people"),
    ],
)
def test_amtool_routes_as_meant(tmp_path: Path, labels: tuple[str, ...], receiver: str) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(render_alertmanager(settings(tmp_path)))
    command = [tool("amtool"), "config", "routes", "test", f"--config.file={file}", *labels]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == receiver


def test_promtool_accepts_what_is_written(tmp_path: Path) -> None:
    given = settings(tmp_path)
    files = ScrapeFiles.of(given)
    files.token.parent.mkdir()
    files.token.write_text("t")
    files.targets.write_text("[]")
    file = tmp_path / "prometheus.yml"
    file.write_text(render_prometheus(given))
    done = subprocess.run(
        [tool("promtool"), "check", "config", file], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_targets_are_known_with_the_api_stopped(tmp_path: Path) -> None:
    jobs = yaml.safe_load(render_prometheus(settings(tmp_path)))["scrape_configs"]
    monitors = jobs[0]
    assert monitors["honor_labels"] is True
    assert monitors["http_sd_configs"][0]["url"].startswith("http://[::1]:8443/")
    assert monitors["file_sd_configs"]


def test_alerts_go_past_hatang_only_to_an_alertmanager_that_runs(tmp_path: Path) -> None:
    values = {"data_dir": str(tmp_path), "alertmanager": {"run": False}}
    off = Settings.model_validate(values, strict=False)
    (ours,) = yaml.safe_load(render_prometheus(off))["alerting"]["alertmanagers"]
    assert ours["path_prefix"] == "/alertmanager"


def test_monitors_that_ask_for_a_token_are_scraped_with_the_one_in_the_file(
    tmp_path: Path,
) -> None:
    values = {"data_dir": str(tmp_path), "monitors": {"token": "s3cret-token"}}
    text = render_prometheus(Settings.model_validate(values, strict=False))
    assert "s3cret-token" not in text
    jobs = {each["job_name"]: each for each in yaml.safe_load(text)["scrape_configs"]}
    for name in ("hatang-monitors", "hatang-monitor"):
        file = jobs[name]["authorization"]["credentials_file"]
        assert file == str(tmp_path / "run" / "monitors-token")
    assert "authorization" not in jobs["hatang-worker"]


def test_monitors_that_ask_for_nothing_are_told_nothing(tmp_path: Path) -> None:
    jobs = yaml.safe_load(render_prometheus(settings(tmp_path)))["scrape_configs"]
    assert not [each for each in jobs[:2] if "authorization" in each]


def test_alerts_go_to_hatang_and_past_it(tmp_path: Path) -> None:
    document = yaml.safe_load(render_prometheus(settings(tmp_path)))
    ours, theirs = document["alerting"]["alertmanagers"]
    assert ours["path_prefix"] == "/alertmanager"
    assert ours["authorization"]["credentials_file"].endswith("token")
    assert "path_prefix" not in theirs
