"""What alerts, the past and credentials refuse is told in the reader's language, all of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import alerts
from api.guard import LANGUAGE_COOKIE
from api.web.problems import TEXTS, tell
from hatang.i18n import use_language
from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

ROOT: Final = Path(alerts.__file__).parents[1]
# Heard by who types a command, never on a page.
COMMANDS_ONLY: Final = {ROOT / "playbooks/collections.py", ROOT / "playbooks/vault/mirror.py"}
SPEAKING: Final = (
    *sorted((ROOT / "alerts/service").glob("*.py")),
    *sorted(set((ROOT / "playbooks").rglob("*.py")) - COMMANDS_ONLY),
    ROOT / "hatang/calendar/recurrence.py",
    ROOT / "alerts/notification/checking.py",
    ROOT / "alerts/receivers/registry.py",
    ROOT / "monitors/past.py",
    ROOT / "inventory/service/credentials.py",
    ROOT / "hatang/secrets/checks.py",
    ROOT / "hatang/auth/actor.py",
    ROOT / "api/periods.py",
    ROOT / "api/web/moments.py",
    ROOT / "api/web/maintenances.py",
)
# The texts among the arguments of a call, by the name of what is called.
TEXT_ARGUMENTS: Final = {
    "Problem": slice(3, 5),
    "problem": slice(2, 4),
    "_problem": slice(2, 4),
    "_refused": slice(1, 3),
    "note_problems": slice(2, 3),
    "ConflictError": slice(0, 1),
    "DeniedError": slice(0, 1),
    "UnavailableError": slice(0, 1),
    "NotFoundError": slice(0, 1),
    "DriverError": slice(0, 1),
    "Outcome": slice(2, 3),
    "stop": slice(3, 4),
    "pause": slice(2, 3),
    "cancel_waiting": slice(2, 3),
}
WORDS: Final = {"fix", "message", "detail", "reason", "last", "said"}
NAMES: Final = WORDS | {"CHANGED_SINCE", "WAITS", "LOOK_AT_IT"}


def literals(found: ast.expr) -> Iterator[str]:
    """The texts an expression may come to, 7 in place of what is computed."""
    if isinstance(found, ast.Constant) and isinstance(found.value, str):
        yield found.value
    elif isinstance(found, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "7" for part in found.values
        )
    elif isinstance(found, ast.IfExp):
        yield from literals(found.body)
        yield from literals(found.orelse)
    elif isinstance(found, ast.Tuple):
        for part in found.elts:
            yield from literals(part)


def called(node: ast.Call) -> str:
    """What is called by a name of its own, or of a module's."""
    found = node.func
    return getattr(found, "id", "") or getattr(found, "attr", "")


def expressions(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            if names & NAMES and node.value is not None:
                yield node.value
        elif isinstance(node, ast.Call) and (name := called(node)) in TEXT_ARGUMENTS:
            yield from node.args[TEXT_ARGUMENTS[name]]
            yield from (each.value for each in node.keywords if each.arg == "fix")


def said_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {text for found in expressions(tree) for text in literals(found) if text}


@pytest.mark.parametrize("file", SPEAKING, ids=lambda file: str(file.relative_to(ROOT)))
def test_whatever_is_refused_is_told_in_vietnamese(file: Path) -> None:
    with use_language("vi"):
        unknown = {text for text in said_in(file) if tell(text).is_english}
    assert not unknown


def test_the_walk_finds_messages_and_fixes_wherever_they_stand() -> None:
    assert {"is too long", "Name the carrier.", "cannot be meant"} <= said_in(
        ROOT / "alerts/service/tickets.py"
    )
    assert "makes it come 7 times" in said_in(ROOT / "hatang/calendar/recurrence.py")


@pytest.mark.parametrize("text", TEXTS)
def test_a_known_sentence_has_its_own_vietnamese_and_not_anothers(text: str) -> None:
    places = re.findall(r"%\((\w+)\)s", text)
    with use_language("vi"):
        said = tell(re.sub(r"%\((\w+)\)s", "7", text))
    assert not said.is_english
    assert said.text != re.sub(r"%\((\w+)\)s", "7", text)
    assert said.text.count("7") >= len(places)


def test_what_stands_before_operation_names_device_and_day_in_vietnamese() -> None:
    given = (
        "cannot go live: device:hub-9, was last audited on 2026-10-01: run `hatang backup run"
        " --devices hub-9` and `hatang baseline run --devices hub-9`, or have AUD-00 waived"
    )
    with use_language("vi"):
        said = tell(given)
    assert not said.is_english
    for part in ("device:hub-9", "2026-10-01", "`hatang baseline run --devices hub-9`", "AUD-00"):
        assert part in said.text


def test_the_more_exact_of_two_sentences_is_told() -> None:
    with use_language("vi"):
        said = tell("Lan works on incident 7 until 2026-11-28T22:00").text
    assert said == "Lan đang xử lý sự cố 7 đến 2026-11-28T22:00"


@pytest.fixture
def vietnamese(
    app: FastAPI, people: People, sqlite_database: Database
) -> tuple[TestClient, dict[str, str]]:
    page, token = signed_in(app, sqlite_database, people.operator)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    return page, {"csrf": token}


def test_a_refused_form_is_answered_in_vietnamese_with_every_problem(
    vietnamese: tuple[TestClient, dict[str, str]],
) -> None:
    page, form = vietnamese
    form |= {"elements": "nobody", "reason": " "}
    form |= {"starts_at": "2099-01-02T08:00", "ends_at": "2099-01-02T07:00"}
    answer = page.post("/maintenances", data=form, headers=OWN)
    assert answer.status_code == 422
    assert "không phải đối tượng được giám sát" in answer.text
    assert "Ghi nội dung công việc." in answer.text
    assert "<q>07:00 ngày 02/01/2099</q> <span>không sau giờ bắt đầu</span>" in answer.text
    assert '<span lang="en">' not in answer.text


@pytest.mark.parametrize("edge", ["0001-01-01T00:00", "9999-12-31T23:59-12:00", "soon"])
def test_a_time_beyond_the_calendar_is_refused_like_any_other_word(
    vietnamese: tuple[TestClient, dict[str, str]], edge: str
) -> None:
    page, form = vietnamese
    form |= {"elements": "core-1", "reason": "x", "starts_at": edge, "ends_at": edge}
    answer = page.post("/maintenances", data=form, headers=OWN)
    assert answer.status_code == 422
    assert f"<q>{edge}</q> <span>không phải thời điểm</span>" in answer.text


def test_who_may_not_is_told_so_in_vietnamese(vietnamese: tuple[TestClient, object]) -> None:
    page, _ = vietnamese
    answer = page.get("/credentials", headers=OWN)
    assert answer.status_code == 403
    assert "không có quyền" in answer.text
    assert '<span lang="en">' not in answer.text
    assert "<details>" not in answer.text


def test_a_field_left_empty_is_told_in_vietnamese(
    vietnamese: tuple[TestClient, dict[str, str]],
) -> None:
    page, form = vietnamese
    answer = page.post("/maintenances", data=form, headers=OWN)
    assert answer.status_code == 422
    assert "<b>Lý do</b>: <span>còn thiếu</span>" in answer.text
    assert '<span lang="en">' not in answer.text


def test_a_refused_series_is_answered_in_vietnamese(
    vietnamese: tuple[TestClient, dict[str, str]],
) -> None:
    page, form = vietnamese
    form |= {"elements": "core-1", "reason": "x", "frequency": "weekly", "begin": "22:00"}
    form |= {"minutes": "60", "first": "2099-01-01", "until": "2098-12-01"}
    answer = page.post("/maintenances/series", data=form, headers=OWN)
    assert answer.status_code == 422
    assert "chưa chọn ngày nào" in answer.text
    assert '<span lang="en">' not in answer.text
