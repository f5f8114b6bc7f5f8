"""Uploading a workbook: its plan, its problems, and exactly that plan applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.guard import MAX_UPLOAD
from tests.inventory.sheets.building import xlsx

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.api.conftest import People

PLAN = "/api/v1/imports/plan?filename=xa.xlsx"
GOOD = xlsx([["Mã xã", "Tên xã"], ["moi-1", "Xã Mới Một"], ["moi-2", "Phường Mới Hai"]])
BAD = xlsx([["Mã xã", "Tên xã", "Trực thuộc"], ["moi-1", "Xã Mới Một", "không có"]])


def planned(client: TestClient, people: People, data: bytes = GOOD) -> dict[str, Any]:
    answer = client.post(PLAN, content=data, headers=people.engineer.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_plan_shows_rows_and_repairs(client: TestClient, people: People) -> None:
    plan = planned(client, people)
    rows = {row["key"]: row["fields"]["kind"] for row in plan["rows"]}
    assert rows == {"moi-1": [None, "commune"], "moi-2": [None, "ward"]}
    assert [one["after"] for one in plan["workbook"]["repairs"]] == ["commune", "ward"]


def test_a_form_is_read_as_the_raw_body_is(client: TestClient, people: People) -> None:
    answer = client.post(
        "/api/v1/imports/plan",
        files={"file": ("xa.xlsx", GOOD)},
        headers=people.engineer.headers,
    )
    assert answer.json() == planned(client, people)


def test_a_problem_names_its_cell(client: TestClient, people: People) -> None:
    answer = client.post(PLAN, content=BAD, headers=people.engineer.headers)
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    place = {name: problem[name] for name in ("where", "sheet", "line", "column", "header")}
    assert place == {
        "where": "xa.xlsx", "sheet": "Sheet1", "line": 2, "column": "C", "header": "Trực thuộc",
    }  # fmt: skip
    assert problem["fix"]


def test_exactly_the_plan_is_applied(client: TestClient, people: People) -> None:
    plan = planned(client, people)["sha256"]
    url = f"/api/v1/imports?filename=xa.xlsx&plan={plan}"
    answer = client.post(url, content=GOOD, headers=people.engineer.headers)
    assert (answer.status_code, answer.json()["counts"]["created"]) == (201, 2)
    assert planned(client, people)["rows"] == []


def test_another_plan_is_refused(client: TestClient, people: People) -> None:
    url = f"/api/v1/imports?filename=xa.xlsx&plan={'0' * 64}"
    answer = client.post(url, content=GOOD, headers=people.engineer.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(planned(client, people)["rows"]) == 2


@pytest.mark.parametrize("path", ["/plan?", f"?plan={'0' * 64}&"])
def test_who_may_not_write_may_not_upload(client: TestClient, people: People, path: str) -> None:
    url = f"/api/v1/imports{path}filename=xa.xlsx"
    answer = client.post(url, content=GOOD, headers=people.operator.headers)
    assert answer.status_code == 403
    assert client.post(url, content=GOOD).status_code == 401


def test_an_empty_body_and_a_giant_one_are_refused(client: TestClient, people: People) -> None:
    headers = people.engineer.headers
    assert client.post(PLAN, content=b"", headers=headers).status_code == 422
    giant = {**headers, "Content-Length": str(MAX_UPLOAD + 1)}
    assert client.post(PLAN, content=b"x", headers=giant).status_code == 413


def test_a_row_alone_is_planned_and_the_rest_left_out(client: TestClient, people: People) -> None:
    url = f"{PLAN}&only=unit:moi-1"
    plan = client.post(url, content=GOOD, headers=people.engineer.headers).json()
    assert ([row["key"] for row in plan["rows"]], plan["left_out"]) == (["moi-1"], 1)
    wrong = client.post(f"{PLAN}&only=unitt", content=GOOD, headers=people.engineer.headers)
    assert wrong.status_code == 422


def test_pruning_within_no_unit_is_refused(client: TestClient, people: People) -> None:
    answer = client.post(f"{PLAN}&prune=none", content=GOOD, headers=people.engineer.headers)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "scope"


def test_an_import_is_listed_and_taken_back(client: TestClient, people: People) -> None:
    headers = people.engineer.headers
    plan = planned(client, people)["sha256"]
    client.post(f"/api/v1/imports?filename=xa.xlsx&plan={plan}", content=GOOD, headers=headers)
    row = client.get("/api/v1/imports", headers=headers).json()["items"][0]
    assert (row["verb"], row["filename"], row["counts"]["created"]) == ("import", "xa.xlsx", 2)
    undo = f"/api/v1/imports/{row['id']}/undo"
    shown = client.get(undo, headers=headers).json()
    assert {one["do"] for one in shown["rows"]} == {"remove"}
    assert client.post(f"{undo}?plan={'0' * 64}", headers=headers).status_code == 409
    answer = client.post(f"{undo}?plan={shown['sha256']}", headers=headers)
    assert (answer.status_code, answer.json()["counts"]["removed"]) == (201, 2)
    assert client.get("/api/v1/imports", headers=headers).json()["items"][1]["undone_by"]
