"""The public doors of hatang, as anybody uses them: the command, HTTP with a token, Prometheus."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COMMAND_SECONDS = 240.0
HTTP_SECONDS = 10.0
POLL_SECONDS = 0.5


class StepError(Exception):
    """A step of the story did not show what it should; the message says what was seen."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> Any:  # noqa: ANN401 RUF100 - JSON
        """The JSON it printed."""
        return json.loads(self.out)


@dataclass
class Doors:
    """One running hatang, seen from outside."""

    environ: Mapping[str, str]
    api: str
    prometheus: str
    token: str = ""

    def command(self, *words: str, person: str = "", given: str | None = None) -> Ran:
        """Run the hatang command; `given` is its standard input."""
        argv = [str(Path(sys.executable).with_name("hatang")), *words]
        if person:
            argv += ["--as", person]
        done = subprocess.run(
            argv, check=False, capture_output=True, text=True, input=given,
            env=dict(self.environ), timeout=COMMAND_SECONDS,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def must(self, *words: str, person: str = "", given: str | None = None) -> Ran:
        """Run the command; StepError with what it said unless it exits 0."""
        ran = self.command(*words, person=person, given=given)
        if ran.status != 0:
            said = " ".join((ran.err or ran.out).split())
            raise StepError(f"hatang {' '.join(words[:3])}: exit {ran.status}: {said[-600:]}")
        return ran

    def get(self, path: str) -> Any:  # noqa: ANN401 RUF100 - JSON
        """Return what the api answers at `path`; StepError when it does not."""
        return fetch(f"{self.api}{path}", self.token)

    def query(self, promql: str) -> list[dict[str, Any]]:
        """Return the vector Prometheus computes for `promql`."""
        answer = fetch(f"{self.prometheus}/api/v1/query?{urlencode({'query': promql})}")
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found


def fetch(url: str, token: str = "") -> Any:  # noqa: ANN401 RUF100 - JSON
    """Return the JSON at `url`; StepError when there is none."""
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})  # noqa: S310 - our own loopback
    try:
        with urlopen(request, timeout=HTTP_SECONDS) as reply:  # noqa: S310 - as above
            return json.loads(reply.read())
    except HTTPError as error:
        raise StepError(f"{url}: {error.code} {error.read(300).decode(errors='replace')}") from None
    except (URLError, OSError, ValueError) as error:
        raise StepError(f"{url}: {error}") from None


def until(what: str, seconds: float, look: Callable[[], Any]) -> Any:  # noqa: ANN401 RUF100 - as `look`
    """Return the first true answer of `look`; StepError after `seconds`, with its last trouble."""
    deadline, last = time.monotonic() + seconds, ""
    while True:
        try:
            if found := look():
                return found
            last = ""
        except StepError as error:
            last = f" ({error})"
        if time.monotonic() > deadline:
            raise StepError(f"{what}: not within {seconds:.0f} s{last}")
        time.sleep(POLL_SECONDS)
