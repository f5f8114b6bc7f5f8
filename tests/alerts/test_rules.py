from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts import runbooks
from alerts.conditions import ALERT_NAMES
from alerts.configuration import RULES
from monitors.exposition import OWN
from monitors.modules.plan import metrics
from tests.alerts.tools import tool

UNIT_TESTS = Path(__file__).parent / "rules"
FILES = sorted(RULES.glob("*.yml"))
# From Prometheus and Alertmanager themselves, hatang/metrics.py, monitors/own_metrics.py and
# monitors/hints/counters.py.
OTHERS = {
    "up",
    "alertmanager_notification_requests_failed_total",
    "hatang_operations_total",
    "hatang_monitor_flush_failing",
    "hatang_monitor_poll_lateness_seconds_bucket",
    "hatang_monitor_polls_shed_total",
    "hatang_syslog_disk_free_ratio",
}
_METRIC = re.compile(r"\b([a-zA-Z_:][\w:]*)\b(?!\s*\()")
_WORDS = {
    "on",
    "by",
    "and",
    "or",
    "unless",
    "instance",
    "le",
    "job",
    "ignoring",
    "sum",
    "vector",
    "integration",
}


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for file in FILES
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]


def ids(rule: dict[str, Any]) -> str:
    return str(rule["alert"])


@pytest.mark.parametrize("rule", rules(), ids=ids)
def test_a_rule_says_what_it_means_in_both_languages(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    assert notes["summary_en"]
    assert notes["summary_vi"]
    assert notes["runbook_url"] == f"/runbooks/{rule['alert']}"
    assert rule["labels"]["severity"] in ("critical", "warning", "info", "none")


@pytest.mark.parametrize("rule", rules(), ids=ids)
def test_a_rule_uses_only_metrics_that_somebody_exports(rule: dict[str, Any]) -> None:
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\d[\w.]*", " ", rule["expr"])
    used = {name for name in _METRIC.findall(bare) if name not in _WORDS}
    assert used <= {*OWN, *metrics(), *OTHERS}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "name", sorted({ids(rule) for rule in rules()} | set(ALERT_NAMES.values()) | {"ElementDown"})
)
def test_every_alert_has_a_runbook(name: str, language: str) -> None:
    text = runbooks.read(name, language)
    assert text.startswith(f"# {name}\n")
    assert "\n1. " in text


def test_every_rule_is_named_in_a_unit_test() -> None:
    tested = "".join(file.read_text() for file in UNIT_TESTS.glob("*.yml"))
    assert [name for name in map(ids, rules()) if f"alertname: {name}" not in tested] == []


@pytest.mark.parametrize("file", [file.name for file in FILES])
def test_promtool_agrees_with_the_rules(file: str, tmp_path: Path) -> None:
    promtool = tool("promtool")
    cases = tmp_path / file  # they name the rules of the checkout; these may be a wheel's
    text = (UNIT_TESTS / file).read_text(encoding="utf-8")
    cases.write_text(text.replace("../../../alerts/rules", str(RULES)), encoding="utf-8")
    commands = (["check", "rules", str(RULES / file)], ["test", "rules", str(cases)])
    for command in commands:
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
