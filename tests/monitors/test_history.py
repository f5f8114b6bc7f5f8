from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hatang.errors import HatangError, InvalidInputError, UnavailableError
from monitors.history import PrometheusReader, Series, label_value

START = datetime(2026, 3, 1, tzinfo=UTC)
GOOD = {
    "status": "success",
    "data": {"result": [{"metric": {"instance": "k"}, "values": [[10, "1.5"], [30, "2"]]}]},
}


def ask(status: int, body: object, *, step: float = 10) -> list[Series]:
    async def run() -> list[Series]:
        transport = httpx.MockTransport(lambda _: httpx.Response(status, json=body))
        reader = PrometheusReader("http://prometheus.test", transport=transport)
        return await reader.query_range("up", START, START + timedelta(hours=1), step)

    return asyncio.run(run())


def test_points_come_back_as_numbers_and_a_gap_stays_a_gap() -> None:
    assert ask(200, GOOD) == [Series({"instance": "k"}, ((10.0, 1.5), (30.0, 2.0)))]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, InvalidInputError), (422, InvalidInputError), (503, UnavailableError)],
)
def test_a_refusal_is_told_from_an_outage(status: int, error: type[HatangError]) -> None:
    with pytest.raises(error):
        ask(status, {"status": "error", "error": "parse error"})


def test_too_many_points_are_refused_before_asking() -> None:
    with pytest.raises(InvalidInputError):
        ask(200, GOOD, step=0.1)


def test_a_name_cannot_become_an_expression() -> None:
    assert label_value('x"} or up{a="') == '"x\\"} or up{a=\\""'
