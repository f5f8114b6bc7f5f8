"""A client of Alertmanager's API v2, just the calls we need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import httpx

ATTEMPTS: Final = 2
TIMEOUT_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 1.0
CHUNK: Final = 500


def text(moment: datetime) -> str:
    """Return a time as Alertmanager reads it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Alertmanager:
    """One member of the cluster; every failure is a DriverError with its reason."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url.rstrip("/")
        self._client = client

    def post_alerts(self, alerts: Sequence[dict[str, Any]]) -> None:
        """Post alerts; posting the same again changes nothing there."""
        for start in range(0, len(alerts), CHUNK):
            self._call("POST", "/api/v2/alerts", list(alerts[start : start + CHUNK]))

    def put_silence(self, silence: dict[str, Any]) -> str:
        """Create or change a silence and return its id."""
        answer = self._call("POST", "/api/v2/silences", silence)
        return str(answer.json()["silenceID"])

    def expire_silence(self, silence_id: str) -> None:
        """End a silence; one that is gone or over already is fine."""
        if self.silence_state(silence_id) in ("active", "pending"):
            self._call("DELETE", f"/api/v2/silence/{silence_id}", None)

    def silence_state(self, silence_id: str) -> str:
        """Return `active`, `pending`, `expired`, or `absent`."""
        answer = self._call("GET", f"/api/v2/silence/{silence_id}", None, accept=(404,))
        return "absent" if answer.status_code == 404 else str(answer.json()["status"]["state"])

    def metrics(self) -> str:
        """Return its own metrics as Prometheus' text."""
        return self._call("GET", "/metrics", None).text

    def _call(
        self, method: str, path: str, body: object, *, accept: tuple[int, ...] = ()
    ) -> httpx.Response:
        import httpx  # noqa: PLC0415 RUF100 - others need only how a time is written

        failure = DriverError(f"{self.url}: not tried", Reason.INTERNAL)
        for _attempt in range(ATTEMPTS):
            try:
                answer = self._client.request(method, f"{self.url}{path}", json=body)
            except httpx.TimeoutException:
                # It was waited for long enough; the next round asks again.
                raise DriverError(f"{self.url} does not answer in time", Reason.TIMEOUT) from None
            except httpx.HTTPError as error:
                failure = DriverError(f"{self.url}: {error}", Reason.UNREACHABLE)
            else:
                if answer.is_success or answer.status_code in accept:
                    return answer
                message = f"{self.url}{path}: {answer.status_code} {answer.text[:200]}"
                failure = DriverError(message, Reason.REJECTED)
        raise failure
