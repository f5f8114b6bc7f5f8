"""A program asks for a scan of a server: who may, and how much a request can cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

import baselines.jobs  # noqa: F401 - declares the job of a scan
from baselines.openscap import Datastream
from hatang.jobs.models import JobRun

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

SCANS = "/api/v1/devices/{}/scans"
STREAM = b"""<data-stream-collection><Benchmark>\
<Profile id="xccdf_t_profile_one"/></Benchmark></data-stream-collection>"""
ONE = {"profile": "one"}


def test_who_asks_again_is_told_the_scan_that_runs(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    asking = {"params": ONE, "headers": people.engineer.headers}
    first = client.post(SCANS.format("srv-portal"), content=STREAM, **asking)
    assert first.status_code == 202, first.text
    again = client.post(SCANS.format("srv-portal"), content=STREAM + b"\n", **asking)
    assert (again.status_code, again.json()) == (202, first.json())
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(JobRun)) == 1


def test_a_datastream_is_read_only_where_a_scan_may_be_asked_for(
    client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Datastream, "read", lambda *_words: pytest.fail("it was read"))
    for name, headers, status in (
        ("srv-portal", people.operator.headers, 403),
        ("srv-portal", people.outsider.headers, 403),
        ("none-such", people.engineer.headers, 404),
        ("hub-1", people.engineer.headers, 422),
    ):
        answer = client.post(SCANS.format(name), content=STREAM, params=ONE, headers=headers)
        assert answer.status_code == status, (name, answer.text)
