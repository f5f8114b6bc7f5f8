"""Numbers over time, read back from Prometheus with PromQL."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import httpx

from hatang.errors import InvalidInputError, Problem, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MAX_POINTS: Final = 11_000
"""Prometheus refuses more points a series than this."""


@dataclass(frozen=True, slots=True)
class Series:
    """One time series: its labels, and points as Unix time and value; a gap has no point."""

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]


class PrometheusReader:
    """Asks the Prometheus at `url`."""

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, timeout=timeout_seconds, transport=transport, follow_redirects=False
        )

    async def query_range(
        self, expression: str, start: datetime, end: datetime, step_seconds: float
    ) -> list[Series]:
        """Return `expression` evaluated every `step_seconds` from `start` to `end`.

        Raises:
            InvalidInputError: the range holds too many points, or the expression is refused.
            UnavailableError: Prometheus does not answer.
        """
        if step_seconds <= 0 or (end - start).total_seconds() / step_seconds > MAX_POINTS:
            raise _refused("step", str(step_seconds), "gives too many points", "Use a longer step.")
        form = {
            "query": expression,
            "start": f"{start.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": f"{step_seconds:g}",
        }
        data = await self._post("/api/v1/query_range", form, expression)
        return [
            Series(
                dict(one["metric"]),
                tuple((float(at), float(value)) for at, value in one["values"]),
            )
            for one in data["result"]
        ]

    async def aclose(self) -> None:
        """Release the connections."""
        await self._client.aclose()

    async def _post(self, path: str, form: dict[str, str], expression: str) -> dict[str, Any]:
        try:
            response = await self._client.post(path, data=form)
            body = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise UnavailableError(
                "Prometheus does not answer", fix="See whether it runs."
            ) from error
        if response.status_code in {400, 422}:
            raise _refused("query", expression, str(body.get("error", "")), "Mend the expression.")
        if response.status_code != 200 or body.get("status") != "success":
            raise UnavailableError(f"Prometheus answers {response.status_code}")
        data: dict[str, Any] = body["data"]
        return data


def _refused(field: str, value: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem("history", field, value, message, fix)])


def percentile95(values: Iterable[float]) -> float | None:
    """Return the value that 95 of 100 do not exceed (nearest rank), None where there is none."""
    return nearest_rank(values, 95)


def nearest_rank(values: Iterable[float], percent: int) -> float | None:
    """Return the value that `percent` of 100 do not exceed, None where there is none."""
    held = sorted(values)
    return held[ceil(percent * len(held) / 100) - 1] if held else None


def label_value(text: str) -> str:
    """Return `text` as a quoted PromQL string, so that a name cannot become an expression."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'"{escaped}"'
