"""The dashboards for Grafana: current, whole, and of series that there are."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scripts import dashboards
from tests.alerts.tools import tool
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((ROOT / "deploy" / "grafana").glob("*/*.json"))
# What Prometheus makes itself, of rules, scrapes and targets.
FROM_PROMETHEUS = {"ALERTS", "up", "scrape_samples_scraped"}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_LABELS = re.compile(r"\{[^}]*\}|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"\b(?<![.\d])[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()")
_WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "or", "and", "unless"}
_DURATION = re.compile(r"\[[^\]]*\]")


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def expressions(path: Path) -> list[str]:
    """Return every expression of a dashboard, with something in the place of its choices."""
    board = loaded(path)
    found = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [re.sub(r"\$\w+", "x", text) for text in found]


def choices(path: Path) -> list[str]:
    """Return the series that a dashboard's choices are taken from."""
    rows = loaded(path)["templating"]["list"]
    queries = [row["definition"] for row in rows if row["type"] == "query"]
    return [query.removeprefix("label_values(").partition(",")[0] for query in queries]


def names(expression: str) -> set[str]:
    """Return the names of the series in an expression."""
    text = _DURATION.sub("", _LABELS.sub("", _STRING.sub('""', expression)))
    return set(_NAME.findall(text)) - _WORDS


def known() -> set[str]:
    """Return every series that docs/metrics.md describes."""
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    found = set(re.findall(r"^### (\S+)$|^\| `(\w+)` \|", text, re.MULTILINE))
    plain = {one or other for one, other in found}
    return plain | {f"{name}_bucket" for name in plain} | FROM_PROMETHEUS


def check_rules(folder: Path, given: list[str]) -> subprocess.CompletedProcess[str]:
    """Have promtool read expressions, as rules: it parses no others without a server."""
    rules = [{"record": f"r:{n}", "expr": text} for n, text in enumerate(given)]
    file = folder / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "boards", "rules": rules}]}))
    command = [tool("promtool"), "check", "rules", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_files_are_those_that_are_described() -> None:
    assert dashboards.main(["--check"]) == 0, "run python -m scripts.dashboards"
    assert set(FILES) == set(dashboards.wanted())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_panel_is_told_apart_has_a_title_and_asks_something(path: Path) -> None:
    panels = loaded(path)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 3
    assert all(panel["title"] and panel["targets"] for panel in panels)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_promtool_reads_every_expression(path: Path, tmp_path: Path) -> None:
    done = check_rules(tmp_path, expressions(path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_would_tell_of_a_wrong_expression(tmp_path: Path) -> None:
    assert check_rules(tmp_path, ["sum by (site (up)"]).returncode != 0


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_series_is_one_that_hatang_has(path: Path) -> None:
    used = {name for text in (*expressions(path), *choices(path)) for name in names(text)}
    assert len(used) > 2
    assert used - known() == set()


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (
            'sum by (site) (rate(a{b="c"}[5m])) * on (x) group_left () d > 0 or vector(0)',
            {"a", "d"},
        ),
        ("quantile_over_time(0.95, (8 * rate(a[5m]))[30d:5m])", {"a"}),
    ],
)
def test_the_names_in_an_expression_are_its_series(expression: str, found: set[str]) -> None:
    assert names(expression) == found


OF = 'instance="k", device="d", site="s", role="core"'
RATE = "hatang_circuit_commit_rate_bytes_per_second"
FED = {
    f'{RATE}{{{OF}, ifName="eth1", cid="x"}}': "2500000x40",
    f'{RATE}{{{OF}, ifName="eth2", cid="y"}}': "1000x40",
    # 1 MB/s received: two fifths of what was committed.
    f'ifHCInOctets{{{OF}, ifName="eth1", ifIndex="1", ifAlias=""}}': "0+30000000x40",
    f'ifHCInOctets{{{OF}, ifName="eth9", ifIndex="9", ifAlias=""}}': "0+90000000x40",
}
CIRCUIT = {
    "Committed rate": 20e6,
    "Received, 95th percentile, 30 days": 8e6,
    "In use": 0.4,
    "Traffic against the committed rate": 8e6,
}


def answered(folder: Path, expression: str, value: float) -> bool:
    """Return whether an expression has one series of this value, of what `FED` holds."""
    sample = {"labels": "{}", "value": value}
    test = {
        "interval": "30s",
        "input_series": [{"series": name, "values": values} for name, values in FED.items()],
        "promql_expr_test": [
            {"expr": f"round(sum({expression}), 0.01)", "eval_time": "15m", "exp_samples": [sample]}
        ],
    }
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "30s", "tests": [test]}))
    command = [tool("promtool"), "test", "rules", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("title", CIRCUIT)
def test_a_circuit_is_drawn_by_its_own_port_and_against_its_own_rate(
    title: str, tmp_path: Path
) -> None:
    board = loaded(ROOT / "deploy" / "grafana" / "en" / "circuit.json")
    (panel,) = (one for one in board["panels"] if one["title"] == title)
    expression = panel["targets"][0]["expr"].replace("$cid", "x")
    assert answered(tmp_path, expression, CIRCUIT[title])
    assert not answered(tmp_path, expression, CIRCUIT[title] * 2)


def test_the_busiest_circuits_are_told_by_their_share(tmp_path: Path) -> None:
    board = loaded(ROOT / "deploy" / "grafana" / "en" / "province.json")
    (panel,) = (one for one in board["panels"] if one["title"].startswith("Busiest"))
    assert answered(tmp_path, panel["targets"][0]["expr"], 0.4)
