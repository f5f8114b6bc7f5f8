from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.rulebook import service
from alerts.rulebook.watching import RulesWatch
from hatang.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "groups: [{name: g, rules: [{alert: Mine, expr: up == 0}]}]\n"
BETTER = GOOD.replace("up == 0", "up == 1 or up == 0")
BAD = GOOD.replace("up == 0", "up ==")


class Prometheus:
    """Counts how often it was to read its rules; `is_up` says whether it could."""

    def __init__(self) -> None:
        self.is_up = True
        self.told = 0

    def reload(self) -> bool:
        self.told += self.is_up
        return self.is_up


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "rules").mkdir()
    found = Settings(data_dir=tmp_path)
    service.stage(found)
    return found


@pytest.fixture
def prometheus() -> Prometheus:
    return Prometheus()


@pytest.fixture
def watch(settings: Settings, prometheus: Prometheus) -> RulesWatch:
    found = RulesWatch(settings, prometheus.reload)
    found.look()
    return found


def write(settings: Settings, text: str, name: str = "own.yml") -> None:
    (settings.own_rules_dir / name).write_text(text, "utf-8")


def test_a_new_file_is_copied_and_read_once(
    settings: Settings, watch: RulesWatch, prometheus: Prometheus
) -> None:
    write(settings, GOOD)
    watch.look()
    watch.look()
    assert service.staged(settings) == {"own.yml": GOOD}
    assert prometheus.told == 1


def test_while_nothing_changes_nothing_is_read(watch: RulesWatch, prometheus: Prometheus) -> None:
    watch.look()
    assert prometheus.told == 0


def test_a_file_spoilt_while_it_is_loaded_stays_as_it_was(
    settings: Settings, watch: RulesWatch, prometheus: Prometheus
) -> None:
    write(settings, GOOD)
    watch.look()
    write(settings, BAD)
    watch.look()
    assert service.staged(settings) == {"own.yml": GOOD}
    assert prometheus.told == 1


def test_a_bad_file_keeps_no_other_from_loading(settings: Settings, watch: RulesWatch) -> None:
    write(settings, BAD, "bad.yml")
    write(settings, BETTER)
    watch.look()
    assert service.staged(settings) == {"own.yml": BETTER}


def test_a_file_that_is_taken_away_is_loaded_no_more(
    settings: Settings, watch: RulesWatch, prometheus: Prometheus
) -> None:
    write(settings, GOOD)
    watch.look()
    (settings.own_rules_dir / "own.yml").unlink()
    watch.look()
    assert service.staged(settings) == {}
    assert prometheus.told == 2


def test_what_prometheus_could_not_read_is_tried_again(
    settings: Settings, watch: RulesWatch, prometheus: Prometheus
) -> None:
    prometheus.is_up = False
    write(settings, GOOD)
    watch.look()
    prometheus.is_up = True
    watch.look()
    assert prometheus.told == 1
