"""The inventory and dossiers as files, for programs and from pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from inventory import service
from tests.api import province
from tests.api.browsing import signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

EXPORT = "/api/v1/exports/inventory"
DOSSIER = "/api/v1/exports/dossier"


@pytest.mark.slow
@pytest.mark.parametrize("query", ["form=xlsx", "form=csv&section=sites", "form=yaml"])
def test_what_is_exported_imports_unchanged(
    client: TestClient, people: People, sqlite_database: Database, query: str
) -> None:
    answer = client.get(f"{EXPORT}?{query}", headers=people.engineer.headers)
    assert answer.status_code == 200
    name = answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')
    with sqlite_database.read() as session:
        source = service.open_source(answer.content, name)
        plan = service.plan_import(session, province.SYSTEM, source, name)
    assert plan.is_empty


def test_credentials_are_named_to_who_may_import_only(client: TestClient, people: People) -> None:
    texts = [
        client.get(f"{EXPORT}?form=yaml", headers=someone.headers).text
        for someone in (people.engineer, people.operator)
    ]
    assert ["lab-ssh" in text for text in texts] == [True, False]
    assert yaml.safe_load(texts[1])["devices"]


@pytest.mark.parametrize(
    "query",
    ["form=ods", "form=csv", "form=yaml&section=sites", "form=xlsx&section=sitez"],
)
def test_a_file_that_makes_no_sense_is_refused(
    client: TestClient, people: People, query: str
) -> None:
    answer = client.get(f"{EXPORT}?{query}", headers=people.operator.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_a_part_of_the_province_does_not_export_the_whole(
    client: TestClient, people: People
) -> None:
    answer = client.get(EXPORT, headers=people.outsider.headers)
    assert answer.status_code == 403


def test_a_dossier_is_a_file_of_a_system_or_a_unit(client: TestClient, people: People) -> None:
    headers = people.operator.headers
    found = client.get(f"{DOSSIER}?service=portal&form=json", headers=headers)
    assert found.headers["content-type"] == "application/json"
    assert {row["name"] for row in json.loads(found.content)["devices"]} >= {"srv-portal"}
    unit = client.get(f"{DOSSIER}?unit=kv-song-huong&form=csv", headers=headers)
    assert "hub-2" in unit.text
    assert client.get(f"{DOSSIER}?unit=no", headers=headers).status_code == 404
    for wrong in ("", "?unit=tinh&service=portal"):
        assert client.get(f"{DOSSIER}{wrong}", headers=headers).status_code == 422


@pytest.mark.slow
def test_pages_offer_the_files_to_who_may_have_them(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page = signed_in(app, sqlite_database, people.operator)[0]
    index = page.get("/inventory").text
    for path in ("/inventory/export?form=xlsx", "/inventory/export?form=yaml"):
        assert f'href="{path}"' in index
    assert page.get("/inventory/export?form=csv&section=sites").text.count("xa-05") >= 1
    assert "dossier?service=portal" in page.get("/services/portal").text
    assert page.get("/inventory/dossier?service=portal&form=csv").status_code == 200
    local = signed_in(app, sqlite_database, people.outsider)[0]
    assert "/inventory/export" not in local.get("/inventory").text
    assert local.get("/inventory/export").status_code == 403
