"""Rules over HTTP and as a page: what fires, and which own files do not load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.browsing import signed_in

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

BAD = "groups:\n- name: g\n  rules:\n  - {alert: Mine, expr: rate(up)}\n"


def spoil(data_dir: Path) -> None:
    """Put a bad file of rules where users put theirs."""
    (data_dir / "rules").mkdir(exist_ok=True)
    (data_dir / "rules" / "bad.yml").write_text(BAD, "utf-8")


def test_a_program_reads_rules_and_what_does_not_load(
    client: TestClient, people: People, data_dir: Path
) -> None:
    spoil(data_dir)
    answer = client.get("/api/v1/rules", headers=people.operator.headers).json()
    assert "CircuitOutboundNearlyFull" in {rule["name"] for rule in answer["rules"]}
    assert answer["refused"][0]["problems"][0]["line"] == 4


def test_a_page_says_that_nothing_is_known_rather_than_that_nothing_fires(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, _ = signed_in(app, sqlite_database, people.operator)
    text = page.get("/rules", headers={"Accept-Language": "en"}).text
    assert "Which rules fire is not known here" in text or "chưa biết luật nào" in text
    assert "0 rules are firing" not in text


def test_a_page_names_the_file_that_does_not_load(
    app: FastAPI, sqlite_database: Database, people: People, data_dir: Path
) -> None:
    spoil(data_dir)
    page, _ = signed_in(app, sqlite_database, people.operator)
    assert "bad.yml" in page.get("/rules").text
