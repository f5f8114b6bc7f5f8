"""Every kind of the inventory as pages, and one question to all of it."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from api.guard import LANGUAGE_COOKIE
from inventory.kinds.registry import KINDS
from inventory.sheets.words import vocabulary
from tests.api.browsing import signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

SECTIONS = [kind.section for kind in KINDS.values()]


@pytest.fixture
def client(app: FastAPI, sqlite_database: Database, people: People) -> TestClient:
    return signed_in(app, sqlite_database, people.operator)[0]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_kind_has_a_list_in_words_of_the_language(client: TestClient, section: str) -> None:
    client.cookies.set(LANGUAGE_COOKIE, "vi")
    answer = client.get(f"/inventory/{section}")
    assert answer.status_code == 200
    assert f"<h1>{vocabulary().sections[section].vi}: " in unescape(answer.text)


def test_the_index_counts_each_kind(client: TestClient) -> None:
    text = client.get("/inventory").text
    assert '<a class="kind" href="/inventory/sites"><b>16</b>' in text


def test_an_element_names_what_it_refers_to_by_links(client: TestClient) -> None:
    text = client.get("/inventory/services/portal").text
    assert 'href="/devices/srv-portal"' in text
    assert 'href="/inventory/services/dns"' in text


def test_how_to_log_in_is_on_no_page(client: TestClient) -> None:
    text = client.get("/inventory/devices/core-1").text
    assert "core-1" in text
    assert "lab-ssh" not in text
    assert "lab-snmp" not in text


@pytest.mark.parametrize("path", ["/inventory/nothing", "/inventory/services/nothing"])
def test_what_is_not_there_is_said_to_be_missing(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_hue_finds_its_marks_from_the_search_box(client: TestClient) -> None:
    text = unescape(client.get("/search?search=vinh+xuan").text)
    assert "Trụ sở xã Vĩnh Xuân" in text
    assert 'href="/sites/xa-05"' in text


def test_a_list_keeps_its_filter_when_sorted(client: TestClient) -> None:
    text = unescape(client.get("/inventory/sites?search=xa-0&sort=name").text)
    assert "?search=xa-0&sort=-name" in text
    assert "hub-1" not in text
