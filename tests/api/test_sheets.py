"""The annual data sheet on its page: printed, signed, given back, and proved years later."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from baselines import service
from baselines.service.sheets import ZONE
from cli.wiring.jobs import JOB_MODULES
from hatang import clock, persons
from inventory.models import Contact
from tests.api.browsing import signed_in
from tests.playbooks.records import SYSTEM

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

FROZEN = datetime(2022, 12, 15, 8, tzinfo=ZONE)
PAGE, PRINTED = "/findings/sheets", "/findings/sheets/2022/sheet.docx"
HASH = re.compile(r"[0-9a-f]{64}")
SHOWN = re.compile(r'<code class="evidence">([0-9a-f]{64})</code>')


@pytest.fixture
def frozen(sqlite_database: Database) -> str:
    """A sheet that names a contact; returns its hash."""
    with clock.frozen(FROZEN), sqlite_database.write() as session:
        session.add(Contact(code="lan", name="Trần Thị Lan", phone="0912345678", mail="l@t.vn"))
        session.flush()
        return service.freeze(session, SYSTEM, 2022)


def words_of(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("word/document.xml").decode()


def test_a_frozen_sheet_shows_its_hash_on_page_and_paper(
    app: FastAPI, sqlite_database: Database, people: People, frozen: str
) -> None:
    page, _csrf = signed_in(app, sqlite_database, people.engineer)
    assert SHOWN.findall(page.get(PAGE).text) == [frozen]
    printed = words_of(page.get(PRINTED).content)
    assert HASH.findall(printed) == [frozen]
    assert "Trần Thị Lan" in printed


def test_the_hash_at_freezing_stands_beside_that_of_the_sheet_without_names(
    app: FastAPI, sqlite_database: Database, people: People, frozen: str
) -> None:
    assert JOB_MODULES
    (holder,) = [each for each in persons.holders() if each.name == "baselines.sheets"]
    assert persons.replace(sqlite_database, holder, 1_100) == 1
    page, _csrf = signed_in(app, sqlite_database, people.engineer)
    with sqlite_database.read() as session:
        now = service.get_sheet(session, SYSTEM, 2022).sha256
    assert now != frozen
    assert SHOWN.findall(page.get(PAGE).text) == [frozen, now]
    printed = words_of(page.get(PRINTED).content)
    assert HASH.findall(printed) == [frozen, now]
    assert "Trần Thị Lan" not in printed


def test_a_signed_word_copy_comes_back_as_it_was_given(
    app: FastAPI, sqlite_database: Database, people: People, frozen: str
) -> None:
    assert frozen
    page, _csrf = signed_in(app, sqlite_database, people.engineer)
    signed = page.get(PRINTED).content
    with sqlite_database.write() as session:
        file = service.File("biểu 08 đã ký.docx", signed)
        assert service.keep_signed(session, SYSTEM, 2022, file) == digest(signed)
    shown = page.get(PAGE).text
    assert digest(signed) in shown
    (evidence,) = re.findall(r'href="(/findings/evidence/[0-9]+)"', shown)
    assert page.get(evidence).content == signed


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_who_reaches_one_unit_only_sees_neither_sheet_nor_signed_copy(
    app: FastAPI, sqlite_database: Database, people: People, frozen: str
) -> None:
    assert frozen
    with sqlite_database.write() as session:
        service.keep_signed(session, SYSTEM, 2022, service.File("a.pdf", b"%PDF-1.7 signed"))
        (copy,) = service.get_sheet(session, SYSTEM, 2022).signed
    page, _csrf = signed_in(app, sqlite_database, people.outsider)
    assert page.get(PAGE).status_code == 403
    assert page.get(PRINTED).status_code == 403
    assert page.get(f"/findings/evidence/{copy.id}").status_code == 404
