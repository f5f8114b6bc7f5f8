from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alerts import intake
from alerts.rulebook import promtool, service
from hatang.auth import Actor, Role
from hatang.errors import InvalidInputError
from hatang.settings import Settings
from tests.alerts.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

GOOD = "groups: [{name: g, rules: [{alert: Mine, expr: up == 0}]}]\n"
BAD = "groups: [{name: g, rules: [{alert: Mine, expr: up ==}]}]\n"
READER = Actor.system("test")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "rules").mkdir()
    return Settings(data_dir=tmp_path)


def write(settings: Settings, **texts: str) -> None:
    for name, text in texts.items():
        (settings.own_rules_dir / f"{name}.yml").write_text(text, "utf-8")


def staged(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data_dir / "run" / "rules").iterdir())


def posted(database: Database, *names: str) -> None:
    payload: list[dict[str, Any]] = [{"labels": {"alertname": name}} for name in names]
    with database.write() as session:
        intake.ingest(session, READER, intake.read("prometheus", payload))


def test_a_bad_file_is_refused_and_the_others_load(settings: Settings) -> None:
    write(settings, good=GOOD, bad=BAD)
    refused = service.stage(settings)
    assert [file.file.rpartition("/")[2] for file in refused] == ["bad.yml"]
    assert staged(settings) == ["good.yml"]


def test_a_file_that_was_spoilt_or_taken_away_is_loaded_no_more(settings: Settings) -> None:
    write(settings, one=GOOD, two=GOOD)
    service.stage(settings)
    write(settings, one=BAD)
    (settings.own_rules_dir / "two.yml").unlink()
    service.stage(settings)
    assert staged(settings) == []


def test_a_directory_of_rules_elsewhere_is_read(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "own.yaml").write_text(GOOD, "utf-8")
    alerts = settings.alerts.model_copy(update={"rules_dir": place})
    service.stage(settings.model_copy(update={"alerts": alerts}))
    assert staged(settings) == ["own.yaml.yml"]


def test_two_files_whose_copies_would_be_one_are_told_apart(settings: Settings) -> None:
    write(settings, own=GOOD)
    (settings.own_rules_dir / "own.yaml").write_text(GOOD, "utf-8")
    assert service.stage(settings) == []
    assert staged(settings) == ["own.yaml.yml", "own.yml"]


def test_checking_names_what_is_wrong_in_all_files(settings: Settings) -> None:
    write(settings, good=GOOD, bad=BAD, worse=BAD)
    with pytest.raises(InvalidInputError) as caught:
        service.check(service.own_paths(settings), settings)
    assert len(caught.value.problems) == 2


def test_what_only_promtool_refuses_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(BAD, "utf-8")
    (found,) = promtool.problems(tool("promtool"), path, "bad.yml")
    assert (found.line, "unexpected end of input" in found.message) == (1, True)


def test_own_rules_stand_among_ours(settings: Settings, database: Database) -> None:
    write(settings, own=GOOD, bad=BAD)
    with database.read() as session:
        book = service.book(session, READER, settings)
    assert [row.name for row in book.rules if row.topic == "own"] == ["Mine"]
    assert len(book.refused) == 1


def test_a_rule_fires_while_its_alerts_do(settings: Settings, database: Database) -> None:
    posted(database, service.WATCHDOG, "FanFailed")
    with database.read() as session:
        states = {row.name: row.state for row in service.book(session, READER, settings).rules}
    assert (states["FanFailed"], states["DiskFull"]) == ("firing", "quiet")


def test_nothing_is_known_of_any_rule_while_prometheus_tells_nothing(
    settings: Settings, database: Database
) -> None:
    posted(database, "FanFailed")
    with database.read() as session:
        states = {row.state for row in service.book(session, READER, settings).rules}
    assert states == {"unknown"}


def test_who_reaches_a_part_of_the_province_sees_rules_without_state(
    settings: Settings, database: Database
) -> None:
    posted(database, service.WATCHDOG, "FanFailed")
    actor = Actor(1, "lan", frozenset({Role.VIEWER}), frozenset({1}))
    with database.read() as session:
        states = {row.state for row in service.book(session, actor, settings).rules}
    assert states == {"unknown"}


def test_the_threshold_is_what_the_expression_compares_with(
    settings: Settings, database: Database
) -> None:
    with database.read() as session:
        rows = {row.name: row for row in service.book(session, READER, settings).rules}
    assert rows["OpticalPowerLow"].threshold == "< -24, > -40"
