from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from alerts import runbooks
from alerts.conditions import ALERT_NAMES
from alerts.configuration import RULES
from alerts.rulebook import files, promql, templates
from monitors.exposition import OWN
from monitors.modules.plan import metrics
from monitors.modules.vocabulary import SERIES
from tests.alerts.cases import CASES, cases, document
from tests.alerts.tools import tool

if TYPE_CHECKING:
    from alerts.rulebook.files import Rule

UNIT_TESTS = Path(__file__).parent / "rules"
FILES = sorted(RULES.glob("*.yml"))
# From Prometheus and Alertmanager themselves, and what processes count about themselves:
# docs/metrics.md has each of ours.
OTHERS = {
    "alertmanager_notification_requests_failed_total",
    "hatang_audit_head_failures_total",
    "hatang_certificate_not_after_timestamp_seconds",
    "hatang_conference_point_absent",
    "hatang_conference_poor_points",
    "hatang_monitor_flush_failing",
    "hatang_monitor_poll_lateness_seconds_bucket",
    "hatang_monitor_polls_shed_total",
    "hatang_monitor_polls_skipped_total",
    "hatang_operations_total",
    "hatang_receiver_dropped_total",
    "hatang_syslog_disk_free_ratio",
    "hatang_vault_collected_timestamp_seconds",
    "hatang_vault_drifted_timestamp_seconds",
    "hatang_vault_saved",
    "hatang_worker_duty_up",
    "up",
}
KINDS = ("summary", "description")
# Always firing, so it has no case: tests/alerts/rules/hatang.yml.
WITHOUT_CASE = {"HatangWatchdog"}
HEADINGS = {
    "en": ("What it means", "What to look at", "What to do", "When it goes away by itself"),
    "vi": ("Ý nghĩa", "Xem gì trước", "Việc cần làm", "Khi nào tự hết"),
}


@cache
def every() -> tuple[Rule, ...]:
    return tuple(rule for file in FILES for rule in files.load(file).rules)


def alerting() -> list[Rule]:
    return [rule for rule in every() if not rule.is_recording]


def ids(rule: Rule) -> str:
    return rule.name


@pytest.mark.parametrize("rule", alerting(), ids=ids)
def test_a_rule_says_what_it_means_in_both_languages(rule: Rule) -> None:
    notes = rule.annotations
    assert all(notes[f"{kind}_{language}"] for kind in KINDS for language in ("en", "vi"))
    assert notes["runbook_url"] == f"/runbooks/{rule.name}"
    assert rule.labels["severity"] in ("critical", "warning", "info", "none")


@pytest.mark.parametrize("rule", every(), ids=ids)
def test_a_rule_uses_only_metrics_that_somebody_exports(rule: Rule) -> None:
    recorded = {each.name for each in every() if each.is_recording}
    assert promql.metrics(rule.expr) <= {*OWN, *SERIES, *metrics(), *OTHERS, *recorded}


def test_no_two_rules_share_a_name() -> None:
    names = [rule.name for rule in every()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "name", sorted({ids(rule) for rule in alerting()} | set(ALERT_NAMES.values()) | {"ElementDown"})
)
def test_every_alert_has_a_runbook(name: str, language: str) -> None:
    text = runbooks.read(name, language)
    assert text.startswith(f"# {name}\n")
    assert [f"\n## {each}\n" in text for each in HEADINGS[language]] == [True] * 4
    assert "\n1. " in text
    assert "`hatang " in text


def test_every_runbook_is_of_an_alert() -> None:
    known = {ids(rule) for rule in alerting()} | set(ALERT_NAMES.values()) | {"ElementDown"}
    assert set(runbooks.names()) <= known


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in alerting()} - WITHOUT_CASE == cases().keys()


def lacking(names: set[str]) -> set[str]:
    """Return those that have no case or not a runbook in each language."""
    tested = cases().keys() | WITHOUT_CASE
    read = set(runbooks.names())
    return {name for name in names if name not in tested or name not in read}


def test_every_rule_of_ours_has_a_case_and_a_runbook() -> None:
    assert not lacking({rule.name for rule in alerting()})


def test_sabotage_a_rule_that_nobody_described() -> None:
    assert lacking({rule.name for rule in alerting()} | {"Undescribed"}) == {"Undescribed"}


@pytest.mark.parametrize("rule", alerting(), ids=ids)
def test_a_summary_shows_only_labels_that_the_alert_has(rule: Rule) -> None:
    shown = {name for text in rule.annotations.values() for name in templates.labels(text)}
    case = cases().get(rule.name)
    assert shown <= {*rule.labels, *(case.labels if case else ())}


@pytest.mark.slow
@pytest.mark.parametrize("topic", [file.stem for file in FILES])
def test_every_rule_fires_not_just_below_and_resolves(topic: str, tmp_path: Path) -> None:
    promtool = tool("promtool")
    loaded = yaml.safe_load((RULES / f"{topic}.yml").read_text("utf-8"))
    rules: dict[str, dict[str, Any]] = {
        rule["alert"]: rule
        for group in loaded["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    paths = []
    for name in yaml.safe_load((CASES / f"{topic}.yml").read_text("utf-8")):
        path = tmp_path / f"{name}.yml"
        unit = document(cases()[name], RULES / f"{topic}.yml", rules[name])
        path.write_text(yaml.safe_dump(unit, allow_unicode=True), "utf-8")
        paths.append(str(path))
    done = subprocess.run(
        [promtool, "test", "rules", *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", [file.name for file in sorted(UNIT_TESTS.glob("*.yml"))])
def test_promtool_agrees_with_the_rules(file: str, tmp_path: Path) -> None:
    promtool = tool("promtool")
    cases = tmp_path / file  # they name the rules of the checkout; these may be a wheel's
    text = (UNIT_TESTS / file).read_text(encoding="utf-8")
    cases.write_text(text.replace("../../../alerts/rules", str(RULES)), encoding="utf-8")
    commands = (["check", "rules", str(RULES / file)], ["test", "rules", str(cases)])
    for command in commands:
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_every_file() -> None:
    command = [tool("promtool"), "check", "rules", *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
