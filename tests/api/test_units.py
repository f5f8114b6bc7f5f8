"""Reorganisations and the past through the HTTP door."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tests.api.conftest import People

ROOT = "/api/v1"
MERGE = """\
version: 1
title: Sắp xếp
effective_on: 2025-07-01
units: [{code: xa-moi, name: Xã Mới, kind: commune, parent: kv-phuong-nam}]
reorganise: [{merge: [xa-01, xa-02], into: xa-moi}]
"""
FILE = {"document": MERGE, "filename": "merge.yaml", "reason": "nghị quyết"}


def test_the_whole_way(client: TestClient, people: People) -> None:
    engineer, approver = people.engineer.headers, people.approver.headers
    plan = client.post(f"{ROOT}/reorganisations/plan", json=FILE, headers=engineer).json()
    assert plan["counts"]["dissolved"] == 2
    filed = client.post(f"{ROOT}/reorganisations", json=FILE, headers=engineer)
    assert filed.status_code == 201
    one = f"{ROOT}/reorganisations/{filed.json()['id']}"
    shown = client.get(one, headers=approver).json()
    assert shown["plan"] == plan
    decision = {"plan_sha256": plan["sha256"]}
    assert client.post(f"{one}/approve", json=decision, headers=engineer).status_code == 403
    assert client.post(f"{one}/apply", headers=engineer).status_code == 409
    assert client.post(f"{one}/approve", json=decision, headers=approver).status_code == 204
    assert client.post(f"{one}/apply", headers=engineer).status_code == 204
    page = client.get(f"{ROOT}/sites/as-of/2025-06-30", headers=engineer).json()
    assert {"key": "xa-01", "unit": "xa-01"} in page["items"]
    page = client.get(f"{ROOT}/sites/as-of/2025-07-01", headers=engineer).json()
    assert {"key": "xa-01", "unit": "xa-moi"} in page["items"]
    items = client.get(f"{ROOT}/units/found?text=xa-02", headers=engineer).json()["items"]
    assert [found["unit"]["code"] for found in items] == ["xa-moi", "xa-02"]
    assert items[1]["successors"] == [
        {"code": "xa-moi", "name": "Xã Mới", "effective_on": "2025-07-01"}
    ]


def test_the_past_is_told_within_the_asker_s_scope(client: TestClient, people: People) -> None:
    page = client.get(f"{ROOT}/units/as-of/2025-06-30", headers=people.colleague.headers).json()
    assert {row["code"] for row in page["items"]} >= {"kv-song-huong", "xa-05"}
    assert "xa-01" not in {row["code"] for row in page["items"]}


def test_a_part_of_the_province_neither_files_nor_reads_reorganisations(
    client: TestClient, people: People
) -> None:
    headers = people.colleague.headers
    assert client.get(f"{ROOT}/reorganisations", headers=headers).status_code == 403
    assert client.post(f"{ROOT}/reorganisations", json=FILE, headers=headers).status_code == 403


def test_problems_name_the_line(client: TestClient, people: People) -> None:
    wrong = FILE | {"document": MERGE.replace("xa-02", "xa-99")}
    answer = client.post(
        f"{ROOT}/reorganisations/plan", json=wrong, headers=people.engineer.headers
    )
    assert answer.status_code == 422
    (problem,) = answer.json()["problems"]
    assert (problem["line"], problem["field"]) == (5, "merge")
