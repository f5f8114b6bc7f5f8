from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.rulebook import files
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

WRONG = """\
groups:
  - name: mine
    rules:
      - alert: Fine
        expr: up == 0
      - alert: Slow
        expr: rate(up)
        for: 5
        annotations:
          summary: "{{ $lost }}"
  - name: mine
    rule: []
"""


def problems(text: str) -> list[Problem]:
    with pytest.raises(InvalidInputError) as caught:
        files.read(text, "own.yml")
    return list(caught.value.problems)


def test_every_problem_is_named_by_group_rule_and_line() -> None:
    assert [(each.line, each.field) for each in problems(WRONG)] == [
        (8, "group “mine”, rule 2 “Slow”: for"),
        (7, "group “mine”, rule 2 “Slow”: expr"),
        (10, "group “mine”, rule 2 “Slow”: annotations.summary"),
        (11, "group “mine”: name"),
        (12, "group “mine”: rule"),
    ]


def test_every_problem_says_how_to_mend_it() -> None:
    assert all(each.fix and each.where == "own.yml" for each in problems(WRONG))


def test_a_file_of_several_documents_is_refused() -> None:
    assert "second document" in problems("groups: []\n---\ngroups: []\n")[0].message


def test_an_expression_that_nests_too_deep_is_refused() -> None:
    deep = f"groups: [{{name: g, rules: [{{alert: A, expr: '{'(' * 300}1{')' * 300}'}}]}}]"
    assert "nests deeper" in problems(deep)[0].message


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_bytes(b"#" * (files.MAX_BYTES + 1))
    with pytest.raises(InvalidInputError, match="Split it"):
        files.load(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInputError, match="UTF-8"):
        files.load(path)


def test_a_merge_key_brings_in_what_it_names() -> None:
    text = """\
groups:
  - name: g
    rules:
      - &base {alert: A, expr: up == 0, for: 5m}
      - {<<: *base, alert: B}
"""
    rules = files.read(text, "own.yml").rules
    assert [(rule.name, rule.waits) for rule in rules] == [("A", "5m"), ("B", "5m")]
