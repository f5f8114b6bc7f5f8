"""Questions to persons over HTTP: answered with a file, accepted by another person only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

API = "/api/v1"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GIVEN = {"question_id": "POL-01", "subject": "owner", "verdict": "pass", "text": "QĐ 12/2026"}


def test_an_answer_carries_its_file_and_another_person_accepts_it(
    client: TestClient, people: People
) -> None:
    files = [("files", ("quy-che.pdf", PDF, "application/pdf"))]
    asked = client.post(f"{API}/answers", data=GIVEN, files=files, headers=people.engineer.headers)
    assert asked.status_code == 201, asked.text
    (row,) = client.get(f"{API}/answers", headers=people.auditor.headers).json()
    assert [one["filename"] for one in row["evidence"]] == ["quy-che.pdf"]
    decision = {"sha256": row["sha256"], "approve": True}
    path = f"{API}/answers/{row['id']}/decision"
    assert client.post(path, json=decision, headers=people.engineer.headers).status_code == 403
    assert client.post(path, json=decision, headers=people.approver.headers).status_code == 204
    held = client.get(f"{API}/questions", headers=people.auditor.headers).json()
    assert {one["verdict"] for one in held if one["question_id"] == "POL-01"} == {"pass"}


def test_a_yes_without_evidence_is_refused(client: TestClient, people: People) -> None:
    answer = client.post(f"{API}/answers", data=GIVEN, headers=people.engineer.headers)
    assert answer.status_code == 422, answer.text


PAGE = "/findings/questions/POL-01/owner"


def test_the_list_of_questions_is_narrowed_by_question_subject_and_state(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, _csrf = signed_in(app, sqlite_database, people.engineer)

    def shown(query: str) -> set[str]:
        text = page.get(f"/findings/questions?limit=200&{query}").text
        return set(re.findall(r'href="/findings/questions/([A-Z]+-[0-9]+/[^"]+)"', text))

    every = shown("")
    assert shown("question=POL-01") == {one for one in every if one.startswith("POL-01/")}
    assert shown("about=owner") == {one for one in every if one.endswith("/owner")}
    assert shown("state=due") == every
    assert shown("state=waiting") == shown("state=answered") == set()


@pytest.mark.slow
def test_a_question_is_answered_on_its_page_and_accepted_by_another_person(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    answer = {"verdict": "pass", "text": "QĐ 12/2026", "csrf": csrf}
    files = {"files": ("quy chế.pdf", PDF, "application/pdf")}
    done = page.post(PAGE, data=answer, files=files, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    own = page.get(PAGE).text
    assert "Who answered does not decide." in own

    other, token = signed_in(app, sqlite_database, people.approver, second_factor=True)
    shown = other.get(PAGE).text
    (sha256,) = re.findall(r'name="sha256" value="([0-9a-f]{64})"', shown)
    (evidence,) = re.findall(r'href="(/findings/evidence/[0-9]+)"', shown)
    file = other.get(evidence)
    assert (file.content, file.headers["content-disposition"][:10]) == (PDF, "attachment")
    approve = re.findall(r'formaction="([^"]+/approve)"', shown)[0]
    body = {"sha256": sha256, "csrf": token}
    assert other.post(approve, data=body, headers=OWN).status_code == 303
    assert "accepted" in other.get(PAGE).text


@pytest.mark.slow
def test_a_yes_without_evidence_is_refused_on_the_page(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    answer = {"verdict": "pass", "text": "x", "csrf": csrf}
    assert page.post(PAGE, data=answer, headers=OWN).status_code == 422
