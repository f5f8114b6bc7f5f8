"""Numbers over time: from Prometheus, within the asker's reach, and nothing made up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.web.words import CURVES
from hatang.settings import Settings
from hatang.settings.model import PrometheusSettings
from monitors.graphs import CIRCUIT, DEVICE, SERVICE
from tests.api.prometheus import answering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from httpx import Response
    from starlette.testclient import TestClient

    from tests.api.conftest import People
    from tests.api.province import Person


@pytest.fixture
def prometheus(app: FastAPI) -> Iterator[None]:
    """Have the app ask a Prometheus that answers."""
    with answering() as address:
        app.state.context = replace(app.state.context, settings=_asking(app, address))
        yield


def _asking(app: FastAPI, address: str) -> Settings:
    given = app.state.context.settings
    return Settings(
        data_dir=given.data_dir, language="en", prometheus=PrometheusSettings(url=address)
    )


def graph(client: TestClient, who: Person, kind: str, name: str, key: str) -> Response:
    address = f"/api/v1/graphs/{kind}/{name}"
    answer: Response = client.get(address, params={"key": key}, headers=who.headers)
    return answer


@pytest.mark.usefixtures("prometheus")
def test_a_circuits_traffic_comes_with_its_committed_rate(
    client: TestClient, people: People
) -> None:
    answer = graph(client, people.operator, "circuit", "traffic", "VTL-002")
    found = answer.json()
    assert found["marks"] == [{"name": "committed-rate", "value": 100_000_000.0}]
    assert found["unit"] == "bit/s"
    assert {len(line["values"]) for line in found["lines"]} == {len(found["at"])}
    assert all(line["percentile95"] <= line["maximum"] for line in found["lines"])


@pytest.mark.usefixtures("prometheus")
@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("device", "traffic", "hub-2"),
        ("circuit", "traffic", "VTL-002"),
        ("device", "nonsense", "hub-1"),
        ("device", "traffic", "nobody"),
    ],
)
def test_what_lies_outside_ones_reach_or_does_not_exist_is_not_found(
    client: TestClient, people: People, kind: str, name: str, key: str
) -> None:
    answer = graph(client, people.outsider, kind, name, key)
    assert answer.status_code == 404


def test_without_prometheus_nothing_is_drawn_and_that_is_said(
    client: TestClient, app: FastAPI, people: People
) -> None:
    app.state.context = replace(app.state.context, settings=_asking(app, "http://127.0.0.1:1"))
    answer = graph(client, people.operator, "device", "traffic", "core-1")
    assert answer.status_code == 503
    assert "Prometheus does not answer" in answer.json()["message"]


def test_every_curve_that_is_drawn_has_a_word() -> None:
    curves = {curve.name for graph in (*DEVICE, *CIRCUIT, *SERVICE) for curve in graph.curves}
    assert curves | {"committed-rate"} == set(CURVES)
