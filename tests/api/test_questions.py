"""Questions to persons over HTTP: answered with a file, accepted by another person only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.testclient import TestClient

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
