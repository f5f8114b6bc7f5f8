"""What the code knows best is written by the code, and is current."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import yaml
from typer.main import get_command

from alerts.conditions import ALERT_NAMES
from alerts.configuration import RULES
from cli.main import build
from hatang.auth import Role
from lab.main import app as lab_command
from scripts import docs
from tests.architecture.source import PACKAGES
from tests.docs.pages import ROOT, page

if TYPE_CHECKING:
    import pytest


def test_no_generated_page_is_stale() -> None:
    assert not docs.stale(), "run scripts/docs.py"


def test_a_stale_page_is_named_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {docs.DOCS / "settings.md": "something else"}
    monkeypatch.setattr(docs, "wanted", lambda: wrong)
    assert docs.main(["--check"]) == 1
    assert "settings.md is stale" in capsys.readouterr().out


def test_every_setting_has_its_heading() -> None:
    known = set(yaml.safe_load(docs.MEANINGS.read_text("utf-8")))
    assert known
    assert not known - set(page("settings.md").headings)


def test_every_command_has_its_heading() -> None:
    named = {"hatang": get_command(build()), "hatang-lab": get_command(lab_command)}
    paths = {path for name, command in named.items() for path, _ in docs.walk(command, name)}
    assert paths
    assert not paths - set(page("commands.md").headings)


def test_every_metric_that_code_defines_has_its_heading() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    texts = [text for path in files if "prometheus_client" in (text := path.read_text("utf-8"))]
    defined = {name for text in texts for name in _metrics(ast.parse(text))}
    assert defined
    assert not defined - set(page("metrics.md").headings)


def _metrics(tree: ast.Module) -> set[str]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in {"Counter", "Gauge", "Histogram"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_role_stands_in_the_table() -> None:
    assert all(f"`{role}`" in page("security.md").text for role in Role)


def test_every_alert_has_its_heading_and_a_runbook_in_both_languages() -> None:
    names = _alerts()
    assert not names - set(page("alerts.md").headings)
    files = {f"{name}.{language}.md" for name in names for language in ("en", "vi")}
    assert not files - {path.name for path in (ROOT / "docs" / "runbooks").iterdir()}


def _alerts() -> set[str]:
    documents = [yaml.safe_load(path.read_text("utf-8")) for path in RULES.glob("*.yml")]
    rules = [
        rule for document in documents for group in document["groups"] for rule in group["rules"]
    ]
    return (
        {rule["alert"] for rule in rules if "alert" in rule}
        | set(ALERT_NAMES.values())
        | {"ElementDown"}
    )
