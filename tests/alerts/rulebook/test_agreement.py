"""Our check of rule files says what `promtool check rules` says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.rulebook import files
from hatang.errors import InvalidInputError
from tests.alerts.tools import tool

ORACLE = Path(__file__).parents[4] / "shared" / "oracles" / "prometheus"
AWESOME = sorted((ORACLE / "awesome-prometheus-alerts").rglob("*.yml"))
OTHERS = sorted(
    [
        *(ORACLE / "promtool-testdata" / "model" / "rulefmt" / "testdata").glob("*.yaml"),
        *(ORACLE / "promtool-testdata" / "cmd" / "promtool" / "testdata").glob("*.yml"),
    ]
)
COUNT = 112
BATCH = 20


def wanted(paths: list[Path]) -> list[Path]:
    if not paths:
        pytest.skip(f"{ORACLE} is not there")
    return paths


def is_taken(path: Path) -> bool:
    try:
        files.load(path)
    except InvalidInputError:
        return False
    return True


def is_taken_by_promtool(path: Path) -> bool:
    command = [tool("promtool"), "check", "rules", "--lint=none", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_all_rules_of_the_public_collection_load() -> None:
    paths = wanted(AWESOME)
    assert len(paths) == COUNT
    assert [path.name for path in paths if not is_taken(path)] == []


def test_promtool_says_the_same_of_the_public_collection() -> None:
    paths = wanted(AWESOME)
    command = [tool("promtool"), "check", "rules", "--lint=none", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_promtool_says_the_same_of_its_own_examples() -> None:
    differ = [p.name for p in wanted(OTHERS) if is_taken(p) != is_taken_by_promtool(p)]
    assert differ == []


NAMES = st.sampled_from(["Up", "", "a b", "é", "9x", "a:b", "5"])
DURATIONS = st.sampled_from(["5m", "0", "", "5", "1h30m", "30m1h", "-5m", "1.5h", "300y", "0s", 5])
EXPRESSIONS = st.sampled_from(
    [
        "up == 0",
        "up ==",
        "rate(up[5m]) > 1",
        "rate(up)",
        "sum by (a) (up",
        "up and 1",
        "foo(up)",
        "",
        "up > 5m",
        "{}",
        'up{a=~"("}',
        'up{"a"="b"}',
        "holt_winters(up[5m], 0.5, 0.5)",
        "limitk(1, up)",
        "up[5m]",
        "up offset 5",
        "x[1d:5]",
        "quantile_over_time(0.95, up[30d])",
        "a * on (b) group_left (c) d",
        "5",
    ]
)
TEMPLATES = st.sampled_from(
    [
        "plain",
        "{{ $labels.a }}",
        "{{ $value | humanize }}",
        "{{ $lost }}",
        "{{ lost }}",
        "{{ if $value }}a{{ else }}b{{ end }}",
        "{{ if $value }}",
        "{{ end }}",
        "{{",
        "{{ }}",
        '{{ printf "%.1f" $value }}',
        '{{ "\\d" }}',
        "{{ $value | . }}",
        "{{ range query `up` }}{{ .Labels.a }}{{ end }}",
        "{{ 08 }}",
        "{{/* said */}}",
    ]
)
TEXTS = st.dictionaries(
    st.sampled_from(["a", "severity", "__name__", "a-b", "é", ""]), TEMPLATES, max_size=2
)
RULE = st.fixed_dictionaries(
    {},
    optional={
        "alert": NAMES,
        "record": NAMES,
        "expr": EXPRESSIONS,
        "for": DURATIONS,
        "keep_firing_for": DURATIONS,
        "labels": TEXTS,
        "annotations": TEXTS,
        "expression": st.just("up"),
    },
)
GOOD = st.fixed_dictionaries({"alert": st.just("A"), "expr": EXPRESSIONS, "annotations": TEXTS})
GROUP = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", ""])},
    optional={
        "rules": st.lists(st.one_of(RULE, GOOD), max_size=2),
        "interval": DURATIONS,
        "limit": st.sampled_from([0, 5, "five"]),
        "size": st.just(1),
    },
)
FILE = st.fixed_dictionaries({"groups": st.lists(GROUP, max_size=2)})


@pytest.mark.slow
@settings(max_examples=BATCH * 5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=st.one_of(FILE, FILE, st.sampled_from([{"group": []}, [], "text", None])))
def test_promtool_says_the_same_of_any_file(document: object, tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    assert is_taken(path) == is_taken_by_promtool(path)


@pytest.mark.slow
@settings(max_examples=BATCH * 5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=st.one_of(GOOD, RULE))
def test_promtool_says_the_same_of_any_rule(rule: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    document = {"groups": [{"name": "g", "rules": [rule]}]}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    assert is_taken(path) == is_taken_by_promtool(path)
